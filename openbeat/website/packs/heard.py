"""Who was heard: attendances, forms and queries of a place, in the newest published quarters.

Only picking and naming published figures belongs here. What may be shown was settled before, by
the disclosure gate: nothing is added up, taken apart or worked out here, since a figure that is
not in a published table has not been proved safe.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import polars as pl

from openbeat.website import words
from openbeat.website.packs.crime import AREA
from openbeat.website.packs.records import Records, grouped

Facts = dict[str, Any]
QUARTERS: Final = 4
EVENTS: Final = ("attendances", "forms")
QUERIES: Final = ("received", "answered_72h", "answered_72h_share", "median_days_to_reply")
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "engagement_reach": (
        *("period", "period_type", "characteristic", "category", "category_level"),
        *(*EVENTS, "attendances_status", "forms_status", "share", "share_status"),
    ),
    "feedback_summary": ("period", "theme", *QUERIES, *(f"{name}_status" for name in QUERIES)),
}
"""By table: the published columns that are read, besides those that say which place it is."""

_UNAVAILABLE: Final[Mapping[str, str]] = {
    "attendances": "of an event it is not logged how many came",
    "forms": "of an event it is not logged how many forms came back",
    "received": "the records do not say",
    "answered_72h": "the records do not say",
    "answered_72h_share": "a share needs queries, and both numbers",
    "median_days_to_reply": "a median needs 10 queries that were answered within 72 hours",
}
_NONE_LOGGED: Final[Mapping[str, str]] = {
    **dict.fromkeys(EVENTS, "no held event is logged here for the quarter"),
    **dict.fromkeys(QUERIES, "no query is logged here for the quarter"),
}
_NOTHING: Final = "nothing of the force is published for the quarter"


class Heard:
    """The figures of every place, each published table read once.

    Args:
        tables: The published tables ``engagement_reach`` and ``feedback_summary``; one that is
            not there has no rows.
        codelists: Code list name to its frame of strings.
    """

    def __init__(
        self, tables: Mapping[str, pl.DataFrame], codelists: Mapping[str, pl.DataFrame]
    ) -> None:
        reach, feedback = (_rows(tables, name) for name in COLUMNS)
        quarters = reach.filter(pl.col("period_type") == "quarter")
        self._periods = {
            "events": _periods(quarters),
            "queries": _periods(feedback),
        }
        newest = _newest(pl.concat([f.select(*AREA, "period") for f in (quarters, feedback)]))
        self._newest = {force: rows for (force, _), rows in grouped(newest).items()}
        recent = quarters.join(newest.select("force_id", "period"), on=("force_id", "period"))
        totals = recent.filter(pl.col("category_level") == "total")
        self._totals = {
            "events": grouped(totals.select(*AREA, "period", *_with_status(EVENTS))),
            "queries": grouped(
                feedback.filter(pl.col("theme") == "all")
                .join(newest.select("force_id", "period"), on=("force_id", "period"))
                .select(*AREA, "period", *_with_status(QUERIES))
            ),
        }
        self._groups = grouped(_groups(recent, codelists))
        self._years = grouped(
            reach.filter(
                (pl.col("period_type") == "year")
                & (pl.col("category_level") == "total")
                & pl.col(AREA[1]).is_null()
            )
            .select(*AREA, "period", *_with_status(EVENTS))
            .sort(*AREA, "period")
        )

    def of(self, force_id: str, neighbourhood_id: str = "") -> Facts:
        """The figures of one neighbourhood, or of the force as a whole.

        Returns:
            ``quarters``, oldest first, with ``period`` and of each measure its value,
            ``<measure>_status`` and ``<measure>_why``; ``groups`` of the newest quarter in which
            the place has any; ``notes``, the sentences that say why figures are not shown, each
            once.
        """
        key = (force_id, neighbourhood_id)
        quarters = [self._quarter(key, row["period"]) for row in self._newest.get(force_id, [])]
        groups = [
            {**row, "forms_why": words.why(row["forms_status"], _UNAVAILABLE["forms"])}
            for row in self._groups.get(key, [])
        ]
        notes = (*_sentences(quarters), *(row["forms_why"] for row in groups))
        return {
            "quarters": quarters,
            "groups": groups,
            "notes": list(dict.fromkeys(note for note in notes if note)),
        }

    def year(self, force_id: str) -> Facts | None:
        """The newest year of the whole force: ``period``, ``attendances``, ``forms``; or None."""
        rows = self._years.get((force_id, ""), [])
        return _explained(rows[-1], EVENTS) if rows else None

    def _quarter(self, key: tuple[str, str], period: str) -> Facts:
        return {
            "period": period,
            **self._part("events", EVENTS, key, period),
            **self._part("queries", QUERIES, key, period),
        }

    def _part(self, part: str, names: Sequence[str], key: tuple[str, str], period: str) -> Facts:
        """One table's measures. A place without rows has none where its force has some."""
        rows: Records = self._totals[part].get(key, [])
        row = next((row for row in rows if row["period"] == period), None)
        if row is not None:
            return _explained(row, names)
        published = (key[0], period) in self._periods[part]
        empty = dict.fromkeys(names)
        status = "z" if published else "x"
        why = {n: words.why(status, _NONE_LOGGED[n] if published else _NOTHING) for n in names}
        return (
            empty
            | {f"{name}_status": status for name in names}
            | {f"{name}_why": why[name] for name in names}
        )


def _rows(tables: Mapping[str, pl.DataFrame], name: str) -> pl.DataFrame:
    """The columns that are read of a table; without rows where there is no such table."""
    columns = (*AREA, *COLUMNS[name])
    if name not in tables:
        return pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
    return tables[name].select(columns)


def _with_status(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(part for name in names for part in (name, f"{name}_status"))


def _periods(frame: pl.DataFrame) -> frozenset[tuple[str, str]]:
    """The forces and quarters that a table has."""
    return frozenset(frame.select("force_id", "period").unique().iter_rows())


def _newest(periods: pl.DataFrame) -> pl.DataFrame:
    """By force its newest quarters, oldest first, as rows of the force as a whole."""
    return (
        periods.select("force_id", "period")
        .unique()
        .sort("force_id", "period")
        .group_by("force_id", maintain_order=True)
        .tail(QUARTERS)
        .select("force_id", pl.lit(None, dtype=pl.String).alias(AREA[1]), "period")
    )


def _groups(recent: pl.DataFrame, codelists: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Forms by group in the newest quarter of each place, in the order of the code lists."""
    named = words.labelled(
        recent.filter(
            (pl.col("category_level") == "group")
            & (pl.col("period") == pl.col("period").max().over(*AREA))
        ),
        {"characteristic": "reach_characteristics", "category": "reach_categories"},
        codelists,
    )
    order = [
        pl.col(column).replace_strict(
            _places(codelists.get(name)), default=None, return_dtype=pl.Int64
        )
        for column, name in (
            ("characteristic", "reach_characteristics"),
            ("category", "reach_categories"),
        )
    ]
    return named.sort(*AREA, *order, "characteristic", "category", nulls_last=True).select(
        *(*AREA, "period", "characteristic", "characteristic_label", "category"),
        *("category_label", "forms", "forms_status", "share", "share_status"),
    )


def _places(codelist: pl.DataFrame | None) -> dict[str, int]:
    """Code to its place in the list; that of the last for codes that several groups share."""
    return {} if codelist is None else {code: n for n, code in enumerate(codelist.to_series(0))}


def _explained(row: Mapping[str, Any], names: Sequence[str]) -> Facts:
    """A row with the sentence of each figure that has one."""
    why = {f"{n}_why": words.why(row[f"{n}_status"], _UNAVAILABLE[n]) for n in names}
    return {**row, **why}


def _sentences(quarters: Sequence[Facts]) -> Iterator[str | None]:
    for name in (*EVENTS, *QUERIES):
        for quarter in quarters:
            yield quarter[f"{name}_why"]
