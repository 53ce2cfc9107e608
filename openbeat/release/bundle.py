"""One file for a whole release: a zip with the same bytes each time.

Only packing a folder belongs here; when it is packed, and where the zip lies, is for the caller.
"""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path, PurePosixPath

from openbeat.errors import InputError
from openbeat.release.files import files_of, sync
from openbeat.release.integrity import README

DATE = (1980, 1, 1, 0, 0, 0)
"""The oldest that a zip can say: a release holds no clock."""
PLAIN_FILE = 0o100644 << 16
PACKED = frozenset({".gz", ".gpkg", ".ods", ".parquet", ".pmtiles", ".xlsx", ".zip"})
"""Endings of files that packing makes little or no smaller: they are stored as they are."""
PIECE = 1 << 20


def write_zip(folder: Path, path: Path) -> None:
    """Pack a release into one zip: README first, then by path, under ``openbeat-<id>/``.

    The same folder gives the same bytes, with the same zlib. The zip appears in one step, whole.

    Args:
        folder: A release; its name is its id.
        path: The zip; one that is there is replaced.

    Raises:
        InputError: The folder holds no README.md, or holds a link.
        OSError: The zip cannot be written; nothing of it stays.
    """
    names = files_of(folder)
    if README not in names:
        raise InputError("the folder is no release", file=folder.name, rule=f"it holds {README}")
    aside = path.with_name(f".{path.name}.tmp")
    try:
        with zipfile.ZipFile(aside, "w") as archive:
            for name in sorted(names, key=lambda name: (name != README, name)):
                _add(archive, folder, name)
        sync(aside)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    sync(path.parent)


def _add(archive: zipfile.ZipFile, folder: Path, name: str) -> None:
    source = folder / name
    if source.is_symlink():
        raise InputError("a release holds plain files only", file=name)
    info = zipfile.ZipInfo(f"openbeat-{folder.name}/{name}", DATE)
    info.create_system = 3  # the system it is written on would be told otherwise
    info.external_attr = PLAIN_FILE
    packed = PurePosixPath(name).suffix in PACKED
    info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
    info.file_size = source.stat().st_size  # so that a file of 2 GB or more gets room for its size
    with source.open("rb") as plain, archive.open(info, "w") as member:
        shutil.copyfileobj(plain, member, PIECE)
