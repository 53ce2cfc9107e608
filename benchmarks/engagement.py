"""The second half of ``make bench``: a year of a large force's logs, through checks to tables.

``python -m benchmarks.engagement [--events 20000 --feedback 200000 --issues 50000] [--out DIR]
[--json PATH]``. Only the order of things and what a person sees of them belong here. Every
measurement runs in a process of its own, one at a time, three times and interleaved, so that a
noisy minute strikes all alike. This module imports nothing heavy: a child's peak memory begins at
that of this process.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.bars import grouped, typical
from benchmarks.engagement_inputs import EVENTS, FEEDBACK, FEWEST_EVENTS, ISSUES, MONTHS, Logs
from benchmarks.processes import ROOT, Measured, measure, run_module
from benchmarks.run import REPEATS, RESULTS, WIDTH, machine

CASES = {
    "engagement_bare": "(a) bare reading",
    "engagement_plain": "(b) plain pandas",
    "engagement_domain": "(c) intake and tables",
    "engagement_checked": "(d) with checks and lake",
    "engagement_again": "(e) second intake, 1 % changed",
}
RATIOS = (
    ("(c) / (a)", "engagement_domain", "engagement_bare"),
    ("(c) / (b)", "engagement_domain", "engagement_plain"),
    ("(d) / (b)", "engagement_checked", "engagement_plain"),
    ("(d) / (c)", "engagement_checked", "engagement_domain"),
    ("(e) / (c)", "engagement_again", "engagement_domain"),
)
Repeats = Mapping[str, Sequence[Measured]]
Figures = dict[str, dict[str, int]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmarks of engagement."""
    options = _options(arguments)
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH
    load = os.getloadavg()
    options.out.mkdir(parents=True, exist_ok=True)
    logs = _inputs(console, options)
    run_module("engagement_imports", log=options.out / "imports.log")
    runs, figures = [], Figures()
    for run in _measure_all(logs, options.out, figures):
        console.print(f"  {CASES[run.case]}: {run.seconds:,.2f} s, {run.peak_mb:,.0f} MB")
        runs.append(run)
    of = {case: repeats for (case, _), repeats in grouped(runs).items()}
    ratios = [_ratio(what, of[work], of[baseline]) for what, work, baseline in RATIOS]
    _show(console, of, ratios)
    _compare(console, runs, figures)
    record = {
        "asked": {name: getattr(options, name) for name in ("events", "feedback", "issues")},
        "machine": machine(load),
        "runs": [asdict(run) for run in runs],
        "figures": figures,
        "ratios": ratios,
    }
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    console.print(f"Written to {options.json}", soft_wrap=True)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.engagement", description=__doc__)
    about = "about so many in the year"
    parser.add_argument("--events", type=int, default=EVENTS, metavar="N", help=about)
    parser.add_argument("--feedback", type=int, default=FEEDBACK, metavar="N", help=about)
    parser.add_argument("--issues", type=int, default=ISSUES, metavar="N", help=about)
    parser.add_argument(
        "--out", type=Path, default=ROOT / "data" / "bench", help="where the logs are kept"
    )
    name = f"engagement-{datetime.now():%Y-%m-%dT%H%M%S}.json"
    parser.add_argument("--json", type=Path, default=RESULTS / name, help="the result")
    options = parser.parse_args(arguments)
    if options.events < FEWEST_EVENTS:
        parser.error(f"--events: {FEWEST_EVENTS} or more, since meetings are held every month")
    if min(options.feedback, options.issues) < 1:
        parser.error("--feedback, --issues: 1 or more")
    options.out = options.out.resolve()
    options.json = options.json.resolve()
    return options


def _inputs(console: Console, options: argparse.Namespace) -> Logs:
    """The logs, made where they are not there whole."""
    sizes = [str(n) for n in (options.events, options.feedback, options.issues)]
    logs = Logs(options.out / f"engagement-{'-'.join(sizes)}")
    if not logs.done.exists():
        console.print("Making a year of logs, and the crime tables beside them")
        shutil.rmtree(logs.folder, ignore_errors=True)
        logs.folder.mkdir(parents=True)
        log = options.out / "inputs.log"
        run_module("engagement_inputs", str(logs.folder), *sizes, log=log)
    logs.warm()
    return logs


def _measure_all(logs: Logs, out: Path, figures: Figures) -> Iterator[Measured]:
    """Measure every case in turns, and note what each said that it came to."""
    place = out / "engagement-place"
    for _ in range(REPEATS):
        for case in CASES:
            shutil.rmtree(place, ignore_errors=True)
            more = [str(place)] if case == "engagement_checked" else []
            yield measure(case, logs.folder, MONTHS, out, *more)
            said = json.loads((out / f"{case}.json").read_text(encoding="utf-8"))
            figures[case] = said.get("figures", {})
    shutil.rmtree(place, ignore_errors=True)


def _ratio(what: str, work: Sequence[Measured], baseline: Sequence[Measured]) -> dict[str, Any]:
    """Median time to median time; lowest and highest are those of single rounds."""
    rounds = [one.seconds / other.seconds for one, other in zip(work, baseline, strict=True)]
    return {
        "what": what,
        "value": typical(work).seconds / typical(baseline).seconds,
        "lowest": min(rounds),
        "highest": max(rounds),
    }


def _show(console: Console, of: Repeats, ratios: Sequence[Mapping[str, Any]]) -> None:
    times = Table("what", title="Engagement: times (median of the repeats)")
    for heading in ("records", "seconds", "records/s", "peak MB", "process s"):
        times.add_column(heading, justify="right")
    for case, label in CASES.items():
        run = typical(of[case])
        times.add_row(
            *(label, f"{run.rows or 0:,}", f"{run.seconds:,.2f}"),
            *(f"{(run.rows or 0) / run.seconds:,.0f}", f"{run.peak_mb:,.0f}"),
            f"{run.process_seconds:,.2f}",
        )
    console.print(times)
    console.print(_parts(of))
    table = Table("ratio", title="Ratios")
    for heading in ("median", "rounds"):
        table.add_column(heading, justify="right")
    for ratio in ratios:
        rounds = f"{ratio['lowest']:.2f} to {ratio['highest']:.2f}"
        table.add_row(ratio["what"], f"{ratio['value']:.2f}", rounds)
    console.print(table)


def _parts(of: Repeats) -> Table:
    """Where the time goes, the parts of each case largest first."""
    table = Table("what", "part", title="Where the time goes")
    table.add_column("seconds", justify="right")
    table.add_column("share", justify="right")
    for case, label in CASES.items():
        run = typical(of[case])
        for part, seconds in sorted(run.split.items(), key=lambda item: -item[1]):
            table.add_row(label, part, f"{seconds:,.2f}", f"{seconds / run.seconds:.0%}")
        table.add_section()
    return table


def _compare(console: Console, runs: Sequence[Measured], figures: Figures) -> None:
    """Say so where two cases did not do the same work."""
    told = {run.case: {"records": run.rows or 0} | figures[run.case] for run in runs}
    for name in ("records", "issues", "queries due", "answered in 72 hours"):
        values = {case: said[name] for case, said in told.items() if name in said}
        if len(set(values.values())) > 1:
            console.print(f"[bold red]Not the same {name}[/bold red]: {values}")
    for case, said in told.items():
        if said:
            what = ", ".join(f"{value:,} {name}" for name, value in said.items())
            console.print(f"{CASES[case]}: {what}", soft_wrap=True)


if __name__ == "__main__":
    main()
