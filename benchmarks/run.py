"""``make bench``: make the inputs once, measure, hold against the bars, print and keep it.

``python -m benchmarks.run [--months 1 36] [--scale national|force] [--out DIR] [--json PATH]``.
Only the order of things belongs here. Every measurement runs in a process of its own, one at a
time; those of one month are repeated and interleaved, so that a noisy minute strikes all alike.
This module imports nothing heavy: a child's peak memory begins at that of this process.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.bars import bars, grouped, typical
from benchmarks.inputs import Inputs
from benchmarks.processes import ROOT, Measured, measure, run_module
from benchmarks.report import CASES, show

RESULTS = ROOT / "benchmarks" / "results"
LIBRARIES = ("polars", "pandas", "geopandas", "shapely", "dagster", "great-expectations")
WIDTH = 110  # of the tables in a log
REPEATS = 3  # of one month; more months are measured once


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmarks named on the command line."""
    options = _options(arguments)
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH
    load = os.getloadavg()
    sizes = sorted(set(options.months))
    options.out.mkdir(parents=True, exist_ok=True)
    run_module("imports", log=options.out / "imports.log")
    runs: list[Measured] = []
    for months in sizes:
        inputs = inputs_of(console, options.out, options.scale, months)
        for run in _measure_size(inputs, months, options.out):
            console.print(f"  {CASES[run.case]}: {run.seconds:,.2f} s, {run.peak_mb:,.0f} MB")
            runs.append(run)
    repeats = grouped(runs)
    found = bars(repeats, sizes, judged=options.scale == "national")
    _check_same_rows(console, runs)
    show(console, {key: typical(some) for key, some in repeats.items()}, sizes, found)
    record = {
        "scale": options.scale,
        "machine": machine(load),
        "runs": [asdict(run) for run in runs],
        "bars": [asdict(bar) | {"passed": bar.passed, "close": bar.close} for bar in found],
    }
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    console.print(f"Written to {options.json}", soft_wrap=True)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--months", type=int, nargs="+", default=[1, 36], metavar="N")
    parser.add_argument("--scale", choices=("national", "force"), default="national")
    parser.add_argument(
        "--out", type=Path, default=ROOT / "data" / "bench", help="where the sample is kept"
    )
    name = f"{datetime.now():%Y-%m-%dT%H%M%S}.json"
    parser.add_argument("--json", type=Path, default=RESULTS / name, help="the result")
    options = parser.parse_args(arguments)
    if not all(1 <= months <= 120 for months in options.months):
        parser.error("--months: each is 1 to 120")
    options.out = options.out.resolve()
    options.json = options.json.resolve()
    return options


def inputs_of(console: Console, out: Path, scale: str, months: int) -> Inputs:
    """The inputs of one size; made where they are not there whole."""
    inputs = Inputs(out / f"{scale}-{months:02d}")
    if not inputs.done.exists():
        console.print(f"Making the {scale} sample of {months} months")
        inputs.folder.mkdir(parents=True, exist_ok=True)
        log = out / "inputs.log"
        run_module("inputs", str(inputs.folder), scale, str(months), log=log)
    inputs.warm()
    return inputs


def _measure_size(inputs: Inputs, months: int, out: Path) -> Iterator[Measured]:
    """Measure every case that a size has, repeated where it is one month."""
    repeats = REPEATS if months == 1 else 1
    cases = [case for case in CASES if case != "domain" or months == 1]
    place = out / "place"
    for _ in range(repeats):
        for case in cases:
            more = [str(empty_place(inputs, place))] if case == "whole" else []
            yield measure(case, inputs.folder, months, out, *more)
            shutil.rmtree(place, ignore_errors=True)


def empty_place(inputs: Inputs, place: Path) -> Path:
    """A place for a whole run, empty but for the boundaries, which are read beforehand."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(inputs.boundary_cache, place / "raw" / "boundaries")
    return place


def _check_same_rows(console: Console, runs: Sequence[Measured]) -> None:
    """Say so where two measurements of one size did not read the same rows."""
    for months in sorted({run.months for run in runs}):
        rows = {run.case: run.rows for run in runs if run.months == months and run.rows is not None}
        if len(set(rows.values())) > 1:
            console.print(f"[bold red]Not the same rows, {months} months[/bold red]: {rows}")


def machine(load: tuple[float, float, float]) -> dict[str, Any]:
    """What the figures hold for, and how busy it was before."""
    return {
        "system": platform.system(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load_before": load,
        "versions": {name: version(name) for name in ("openbeat", *LIBRARIES)},
    }


if __name__ == "__main__":
    main()
