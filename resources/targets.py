"""What follows a change of the store: the zips, the feed, the calendar, and the copies elsewhere.

Each step does only what is not done, so that the next run makes good what one did not get to. How
each is done belongs in ``openbeat.release``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from openbeat.errors import InputError, SourceUnreachableError
from openbeat.release.files import remove, replace_text, room_for
from openbeat.release.listing import Releases, newest_of
from openbeat.release.settings import Target, masked
from openbeat.settings import Settings

Tell = Callable[[str], Any]
Wait = Callable[[float], object]


def after_change(
    settings: Settings,
    tell: Tell,
    *,
    only: str = "",
    target: str = "",
    wait: Wait = time.sleep,
) -> list[str]:
    """Let everything beside the releases follow them, here and at the targets.

    Args:
        settings: The settings.
        tell: Told what is being done.
        only: The id of one release to copy, and to compare if it is there; else all that are not.
        target: The name of one target; else all of them.
        wait: Called with the seconds to wait before something is tried again.

    Returns:
        A sentence on each target that could not be brought in line, and on what lies beside the
        releases here if that could not, and what to do then. What was published stays so, and no
        other target is held up; but a catalogue does not link to files that did not get there.

    Raises:
        InputError: There is no such target.
    """
    targets = [t for t in settings.release.targets if target in ("", t.name)]
    if target and not targets:
        known = ", ".join(t.name for t in settings.release.targets) or "none"
        raise InputError(
            "there is no such target", value=target, mend=f"release.targets names: {known}"
        )
    store = Releases(settings.releases_root)
    failed, served = [], True
    try:
        with room_for("what lies beside the releases"):
            _write_beside(store, settings, tell)
    except Exception as error:  # a withdrawal must get to the targets all the same
        failed.append(
            f"{_why(error)}. So zips, feed or calendar are not in line with what is published "
            "here. When that is mended: openbeat release upload"
        )
    for place in sorted(targets, key=lambda place: place.kind == "ckan"):  # links follow files
        try:
            _copy(store, settings, place, only, tell, wait, served=served)
        except Exception as error:  # of any library; the release is public, and others wait
            served = served and place.kind == "ckan"
            failed.append(
                f"{_why(error, place.name)}. So {place.name} is not in line with what is published "
                f"here. When that is mended: openbeat release upload --target {place.name}"
            )
    return failed


def _why(error: Exception, target: str = "") -> str:
    """What went wrong, without any log-in that a library tells."""
    said = masked(str(error)).rstrip(".")
    if isinstance(error, (InputError, SourceUnreachableError)):
        return said
    place = f"target {target}" if target else "the releases folder"
    return f"{place} failed ({type(error).__name__}: {said})"


def _copy(
    store: Releases,
    settings: Settings,
    target: Target,
    only: str,
    tell: Tell,
    wait: Wait,
    *,
    served: bool,
) -> None:
    from openbeat.release.ckan import publish_record
    from openbeat.release.packs_copy import copy_packs
    from openbeat.release.targets import copy_releases

    tell(f"bringing {target.name} in line")
    if target.kind == "ckan":
        publish_record(store.root, target, settings.release, served=served, wait=wait)
    else:
        copy_releases(store.root, target, only, wait=wait, tell=tell)
        copy_packs(store.root, target, wait=wait, tell=tell)


def _write_beside(store: Releases, settings: Settings, tell: Tell) -> None:
    """The zip of each release, the feed and the calendar, where they are not as they should be."""
    from openbeat.release.bundle import write_zip
    from openbeat.release.calendar import calendar_files
    from openbeat.release.feed import FEED, feed_text
    from openbeat.release.front import FRONT, front_page, is_ours

    listed = store.list()
    for release in listed:
        archive = store.root / f"{release.id}.zip"
        if not release.withdrawn and not archive.exists():
            tell(f"packing {archive.name}")
            write_zip(store.path(release), archive)
    part, publisher = settings.release, settings.publisher
    if listed:
        text = feed_text(store.root, listed, publisher=publisher, base_url=part.base_url)
        _replace(store, {FEED: text})
    newest = newest_of(listed)
    if newest is not None:
        _replace(
            store, calendar_files(part, newest.month, publisher=publisher, notice=settings.notice)
        )
    door = store.root / FRONT
    if not door.exists() or is_ours(door.read_bytes()):
        if front := front_page(store.root, newest, publisher):
            _replace(store, {FRONT: front})
        else:
            remove(door)


def _replace(store: Releases, files: Mapping[str, str]) -> None:
    """Write the files that say something else by now."""
    for name, text in files.items():
        path = store.root / name
        if not path.exists() or path.read_bytes() != text.encode():
            replace_text(path, text)
