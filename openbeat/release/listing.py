"""The list of what was ever promoted, ``releases.json``, and the pointers that follow it.

When the list changes is in ``promote``; what becomes of bytes, in ``promote`` and ``withdraw``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path

from openbeat.errors import InputError
from openbeat.release.content import RELEASE_ID, parse_release_id
from openbeat.release.files import remove, replace_link, replace_text
from openbeat.release.integrity import DISCLOSURE

LIST = "releases.json"
LATEST = "latest.json"
LINK = "latest"
PUBLISHED = "published"
WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Release:
    """One line of ``releases.json``.

    Attributes:
        id: ``<month>-r<N>``.
        month: The newest crime month it holds.
        path: Its folder, relative to the store; of a withdrawn one, the folder of its tombstone.
        content_sha256: The digest of what it says, without its id.
        sums_sha256: sha256 of its ``SHA256SUMS``: pins every byte of it.
        promoted_at: When it became public, UTC, to the second.
        status: ``published`` or ``withdrawn``.
        reason: Why it was withdrawn; empty where it was not.
        withdrawn_at: When it was withdrawn, UTC, to the second.
        withdrawn_by: Who withdrew it, where that was given.
        hidden: Whether, once it was withdrawn, no release showed any more what it first showed.
            It stays so: later releases do not say it again.
        ledger: The files of the disclosure ledger that it was made with, each with its sha256.
    """

    id: str
    month: str
    path: str
    content_sha256: str
    sums_sha256: str
    promoted_at: str
    status: str = PUBLISHED
    reason: str = ""
    withdrawn_at: str = ""
    withdrawn_by: str = ""
    hidden: bool = False
    ledger: Mapping[str, str] = field(default_factory=dict)

    @property
    def withdrawn(self) -> bool:
        """Whether it is public no more."""
        return self.status == WITHDRAWN


def with_hidden(releases: Sequence[Release]) -> list[Release]:
    """Note the withdrawn releases after which none of their month or a later one is public.

    What they were the first to show is then shown nowhere, and must stay so whatever comes later.

    Args:
        releases: In order of promotion, at the moment of a withdrawal.
    """
    return [
        replace(release, hidden=True)
        if all(r.withdrawn for r in releases[place:] if r.month >= release.month)
        else release
        for place, release in enumerate(releases)
    ]


def read_list(root: Path) -> tuple[Release, ...]:
    """Every release ever promoted, in order of promotion; none in a new store.

    Raises:
        InputError: ``releases.json`` is damaged, or is gone while ``latest.json`` is there.
    """
    path = root / LIST
    if not path.exists():
        if (root / LATEST).exists():
            raise _damaged(f"is missing, though {LATEST} names a release")
        return ()
    names = {field.name for field in fields(Release)}
    try:
        entries = json.loads(path.read_bytes())
        listed = tuple(Release(**{k: e[k] for k in names if k in e}) for e in entries)
    except (ValueError, TypeError) as error:
        raise _damaged("cannot be read as a list of releases") from error
    for release in listed:
        # A path out of the store, or to something else in it, must not be followed.
        if not RELEASE_ID.fullmatch(release.id) or release.path != release.id:
            raise _damaged("holds an entry that names no release")
        if release.status not in (PUBLISHED, WITHDRAWN):
            raise _damaged(f"holds an entry that is neither {PUBLISHED} nor {WITHDRAWN}")
    return listed


def write_list(root: Path, releases: Sequence[Release]) -> None:
    """Write the list in one step; what is empty is left out of a line."""
    lines = [{k: v for k, v in asdict(release).items() if v} for release in releases]
    replace_text(root / LIST, json.dumps(lines, indent=2, ensure_ascii=False) + "\n")


def ledger_of(folder: Path) -> dict[str, str]:
    """The files of the disclosure ledger that a release names: outlives its withdrawal."""
    path = folder / DISCLOSURE
    if not path.exists():
        return {}
    return {
        entry["file"]: entry["sha256"] for entry in json.loads(path.read_bytes()).get("ledger", ())
    }


def find(listed: Sequence[Release], name: str) -> Release:
    """The release of an id, or with ``latest`` the newest that is published.

    Raises:
        InputError: There is none of that name.
    """
    if name == LINK and (newest := newest_of(listed)):
        return newest
    for release in listed:
        if release.id == name:
            return release
    if name == LINK and listed:
        raise InputError(
            "no release is published: every one was withdrawn",
            mend="openbeat release list says why; run again to publish one",
        )
    raise InputError(
        "there is no such release" if listed else "there is no release yet",
        value=name,
        mend=f"the newest are {', '.join(r.id for r in listed[-5:])}" if listed else None,
    )


def newest_of(releases: Sequence[Release]) -> Release | None:
    """The newest of the newest month among those still published.

    By month and then number: an older month that is published late is not the latest.
    """
    published = [release for release in releases if not release.withdrawn]
    return max(published, key=lambda release: parse_release_id(release.id), default=None)


def point_latest(root: Path, listed: Sequence[Release]) -> bool:
    """Bring ``latest.json`` and the link in line with the list; none published, they go.

    Returns:
        Whether anything moved.
    """
    path, link = root / LATEST, root / LINK
    newest = newest_of(listed)
    if newest is None:
        there = [pointer for pointer in (path, link) if pointer.is_symlink() or pointer.is_file()]
        for pointer in there:
            remove(pointer)
        return bool(there)
    keys = ("id", "month", "path", "sums_sha256")
    text = json.dumps({key: getattr(newest, key) for key in keys}, indent=2) + "\n"
    moved = not path.exists() or path.read_bytes() != text.encode()
    if moved:
        replace_text(path, text)
    if not link.is_symlink() or link.readlink() != Path(newest.path):
        moved = replace_link(link, newest.path) or moved
    return moved


def in_utc(now: datetime) -> str:
    """A time as it is written down: UTC, to the second.

    Raises:
        ValueError: The time has no zone.
    """
    if now.tzinfo is None:
        raise ValueError("the clock must give a time with its zone")
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _damaged(what: str) -> InputError:
    return InputError(
        what,
        file=LIST,
        mend="put it back from a copy; releases already promoted are untouched",
    )
