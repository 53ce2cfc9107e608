"""Going back: which releases ``latest`` passes over, and what is said of them.

Only the lines of the list belong here. That ``latest`` follows them is in ``listing``; when they
change, in ``promote``. Nothing is removed: a release that must not be read is withdrawn instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from openbeat.errors import InputError
from openbeat.release.content import parse_release_id
from openbeat.release.listing import Release, find, newest_of


def rolled_back(listed: Sequence[Release], name: str, reason: str, now: str) -> list[Release]:
    """The list after ``latest`` went to one release, back or forth.

    Args:
        listed: Every release.
        name: The id of the release that is to be the latest.
        reason: Why; it is kept in the line of every newer release that had none.
        now: When, UTC.

    Returns:
        The same releases; ``newest_of`` them is the one that was named.

    Raises:
        InputError: There is no such release, it was withdrawn, or is the latest already.
    """
    to = find(listed, name)
    if to.withdrawn:
        raise InputError(
            f"{name} was withdrawn: {to.reason}",
            rule="rollback",
            mend="name a release that is still published; openbeat release list shows them",
        )
    if to == newest_of(listed):
        raise InputError(f"{name} is the latest already", rule="rollback")
    place = parse_release_id(name)

    def line(release: Release) -> Release:
        if release.id == name:
            return replace(release, rolled_back="", rolled_back_at="")
        newer = parse_release_id(release.id) > place and not release.withdrawn
        if not newer or release.rolled_back:
            return release
        return replace(release, rolled_back=reason, rolled_back_at=now)

    return [line(release) for release in listed]


def rolled_note(release: Release) -> str:
    """A sentence for a run that made what was rolled back; empty where it was not."""
    if not release.rolled_back:
        return ""
    return (
        f"{release.id} was rolled back ({release.rolled_back}), so it is not the latest; "
        f"openbeat release rollback {release.id} --reason WHY puts latest on it again."
    )
