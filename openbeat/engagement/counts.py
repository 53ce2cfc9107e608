"""Counts of people, as the records have them: whom events reached, and what people asked.

These are true numbers. They stay in the lake, and leave it only through disclosure control; what
may be published of them is decided in ``openbeat.disclosure``. What police did is counted in
``measures``, when queries were answered is told in ``replies``.

Every table here has cells, named by ``CELL_KEY``:

``set``           ``engagement`` or ``feedback``
``measure``       engagement: ``forms``, ``attendances``, ``no_form`` (attendances without a form);
                  feedback: ``received``, ``answered_72h``, ``not_answered_72h``
``period``        a quarter, ``2025-Q2``
``place_level``   ``neighbourhood``; ``unplaced`` (of the force only); ``force`` (all of it)
``dimension``     what the item is of: ``all``, a characteristic, ``event`` or ``theme``
``item``          ``all``, a group or category (``reach_categories``), an event's id, a theme

A cell that is not there has no number, or, where its place has no cell at all, is zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from openbeat import codelists
from openbeat.engagement.replies import judge_feedback, quarter, queries
from openbeat.engagement.scope import Scope, first_reason, handled_inside

__all__ = [
    "CELL_KEY",
    "COLUMNS",
    "TIMES",
    "engagement_counts",
    "feedback_counts",
    "feedback_times",
    "judge_feedback",
    "judge_participation",
]

_PLACE: Final = ("period", "place_level", "force_id", "neighbourhood_id")
CELL_KEY: Final = ("set", "measure", *_PLACE, "dimension", "item")
COLUMNS: Final = (*CELL_KEY, "value", "people", "listed")
TIMES: Final = (
    *(*_PLACE, "theme", "received", "due", "answered_72h", "pending", "replies"),
    "median_days_to_reply",
)
_ALL: Final = "all"
_NOT_KNOWN: Final = "not_known"
_SECONDS_A_DAY: Final = 86_400
_ITEM: Final = ("measure", "dimension", "item")


def engagement_counts(
    participation: pl.DataFrame, events: pl.DataFrame, scope: Scope
) -> pl.DataFrame:
    """Whom held events reached, by quarter and place; the cells that are not zero, and the zeros.

    An event counts where it is published, was held in a whole quarter of the window, and is no
    second record of another. Those of sensitive communities and of communities that are no place
    are ``unplaced``. The forms of an event are ``forms_returned``, or the sum over a
    characteristic where that is more; those that say nothing of a characteristic are in its group
    ``not_known``. Attendances are those of the log of events, else those of participation; where
    they would be fewer than the forms they are not known.

    Args:
        participation: ``conformed_participation``.
        events: As ``judge_events`` gives them.
        scope: What the release covers.

    Returns:
        ``COLUMNS``, by ``CELL_KEY``: ``value`` (an attendance is not a person: who comes twice is
        counted twice), ``people`` (no fewer different people are behind it: the largest share
        that one event has in it), ``listed`` (no for the attendances of an event of a sensitive
        community, which no table names). Places with an event that counts have every group, and
        but for neighbourhoods every category, zeros too. ``attendances`` and ``no_form`` of a
        place are there only where each of its events says them.
    """
    known = codelists.load("reach_categories")
    counted = _counted_events(events, scope)
    forms = judge_participation(participation, events, scope).filter(pl.col("reason").is_null())
    held = _with_numbers(counted, forms)
    parts = pl.concat([_groups(held, forms, known), _totals(held)])
    placed = _at_places(held.select("event_id", "period", "force_id", "neighbourhood_id"))
    sums = (
        parts.join(placed, on="event_id")
        .group_by(*_PLACE, *_ITEM)
        .agg(pl.col("value").sum(), pl.col("value").max().alias("people"))
    )
    said = _at_places(held).group_by(_PLACE).agg(pl.col("attendances").is_not_null().all())
    return _cells(
        "engagement",
        pl.concat([_dense(sums, _items_of(said, known)), _event_cells(held)], how="diagonal"),
    )


def judge_participation(
    participation: pl.DataFrame, events: pl.DataFrame, scope: Scope
) -> pl.DataFrame:
    """Say of every record of participation whether it is counted.

    Args:
        participation: ``conformed_participation``.
        events: As ``judge_events`` gives them.
        scope: What the release covers.

    Returns:
        The records with ``reason``: ``handling``, ``not_counted`` (its event is not), or null.
    """
    ids = _counted_events(events, scope)["event_id"]
    return participation.with_columns(
        first_reason(
            ("handling", handled_inside()),
            ("not_counted", pl.col("event_id").is_in(ids.implode()).not_()),
        ).alias("reason")
    )


def _counted_events(events: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """event_id, period, force_id, neighbourhood_id, sensitive, attendance_total."""
    held = events.filter(
        (pl.col("status") == "held")
        & pl.col("reason").is_null()
        & (pl.col("month") >= scope.first_counted_month)
    )
    again = pl.col("possible_duplicate_of").is_in(held["event_id"].implode())
    return held.filter(again.fill_null(value=False).not_()).select(
        *("event_id", quarter(pl.col("month")).alias("period"), "force_id", "neighbourhood_id"),
        *("sensitive", "attendance_total"),
    )


def _with_numbers(counted: pl.DataFrame, forms: pl.DataFrame) -> pl.DataFrame:
    """The events with ``forms`` and ``attendances``; the latter null where not known."""
    # The numbers of an event stand on each of its rows, so they are taken once.
    by_event = (
        forms.group_by("event_id", "characteristic")
        .agg(pl.col("count").sum(), pl.col("forms_returned", "attendances").max())
        .group_by("event_id")
        .agg(
            pl.max_horizontal(pl.col("count").max(), pl.col("forms_returned").max()).alias("forms"),
            pl.col("attendances").max(),
        )
    )
    came = pl.coalesce("attendance_total", "attendances")
    return (
        counted.join(by_event, on="event_id", how="left", maintain_order="left")
        .with_columns(pl.col("forms").fill_null(0))
        .with_columns(pl.when(came >= pl.col("forms")).then(came).alias("attendances"))
    )


def _groups(held: pl.DataFrame, forms: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """What each event has in each group and category: event_id, ``_ITEM``, value."""
    listed = known.filter(pl.col("level") != "total").select(
        "characteristic",
        pl.col("code").alias("category"),
        pl.coalesce("group", "code").alias("group"),
        (pl.col("level") == "category").alias("of_many"),
    )
    rows = forms.select("event_id", "characteristic", "category", "count").join(
        listed, on=["characteristic", "category"]
    )
    by_group = rows.group_by("event_id", "characteristic", pl.col("group").alias("item"))
    by_category = rows.filter("of_many").group_by(
        "event_id", "characteristic", pl.col("category").alias("item")
    )
    groups = by_group.agg(pl.col("count").sum().alias("value"))
    said = groups.group_by("event_id", "characteristic").agg(pl.col("value").sum().alias("said"))
    unsaid = (
        held.filter(pl.col("forms") > 0)
        .select("event_id", "forms")
        .join(pl.DataFrame({"characteristic": codelists.codes("characteristics")}), how="cross")
        .join(said, on=["event_id", "characteristic"], how="left")
        .select(
            "event_id",
            "characteristic",
            pl.lit(_NOT_KNOWN).alias("item"),
            (pl.col("forms") - pl.col("said").fill_null(0)).alias("value"),
        )
    )
    return pl.concat(
        [groups, by_category.agg(pl.col("count").sum().alias("value")), unsaid]
    ).select(
        "event_id",
        pl.lit("forms").alias("measure"),
        pl.col("characteristic").alias("dimension"),
        "item",
        "value",
    )


def _totals(held: pl.DataFrame) -> pl.DataFrame:
    """Forms, attendances, and attendances without a form, of each event; as ``_groups``."""
    values = {
        "forms": pl.col("forms"),
        "attendances": pl.col("attendances"),
        "no_form": pl.col("attendances") - pl.col("forms"),
    }
    return pl.concat(
        held.select("event_id", *_item(measure, _ALL, _ALL), value.alias("value"))
        for measure, value in values.items()
    )


def _event_cells(held: pl.DataFrame) -> pl.DataFrame:
    """The attendances of each event, where they are known."""
    by_place = _at_places(held).filter(pl.col("place_level") != "force")
    return by_place.filter(pl.col("attendances").is_not_null()).select(
        *_PLACE,
        *_item("attendances", "event", _ALL)[:2],
        pl.col("event_id").alias("item"),
        pl.col("attendances").alias("value"),
        pl.col("attendances").alias("people"),
        (pl.col("sensitive") != "yes").alias("listed"),
    )


def _items_of(said: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """The cells that each place has, those that are zero too.

    Args:
        said: ``_PLACE`` and ``attendances``: whether each of its events says them.
        known: The code list ``reach_categories``.
    """
    characteristics = pl.DataFrame({"dimension": codelists.codes("characteristics")})
    of_one = pl.col("characteristic") != "any"
    items = pl.concat(
        [
            known.filter((pl.col("level") != "total") & of_one).select(
                pl.col("characteristic").alias("dimension"), pl.col("code").alias("item"), "level"
            ),
            characteristics.select(
                "dimension", pl.lit(_NOT_KNOWN).alias("item"), pl.lit("group").alias("level")
            ),
            pl.DataFrame({"dimension": [_ALL], "item": [_ALL], "level": ["total"]}),
        ]
    ).with_columns(pl.lit("forms").alias("measure"))
    kept = (pl.col("level") != "category") | (pl.col("place_level") != "neighbourhood")
    forms = said.join(items, how="cross").filter(kept).select(*_PLACE, *_ITEM)
    full = said.filter("attendances")
    return pl.concat(
        [
            forms,
            *(full.select(*_PLACE, *_item(m, _ALL, _ALL)) for m in ("attendances", "no_form")),
        ]
    )


def feedback_counts(feedback: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """Queries by quarter, place and theme, and whether they were answered within 72 hours.

    A query that names no neighbourhood the force had is ``unplaced``. Only of a quarter that is
    over for 72 hours is every query due, so only there does ``not_answered_72h`` say what it says.

    Args:
        feedback: ``conformed_feedback``.
        scope: What the release covers.

    Returns:
        ``COLUMNS``, by ``CELL_KEY``. ``people``: no fewer different people are behind it. It is
        the number of different ``contributor_ref`` in the source that has most of them, since the
        same person may write to two; 1 where none is known. Places with a query have every theme,
        zeros too.
    """
    rows = _at_places(queries(feedback, scope, scope.first_counted_month))
    answer = pl.when("answered").then(pl.lit("answered_72h")).otherwise(pl.lit("not_answered_72h"))
    long = pl.concat(
        [
            rows.with_columns(_item("received", _ALL, _ALL)),
            rows.with_columns(*_item("received", "theme", _ALL)[:2], pl.col("theme").alias("item")),
            rows.with_columns(answer.alias("measure"), *_item("", _ALL, _ALL)[1:]),
        ]
    )
    sums = (
        long.group_by(*_PLACE, *_ITEM, "source")
        .agg(
            pl.len().cast(pl.Int64).alias("value"),
            pl.col("contributor_ref").drop_nulls().n_unique().cast(pl.Int64).alias("people"),
        )
        .group_by(*_PLACE, *_ITEM)
        .agg(pl.col("value").sum(), pl.col("people").max().clip(1))
    )
    places = rows.select(_PLACE).unique()
    themes = pl.DataFrame({"item": codelists.codes("themes")})
    every = pl.concat(
        [
            *(
                places.select(*_PLACE, *_item(measure, _ALL, _ALL))
                for measure in ("received", "answered_72h", "not_answered_72h")
            ),
            places.join(themes, how="cross").select(
                *_PLACE, *_item("received", "theme", _ALL)[:2], "item"
            ),
        ]
    )
    return _cells("feedback", _dense(sums, every))


def feedback_times(feedback: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """How soon queries had a meaningful reply, by quarter, place and theme.

    For the lake only: these are true numbers of people's messages. A quarter that the window cuts
    is there as far as it goes, without a median, so that the pages that stay inside have it.

    Args:
        feedback: ``conformed_feedback``.
        scope: What the release covers.

    Returns:
        ``TIMES``, by quarter, place (levels as in ``feedback_counts``) and theme (``all`` for
        every theme together); only where there are queries. ``due``: 72 hours had passed by the
        end of ``as_of``; ``answered_72h``: of those due, with a meaningful reply in that time;
        ``pending``: not due yet; ``replies``: had a meaningful reply by then, whenever;
        ``median_days_to_reply``: over these, null where there is none.
    """
    rows = _at_places(queries(feedback, scope, scope.months[0]))
    first_whole = pl.select(quarter(pl.lit(scope.first_counted_month))).item()
    median = pl.col("took").median().dt.total_seconds(fractional=True) / _SECONDS_A_DAY
    due = pl.col("due")
    return (
        pl.concat([rows, rows.with_columns(pl.lit(_ALL).alias("theme"))])
        .group_by(*_PLACE, "theme")
        .agg(
            pl.len().cast(pl.Int64).alias("received"),
            due.sum().cast(pl.Int64).alias("due"),
            (due & pl.col("answered")).sum().cast(pl.Int64).alias("answered_72h"),
            (~due).sum().cast(pl.Int64).alias("pending"),
            pl.col("took").count().cast(pl.Int64).alias("replies"),
            median.round(3).alias("median_days_to_reply"),
        )
        .with_columns(
            pl.when(pl.col("period") >= first_whole)
            .then("median_days_to_reply")
            .alias("median_days_to_reply")
        )
        .select(TIMES)
        .sort(*_PLACE, "theme")
    )


def _at_places(rows: pl.DataFrame) -> pl.DataFrame:
    """Each row twice, with ``place_level``: at its own place, and in its whole force."""
    own = pl.when(pl.col("neighbourhood_id").is_null()).then(pl.lit("unplaced"))
    return pl.concat(
        [
            rows.with_columns(own.otherwise(pl.lit("neighbourhood")).alias("place_level")),
            rows.with_columns(
                pl.lit(None, dtype=pl.String).alias("neighbourhood_id"),
                pl.lit("force").alias("place_level"),
            ),
        ]
    )


def _item(measure: str, dimension: str, item: str) -> Sequence[pl.Expr]:
    return [
        pl.lit(text).alias(name)
        for name, text in zip(_ITEM, (measure, dimension, item), strict=True)
    ]


def _dense(sums: pl.DataFrame, every: pl.DataFrame) -> pl.DataFrame:
    """The cells that there are, with their numbers; zero where nobody is behind them."""
    return every.join(sums, on=[*_PLACE, *_ITEM], how="left", nulls_equal=True).with_columns(
        pl.col("value", "people").fill_null(0), pl.lit(value=True).alias("listed")
    )


def _cells(name: str, cells: pl.DataFrame) -> pl.DataFrame:
    return cells.with_columns(pl.lit(name).alias("set")).select(COLUMNS).sort(CELL_KEY)
