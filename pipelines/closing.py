"""What a run ends with: where every row went, what is missing, where the release is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

from assets.checks import QUALITY
from assets.monthly import INGEST_TABLES
from openbeat.policeuk.archive import DATASETS, Archive
from openbeat.release.integrity import SITE_FOLDER
from resources.lake import Lake

_LINES = {
    "rows": "rows",
    "counted": "= counted",
    "quarantined": "+ quarantined",
    "repeats": "+ repeats",
    "located": "counted in a neighbourhood",
    "outside_boundary": "  outside every boundary",
    "no_boundary": "  in none, force has no boundaries",
    "no_location": "  without coordinates",
}
_SHOWN = 12


def show(console: Console, lake: Lake) -> None:
    """Show what became of every row of the release's months, and the gaps.

    Args:
        console: Where to.
        lake: Holds the published coverage and the quarantine.
    """
    coverage = lake.read("coverage")
    months = coverage["month"].unique().sort().to_list()
    console.print(_rows(coverage, f"Rows, {months[0]} to {months[-1]}"))
    _gaps(console, lake, coverage, months)
    _quarantine(console, lake, months)
    _warnings(console, lake, months)


def show_boundaries(console: Console, issues: pl.DataFrame) -> None:
    """Say which neighbourhoods have no usable shape, since nothing can be counted in them."""
    lost = issues.filter(pl.col("kind").is_in(["unreadable", "empty"]))
    if lost.is_empty():
        return
    console.print(f"[bold]Boundaries[/bold] without a usable shape: {lost.height}")
    for force, name, detail in (
        lost.select("force_id", "neighbourhood_id", "detail").head(_SHOWN).iter_rows()
    ):
        console.print(f"  {force} {name}: {detail}", highlight=False, markup=False)
    _more(console, lost.height, "quality.json")


def _rows(coverage: pl.DataFrame, title: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    sums = {dataset: coverage.filter(pl.col("dataset") == dataset).sum() for dataset in DATASETS}
    for dataset in DATASETS:
        table.add_column(dataset, justify="right")
    for column, label in _LINES.items():
        table.add_row(label, *(f"{sums[d][column].item():,}" for d in DATASETS))
    return table


def _gaps(console: Console, lake: Lake, coverage: pl.DataFrame, months: Sequence[str]) -> None:
    gaps = coverage.filter(~pl.col("coverage").is_in(["submitted", "not_expected"]))
    if gaps.is_empty():
        console.print("Coverage: every expected file is there.")
        return
    grouped = (
        gaps.group_by("coverage", "force_id", "dataset")
        .agg(pl.len().alias("n"), pl.col("month").min().alias("first"), pl.col("month").max())
        .sort("coverage", "force_id", "dataset")
    )
    console.print(f"[bold]Coverage gaps[/bold]: {gaps.height} (force, month, dataset)")
    for coverage_, force, dataset, n, first, last in grouped.head(_SHOWN).iter_rows():
        span = first if first == last else f"{first} to {last}, {n} months"
        console.print(f"  {coverage_}: {force} {dataset} {span}", highlight=False, soft_wrap=True)
    _more(console, grouped.height, "tables/coverage.csv")
    for dataset in DATASETS:
        files = lake.read_months(f"files_{dataset}", months)
        for problem in files["problem"].drop_nulls():
            console.print(f"  {problem}", highlight=False, markup=False, soft_wrap=True)


def _quarantine(console: Console, lake: Lake, months: Sequence[str]) -> None:
    frames = [
        frame.filter(pl.col("kind") == "quarantined")
        for dataset in DATASETS
        if not (frame := lake.read_months(f"quarantine_{dataset}", months)).is_empty()
    ]
    refused = pl.concat(frames) if frames else pl.DataFrame()
    if refused.is_empty():
        return
    by_rule = refused.group_by("dataset", "rule").agg(
        pl.len().alias("rows"),
        pl.col("file").first(),
        pl.col("line").first(),
        pl.col("column").first(),
        pl.col("value").first(),
    )
    console.print(f"[bold]Quarantined[/bold]: {refused.height:,} rows, kept in the lake")
    for dataset, rule, rows, file, line, column, value in by_rule.sort(
        "dataset", "rule"
    ).iter_rows():
        what = "" if column is None else f", {column} {'blank' if value is None else repr(value)}"
        console.print(
            f"  {dataset} {rule}: {rows:,}, first {file} line {line}{what}",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )


def _warnings(console: Console, lake: Lake, months: Sequence[str]) -> None:
    results = (lake.read_months(f"{QUALITY}_{table}", months) for table in INGEST_TABLES)
    frames = [frame for frame in results if not frame.is_empty()]
    if not frames:
        return
    broken = (
        pl.concat(frames)
        .filter((pl.col("severity") == "warning") & ~pl.col("success"))
        .group_by("table", "rule", "sentence", maintain_order=True)
        .agg(
            pl.col("broken").sum(),
            pl.col("month").n_unique().alias("months"),
            pl.col("examples").explode().drop_nulls().unique(maintain_order=True).head(3),
        )
        .sort("table", "rule")
    )
    if broken.is_empty():
        return
    console.print("[bold]Warnings[/bold]: rules that do not hold of accepted rows")
    for table, rule, sentence, rows, n, examples in broken.iter_rows():
        name = table.removeprefix("conformed_")
        seen = f" e.g. {', '.join(examples)}" if examples else ""
        console.print(
            f"  {name} {rule}: {rows:,} in {n} months. {sentence}{seen}",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )


def _more(console: Console, count: int, where: str) -> None:
    if count > _SHOWN:
        console.print(f"  and {count - _SHOWN} more in {where}", highlight=False)


def show_unrecognised(console: Console, archives: Sequence[Archive]) -> None:
    """Say which files of the archives were passed over, since their names say nothing."""
    for archive in archives:
        if archive.unrecognised:
            console.print(
                f"{archive.name}: {len(archive.unrecognised)} files are not named as police.uk "
                f"names its files and were not read, for example {archive.unrecognised[0]}",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )


def show_release(console: Console, published: Mapping[str, Any]) -> None:
    """Say where the release is, or that it waits, and for whom.

    Args:
        console: Where to.
        published: As ``Session.publish`` gives it.
    """
    path, release = Path(published["path"]), published["release"]
    if note := published.get("note"):
        console.print(note, markup=False, highlight=False, soft_wrap=True)
    if published.get("waiting"):
        say = f"{release} waits for approval by {published['needed']} more, and is not public."
        console.print(say, markup=False, highlight=False, soft_wrap=True)
        console.print(f"Look at {path}", markup=False, highlight=False, soft_wrap=True)
        console.print("then: openbeat release approve --as NAME", markup=False, highlight=False)
        return
    if published["new"]:
        console.print(f"[bold green]Published[/bold green] {release}", highlight=False)
    else:
        console.print(f"[bold]Nothing new[/bold]: {release} already says the same", highlight=False)
    console.print(str(path), markup=False, highlight=False, soft_wrap=True)
    pages = {
        "Website": path / SITE_FOLDER / "index.html",
        "Meeting packs": path.with_name(f"{path.name}.packs") / "index.html",
    }
    for name, page in pages.items():
        if page.exists():
            console.print(f"{name}: {page}", markup=False, highlight=False, soft_wrap=True)
