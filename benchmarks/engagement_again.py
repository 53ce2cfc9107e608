"""Measurement (e) of engagement: a second intake, one row in a hundred changed since the first.

``python -m benchmarks.engagement_again FOLDER RESULT``. The versions that the first intake left are
read, the changed logs are read, mapped and taken in. No tables are made: their cost is in (c).
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import polars as pl

from benchmarks.engagement_domain import Work
from benchmarks.engagement_inputs import Logs
from benchmarks.timers import Timers


def main() -> None:
    """Measure, and write what was found to the file named last."""
    logs, result = Logs(Path(sys.argv[1])), Path(sys.argv[2])
    timers = Timers()
    work = Work(logs, timers)
    start = time.perf_counter()
    with timers.part("reading the versions"):
        before = {path.stem: pl.read_parquet(path) for path in logs.history.glob("*.parquet")}
    deliveries = work.deliver(logs.changed)
    taken = work.take_in(deliveries, before)
    seconds = time.perf_counter() - start
    versions = pl.concat([frame.select("version") for frame in taken.history.values()])
    found = {
        "seconds": seconds,
        "rows": sum(delivery.text.height for delivery in deliveries),
        "split": timers.seconds,
        "figures": {"changed": int((versions["version"] == 2).sum())},
    }
    result.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
