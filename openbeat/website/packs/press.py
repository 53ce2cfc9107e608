"""Printing many packs: a PDF each, on as many processes as pay.

Only sharing the work out belongs here. Threads do not help: a compiler of typst serves one at a
time, and two of them hold each other up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from openbeat.website import words
from openbeat.website.packs.facts import Facts
from openbeat.website.packs.pdf import VARIANTS, file_of, write_pdf

ENOUGH: Final = 60
"""So many PDFs are worth starting processes for, a second or two each."""
_TASKS: Final = 250
"""PDFs that a process makes before another takes its place: typst keeps what it laid out."""
_WAITING: Final = 32


@dataclass(frozen=True)
class Printing:
    """Which PDFs are made of each pack, and how.

    Attributes:
        variants: Of ``pdf.VARIANTS``.
        language: The language of pages and PDFs.
        base_url: Where the releases folder is served, without a slash at the end; empty for none.
        processes: How many PDFs are made at once.
    """

    variants: tuple[str, ...] = VARIANTS[:1]
    language: str = "en"
    base_url: str = ""
    processes: int = 2

    def where(self, facts: Facts, stem: str) -> str:
        """Where the page of a pack is, as a PDF says it."""
        path = f"{words.file_name(facts['force_id'])}/{stem}.html"
        return f"{self.base_url}/{facts['release_id']}.packs/{path}" if self.base_url else path

    @contextmanager
    def press(self, folder: Path) -> Iterator[Press]:
        """A press that writes into the folder of packs; its processes end with the block."""
        press = Press(self, folder)
        try:
            yield press
        finally:
            press.close()


@dataclass
class Press:
    """Takes packs one by one and tells which PDFs are written."""

    printing: Printing
    folder: Path
    _jobs: list[tuple[str, tuple[Path, Facts, str, str, str]]] = field(default_factory=list)
    _pool: ProcessPoolExecutor | None = None
    _running: dict[Future[None], str] = field(default_factory=dict)

    def __call__(self, facts: Facts, stem: str) -> Iterator[str]:
        """Take a pack; gives the paths of those PDFs that have been written by now."""
        home = words.file_name(facts["force_id"])
        where, code = self.printing.where(facts, stem), self.printing.language
        for variant in self.printing.variants:
            name = f"{home}/{file_of(stem, variant)}"
            self._jobs.append((name, (self.folder / name, facts, variant, where, code)))
        if self._pool is None and len(self._jobs) >= ENOUGH and self.printing.processes > 1:
            self._pool = ProcessPoolExecutor(
                self.printing.processes, get_context("spawn"), max_tasks_per_child=_TASKS
            )
        if self._pool is not None:
            yield from self._hand_out(self._pool)

    def finished(self) -> Iterator[str]:
        """Write what is left; gives the path of each PDF as it is written."""
        if self._pool is not None:
            yield from self._hand_out(self._pool)
            yield from self._await(0)
        for name, job in self._jobs:
            write_pdf(*job)
            yield name
        self._jobs.clear()

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def _hand_out(self, pool: ProcessPoolExecutor) -> Iterator[str]:
        """Give the processes what is there, few ahead of them: facts are large."""
        for name, job in self._jobs:
            self._running[pool.submit(write_pdf, *job)] = name
            yield from self._await(_WAITING)
        self._jobs.clear()

    def _await(self, most: int) -> Iterator[str]:
        """Wait until at most so many are being made."""
        while len(self._running) > most:
            done = wait(self._running, return_when=FIRST_COMPLETED).done
            for future in sorted(done, key=lambda one: self._running[one]):
                future.result()
                yield self._running.pop(future)


def variants_of(pdf: bool, further: Sequence[str]) -> tuple[str, ...]:
    """The PDFs of a pack that the settings ask for: none, or two pages and the further ones."""
    return (VARIANTS[0], *further) if pdf else ()
