"""A release's zip, unpacked to be checked: nothing in it is trusted.

Only reading a zip belongs here; making one is in ``bundle``.
"""

from __future__ import annotations

import shutil
import stat
import struct
import zipfile
import zlib
from collections import Counter
from pathlib import Path

from openbeat.errors import InputError
from openbeat.release.integrity import SUMS, Problem, is_inside

PIECE = 1 << 20
MOST_FILES = 50_000
MOST_BYTES = 16 << 30
"""A national release has a few gigabytes; more than this is no release of ours."""
MOST_RATIO = 200
"""Tables shrink to a tenth or a fiftieth; what shrinks to less than this is made to fill disks."""
SMALL = 64 << 20
"""A zip that unpacks to so little is not asked for its ratio."""
PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""What zip tools of every system unpack."""
BROKEN = (zipfile.BadZipFile, NotImplementedError, zlib.error, EOFError, ValueError, struct.error)
"""What zipfile raises where the bytes of a zip are wrong."""


def unpack(file: Path, folder: Path) -> tuple[str, list[Problem]]:
    """Unpack a release's zip, in pieces, and only if all its names and sizes are harmless.

    Args:
        file: The zip; its files lie at its top, or all in one folder.
        folder: An empty folder.

    Returns:
        The name of the folder in the zip, empty where there is none; and what is wrong with the
        zip: with anything, not all of it was unpacked.

    Raises:
        InputError: There is not room enough to unpack it.
        OSError: It cannot be read, or the folder cannot be written.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = [m for m in archive.infolist() if not m.is_dir()]
            top = _top([member.orig_filename for member in members])
            if wrong := _refused(members, file.stat().st_size):
                return "", [_problem(file, text) for text in wrong]
            _need_room(sum(member.file_size for member in members), folder)
            broken = [m for m in members if not _extract(archive, m, folder, len(top))]
    except BROKEN:
        return "", [_problem(file, "is no zip, or is cut short")]
    wrong = [f"{member.filename} in it is damaged" for member in broken]
    return top.removesuffix("/"), [_problem(file, text) for text in wrong]


def _top(names: list[str]) -> str:
    """The one folder that all lie in, with its slash; nothing where the release is at the top."""
    first = {name.partition("/")[0] for name in names}
    return f"{first.pop()}/" if SUMS not in first and len(first) == 1 else ""


def _refused(members: list[zipfile.ZipInfo], packed: int) -> list[str]:
    """Why a zip is not unpacked at all, sentences; nothing where it may be."""
    found = []
    if len(members) > MOST_FILES:
        return [f"holds {len(members):,} files"]
    size = sum(member.file_size for member in members)
    if size > MOST_BYTES or size > max(SMALL, packed * MOST_RATIO):
        found.append(f"would unpack to {size:,} bytes, which no release has")
    # Where capitals mean nothing, one of two such files would take the other's place.
    times = Counter(member.orig_filename.casefold() for member in members)
    found += [f"holds {name!a} {n} times" for name, n in times.items() if n > 1]
    for member in members:
        name = member.orig_filename
        if not is_inside(name) or "\\" in name or ":" in name:
            found.append(f"holds {name!a}, which is no plain path inside it")
        elif stat.S_ISLNK(member.external_attr >> 16):
            found.append(f"holds {name!a}, a link")
        elif member.flag_bits & 1 or member.compress_type not in PLAIN:
            found.append(f"holds {name!a}, which is encrypted or packed in a rare way")
    return found


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path, skip: int) -> bool:
    """Unpack one file, never more of it than the zip says; whether it was whole."""
    target = folder / member.orig_filename[skip:]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(member) as source, target.open("xb") as out:
            shutil.copyfileobj(source, out, PIECE)
    except (*BROKEN, FileExistsError, NotADirectoryError):
        return False  # the last two: one file's name is another's folder
    return True


def _need_room(size: int, folder: Path) -> None:
    if size > (free := shutil.disk_usage(folder).free):
        raise InputError(
            f"unpacked it needs {size:,} bytes, and {free:,} are free for temporary files",
            mend="free some space, or name a folder with more of it in the variable TMPDIR.",
        )


def _problem(file: Path, message: str) -> Problem:
    return Problem(file.name, "archive", message)
