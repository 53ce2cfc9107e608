"""What a person sees of the measurements: three tables.

The figures are made in ``bars`` and ``processes``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from benchmarks.bars import Bar, months_in_words
from benchmarks.processes import Measured

CASES = {
    "bare": "(a) bare reading",
    "plain": "(b) plain pandas + geopandas",
    "domain": "(c) domain work",
    "whole": "(d) whole run",
}
Typical = Mapping[tuple[str, int], Measured]
VERDICT = {True: "[green]pass[/green]", False: "[bold red]FAIL[/bold red]", None: "not judged"}


def show(console: Console, of: Typical, sizes: Sequence[int], found: Sequence[Bar]) -> None:
    """Print times, splits and bars.

    Args:
        console: Where.
        of: The typical measurement by case and months.
        sizes: Months in the archives, ascending.
        found: From ``bars``.
    """
    console.print(_times(of, sizes))
    for months in sizes:
        console.print(_splits(of, months))
        console.print(_memory(of, months), highlight=False)
    table = Table("bar", title="Bars")
    for heading in ("measured", "rounds", "at most"):
        table.add_column(heading, justify="right")
    table.add_column("verdict")
    for bar in found:
        limit = "" if bar.limit is None else f"{bar.limit:,.6g}"
        rounds = f"{_number(bar.lowest)} to {_number(bar.highest)}"
        verdict = VERDICT[bar.passed] + (", rounds differ" if bar.close else "")
        table.add_row(bar.what, _number(bar.value), rounds, limit, verdict)
    console.print(table)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def _times(of: Typical, sizes: Sequence[int]) -> Table:
    headings = ("months", "what", "seconds", "rows/s", "peak MB", "/ (a)", "/ (b)", "process s")
    table = Table(title="Times (median of the repeats)")
    for heading in headings:
        table.add_column(heading, justify="left" if heading == "what" else "right")
    for months in sizes:
        bare, plain = of["bare", months], of["plain", months]
        for case, label in CASES.items():
            if run := of.get((case, months)):
                table.add_row(
                    *(str(months), label, f"{run.seconds:,.2f}"),
                    *(f"{(bare.rows or 0) / run.seconds:,.0f}", f"{run.peak_mb:,.0f}"),
                    *(f"{run.seconds / bare.seconds:.2f}", f"{run.seconds / plain.seconds:.2f}"),
                    f"{run.process_seconds:,.2f}",
                )
        table.add_section()
    return table


def _splits(of: Typical, months: int) -> Table:
    table = Table("what", "part", title=f"Where the time goes, {months_in_words(months)}")
    table.add_column("seconds", justify="right")
    table.add_column("share", justify="right")
    for case, label in CASES.items():
        run = of.get((case, months))
        if run is None or not run.split:
            continue
        for part, seconds in sorted(run.split.items(), key=lambda item: -item[1]):
            table.add_row(label, part, f"{seconds:,.2f}", f"{seconds / run.seconds:.0%}")
        table.add_section()
    return table


def _memory(of: Typical, months: int) -> str:
    """The peaks of the whole run, month by month, in one line."""
    peaks = of["whole", months].phases
    known = [f"{p['phase']} {p['peak_mb']:,.0f}" for p in peaks if p["peak_mb"] is not None]
    title = f"Peak memory of the whole run by phase, {months_in_words(months)}, MB: "
    return title + (", ".join(known) or "not known on this system")
