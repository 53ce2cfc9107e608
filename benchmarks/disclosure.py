"""The third part of ``make bench``: what disclosure control costs, keeps and withstands.

``python -m benchmarks.disclosure [--scales force national] [--forces N] [--made 43]
[--tables 50] [--peers 5] [--out DIR] [--json PATH]``. Only the order of things belongs here; what a
person sees of them is in ``disclosure_report``. Every measurement runs in a process of its own, one
at a time. This module imports nothing heavy.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.disclosure_report import show
from benchmarks.processes import ROOT, measure, run_module
from benchmarks.run import RESULTS, WIDTH, machine

SCALES = ("force", "national")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmarks of disclosure control."""
    options = _options(arguments)
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH
    load = os.getloadavg()
    options.out.mkdir(parents=True, exist_ok=True)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] = {}
    for name, case, inputs, more in _cases(console, options):
        run = measure(case, inputs, 3, options.out, *more)
        told = json.loads((options.out / f"{case}.json").read_text(encoding="utf-8"))
        console.print(f"  {name}: {run.process_seconds:,.1f} s, {run.peak_mb:,.0f} MB")
        found[name] = {"run": asdict(run), "load": os.getloadavg(), **told}
        # After each, so that what was measured is there if a later one fails.
        record = {"machine": machine(load), **found}
        options.json.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    show(console, found)
    console.print(f"Written to {options.json}", soft_wrap=True)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.disclosure", description=__doc__)
    parser.add_argument("--scales", nargs="*", choices=SCALES, default=list(SCALES))
    parser.add_argument(
        "--forces", type=int, metavar="N", help="of the national scale, only the first N"
    )
    parser.add_argument("--made", type=int, default=43, metavar="N", help="forces' made months")
    parser.add_argument("--tables", type=int, default=50, metavar="N", help="held to the optimum")
    parser.add_argument("--peers", type=int, default=5, metavar="N", help="tables for the peers")
    parser.add_argument(
        "--out", type=Path, default=ROOT / "data" / "bench", help="where the counts are kept"
    )
    name = f"disclosure-{datetime.now():%Y-%m-%dT%H%M%S}.json"
    parser.add_argument("--json", type=Path, default=RESULTS / name, help="the result")
    options = parser.parse_args(arguments)
    options.out = options.out.resolve()
    options.json = options.json.resolve()
    return options


def _cases(
    console: Console, options: argparse.Namespace
) -> Iterator[tuple[str, str, Path, list[str]]]:
    """Each measurement: its name, its module, its inputs, what else it is told."""
    for scale in options.scales:
        folder = options.out / f"disclosure-{scale}"
        if not (folder / "done").exists():
            console.print(f"Counting the people of the {scale} sample")
            folder.mkdir(parents=True, exist_ok=True)
            run_module("disclosure_inputs", str(folder), scale, log=options.out / "inputs.log")
        yield f"plain, {scale}", "disclosure_plain", folder, []
        few = [str(options.forces)] if scale == "national" and options.forces else []
        yield f"sample, {scale}", "disclosure_sample", folder, few
    for name, count in (("shape", "made"), ("exact", "tables"), ("peers", "peers")):
        if getattr(options, count):
            yield name, f"disclosure_{name}", Path(str(getattr(options, count))), []


if __name__ == "__main__":
    main()
