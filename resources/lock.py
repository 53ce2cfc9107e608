"""One run at a time in one place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from openbeat.errors import InputError, LockedError


@contextmanager
def place_lock(out: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold a place while working in it; the lock of a killed run is free at once.

    Args:
        out: The folder everything is put under.
        wait: Whether to wait for another run to end, as queued runs of Dagster's do.

    Raises:
        LockedError: Another run holds it.
        InputError: The folder cannot be made or written.
    """
    lock = FileLock(out / ".lock")
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=-1 if wait else 0)
    except Timeout:
        raise LockedError(
            f"another run works in {out}; wait for it to end, or give another place with --out"
        ) from None
    except OSError as error:
        raise InputError(
            f"the folder to work in cannot be written ({error.strerror or error})",
            file=str(out),
            mend="give a folder you may write to with --out.",
        ) from None
    try:
        yield
    finally:
        lock.release()
