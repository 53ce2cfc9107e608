"""Sheets with a column a month: counts of each neighbourhood, and of the force as a whole.

Only these tables are worked out here, by sums over published counts; rows that are shown as they
are published are in ``rows``. The rule for a cell (DESIGN.md, "Absence is not zero"): a number
where the force whose area it is submitted the month, ``[x]`` where it did not, where part of the
sum is not known, or where a partial month would make it 0, ``[z]`` where the neighbourhood did not
exist that month.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from openbeat.release.workbook.book import Column, Sheet, fit, fit_text
from openbeat.release.workbook.plan import REPORTED_NOTES, PlaceSheet, SummarySheet
from openbeat.release.workbook.rows import MARKS, MARKS_MEANING, Scope, month_name, sheet_of

if TYPE_CHECKING:
    from openbeat.contract import Column as ContractColumn

SUBMITTED: Final = "submitted"
PARTIAL: Final = "partial_suspected"
YEAR: Final = 12
MARK_LINE: Final = (
    "A month whose heading bears [u] looks partial: its numbers are too low by an unknown amount."
)
SPARSE_LINE: Final = (
    "Where a neighbourhood has no row for something, none was published of it there."
)
_KEY: Final = ["neighbourhood_id", "what"]
_UNRECOGNISED: Final = "unrecognised"


@dataclass(frozen=True)
class PlaceCounts:
    """What is published of one force's area.

    Attributes:
        summary: Its rows of ``crime_summary``: each neighbourhood in each month it existed.
        counts: Sums over reporting forces by ``neighbourhood_id``, ``what``, ``month``: ``count``,
            and ``unknown``, whether a part of it is not known.
        coverage: ``month`` and ``coverage`` of the force's dataset.
    """

    summary: pl.DataFrame
    counts: pl.DataFrame
    coverage: pl.DataFrame


def summary_sheet(spec: SummarySheet, summary: pl.DataFrame, scope: Scope) -> Sheet | None:
    """A measure of ``crime_summary``, a row a neighbourhood, a column a month of the release.

    Args:
        spec: Which.
        summary: The force's rows of ``crime_summary``.
        scope: The force and the months.

    Returns:
        The sheet; None where it would have no row.
    """
    if summary.is_empty():
        return None
    value = spec.column
    status = f"{value}_status"
    long = summary.select(
        "neighbourhood_id",
        pl.lit("").alias("what"),
        "month",
        pl.col(value).alias("count"),
        pl.when(pl.col(status).is_in(["x", "z", "c"]))
        .then(pl.col(status))
        .when(pl.col(value).is_null())
        .then(pl.lit("x"))
        .alias("code"),
        (pl.col(status) == "u").fill_null(False).alias("low"),
    )
    columns = _place_columns(long, summary) + _month_columns(long, scope.months)
    title = f"{spec.title}: {scope.name}, {_span(scope.months)}"
    return sheet_of(
        spec.name, title, columns, scope, _marked(columns), table="crime_summary", notes=spec.notes
    )


def place_sheet(
    spec: PlaceSheet, counted_by: ContractColumn, held: PlaceCounts, scope: Scope
) -> Sheet | None:
    """Counts of each neighbourhood by something, a column a month of the last twelve, and a total.

    Args:
        spec: Which.
        counted_by: The contract's column that is counted by.
        held: The counts.
        scope: The force and the months.

    Returns:
        The sheet; None where it would have no row.
    """
    long = _cells(held, scope.year, dense=spec.dense)
    if long.is_empty():
        return None
    known = scope.labels(counted_by.codelist)
    texts = _wide(long).select(fit(pl.col("what").replace(known)))["what"]
    columns = [
        *_place_columns(long, held.summary),
        Column(spec.heading, "text", texts, None, fit_text(counted_by.description), spec.column),
        *_month_columns(long, scope.year),
    ]
    if len(scope.year) == YEAR:
        columns.append(_total(long, scope.year))
    title = f"{spec.title}: {scope.name}, {_span(scope.year)}"
    said = _marked(columns) + ([] if spec.dense else [SPARSE_LINE])
    return sheet_of(spec.name, title, columns, scope, said, table=spec.table, notes=spec.notes)


def reported_sheet(crime: pl.DataFrame, coverage: pl.DataFrame, scope: Scope) -> Sheet | None:
    """What the force itself reported by where it was, a row a month; adds up to its own total.

    Args:
        crime: Sums of the rows that the force reported, by ``month``, ``where`` (own, other,
            outside, without) and ``is_crime``: ``count``.
        coverage: ``month`` and ``coverage`` of the force's street file.
        scope: The force and the months.

    Returns:
        The sheet; None where the force reported nothing.
    """
    if crime.is_empty():
        return None
    named = {
        "Crimes reported": pl.col("is_crime"),
        "In its own neighbourhoods": pl.col("is_crime") & (pl.col("where") == "own"),
        "In another force's neighbourhood": pl.col("is_crime") & (pl.col("where") == "other"),
        "In no neighbourhood": pl.col("is_crime") & (pl.col("where") == "outside"),
        "Without location": pl.col("is_crime") & (pl.col("where") == "without"),
        "Anti-social behaviour reported": ~pl.col("is_crime"),
    }
    sums = crime.group_by("month").agg(
        pl.col("count").filter(rule).sum().alias(name) for name, rule in named.items()
    )
    months = pl.DataFrame({"month": list(scope.months)[::-1]})
    rows = months.join(coverage, on="month", how="left").join(sums, on="month", how="left")
    submitted = (pl.col("coverage") == SUBMITTED).fill_null(False)
    partial = (pl.col("coverage") == PARTIAL).fill_null(False)
    words = scope.labels("coverage_statuses")
    columns = [
        Column("Month", "month", rows.select((pl.col("month") + "-01").str.to_date())["month"]),
        Column(
            "What the force submitted",
            "text",
            rows.select(pl.col("coverage").replace(words))["coverage"],
        ),
    ]
    for name in named:
        # A force may have left out what a partial month has none of: 0 would say it knew.
        known = submitted | (partial & (pl.col(name) > 0).fill_null(False))
        values = rows.select(pl.when(known).then(pl.col(name).fill_null(0)).alias("v"))["v"]
        codes = rows.select(pl.when(~known).then(pl.lit("[x]")).alias("c"))["c"]
        columns.append(
            Column(name, "integer", values, codes if codes.is_not_null().any() else None)
        )
    some = pl.any_horizontal((pl.col(name) > 0).fill_null(False) for name in named)
    marked = rows.select(
        pl.when(partial & some).then(pl.lit("all [u]")).otherwise(pl.lit("none"))
    ).to_series()
    columns.append(Column(MARKS, "text", marked, None, MARKS_MEANING))
    title = f"Crimes and anti-social behaviour that the force reported: {scope.name}"
    said = ["Of whatever place: counts of a neighbourhood hold what other forces reported there."]
    return sheet_of(
        "Reported_by_force",
        f"{title}, {_span(scope.months)}",
        columns,
        scope,
        said,
        table="crime",
        notes=REPORTED_NOTES,
    )


def _span(months: Sequence[str]) -> str:
    if len(months) == 1:
        return month_name(months[0])
    return f"{month_name(months[0])} to {month_name(months[-1])}"


def _cells(held: PlaceCounts, months: Sequence[str], *, dense: bool) -> pl.DataFrame:
    """Every neighbourhood that existed in the months, by what is counted: a row a cell."""
    places = held.summary.filter(pl.col("month").is_in(months)).select("neighbourhood_id", "month")
    counts = held.counts.filter(pl.col("month").is_in(months))
    pairs = counts.select(_KEY).unique()
    if dense:  # what nobody recognised is listed only where there is some
        kinds = (
            pairs.select("what").unique().filter(pl.col("what").str.to_lowercase() != _UNRECOGNISED)
        )
        everywhere = places.select("neighbourhood_id").unique().join(kinds, how="cross")
        pairs = pl.concat([everywhere, pairs.select(_KEY)]).unique()
    grid = places.join(pairs, on="neighbourhood_id")
    both = grid.join(counts, on=[*_KEY, "month"], how="left").join(
        held.coverage, on="month", how="left"
    )
    submitted, partial = pl.col("coverage") == SUBMITTED, pl.col("coverage") == PARTIAL
    known = (submitted | (partial & pl.col("count").is_not_null())).fill_null(False)
    known &= ~pl.col("unknown").fill_null(False)
    return both.select(
        *_KEY,
        "month",
        pl.when(known).then(pl.col("count").fill_null(0)).alias("count"),
        pl.when(~known).then(pl.lit("x")).alias("code"),
        (known & partial.fill_null(False)).alias("low"),
    )


def _wide(long: pl.DataFrame) -> pl.DataFrame:
    """The rows of the sheet, sorted, without the months."""
    return long.select(_KEY).unique().sort(_KEY)


def _place_columns(long: pl.DataFrame, summary: pl.DataFrame) -> list[Column]:
    """Id and newest name of the neighbourhood of each row."""
    newest = (
        summary.sort("month").group_by("neighbourhood_id").agg(pl.col("name").last().alias("n"))
    )
    rows = _wide(long).join(newest, on="neighbourhood_id", how="left", maintain_order="left")
    ids = rows.select(fit(pl.col("neighbourhood_id"), identifier=True)).to_series()
    names = rows.select(fit(pl.col("n"))).to_series()
    return [
        Column(
            "Neighbourhood id",
            "text",
            ids,
            None,
            "The force's own id, unique only within the force.",
        ),
        Column("Neighbourhood", "text", names, None, "Its newest name."),
    ]


def _month_columns(long: pl.DataFrame, months: Sequence[str]) -> list[Column]:
    """A column a month."""
    rows = _wide(long)
    counts = rows.join(
        long.pivot("month", index=_KEY, values="count"),
        on=_KEY,
        how="left",
        maintain_order="left",
    )
    codes = rows.join(
        long.with_columns(pl.col("code").fill_null("")).pivot("month", index=_KEY, values="code"),
        on=_KEY,
        how="left",
        maintain_order="left",
    )
    low = set(long.filter("low")["month"].unique().to_list())
    columns = []
    for month in months:
        heading = month_name(month) + (" [u]" if month in low else "")
        if month in counts.columns:
            given = codes.select(
                pl.when(pl.col(month) != "")
                .then("[" + pl.col(month) + "]")
                .when(pl.col(month).is_null())
                .then(pl.lit("[z]"))
                .alias("c")
            )["c"]
            values = counts[month].cast(pl.Int64)
        else:
            given = pl.Series("c", ["[x]"] * rows.height)
            values = pl.Series("v", [None] * rows.height, pl.Int64)
        shown = given if given.is_not_null().any() else None
        columns.append(Column(heading, "integer", values, shown))
    return columns


def _total(long: pl.DataFrame, months: Sequence[str]) -> Column:
    """The sum over the twelve months, where each is known and none looks partial.

    The same as ``crime_summary.crime_total_12m``: a sum over a partial month would pass for whole.
    """
    sums = _wide(long).join(
        long.group_by(_KEY).agg(
            pl.col("count").sum(),
            ((pl.col("count").count() == YEAR) & ~pl.col("low").any()).alias("whole"),
        ),
        on=_KEY,
        how="left",
        maintain_order="left",
    )
    whole = pl.col("whole").fill_null(False)
    codes = sums.select(pl.when(~whole).then(pl.lit("[x]")).alias("c"))["c"]
    return Column(
        f"12 months to {month_name(months[-1])}",
        "integer",
        sums.select(pl.when(whole).then(pl.col("count")).alias("v"))["v"],
        codes if codes.is_not_null().any() else None,
        "Sum of the months, where each of them is known and none looks partial.",
    )


def _marked(columns: Sequence[Column]) -> list[str]:
    return [MARK_LINE] if any("[u]" in column.heading for column in columns) else []
