"""What a run ends with on engagement: where every record went, what to mend, what to look at.

Nothing restricted is shown: places, rules and numbers of records, and values only where their
column may be shown.
"""

from __future__ import annotations

import polars as pl
from rich.console import Console
from rich.table import Table

from assets.checks import QUALITY
from assets.engagement import CONFORMED
from assets.tables import DISPOSITIONS
from openbeat import codelists
from resources.lake import Lake

_WAYS = ("records", "published", "withheld", "routed", "quarantined")
_SHOWN = 12


def show_engagement(console: Console, lake: Lake) -> None:
    """Show what became of every record of the logs.

    Args:
        console: Where to.
        lake: Holds the ledger, the dispositions, the quarantine and the results of the checks.
    """
    ledger = lake.read_or("engagement_ledger")
    if ledger.is_empty():
        return
    console.print(_records(ledger))
    dispositions = lake.read(DISPOSITIONS)
    _reasons(console, dispositions, "withheld", "withheld_reasons")
    _reasons(console, dispositions, "routed", "routed_kinds")
    lost = dispositions.filter(pl.col("reason") == "source_not_named")
    if not lost.is_empty():
        names = ", ".join(lost["source"].unique().sort())
        console.print(
            f"[bold red]Sources not named any more[/bold red]: {names}. Their "
            f"{lost.height:,} records are kept and not published: name them again, or let it be.",
            highlight=False,
            soft_wrap=True,
        )
    _quarantine(console, lake.read_or("quarantine_engagement"))
    _warnings(console, lake)


def _records(ledger: pl.DataFrame) -> Table:
    table = Table(title="Engagement records", title_justify="left", box=None, pad_edge=False)
    table.add_column("table")
    for way in _WAYS:
        table.add_column(way, justify="right")
    sums = ledger.group_by("table").agg(pl.col(_WAYS).sum()).sort("table")
    for name, *numbers in sums.select("table", *_WAYS).iter_rows():
        table.add_row(name, *(f"{number:,}" for number in numbers))
    total = sums.select(pl.col(_WAYS).sum()).row(0)
    table.add_row("all", *(f"{number:,}" for number in total), style="bold")
    return table


def _reasons(console: Console, records: pl.DataFrame, way: str, codelist: str) -> None:
    found = (
        records.filter(pl.col("disposition") == way)
        .group_by("reason")
        .len("records")
        .join(codelists.load(codelist), left_on="reason", right_on="code", how="left")
        .sort("records", "reason", descending=[True, False])
    )
    if found.is_empty():
        return
    console.print(f"[bold]{way.capitalize()}[/bold]: {found['records'].sum():,} records")
    for reason, label, records_ in found.select("reason", "label", "records").iter_rows():
        say = f"  {reason}: {records_:,}. {label or ''}"
        console.print(say, markup=False, highlight=False, soft_wrap=True)


def _quarantine(console: Console, refused: pl.DataFrame) -> None:
    if refused.is_empty():
        return
    console.print(f"[bold]Quarantined[/bold]: {refused.height:,} records, kept in the lake")
    by_rule = (
        refused.group_by("table", "rule", maintain_order=True)
        .agg(
            pl.len().alias("records"),
            pl.col("file", "line", "column", "value", "message").first(),
        )
        .sort("table", "rule")
    )
    for table, rule, records, file, line, column, value, message in by_rule.head(
        2 * _SHOWN
    ).iter_rows():
        what = "" if column is None else f", {column} {'blank' if value is None else repr(value)}"
        console.print(
            f"  {table} {rule}: {records:,}, first {file} line {line}{what}. {message or ''}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    if by_rule.height > 2 * _SHOWN:
        console.print(f"  and {by_rule.height - 2 * _SHOWN} more in internal/board.html")


def _warnings(console: Console, lake: Lake) -> None:
    frames = [lake.read_or(f"{QUALITY}_{table}") for table in CONFORMED]
    held = [frame for frame in frames if not frame.is_empty()]
    if not held:
        return
    broken = (
        pl.concat(held)
        .filter((pl.col("severity") == "warning") & ~pl.col("success"))
        .sort("table", "rule")
    )
    if broken.is_empty():
        return
    console.print("[bold]Warnings[/bold]: rules that do not hold of accepted records")
    for table, rule, rows, sentence in broken.select(
        "table", "rule", "broken", "sentence"
    ).iter_rows():
        name = table.removeprefix("conformed_")
        console.print(
            f"  {name} {rule}: {rows:,} against the rule: {sentence}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
