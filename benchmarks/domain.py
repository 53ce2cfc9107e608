"""Measurement (c), openbeat's domain work alone: read and conform, locate, count one month.

``python -m benchmarks.domain FOLDER RESULT``. Plain calls of ``openbeat``, as the assets make them,
without Dagster, Great Expectations or the lake. The boundaries are read and the ``Locator`` made
beforehand; the newest month of the archive is taken.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import polars as pl

from benchmarks.inputs import Inputs
from benchmarks.timers import Timers
from openbeat.contract import load_contracts
from openbeat.geography.boundaries import cached_boundaries
from openbeat.geography.locate import Locator
from openbeat.geography.lsoa import read_lookup
from openbeat.geography.register import build_register, choose, shapes_for_month
from openbeat.monthly.counts import count, distinct_points, ledger, place_rows
from openbeat.policeuk.archive import DATASETS, choose_members, open_archive
from openbeat.policeuk.forces import load_forces
from openbeat.policeuk.intake import Intake, read_month, take_in
from openbeat.settings import load_settings

CONTRACTS = Path(__file__).resolve().parent.parent / "expectations" / "contracts"


class Month:
    """One month, opened and ready to be worked on; nothing in the making of it is timed."""

    def __init__(self, inputs: Inputs, timers: Timers) -> None:
        settings = load_settings(inputs.settings)
        self.timers = timers
        self.limit = settings.limits.member_bytes
        self.choices = choose_members([open_archive(inputs.archive)])
        self.month = max(month for month, _, _ in self.choices)
        self.contracts = load_contracts(CONTRACTS)
        self.forces = load_forces(settings.forces_file)
        self.lookup = None if settings.lsoa_lookup is None else read_lookup(settings.lsoa_lookup)
        register = build_register(
            cached_boundaries(b.path, inputs.boundary_cache) for b in settings.boundaries
        )
        self.boundaries = choose(register.force_releases, self.month)
        self.locator = Locator(shapes_for_month(register, self.month))

    def conform(self) -> dict[str, Intake]:
        """Read and conform every dataset."""
        taken = {}
        for dataset in DATASETS:
            members = [
                c for (m, _, d), c in self.choices.items() if (m, d) == (self.month, dataset)
            ]
            with self.timers.part("reading"):
                raw = read_month(members, dataset, self.limit)
            with self.timers.part("conforming"):
                contract = self.contracts[f"conformed_{dataset}"]
                taken[dataset] = take_in(
                    raw, dataset, self.month, contract, self.forces, self.lookup
                )
        return taken

    def locate(self, taken: dict[str, Intake]) -> pl.DataFrame:
        """Locate every distinct point."""
        with self.timers.part("locating"):
            points = distinct_points(*(intake.accepted for intake in taken.values()))
            return self.locator.locate(points)

    def count(self, taken: dict[str, Intake], points: pl.DataFrame) -> pl.DataFrame:
        """Place and count the rows; the ledger of all files is returned."""
        served = self.boundaries["force_id"].to_list()
        accounts = []
        with self.timers.part("counting"):
            for dataset, intake in taken.items():
                placed = place_rows(intake.accepted, points, served).collect().lazy()
                count(placed, dataset, self.month)
                accounts.append(
                    ledger(
                        *(dataset, self.month, intake.files, intake.quarantine),
                        *(placed, self.boundaries),
                    )
                )
            return pl.concat(accounts, how="diagonal")


def main() -> None:
    """Measure, and write what was found to the file named last."""
    inputs, result = Inputs(Path(sys.argv[1])), Path(sys.argv[2])
    timers = Timers()
    month = Month(inputs, timers)
    start = time.perf_counter()
    taken = month.conform()
    accounts = month.count(taken, month.locate(taken))
    found = {
        "seconds": time.perf_counter() - start,
        "rows": int(accounts["rows"].sum()),
        "located": int(accounts["located"].sum()),
        "split": timers.seconds,
    }
    result.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
