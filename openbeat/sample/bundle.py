"""Zips written as a stream: one member at a time, the same bytes every time.

Compression and times in zips belong here; what the members hold does not.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold: no clock in the output
REGULAR_FILE = 0o100644 << 16


class Bundle:
    """An open zip; made by `bundle`."""

    def __init__(self, archive: zipfile.ZipFile, level: int, worker: ThreadPoolExecutor) -> None:
        self._archive = archive
        self._level = level
        self._worker = worker
        self._last: Future[None] | None = None

    def add(self, name: str, content: bytes) -> None:
        """Add a member; it is compressed while the next one is made, never more than one ahead."""
        self.wait()
        self._last = self._worker.submit(self._write, name, content)

    def wait(self) -> None:
        """Wait until the last member is written; raises what went wrong with it."""
        if self._last is not None:
            self._last.result()

    def _write(self, name: str, content: bytes) -> None:
        info = zipfile.ZipInfo(name, EPOCH)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.create_system = 3
        info.external_attr = REGULAR_FILE
        self._archive.writestr(info, content, compresslevel=self._level)


@contextmanager
def bundle(path: Path, level: int) -> Iterator[Bundle]:
    """A zip to add members to; it has its name only once it is whole.

    Args:
        path: Of the zip; its folder is made.
        level: Of compression, 1 (fast) to 9.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    try:
        # the worker ends before the zip is closed, after an error too
        with zipfile.ZipFile(part, "w") as archive, ThreadPoolExecutor(1) as worker:
            opened = Bundle(archive, level, worker)
            yield opened
            opened.wait()
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
