"""The store of releases: what is public, and the one step that makes a release public.

``<root>/<month>-r<N>/`` never changes once promoted. ``releases.json`` lists what was promoted and
decides: what it does not list was never public. ``latest.json`` and the link ``latest`` follow it.
Writing a release belongs in ``write``; one run at a time in a store is the caller's lock to keep.

A run may be killed between any two steps of ``publish``; ``recover`` makes the store whole:

    1. ``.promoting`` names the id        recover: the folder of that id, if unlisted, is removed
    2. the folder gets its final name     recover: the same
    3. ``releases.json`` lists it         recover: it is public; latest.json and the link follow
    4. ``latest.json``, then the link     recover: the same
    5. ``.promoting`` is removed          nothing to do
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from openbeat.errors import InputError
from openbeat.release.content import RELEASE_ID, parse_release_id
from openbeat.release.files import move, remove, replace_link, replace_text, room_for, sync_tree
from openbeat.release.integrity import DESCRIPTOR, SUMS, content_digest, hash_file, verify

LIST = "releases.json"
LATEST = "latest.json"
LINK = "latest"
STAGING = ".staging"
PROMOTING = ".promoting"
PUBLISHED = "published"
SHOWN_PROBLEMS = 5


@dataclass(frozen=True)
class Release:
    """One line of ``releases.json``.

    Attributes:
        id: ``<month>-r<N>``.
        month: The newest crime month it holds.
        path: Its folder, relative to the store.
        content_sha256: The digest of what it says, without its id.
        sums_sha256: sha256 of its ``SHA256SUMS``: pins every byte of it.
        promoted_at: When it became public, UTC, to the second.
        status: ``published``.
    """

    id: str
    month: str
    path: str
    content_sha256: str
    sums_sha256: str
    promoted_at: str
    status: str = PUBLISHED


@dataclass(frozen=True)
class Published:
    """What ``publish`` came to.

    Attributes:
        id: The release that holds the content.
        path: Its folder.
        new: Whether it was promoted now; False where the newest release already said the same.
    """

    id: str
    path: Path
    new: bool


class ReleaseStore:
    """The releases under one root folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def list(self) -> tuple[Release, ...]:
        """Every promoted release, in order of promotion.

        Raises:
            InputError: ``releases.json`` is damaged, or is gone while ``latest.json`` is there.
        """
        path = self.root / LIST
        if not path.exists():
            if (self.root / LATEST).exists():
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
        return listed

    def get(self, name: str = LINK) -> Release:
        """One promoted release.

        Args:
            name: Its id, or ``latest``: the newest of the newest month.

        Raises:
            InputError: There is none of that name.
        """
        listed = self.list()
        found = [release for release in listed if name in (release.id, LINK)]
        if not found:
            raise InputError(
                "there is no such release" if listed else "there is no release yet",
                value=name,
                mend=f"the newest are {', '.join(r.id for r in listed[-5:])}" if listed else None,
            )
        return max(found, key=_age)

    def path(self, release: Release) -> Path:
        """The folder of a release."""
        return self.root / release.path

    def next_id(self, month: str) -> str:
        """The id that the next release of a month will have.

        A number once promoted is never given again, and neither is one whose folder is there.
        """
        parse_release_id(f"{month}-r1")
        taken = {release.id for release in self.list()}
        if self.root.is_dir():
            taken |= {path.name for path in self.root.iterdir() if RELEASE_ID.fullmatch(path.name)}
        numbers = [number for m, number in map(parse_release_id, taken) if m == month]
        return f"{month}-r{max(numbers, default=0) + 1}"

    def staging(self) -> Path:
        """A new empty folder to write a release into; recovers the store first."""
        self.recover()
        folder = self.root / STAGING / "next"
        folder.mkdir(parents=True)
        return folder

    def publish(self, staged: Path, month: str, clock: Callable[[], datetime]) -> Published:
        """Verify what was written aside, and make it public in one step.

        Args:
            staged: A release written under ``next_id(month)``, in this store's ``staging()``.
            month: Its newest crime month.
            clock: Gives the time of promotion, with its zone.

        Returns:
            The new release; or the month's newest one, where that says the same. Then what was
            staged is removed.

        Raises:
            InputError: The staged release is not whole, was written under another id, or the disk
                is full. Nothing was promoted.
        """
        with room_for("the release"):
            _refuse_problems(staged)
            digest = content_digest(staged)
            newest = self._newest(month)
            if newest and newest.content_sha256 == digest and self.path(newest).is_dir():
                self._clear(staged)
                return Published(newest.id, self.path(newest), new=False)
            release = self._entry(staged, month, digest, clock())
            sync_tree(staged)
            replace_text(self.root / PROMOTING, release.id + "\n")
            move(staged, self.path(release))
            self._write_list((*self.list(), release))
            self._point_latest()
            remove(self.root / PROMOTING)
            self._clear(staged)
        return Published(release.id, self.path(release), new=True)

    def recover(self) -> tuple[str, ...]:
        """Make a store whole that was left at any moment; run it at start, under the lock.

        Removes what was written aside and a release that was never listed, and brings
        ``latest.json`` and the link in line with ``releases.json``. A folder that this store did
        not begin to promote is left alone.

        Returns:
            What was mended, a sentence each.

        Raises:
            InputError: ``releases.json`` is damaged; nothing was changed.
        """
        listed = {release.id for release in self.list()}
        mended = []
        promoting = self.root / PROMOTING
        if promoting.exists():
            begun = promoting.read_text("utf-8").strip()
            unlisted = RELEASE_ID.fullmatch(begun) and begun not in listed
            if unlisted and (self.root / begun).exists():
                remove(self.root / begun)
                mended.append(f"removed {begun}, whose promotion was cut short")
        if self._point_latest():
            mended.append(f"brought {LATEST} in line with {LIST}")
        for leftover in (STAGING, *(f".{n}.tmp" for n in (LIST, LATEST, LINK, PROMOTING))):
            if (path := self.root / leftover).exists() or path.is_symlink():
                remove(path)
                mended.append(f"removed the leftover {leftover}")
        remove(promoting)
        return tuple(mended)

    def _clear(self, staged: Path) -> None:
        """Leave nothing of what was written aside."""
        remove(staged)
        remove(self.root / STAGING)

    def _newest(self, month: str) -> Release | None:
        """The release of a month with the highest number."""
        of_month = [release for release in self.list() if release.month == month]
        return max(of_month, key=lambda release: parse_release_id(release.id)[1], default=None)

    def _entry(self, staged: Path, month: str, digest: str, now: datetime) -> Release:
        """The line for a staged release."""
        if now.tzinfo is None:
            raise ValueError("the clock must give a time with its zone")
        expected = self.next_id(month)
        written = json.loads((staged / DESCRIPTOR).read_bytes()).get("release")
        if written != expected:
            raise InputError(
                f"was written as release {written}, but the next one is {expected}",
                file=DESCRIPTOR,
                mend="write it again under that id",
            )
        return Release(
            id=expected,
            month=month,
            path=expected,
            content_sha256=digest,
            sums_sha256=hash_file(staged / SUMS),
            promoted_at=now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        )

    def _write_list(self, releases: tuple[Release, ...]) -> None:
        text = json.dumps([asdict(release) for release in releases], indent=2) + "\n"
        replace_text(self.root / LIST, text)

    def _point_latest(self) -> bool:
        """Bring latest.json and the link in line with the list; says whether anything moved."""
        path, link = self.root / LATEST, self.root / LINK
        listed = self.list()
        if not listed:
            return False
        newest = max(listed, key=_age)
        keys = ("id", "month", "path", "sums_sha256")
        text = json.dumps({key: getattr(newest, key) for key in keys}, indent=2) + "\n"
        moved = not path.exists() or path.read_bytes() != text.encode()
        if moved:
            replace_text(path, text)
        if not link.is_symlink() or link.readlink() != Path(newest.path):
            moved = replace_link(link, newest.path) or moved
        return moved


def _age(release: Release) -> tuple[str, int]:
    """Orders releases by month, then number: an older month published late is not the latest."""
    return parse_release_id(release.id)


def _refuse_problems(staged: Path) -> None:
    problems = verify(staged)
    if problems:
        shown = "; ".join(f"{p.path} {p.message}" for p in problems[:SHOWN_PROBLEMS])
        more = f"; and {len(problems) - SHOWN_PROBLEMS} more" * (len(problems) > SHOWN_PROBLEMS)
        raise InputError(
            f"the release is not whole, and was not promoted: {shown}{more}",
            mend="run again: it is written afresh",
        )


def _damaged(what: str) -> InputError:
    return InputError(
        what,
        file=LIST,
        mend="put it back from a copy; releases already promoted are untouched",
    )
