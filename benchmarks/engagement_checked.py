"""Measurement (d) of engagement: (c), judged by Great Expectations, and kept in a lake.

``python -m benchmarks.engagement_checked FOLDER RESULT OUT``. The twelve conformed tables and the
tables made from them are held against every rule of their contracts, the published ones screened
for personal data, and everything that a run keeps of the logs is written to a lake in OUT: the raw
deliveries, versions, quarantine, records, tables and judgements. Importing Great Expectations is
timed, since a run pays for it; Dagster, the crime tables and the release are left out.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import polars as pl

import resources.lake
import resources.logs
from assets.screen import screened
from assets.tables import ENGAGEMENT, ENGAGEMENT_CHECKED
from benchmarks.engagement_domain import NOW, Work, found
from benchmarks.engagement_inputs import Logs
from benchmarks.timers import Timers
from expectations.suites import great_expectations
from expectations.validation import judge, results_frame
from openbeat.engagement.tables import TABLES
from resources.lake import Lake


class Checked(Work):
    """The work, with judgements and a lake."""

    def __init__(self, logs: Logs, timers: Timers, out: Path) -> None:
        super().__init__(logs, timers)
        self.out = out
        self.lake = Lake(str(out / "lake"))
        timers.wrap("lake: write and read", Lake, "write", "read", "read_json", "write_json")
        timers.wrap("lake: raw, versions, records", resources.logs, "store_intake")

    def keep(self, name: str, frame: pl.DataFrame, month: str) -> int:
        """Judge a table and keep it with its judgements; gives how many rules it was held to."""
        contract = self.contracts[name]
        with self.timers.part("GX: judging"):
            results = judge(frame, contract, {"month": month})
        if name in ENGAGEMENT:
            with self.timers.part("screen before publishing"):
                results += screened(frame, contract, self.settings.allowed_texts)
        broken = [r for r in results if not r.success and r.severity == "critical"]
        if broken:
            raise RuntimeError(f"{name} breaks {broken[0].rule}: the inputs are not sound")
        self.lake.write(f"quality_{name}", results_frame(results, month))
        self.lake.write(name, frame)
        return len(results)

    def keep_all(self, tables: Mapping[str, pl.DataFrame], month: str) -> int:
        """Judge and keep some tables; gives how many rules they were held to."""
        return sum(self.keep(name, frame, month) for name, frame in tables.items())


def main() -> None:
    """Measure, and write what was found to the file named second."""
    logs, result, out = Logs(Path(sys.argv[1])), Path(sys.argv[2]), Path(sys.argv[3])
    timers = Timers()
    work = Checked(logs, timers, out)
    month = max(work.beside["crime"]["month"])
    start = time.perf_counter()
    with timers.part("GX: importing it"):
        great_expectations()
    deliveries = work.deliver(logs.first)
    taken = work.take_in(deliveries, {})
    resources.logs.store_intake(work.lake, out, deliveries, taken, work.contracts, NOW)
    conformed = {TABLES[table].contract: frame for table, frame in taken.tables.items()}
    rules = work.keep_all(conformed, resources.lake.ALL)
    kept = {table.name: work.lake.read(table.contract) for table in TABLES.values()}
    tables = work.tables(kept, work.lake.read(resources.logs.RECORDS))
    rules += work.keep_all({name: tables[name] for name in ENGAGEMENT_CHECKED}, month)
    seconds = time.perf_counter() - start
    told = {"seconds": seconds, **found(deliveries, tables, timers)}
    told["figures"]["rules"] = rules
    result.write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
