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
        rolled_back: Why ``latest`` was taken off it, back to an older one; empty where it was not.
            It is still published, but never ``latest`` while this is said.
        rolled_back_at: When that was, UTC, to the second.
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
    rolled_back: str = ""
    rolled_back_at: str = ""

    @property
    def withdrawn(self) -> bool:
        """Whether it is public no more."""
        return self.status == WITHDRAWN


class Releases:
    """The releases under one root folder, to look at."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def list(self) -> tuple[Release, ...]:
        """Every promoted release, withdrawn or not, in order of promotion.

        Raises:
            InputError: ``releases.json`` is damaged, or is gone while ``latest.json`` is there.
        """
        return read_list(self.root)

    def get(self, name: str = LINK) -> Release:
        """One promoted release.

        Args:
            name: Its id, of a withdrawn one too; or ``latest``: the newest of the newest month
                that is published and was not rolled back.

        Raises:
            InputError: There is none of that name.
        """
        return find(self.list(), name)

    def newest(self, month: str) -> Release | None:
        """The release of a month with the highest number that is still published.

        One that was rolled back is published still, so that the next run does not bring it back.
        """
        held = [r for r in self.list() if r.month == month and not r.withdrawn]
        return max(held, key=lambda release: parse_release_id(release.id), default=None)

    def previous(self, month: str) -> Path | None:
        """The folder of the release that a new one of a month follows: what changed since then.

        It is what ``latest`` was before, or would have been had the later months not been there.
        """
        newest = newest_of([release for release in self.list() if release.month <= month])
        folder = newest and self.path(newest)
        return folder if folder and folder.is_dir() else None

    def path(self, release: Release) -> Path:
        """The folder of a release; of a withdrawn one, that of its tombstone."""
        return self.root / release.path


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
    """Write the list in one step."""
    replace_text(root / LIST, list_text(releases))


def list_text(releases: Sequence[Release]) -> str:
    """The text of ``releases.json``; what is empty is left out of a line."""
    lines = [{k: v for k, v in asdict(release).items() if v} for release in releases]
    return json.dumps(lines, indent=2, ensure_ascii=False) + "\n"


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
        rolled = any(not release.withdrawn for release in listed)
        raise InputError(
            "no release is latest: every one was withdrawn or rolled back"
            if rolled
            else "no release is published: every one was withdrawn",
            mend="openbeat release list says why; run again to publish one",
        )
    raise InputError(
        "there is no such release" if listed else "there is no release yet",
        value=name,
        mend=f"the newest are {', '.join(r.id for r in listed[-5:])}" if listed else None,
    )


def newest_of(releases: Sequence[Release]) -> Release | None:
    """The newest of the newest month among those published and not rolled back: the ``latest``.

    By month and then number: an older month that is published late is not the latest.
    """
    published = [r for r in releases if not r.withdrawn and not r.rolled_back]
    return max(published, key=lambda release: parse_release_id(release.id), default=None)


def latest_text(releases: Sequence[Release]) -> str | None:
    """The text of ``latest.json``; None where no release is the latest."""
    newest = newest_of(releases)
    if newest is None:
        return None
    keys = ("id", "month", "path", "sums_sha256")
    return json.dumps({key: getattr(newest, key) for key in keys}, indent=2) + "\n"


def point_latest(root: Path, listed: Sequence[Release]) -> bool:
    """Bring ``latest.json`` and the link in line with the list; without a latest, they go.

    Returns:
        Whether anything moved.
    """
    path, link = root / LATEST, root / LINK
    newest, text = newest_of(listed), latest_text(listed)
    if newest is None or text is None:
        there = [pointer for pointer in (path, link) if pointer.is_symlink() or pointer.is_file()]
        for pointer in there:
            remove(pointer)
        return bool(there)
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
