"""What a release costs: ``python -m benchmarks.release [--scale national] [--months 1] [--slow]``.

Seconds by part, sizes, and the judges' verdicts. The baseline, in the same run: the tables written
as Parquet and CSV by Polars alone. What is measured is in ``release_parts``.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.processes import ROOT, run_module
from benchmarks.run import WIDTH, empty_place, inputs_of, machine

BEFORE = "the run before the release"


def main() -> None:
    """Measure one size, print it, and keep it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--scale", choices=("force", "national"), default="national")
    options.add_argument("--months", type=int, default=1)
    options.add_argument("--slow", action="store_true")
    options.add_argument("--out", type=Path, default=ROOT / "data" / "bench")
    given = options.parse_args()
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH
    out = given.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    inputs = inputs_of(console, out, given.scale, given.months)
    place, result = out / "place", out / "release_parts.json"
    arguments = [str(inputs.folder), str(result), str(empty_place(inputs, place))]
    arguments += ["slow"] * given.slow
    run_module("release_parts", *arguments, log=out / "release_parts.log")
    shutil.rmtree(place, ignore_errors=True)
    found = json.loads(result.read_bytes()) | {"machine": machine((0.0, 0.0, 0.0))}
    before = found["split"].pop(BEFORE)
    whole = sum(found["split"].values())
    table = Table("part", title=f"{given.scale}, {given.months} months: {found['rows']:,} rows")
    table.add_column("seconds", justify="right")
    table.add_column("times plain", justify="right")
    lines = {"plain: Parquet and CSV by Polars": found["plain"], **found["split"]}
    for part, seconds in {**lines, "the release, whole": whole, BEFORE: before}.items():
        table.add_row(part, f"{seconds:,.1f}", f"{seconds / found['plain']:,.0f}")
    for judge, (seconds, state, *problem) in found.get("slow", {}).items():
        table.add_row(f"{judge}: {state} {' '.join(problem)}"[:60], f"{seconds:,.1f}", "")
    console.print(table)
    console.print(
        ", ".join(f"{name} {size / 1e6:,.1f} MB" for name, size in found["sizes"].items())
    )
    console.print(f"peak {found['peak_mb']:,.0f} MB")
    kept = ROOT / "benchmarks" / "results" / f"release-{given.scale}-{given.months:02d}.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
