"""Copies of the promoted releases elsewhere: what goes there, in which order, what is never done.

How a file gets there is in ``place``; a record in a CKAN catalogue, in ``ckan``. A target is told
nothing that the store's list does not say, so it may be copied to again at any time:

    1. a release that was withdrawn, whatever else may be wrong there: ``latest.json`` leaves it,
       then its bytes go, a tombstone comes
    2. each release: its files and its zip, and last its ``SHA256SUMS``, which says that it is whole
    3. ``releases.json``, ``feed.atom``, the calendar; and last ``latest.json``

A run that is killed leaves a release without ``SHA256SUMS``, which no list there names; the next
one goes on with the file it was at. The packs follow (``packs_copy``).
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from openbeat.errors import InputError
from openbeat.release.front import FRONT, is_ours
from openbeat.release.integrity import SIGNATURE, SUMS, hash_file, read_sums
from openbeat.release.listing import (
    LATEST,
    LINK,
    LIST,
    Release,
    find,
    latest_text,
    list_text,
    newest_of,
    read_list,
)
from openbeat.release.place import Place, Wait
from openbeat.release.settings import Target
from openbeat.release.withdraw import TOMBSTONE, named_after

BESIDE = ("feed.atom", "calendar.html", "calendar.ics")
Tell = Callable[[str], object]


def copy_releases(
    root: Path,
    target: Target,
    only: str = "",
    *,
    wait: Wait = time.sleep,
    tell: Tell = lambda _text: None,
) -> int:
    """Bring a target in line with the store.

    Args:
        root: The store.
        target: Of the kind ``files``.
        only: The id of one release: only that one is copied, and if it is there already, each of
            its files is read back and compared. Without it, every release that is not there.
        wait: Called with the seconds to wait before something is tried again.
        tell: Told what is being done.

    Returns:
        How many files of releases were written there.

    Raises:
        InputError: The target holds other bytes under the name of one of our files, or the
            releases of another store; or a release of this store is not whole. Nothing that was
            there is changed, but what was withdrawn here is gone.
        SourceUnreachableError: The target does not answer, or not as it should, after every try.
            What is there stays, ``latest.json`` names what is whole, and the next call goes on.
    """
    listed = read_list(root)
    public = [release for release in listed if not release.withdrawn]
    if only and find(listed, only).withdrawn:
        raise InputError(f"{only} was withdrawn, and is not copied anywhere")
    place = Place(target, wait)
    theirs = _theirs(place)
    _bury(place, root, listed, theirs)
    _refuse_foreign(place, listed, theirs)
    tops = place.names()
    there = {release.id for release in public if _is_whole(place, root, release, tops)}
    for release in (release for release in listed if release.withdrawn):
        _mark(place, root, release)
    written = 0
    for release in public:
        if release.id == only or not (only or release.id in there):
            tell(f"copying {release.id} to {target.name}")
            written += _copy(place, root, release)
            there.add(release.id)
    _point(place, root, listed, there)
    return written


def _theirs(place: Place) -> dict[str, str] | None:
    """What the target lists, each with its ``sums_sha256``; None where that cannot be read."""
    text = place.read(LIST)
    try:
        return {line["id"]: line["sums_sha256"] for line in json.loads(text or b"[]")}
    except (ValueError, TypeError, KeyError):
        return None


def _foreign(theirs: Mapping[str, str], listed: Sequence[Release]) -> list[str]:
    """What a target lists that this store does not know, or knows otherwise."""
    ours = {release.id: release.sums_sha256 for release in listed}
    return sorted(name for name, sums in theirs.items() if ours.get(name) != sums)


def _refuse_foreign(
    place: Place, listed: Sequence[Release], theirs: Mapping[str, str] | None
) -> None:
    """Refuse a target whose list is another store's, or cannot be read."""
    if theirs is None:
        raise InputError(
            f"target {place.name} has a {LIST} that cannot be read",
            mend="look at it; if it is not needed, remove it, and upload again",
        )
    if other := _foreign(theirs, listed):
        raise InputError(
            f"target {place.name} holds releases of another store: {', '.join(other[:5])}",
            rule="one_store",
            mend="give the target a folder of its own, or put this store back from its copy",
        )


def _sums(place: Place, release: Release) -> str | None:
    """The sha256 of the ``SHA256SUMS`` that is there under a release's name."""
    sums = place.read(f"{release.id}/{SUMS}")
    return None if sums is None else hashlib.sha256(sums).hexdigest()


def _is_whole(place: Place, root: Path, release: Release, tops: Sequence[str]) -> bool:
    """Whether a release is there to the last file; its zip may have been made later.

    Raises:
        InputError: Another release is there under its name.
    """
    sums, archive = _sums(place, release), f"{release.id}.zip"
    if sums not in (None, release.sums_sha256):
        raise _other(place, f"{release.id}/{SUMS}")
    return sums is not None and (archive in tops or not (root / archive).is_file())


def _bury(
    place: Place, root: Path, listed: Sequence[Release], theirs: Mapping[str, str] | None
) -> None:
    """Take away what is there of the withdrawn releases, once ``latest.json`` has left them.

    Nothing else that is wrong there holds this up. A list that is another store's, or that cannot
    be read, stays as it is; so does another store's release of the same id.
    """
    gone = [release for release in listed if release.withdrawn]
    left = {
        release.id: names
        for release, names in _remains(place, gone)
        if (theirs or {}).get(release.id, release.sums_sha256) == release.sums_sha256
        or _sums(place, release) == release.sums_sha256
    }
    if not left:
        return
    public = [release for release in listed if not release.withdrawn]
    there = {release.id for release in public if _sums(place, release) == release.sums_sha256}
    if theirs is not None and not _foreign(theirs, listed):
        _point(place, root, listed, there)
    elif _latest(place) in left:
        _aim(place, [release for release in public if release.id in there])
    for release in (release for release in gone if release.id in left):
        for name in left[release.id]:
            place.remove(name)
        _mark(place, root, release)


def _remains(place: Place, gone: Sequence[Release]) -> Iterator[tuple[Release, list[str]]]:
    """The withdrawn releases of which more than a tombstone is there, with what that is."""
    tops = place.names() if gone else []
    for release in gone:
        held = set(place.sizes(release.id)) if release.id in tops else set()
        beside = [name for name in tops if named_after(name, release.id)]
        if names := [*beside, *([release.id] if held - {TOMBSTONE} else [])]:
            yield release, names


def _mark(place: Place, root: Path, release: Release) -> None:
    """Put the tombstone of a withdrawn release."""
    stone = f"{release.path}/{TOMBSTONE}"
    place.put_text((root / stone).read_bytes(), stone)


def _latest(place: Place) -> str:
    """The id that ``latest.json`` names there; empty where it names none that can be read."""
    try:
        return str(json.loads(place.read(LATEST) or b"{}")["id"])
    except (ValueError, TypeError, KeyError):
        return ""


def _copy(place: Place, root: Path, release: Release) -> int:
    """Put what is missing of a release; what is there must be the same, byte for byte."""
    files = _files(root, release)
    sizes = {f"{release.id}/{path}": size for path, size in place.sizes(release.id).items()}
    sizes |= {f"{release.id}.zip": size for size in place.sizes(f"{release.id}.zip").values()}
    for path in (path for path in files if path in sizes):
        source, sha256 = files[path]
        if sizes[path] != source.stat().st_size or place.sha256(path) != sha256:
            raise _other(place, path)
    missing = {path: file for path, file in files.items() if path not in sizes}
    sums = missing.pop(f"{release.path}/{SUMS}", None)
    place.put_all(missing)
    if sums is not None:
        place.put_all({f"{release.path}/{SUMS}": sums})
    return len(missing) + (sums is not None)


def _files(root: Path, release: Release) -> dict[str, tuple[Path, str]]:
    """What is copied of a release, each with its sha256, in the order to copy it in.

    Raises:
        InputError: The release is not whole.
    """
    folder, archive = root / release.path, root / f"{release.id}.zip"
    files = {f"{release.path}/{path}": sha256 for path, sha256 in read_sums(folder).items()}
    more = [folder / SIGNATURE, archive]
    files |= {p.relative_to(root).as_posix(): hash_file(p) for p in more if p.is_file()}
    files[f"{release.path}/{SUMS}"] = release.sums_sha256
    if missing := [path for path in files if not (root / path).is_file()]:
        raise InputError(
            f"{release.id} is not whole: a file of it is missing",
            file=missing[0],
            mend="openbeat release verify says what is wrong; take the release from a copy",
        )
    return {path: (root / path, sha256) for path, sha256 in files.items()}


def _point(place: Place, root: Path, listed: Sequence[Release], there: set[str]) -> None:
    """Put the list of what is there, what follows it, and last the pointer."""
    shown = [release for release in listed if release.withdrawn or release.id in there]
    place.put_text(list_text(shown).encode(), LIST)
    for name in BESIDE:
        if (root / name).is_file():
            place.put_text((root / name).read_bytes(), name)
    _open_door(place, root)
    _aim(place, shown)


def _open_door(place: Place, root: Path) -> None:
    """Put the page that leads to the newest website, or take ours away; another's stays."""
    there, ours = place.read(FRONT), root / FRONT
    if there is not None and not is_ours(there):
        return
    if ours.is_file() and is_ours(ours.read_bytes()):
        place.put_text(ours.read_bytes(), FRONT)
    elif there is not None:
        place.remove(FRONT)  # it would lead to a website that is no longer there


def _aim(place: Place, shown: Sequence[Release]) -> None:
    """Put the pointer on the newest of what is shown; without one, it goes."""
    newest, text = newest_of(shown), latest_text(shown)
    if newest is None or text is None:
        place.remove(LATEST)
    else:
        place.put_text(text.encode(), LATEST)
    place.link(LINK, newest.path if newest else None)


def _other(place: Place, path: str) -> InputError:
    return InputError(
        f"target {place.name} holds other bytes under this name; nothing was overwritten",
        file=path,
        rule="immutable",
        mend="a release never changes once it is published: find out who put that there; if it "
        "was never public, remove it there and upload again",
    )
