"""Copies of the meeting packs elsewhere: the website links to them, so they go where it goes.

They may be made again, with other contacts say, so unlike a release they are replaced there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from openbeat.release.files import files_of
from openbeat.release.integrity import SUMS, hash_file
from openbeat.release.listing import read_list
from openbeat.release.place import Place, Wait
from openbeat.release.settings import Target

MADE_FROM = "made_from.txt"
"""The file of a folder of packs that says, as one hash, what they were made from."""


def copy_packs(
    root: Path,
    target: Target,
    *,
    wait: Wait = time.sleep,
    tell: Callable[[str], object] = lambda _text: None,
) -> int:
    """Bring the packs at a target in line with those of the store.

    Args:
        root: The store.
        target: Of the kind ``files``; only packs of releases that are there are copied.
        wait: Called with the seconds to wait before something is tried again.
        tell: Told what is being done.

    Returns:
        How many files were written there.

    Raises:
        SourceUnreachableError: The target does not answer, or not as it should, after every try.
    """
    place = Place(target, wait)
    written = 0
    for release in read_list(root):
        folder = root / f"{release.path}.packs"
        made_from = folder / MADE_FROM
        if release.withdrawn or not made_from.is_file():
            continue
        marker = f"{folder.name}/{MADE_FROM}"
        text = made_from.read_bytes()
        if place.read(marker) == text or place.read(f"{release.path}/{SUMS}") is None:
            continue
        place.remove(marker)  # what is there is no longer whole
        tell(f"copying the packs of {release.id} to {target.name}")
        paths = [path for path in files_of(folder) if path != MADE_FROM]
        place.put_all({f"{folder.name}/{p}": (folder / p, hash_file(folder / p)) for p in paths})
        for path in sorted(place.sizes(folder.name).keys() - set(paths)):
            place.remove(f"{folder.name}/{path}")
        place.put_text(text, marker)  # last: it says that they are whole
        written += len(paths) + 1
    return written
