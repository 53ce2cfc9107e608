"""The store of releases: what is public, and the one step that makes a release public.

``<root>/<month>-r<N>/`` never changes once promoted. ``releases.json`` lists what was promoted and
decides: what it does not list was never public. ``latest.json`` and the link ``latest`` follow it.
Writing a release belongs in ``write``, approvals in ``approvals``, tombstones in ``withdraw``. One
run at a time in a store is the caller's lock to keep.

A run may be killed between any two steps of ``publish``; ``recover`` makes the store whole:

    1. ``.promoting`` names the id        recover: the folder of that id, if unlisted, is removed
    2. the folder gets its final name     recover: the same; one that was approved waits again
    3. ``releases.json`` lists it         recover: it is public; latest.json and the link follow
    4. ``latest.json``, then the link     recover: the same
    5. ``.promoting`` is removed          nothing to do

The same of ``withdraw``:

    1. ``releases.json`` says withdrawn   recover: all that follows
    2. ``latest.json``, then the link     recover: the same
    3. its bytes go, its tombstone comes  recover: the same
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from openbeat.errors import InputError
from openbeat.release.approvals import (
    APPROVALS,
    WAITING,
    Approval,
    Waiting,
    checked_name,
    find_waiting,
    people,
    put,
    read_approvals,
    record,
    tidy,
    void,
)
from openbeat.release.content import RELEASE_ID, parse_release_id
from openbeat.release.files import move, remove, replace_text, room_for, sync_tree
from openbeat.release.integrity import DESCRIPTOR, SUMS, content_digest, hash_file, verify
from openbeat.release.listing import (
    LATEST,
    LINK,
    LIST,
    Release,
    Releases,
    in_utc,
    ledger_of,
    newest_of,
    point_latest,
    write_list,
)
from openbeat.release.rollback import rolled_back, rolled_note
from openbeat.release.withdraw import (
    REMOVING,
    bury_all,
    checked_reason,
    refuse_withdrawn,
    withdrawn,
)

STAGING = ".staging"
PROMOTING = ".promoting"
APPROVED = "approved"
SHOWN_PROBLEMS = 5
Clock = Callable[[], datetime]
Before = Callable[[str], object]


@dataclass(frozen=True)
class Published:
    """What ``publish`` or ``approve`` came to.

    Attributes:
        id: The release that holds the content.
        path: Its folder; that of a waiting one is not public.
        new: Whether it was promoted now; False where the newest release already said the same.
        waiting: Whether it waits for approval, and nothing became public.
        needed: How many more people must approve it.
        note: A sentence where a release that waited before was replaced; else empty.
    """

    id: str
    path: Path
    new: bool
    waiting: bool = False
    needed: int = 0
    note: str = ""


class ReleaseStore(Releases):
    """The releases under one root folder, and every way to change which they are."""

    def waiting(self) -> Waiting | None:
        """The release that waits for approval; at most one does."""
        return find_waiting(self.root)

    def approvals(self, sums_sha256: str) -> tuple[Approval, ...]:
        """Who approved the release with these sums, oldest first."""
        return read_approvals(self.root, sums_sha256)

    def next_id(self, month: str) -> str:
        """The id that the next release of a month will have.

        A number once promoted is never given again, withdrawn or not, and neither is one whose
        folder is there. One that only waits has not been given yet.
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

    def publish(
        self,
        staged: Path,
        month: str,
        clock: Clock,
        *,
        approvals: int = 0,
        before: Before | None = None,
    ) -> Published:
        """Verify what was written aside, and make it public in one step, or let it wait.

        Args:
            staged: A release written under ``next_id(month)``, in this store's ``staging()``.
            month: Its newest crime month.
            clock: Gives the time of promotion, with its zone.
            approvals: How many people must approve it first. Without approvals enough of the
                same bytes it then waits, in the place of what waited before.
            before: Called with the id, once all is checked, just before the release becomes
                public. If it raises, nothing is promoted. It may be called again for the same id.

        Returns:
            The new release; or the one that waits; or the month's newest one, where that says the
            same. Then what was staged is removed.

        Raises:
            InputError: The staged release is not whole, was written under another id, says what a
                withdrawn release said, or the disk is full. Nothing was promoted.
        """
        with room_for("the release"):
            _refuse_problems(staged)
            digest = content_digest(staged)
            if same := self._same(month, digest):
                note = " ".join(filter(None, (self._void(month), rolled_note(same))))
                self._clear(staged)
                return Published(same.id, self.path(same), new=False, note=note)
            release = self._entry(staged, month, digest, clock())
            if not approvals:
                sync_tree(staged)
                return self._promote(release, staged, before)
            note = self._wait(release, staged)
            waits = self.root / WAITING / release.id
            needed = approvals - people(self.approvals(release.sums_sha256))
            if needed > 0:
                return Published(release.id, waits, False, True, needed, note)
            return self._promote(release, waits, before)

    def approve(
        self, name: str, needed: int, clock: Clock, *, before: Before | None = None
    ) -> Published:
        """Record that a person approves what waits; make it public once enough have.

        Args:
            name: Who. The same name again, whatever its capitals and spaces, does not count.
            needed: How many people must approve a release.
            clock: Gives the time, with its zone.
            before: As of ``publish``.

        Returns:
            The release that was promoted, or that waits for more.

        Raises:
            InputError: Nothing waits; what waits is not whole, or can no longer have its id; or
                this person approved it already and it needs others.
        """
        who = checked_name(name)
        self.recover()
        found = self.waiting()
        if found is None:
            raise InputError(
                "no release waits for approval",
                mend="with disclosure.approvals set to 1 or 2, openbeat run makes one that does",
            )
        with room_for("the approval"):
            _refuse_problems(found.path)
            digest = content_digest(found.path)
            release = self._entry(found.path, found.month, digest, clock())
            mine = Approval(found.id, release.sums_sha256, who, release.promoted_at)
            again = not record(self.root, mine)
            given = self.approvals(release.sums_sha256)
            short = needed - people(given)
            if short > 0 and again:
                raise InputError(
                    f"{found.id} was approved by that name already; it needs {short} more, by "
                    "somebody else",
                    rule="two_people",
                    mend="openbeat release approve --as NAME, by another person",
                )
            if short > 0:
                return Published(found.id, found.path, new=False, waiting=True, needed=short)
            return self._promote(release, found.path, before)

    def withdraw(
        self, name: str, reason: str, clock: Clock, *, by: str = "", allowed: Collection[str] = ()
    ) -> Release:
        """Take a release back: its bytes go, its line and a tombstone stay, ``latest`` moves.

        Of one that was withdrawn already, the reason is replaced, and what was left is removed.

        Args:
            name: Its id.
            reason: Why, in words fit to be published.
            clock: Gives the time, with its zone.
            by: Who withdraws it.
            allowed: Texts that look like personal data and are not.

        Returns:
            Its line in the list.

        Raises:
            InputError: There is no such release, or the reason cannot be published.
        """
        parse_release_id(name)
        said, who = checked_reason(reason, allowed), checked_name(by) if by else ""
        self.recover()
        listed = withdrawn(self.list(), name, said, in_utc(clock()), who)
        with room_for("the list of releases"):
            self._void()  # it may show the same
            self._relist(listed)
        return self.get(name)

    def rollback(
        self, name: str, reason: str, clock: Clock, *, allowed: Collection[str] = ()
    ) -> Release:
        """Point ``latest`` at an older release that is still published, and say why in the list.

        The newer ones stay published. They are not ``latest`` again, nor published again as a new
        release, until a release with other content is; or until ``latest`` is put on one by name.

        Args:
            name: The id of the release to go back to.
            reason: Why, in words fit to be published.
            clock: Gives the time, with its zone.
            allowed: Texts that look like personal data and are not.

        Returns:
            Its line in the list: the latest now.

        Raises:
            InputError: It is not published, is the latest already, or the reason cannot be
                published.
        """
        parse_release_id(name)
        said = checked_reason(reason, allowed)
        self.recover()
        listed = rolled_back(self.list(), name, said, in_utc(clock()))
        with room_for("the list of releases"):
            self._void()  # it may hold what was wrong
            self._relist(listed)
        return self.get(name)

    def recover(self) -> tuple[str, ...]:
        """Make a store whole that was left at any moment; run it at start, under the lock.

        Removes what was written aside, a release that was never listed and what is left of a
        withdrawn one, and brings ``latest.json`` and the link in line with ``releases.json``. A
        folder that this store did not begin to promote is left alone, and so is what waits.

        Returns:
            What was mended, a sentence each.

        Raises:
            InputError: ``releases.json`` is damaged; nothing was changed.
        """
        mended = [*self._undo_promotion({release.id for release in self.list()})]
        if point_latest(self.root, self.list()):
            mended.append(f"brought {LATEST} in line with {LIST}")
        mended += bury_all(self.root, self.list())
        files = (LIST, LATEST, LINK, PROMOTING, APPROVALS)
        for leftover in (STAGING, REMOVING, *(f".{name}.tmp" for name in files)):
            if (path := self.root / leftover).exists() or path.is_symlink():
                remove(path)
                mended.append(f"removed the leftover {leftover}")
        remove(self.root / PROMOTING)
        tidy(self.root)
        return tuple(mended)

    def _relist(self, releases: Sequence[Release]) -> None:
        """Write another list, and let everything follow it: the pointers, then the folders."""
        write_list(self.root, releases)
        point_latest(self.root, releases)
        bury_all(self.root, releases)  # tombstones name what to use instead

    def _same(self, month: str, digest: str) -> Release | None:
        """The month's newest release, or else its latest, where that says the same."""
        latest = newest_of([release for release in self.list() if release.month == month])
        for release in (self.newest(month), latest):
            if release and release.content_sha256 == digest and self.path(release).is_dir():
                return release
        return None

    def _undo_promotion(self, listed: set[str]) -> tuple[str, ...]:
        """Undo a promotion that was cut short before the list said it; says what was done."""
        promoting = self.root / PROMOTING
        text = promoting.read_text("utf-8") if promoting.exists() else ""
        begun, *how = text.split() or [""]
        folder = self.root / begun
        if not RELEASE_ID.fullmatch(begun) or begun in listed or not folder.exists():
            return ()
        if how != [APPROVED]:
            remove(folder)
            return (f"removed {begun}, whose promotion was cut short",)
        put(self.root, folder, begun)
        return (f"let {begun} wait again, whose promotion was cut short",)

    def _promote(self, release: Release, folder: Path, before: Before | None) -> Published:
        """Make a release public that is whole, durable and checked."""
        approved = folder.parent.name == WAITING
        if before is not None:
            before(release.id)
        note = "" if approved else self._void(release.month, release.sums_sha256)
        replace_text(self.root / PROMOTING, f"{release.id}{f' {APPROVED}' * approved}\n")
        move(folder, self.path(release))
        self._relist((*self.list(), release))
        remove(self.root / PROMOTING)
        self._clear(folder)
        return Published(release.id, self.path(release), new=True, note=note)

    def _wait(self, release: Release, staged: Path) -> str:
        """Let a release wait, unless the very same does, signed alike; says what it replaced."""

        def pins(folder: Path) -> list[str]:
            return sorted(map(hash_file, folder.glob(f"{SUMS}*")))  # and its signature

        there, note = self.waiting(), ""
        whole = there is not None and not verify(there.path)
        if there is None or not whole or pins(there.path) != pins(staged):
            sync_tree(staged)
            note = self._void(same=release.sums_sha256 if whole else "")
            put(self.root, staged, release.id)
        self._clear(staged)
        return note

    def _void(self, month: str | None = None, same: str = "") -> str:
        """Take away what waits (for a month, if given); says so where it was not the same."""
        there = self.waiting()
        if there is None or month not in (None, there.month):
            return ""
        kept = {release.sums_sha256 for release in self.list()} | ({same} - {""})
        return void(self.root, self.root / STAGING, kept)

    def _clear(self, staged: Path) -> None:
        """Leave nothing of what was written aside."""
        remove(staged)
        remove(self.root / STAGING)
        tidy(self.root)

    def _entry(self, folder: Path, month: str, digest: str, now: datetime) -> Release:
        """The line for a release that is about to be promoted, or to wait."""
        at = in_utc(now)
        refuse_withdrawn(self.list(), digest)
        expected = self.next_id(month)
        written = json.loads((folder / DESCRIPTOR).read_bytes()).get("release")
        if written != expected:
            raise InputError(
                f"was written as release {written}, but the next one is {expected}",
                file=DESCRIPTOR,
                mend="write it again under that id: openbeat run does",
            )
        sums = hash_file(folder / SUMS)
        return Release(expected, month, expected, digest, sums, at, ledger=ledger_of(folder))


def _refuse_problems(staged: Path) -> None:
    if problems := verify(staged):
        shown = "; ".join(f"{p.path} {p.message}" for p in problems[:SHOWN_PROBLEMS])
        more = f"; and {len(problems) - SHOWN_PROBLEMS} more" * (len(problems) > SHOWN_PROBLEMS)
        raise InputError(
            f"the release is not whole, and was not promoted: {shown}{more}",
            mend="run again: it is written afresh",
        )
