"""Files that survive a crash: sync, atomic replacement, atomic links, full disks told plainly.

Only operations on files belong here, none that knows what a release is. Every change that
``promote`` makes to a store goes through these few functions, so that a test can stop at any.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from openbeat.errors import InputError

FULL = re.compile(r"no space left on device|os error 28\b|disk is full|disk quota exceeded", re.I)


@contextmanager
def room_for(what: str) -> Iterator[None]:
    """Turn a full disk, however the writing library reports it, into a message with a remedy.

    Args:
        what: What is being written, for the message.

    Raises:
        InputError: The disk is full. Every other error passes unchanged.
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        # Polars and GDAL report a full disk as their own errors, with no errno.
        full = getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT)
        if not full and not FULL.search(str(error)):
            raise
        raise InputError(
            f"the disk is full: {what} could not be written",
            mend="free some space and run again; the releases already there are untouched",
        ) from error


def files_of(folder: Path) -> list[str]:
    """Every file below a folder, and every link, as sorted POSIX paths relative to it."""
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    )


def sync(path: Path) -> None:
    """Make a file's or a folder's content durable."""
    if os.name == "nt" and path.is_dir():
        return  # Windows has no handle to sync a folder by
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_tree(folder: Path) -> None:
    """Make a folder durable with everything in it, leaves first."""
    for path in sorted(folder.rglob("*"), reverse=True):
        sync(path)
    sync(folder)


def write_text(path: Path, text: str) -> None:
    """Write a new text file: UTF-8, line feeds as given, on any system."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def replace_text(path: Path, text: str) -> None:
    """Put new text in a file's place in one step: readers see the old or the new, whole."""
    temporary = path.with_name(f".{path.name}.tmp")
    write_text(temporary, text)
    sync(temporary)
    temporary.replace(path)
    sync(path.parent)


def replace_link(path: Path, target: str) -> bool:
    """Point a relative link elsewhere in one step.

    Returns:
        Whether it was done; False where the system, or a folder in its place, allows no link.
    """
    if path.exists() and not path.is_symlink():
        return False
    temporary = path.with_name(f".{path.name}.tmp")
    remove(temporary)
    try:
        temporary.symlink_to(target, target_is_directory=True)
    except (OSError, NotImplementedError):
        return False
    temporary.replace(path)
    sync(path.parent)
    return True


def move(source: Path, target: Path) -> None:
    """Rename a folder within one file system, durably; the target must not exist."""
    if target.exists():
        raise FileExistsError(errno.EEXIST, "already there", target.name)
    source.rename(target)
    sync(target.parent)


def remove(path: Path) -> None:
    """Remove a file, a link or a whole folder; nothing there is fine."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif path.exists() or path.is_symlink():
        path.unlink()
