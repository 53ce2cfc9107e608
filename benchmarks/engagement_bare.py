"""Baseline (a) of engagement, the bare reading: ``polars.read_csv`` of each log, its defaults.

``python -m benchmarks.engagement_bare FOLDER RESULT``. Each file is read once and let go; nothing
is checked or joined. It cannot tell which line a row is of, and a row with a field too many stops
it: nobody could send a fault back from it.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import polars as pl

from benchmarks.engagement_inputs import Logs


def main() -> None:
    """Measure, and write what was found to the file named last."""
    logs, result = Logs(Path(sys.argv[1])), Path(sys.argv[2])
    rows = 0
    start = time.perf_counter()
    for path in sorted(logs.first.glob("*.csv")):
        rows += pl.read_csv(path).height
    found = {"seconds": time.perf_counter() - start, "rows": rows}
    result.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
