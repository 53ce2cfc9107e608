"""Published counts of months, arranged by neighbourhood for its page: series, years, reasons.

Only frames and plain sums of them belong here; what a page says of them is ``place_facts``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from openbeat.website import words
from openbeat.website.language import gettext as _
from openbeat.website.packs.crime import AREA
from openbeat.website.packs.records import Grouped, grouped

Key = tuple[str, str]
Coverage = Mapping[Key, Mapping[str, str]]
"""Data set and force to month to what the force supplied (code list ``coverage_statuses``)."""
YEAR: Final = 12
_RATE: Final = (
    *("coverage", "crime_total_12m", "crime_total_12m_status", "months_12m", "population"),
    *("population_status", "population_year", "rate_12m_per_1000", "rate_12m_per_1000_status"),
    *("rate_low", "rate_low_status", "rate_high", "rate_high_status"),
)


def coverage_of(tables: Mapping[str, pl.DataFrame]) -> Coverage:
    """What each force supplied of each data set by month; empty where nothing is known of it."""
    if "coverage" not in tables:
        return {}
    rows = tables["coverage"].select("dataset", "force_id", "month", "coverage")
    found: dict[Key, dict[str, str]] = {}
    for dataset, force, month, coverage in rows.iter_rows():
        found.setdefault((dataset, force), {})[month] = coverage
    return found


def rates(summary: pl.DataFrame, month: str) -> Grouped:
    """The rows of ``crime_summary`` of one month: sum of 12 months, population, rate."""
    newest = summary.filter(pl.col("month") == month)
    return grouped(newest.select(pl.col("area_force_id").alias(AREA[0]), AREA[1], *_RATE))


def served(summary: pl.DataFrame) -> dict[Key, frozenset[str]]:
    """The months in which each neighbourhood was there with its present id."""
    rows = summary.group_by("area_force_id", AREA[1]).agg("month").iter_rows()
    return {(force, place): frozenset(months) for force, place, months in rows}


def year_counts(
    tables: Mapping[str, pl.DataFrame],
    table: str,
    months: Sequence[str],
    column: str,
    labels: pl.DataFrame | None = None,
) -> Grouped:
    """Counts of ``outcomes`` or ``stops`` over months, by place and what a column says.

    Args:
        tables: The published tables; one that is not there has no rows.
        table: Its name.
        months: Those that are added up.
        column: Its codes are counted.
        labels: Their code list, in whose order they come; without one, largest first.

    Returns:
        By place, of every reporting force: the column, ``label``, ``count``.
    """
    if table not in tables:
        return {}
    counted = (
        tables[table]
        .filter((pl.col("place") == "neighbourhood") & pl.col("month").is_in(list(months)))
        .group_by(pl.col("area_force_id").alias(AREA[0]), AREA[1], column)
        .agg(pl.col("count").sum())
        .filter(pl.col("count") > 0)
    )
    named = {} if labels is None else words.labels(labels)
    order = {code: place for place, code in enumerate(named)}
    return grouped(
        counted.with_columns(
            pl.col(column).replace(named).alias("label"),
            (
                pl.col(column).replace_strict(order, default=len(order), return_dtype=pl.Int64)
                if order
                else -pl.col("count")
            ).alias("order"),
        )
        .sort(*AREA, "order", column)
        .select(*AREA, column, "label", "count")
    )


def reason(coverage: str | None, force: str) -> str | None:
    """Why the figures of a month are missing or doubtful, as a sentence; None where they are not.

    Args:
        coverage: What the force supplied (code list ``coverage_statuses``); None where the
            release does not say.
        force: Its name.
    """
    if coverage == "submitted":
        return None
    texts = {
        "partial_suspected": _(
            "What %(force)s supplied looks partial: read the figures as “at least”."
        ),
        "empty": _("The file of %(force)s for this month holds no rows."),
        "malformed": _("The file of %(force)s for this month could not be read."),
        "missing": _("%(force)s supplied no file for this month."),
        "not_expected": _("%(force)s is not expected to supply these figures for this month."),
    }
    unknown = _("What %(force)s supplied for this month is not known.")
    return texts.get(coverage or "", unknown) % {"force": force}


def not_there(month: str, first: str) -> str:
    """Why a month in which there was no neighbourhood with an id has no figure.

    Args:
        month: The month, ``YYYY-MM``.
        first: The first month of the release in which there was one.
    """
    if month < first:
        text = _("There has been a neighbourhood with this id only since %(month)s.")
        return text % {"month": words.month(first)}
    return _("There was no neighbourhood with this id in this month.")


def not_held(month: str) -> str:
    """Why a month before a release begins has no figure.

    Args:
        month: The first month of the release, ``YYYY-MM``.
    """
    return _("The release begins with %(month)s.") % {"month": words.month(month)}


def year_sum(
    values: Sequence[int | None], statuses: Sequence[str | None], months: Sequence[str]
) -> dict[str, Any]:
    """The sum of 12 months, where all of them are known and whole.

    Returns:
        ``value`` (None where a month is not), ``status`` (None or ``x``), ``months`` (how many
        are known and whole), ``first`` and ``last`` of the 12.
    """
    whole = [v for v, status in zip(values, statuses, strict=True) if status is None]
    known = [v for v in whole if v is not None]
    complete = len(known) == YEAR
    return {
        "value": sum(known) if complete else None,
        "status": None if complete else "x",
        "months": len(known),
        "first": months[0],
        "last": months[-1],
    }
