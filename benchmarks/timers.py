"""Where the time and the memory of one process go.

Clocks and the kernel's memory mark belong here; which calls are timed belongs in the modules that
measure. Product code is not changed: functions are wrapped in the process that is measured.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_STATUS = Path("/proc/self/status")
_MARKS = Path("/proc/self/clear_refs")
_RESET_PEAK = "5"  # proc(5): resets the process's peak resident set size


class Timers:
    """Seconds by part, each second in one part only: an inner part's time is not its outer's.

    Attributes:
        seconds: Exclusive seconds by part, in the order in which the parts first began.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._open: list[str] = []
        self._since = 0.0
        self._thread = threading.get_ident()

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Time what is done inside; calls from other threads than the maker's are not timed."""
        if threading.get_ident() != self._thread:
            yield
            return
        self.seconds.setdefault(name, 0.0)
        self._settle()
        self._open.append(name)
        try:
            yield
        finally:
            self._settle()
            self._open.pop()

    def _settle(self) -> None:
        """Give the time since the last change to the part that is open."""
        now = time.perf_counter()
        if self._open:
            self.seconds[self._open[-1]] += now - self._since
        self._since = now

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function that does the same and is timed."""

        @functools.wraps(function)
        def wrapped(*args: Any, **options: Any) -> Any:
            with self.part(part):
                return function(*args, **options)

        return wrapped

    def wrap(self, part: str, owner: Any, *names: str) -> None:
        """Put timed functions in the place of a module's or a class's.

        Args:
            part: The part their time is given to.
            owner: The module, or class, that the callers look the names up in.
            names: Functions, methods or cached properties of it.
        """
        for name in names:
            found = vars(owner)[name]
            if isinstance(found, functools.cached_property):
                found.func = self.timed(part, found.func)
            else:
                setattr(owner, name, self.timed(part, found))


def reset_peak() -> None:
    """Forget the peak of resident memory so far, where the system can (Linux)."""
    if _MARKS.exists():
        _MARKS.write_text(_RESET_PEAK)


def peak_mb() -> float | None:
    """The peak of resident memory since the start or ``reset_peak``, in MB; None where unknown."""
    if not _STATUS.exists():
        return None
    for line in _STATUS.read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    return None
