"""One run at a time in one place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from openbeat.errors import LockedError


@contextmanager
def place_lock(out: Path) -> Iterator[None]:
    """Hold a place while working in it; the lock of a killed run is free at once.

    Args:
        out: The folder everything is put under.

    Raises:
        LockedError: Another run holds it.
    """
    out.mkdir(parents=True, exist_ok=True)
    lock = FileLock(out / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise LockedError(
            f"another run works in {out}; wait for it to end, or give another place with --out"
        ) from None
    try:
        yield
    finally:
        lock.release()
