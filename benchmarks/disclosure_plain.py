"""The baseline of speed: plain threshold suppression of the same cells, and no proof of anything.

``python -m benchmarks.disclosure_plain FOLDER RESULT``: what a competent analyst writes, small
numbers of the counts left empty, for the sample in ``FOLDER`` and for the made month. The counts
are read beforehand; the median of many repeats, since it takes next to no time.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median_low
from typing import Any, Final

import polars as pl

from benchmarks.disclosure_inputs import Counts
from benchmarks.disclosure_made import THRESHOLD, month

REPEATS: Final = 51
HIGHER: Final = ("religion_or_belief", "sexual_orientation", "gender_identity", "disability")


def main() -> None:
    """Measure, and write what was found to the file named second."""
    counts, result = Counts(Path(sys.argv[1])), Path(sys.argv[2])
    frames = [counts.read(name) for name in ("engagement_counts", "feedback_counts")]
    made = pl.DataFrame({"value": month(0).value, "dimension": ["group"] * month(0).size})
    sample = _median(lambda: [_threshold(frame) for frame in frames])
    told = {
        "seconds": sample,
        "rows": sum(frame.height for frame in frames),
        "figures": {"sample": sample, "month": _median(lambda: _threshold(made))},
    }
    result.write_text(json.dumps(told), encoding="utf-8")


def _threshold(counts: pl.DataFrame) -> pl.DataFrame:
    high = pl.when(pl.col("dimension").is_in(HIGHER)).then(10).otherwise(THRESHOLD)
    small = (pl.col("value") > 0) & (pl.col("value") < high)
    return counts.with_columns(
        pl.when(~small).then("value").alias("value"),
        pl.when(small).then(pl.lit("c")).alias("status"),
    )


def _median(work: Callable[[], Any]) -> float:
    taken = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return median_low(taken)


if __name__ == "__main__":
    main()
