"""The made-up police.uk archives, member by member.

Which members an archive has, in what order, and what changed between two archives belong here;
their rows are drawn in ``crime`` and ``stops``, their faults planted by ``file_faults``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import polars as pl

from openbeat.sample import file_faults, months
from openbeat.sample.bundle import bundle
from openbeat.sample.country import Country, Force
from openbeat.sample.crime import Book
from openbeat.sample.faults import Log, Member, member_name
from openbeat.sample.stops import stops

LEGACY_ARCHIVE = "2013-05"
LEGACY_MONTHS = ("2011-06", "2012-06", "2013-05")
SMALL_LEVEL, LARGE_LEVEL = 6, 1
DATASETS = ("outcomes", "stops", "street")  # in the order of their file names

Progress = Callable[[str, int, int], None]


class Writer:
    """Writes the archives of a country and logs what is planted in them."""

    def __init__(self, country: Country, folder: Path, log: Log, progress: Progress | None) -> None:
        self.country = country
        self.folder = folder
        self.log = log
        self.progress = progress
        self.book = Book(country)
        self._outcomes: dict[str, pl.Series] = {}

    def write_all(self) -> list[str]:
        """Write every archive; gives the as-of months of those meant for use, oldest first."""
        if self.country.scale_name != "small":
            self._write(file_faults.OLDER, self.country.months)
            return [file_faults.OLDER]
        self._write(file_faults.OLDER, self.country.months)
        moved = [months.shift(month, 1) for month in self.country.months]
        self._write(file_faults.NEWER, moved)
        self._write(LEGACY_ARCHIVE, LEGACY_MONTHS)
        self._note_legacy()
        return [file_faults.OLDER, file_faults.NEWER]

    def _write(self, as_of: str, held: Sequence[str]) -> None:
        small = self.country.scale_name == "small"
        wanted = list(self._wanted(as_of, held))
        level = SMALL_LEVEL if small else LARGE_LEVEL
        with bundle(self.folder / f"{as_of}.zip", level) as archive:
            for done, (force, month, dataset) in enumerate(wanted):
                self._tell(as_of, done, len(wanted))
                missing = file_faults.left_out(small, as_of, (force.slug, dataset, month))
                if missing:
                    path = f"archives/{as_of}.zip/{member_name(force.slug, month, dataset)}"
                    self.log.add(missing[0], path, missing[1], count=0)
                    continue
                member = self._member(force, month, dataset, as_of)
                file_faults.plant(small, member, self.log)
                if small:
                    self._compare(member)
                archive.add(member.name, member.content())
        self._tell(as_of, len(wanted), len(wanted))

    def _wanted(self, as_of: str, held: Iterable[str]) -> Iterable[tuple[Force, str, str]]:
        forces = sorted(self.country.forces, key=lambda force: force.slug)
        for month in held:
            for force in forces:
                for dataset in DATASETS:
                    starts = {"street": "2010-12", "outcomes": "2012-01", "stops": "2014-12"}
                    if dataset in force.supplies and month >= starts[dataset]:
                        yield force, month, dataset

    def _member(self, force: Force, month: str, dataset: str, as_of: str) -> Member:
        if dataset == "street":
            frame = self.book.street(force, month, as_of)
        elif dataset == "outcomes":
            frame = self.book.outcomes(force, month)
        else:
            frame = stops(self.book, force, month)
        return Member(self.book, force, month, dataset, as_of, frame)

    def _compare(self, member: Member) -> None:
        """Log how many last outcomes the newer archive changes in a street file."""
        if member.dataset != "street":
            return
        name, now = member.name, member.frame["Last outcome category"]
        before = self._outcomes.pop(name, None)
        self._outcomes[name] = now
        if before is None or len(before) != len(now):
            return
        changed = before.ne_missing(now).sum()
        if changed:
            what = "last outcomes that differ from the earlier archive's, in the same rows"
            self.log.add("revised-outcomes", member.path, what, count=int(changed))

    def _note_legacy(self) -> None:
        for month, types in zip(LEGACY_MONTHS, (6, 11, 14), strict=True):
            path = f"archives/{LEGACY_ARCHIVE}.zip/{member_name('northmere', month, 'street')}"
            self.log.add("legacy-crime-types", path, f"of the {types} crime types", count=types)

    def _tell(self, as_of: str, done: int, total: int) -> None:
        if self.progress is not None:
            self.progress(f"archive {as_of}", done, total)
