"""A release that waits for people to approve it, and who approved which.

It waits whole in ``.waiting/<id>/``: not listed, not public. ``approvals.json`` holds the
approvals; each is of the exact bytes, pinned by the sha256 of ``SHA256SUMS``. They are kept beside
the releases, since a release holds no names and no times. Promotion is in ``promote``.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from openbeat.errors import InputError
from openbeat.release.content import RELEASE_ID, parse_release_id
from openbeat.release.files import move, remove, replace_text
from openbeat.release.integrity import SUMS, hash_file

APPROVALS = "approvals.json"
WAITING = ".waiting"
LONGEST_NAME = 100


@dataclass(frozen=True)
class Approval:
    """One person's approval of the exact bytes of one release.

    Attributes:
        release: The id.
        sums_sha256: sha256 of the ``SHA256SUMS`` of what was approved.
        name: The name that was given.
        approved_at: When, UTC, to the second.
    """

    release: str
    sums_sha256: str
    name: str
    approved_at: str


@dataclass(frozen=True)
class Waiting:
    """The release that waits.

    Attributes:
        id: The id it was written under.
        month: Its newest crime month.
        path: Its folder.
        sums_sha256: sha256 of its ``SHA256SUMS``; empty where that is gone.
    """

    id: str
    month: str
    path: Path
    sums_sha256: str


def checked_name(text: str) -> str:
    """A person's name as it is written down.

    Raises:
        InputError: It is empty, too long or not of letters.
    """
    name = " ".join(text.split())
    fine = len(name) <= LONGEST_NAME and name.isprintable()
    if not fine or not any(letter.isalpha() for letter in name):
        raise InputError(
            "that is no name of a person",
            rule="name",
            mend=f"give one with letters in it, of up to {LONGEST_NAME} characters",
        )
    return name


def people(approvals: Iterable[Approval]) -> int:
    """How many people approved: capitals and spaces make no other person."""
    return len({_person(approval.name) for approval in approvals})


def _person(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).split()).casefold()


def read_approvals(root: Path, sums: str | None = None) -> tuple[Approval, ...]:
    """The approvals on record, oldest first.

    Args:
        root: The store.
        sums: Only those of these bytes.

    Raises:
        InputError: ``approvals.json`` is damaged.
    """
    path = root / APPROVALS
    try:
        entries = json.loads(path.read_bytes()) if path.exists() else []
        found = tuple(Approval(**entry) for entry in entries)
    except (ValueError, TypeError) as error:
        raise InputError(
            "cannot be read as a list of approvals",
            file=APPROVALS,
            mend="put it back from a copy, or delete it: what waits is then approved anew",
        ) from error
    return tuple(a for a in found if sums is None or a.sums_sha256 == sums)


def record(root: Path, approval: Approval) -> bool:
    """Put an approval on record.

    Returns:
        Whether it counts; False where that person approved these bytes already.
    """
    given = read_approvals(root)
    of_these = {_person(a.name) for a in given if a.sums_sha256 == approval.sums_sha256}
    if _person(approval.name) in of_these:
        return False
    write_approvals(root, (*given, approval))
    return True


def write_approvals(root: Path, approvals: Collection[Approval]) -> None:
    """Write the approvals in one step."""
    lines = [asdict(approval) for approval in approvals]
    replace_text(root / APPROVALS, json.dumps(lines, indent=2, ensure_ascii=False) + "\n")


def find_waiting(root: Path) -> Waiting | None:
    """The release that waits in a store, if one does."""
    folder = root / WAITING
    names = [p.name for p in folder.iterdir()] if folder.is_dir() else []
    found = [parse_release_id(name) for name in names if RELEASE_ID.fullmatch(name)]
    if not found:
        return None
    month, number = max(found)
    path = folder / f"{month}-r{number}"
    sums = path / SUMS
    return Waiting(path.name, month, path, hash_file(sums) if sums.is_file() else "")


def put(root: Path, folder: Path, release_id: str) -> None:
    """Let a release wait, where nothing does; only the owner of the store may look at it."""
    (root / WAITING).mkdir(mode=0o700, exist_ok=True)
    move(folder, root / WAITING / release_id)


def tidy(root: Path) -> None:
    """Remove the folder of what waits where nothing does."""
    if (root / WAITING).exists() and find_waiting(root) is None:
        remove(root / WAITING)


def void(root: Path, aside: Path, kept: Collection[str]) -> str:
    """Take away what waits, and the approvals of it.

    The approvals go first: killed in between, it waits without any.

    Args:
        root: The store.
        aside: A folder on the same disk to remove it from, so that no half of it ever waits.
        kept: ``sums_sha256`` of all bytes whose approvals stay on record.

    Returns:
        A sentence on what was replaced; empty where nothing waited, or it was the same.
    """
    there = find_waiting(root)
    given = read_approvals(root)
    valid = [a for a in given if a.sums_sha256 in kept]
    if len(valid) < len(given):
        write_approvals(root, valid)
    if there is None:
        return ""
    aside.mkdir(parents=True, exist_ok=True)
    gone = aside / f"replaced-{there.id}"
    remove(gone)
    move(there.path, gone)
    remove(gone)
    if there.sums_sha256 in kept:
        return ""
    lost = len(given) - len(valid)
    s = "" if lost == 1 else "s"
    tail = f"; its {lost} approval{s} no longer count{'s' if lost == 1 else ''}" if lost else ""
    return f"What waited as {there.id} was replaced by other content{tail}."
