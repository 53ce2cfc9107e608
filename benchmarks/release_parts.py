"""A release made from a sample as a user makes it, with timers around what each part writes.

``python -m benchmarks.release_parts FOLDER RESULT OUT [slow]``. What a run does before the release
belongs in ``whole``. With ``slow`` the judges that read every value are asked too.
"""

from __future__ import annotations

import functools
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import polars as pl

import openbeat.release.bundle
import openbeat.release.judges
import openbeat.release.promote
import openbeat.release.write
import pipelines.cli
from benchmarks.inputs import Inputs
from benchmarks.timers import Timers, peak_mb, reset_peak

WRITERS = {
    "tables and shapes": "_tables",
    "code lists, dictionary, schemas": "_words",
    "quality statement": "write_quality",
    "CSVW sidecars": "write_sidecars",
    "workbooks": "write_workbooks",
    "revisions and changelog": "write_revisions",
    "catalogue records": "write_catalogues",
}


def instrument(timers: Timers) -> None:
    """Put timers around the parts; those that yield are timed as they are drained."""
    write: Any = openbeat.release.write
    for part, name in WRITERS.items():
        setattr(write, name, _drained(timers, part, getattr(write, name)))
    timers.wrap("everything else written, and hashing", write, "write_release")
    timers.wrap("zip", openbeat.release.bundle, "write_zip")
    timers.wrap("quick judges", openbeat.release.judges, "fast")
    timers.wrap("verifying and promoting", openbeat.release.promote.ReleaseStore, "publish")


def _drained(
    timers: Timers, part: str, function: Callable[..., Iterable[Any]]
) -> Callable[..., Iterator[Any]]:
    @functools.wraps(function)
    def drained(*args: Any) -> Iterator[Any]:
        with timers.part(part):
            found = list(function(*args))
        yield from found

    return drained


def plain_seconds(release: Path, folder: Path) -> float:
    """The baseline: the release's tables written as Parquet and CSV, and nothing else."""
    folder.mkdir(parents=True)
    start = time.perf_counter()
    for path in sorted((release / "tables").glob("*.parquet")):
        frame = pl.read_parquet(path)
        frame.write_parquet(folder / path.name)
        frame.write_csv(folder / f"{path.stem}.csv")
    return time.perf_counter() - start


def slow_judges(release: Path) -> dict[str, Any]:
    """Seconds and verdict of each judge that reads every value."""
    found = {}
    for judge in openbeat.release.judges.SLOW:
        start = time.perf_counter()
        verdict = openbeat.release.judges.ask(judge, release)
        found[verdict.judge] = (time.perf_counter() - start, verdict.state, *verdict.problems[:1])
    return found


def main() -> None:
    """Measure, and write what was found to the file named second."""
    inputs, result, out = Inputs(Path(sys.argv[1])), Path(sys.argv[2]), Path(sys.argv[3])
    timers = Timers()
    instrument(timers)
    arguments = ["run", "--config", str(inputs.settings), "--out", str(out)]
    with timers.part("the run before the release"):
        code = pipelines.cli.app(arguments, standalone_mode=False)
    if code:
        sys.exit(code)
    release = (out / "releases" / "latest").resolve()
    sizes: dict[str, int] = {}
    for path in (path for path in release.rglob("*") if path.is_file()):
        room = path.relative_to(release).parts[0] if path.parent != release else path.name
        sizes[room] = sizes.get(room, 0) + path.stat().st_size
    sizes["the zip"] = (out / "releases" / f"{release.name}.zip").stat().st_size
    found: dict[str, Any] = {
        "split": timers.seconds,
        "peak_mb": peak_mb(),
        "plain": plain_seconds(release, out / "plain"),
        "rows": sum(pl.read_parquet(p).height for p in (release / "tables").glob("*.parquet")),
        "sizes": dict(sorted(sizes.items())),
    }
    if "slow" in sys.argv:
        reset_peak()
        found["slow"] = slow_judges(release)
        found["slow_peak_mb"] = peak_mb()
    result.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
