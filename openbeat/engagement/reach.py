"""Tables that count people: how soon queries were answered, and whom events reached.

They are kept in the lake until disclosure control stands; no release may hold them. What police
did is counted in ``measures``.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from openbeat import codelists
from openbeat.engagement.published_events import place_level
from openbeat.engagement.scope import PLACE, Scope, handled_inside

REPLY_HOURS: Final = 72  # the Neighbourhood Policing Guarantee
_LONDON: Final = ZoneInfo("Europe/London")
_SECONDS_A_DAY: Final = 86_400
FEEDBACK_COLUMNS: Final = (
    *("quarter", *PLACE, "theme", "received", "due", "answered_72h", "pending"),
    *("median_days_to_reply", "median_days_to_reply_status"),
)
_CATEGORY: Final = ("quarter", "place_level", *PLACE, "characteristic", "category")
REACH_COLUMNS: Final = (
    *_CATEGORY,
    *("attendances", "attendances_status", "forms", "forms_status", "count", "share"),
    *("share_status", "census_share", "census_share_status"),
)


def end_of(day: date) -> datetime:
    """The moment a day ends in London, as UTC without a zone."""
    midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=_LONDON)
    return midnight.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)


def reply_due(received: pl.Expr, as_of: date) -> pl.Expr:
    """Whether the time for a reply was over at the end of a day, London's; to the second, it is.

    Args:
        received: A moment, as text in UTC (``received_at``).
        as_of: The day.
    """
    return moment(received) + pl.duration(hours=REPLY_HOURS) <= end_of(as_of)


def moment(text: pl.Expr) -> pl.Expr:
    """A moment written in UTC, as a time without a zone."""
    return text.str.to_datetime("%Y-%m-%dT%H:%M:%SZ", strict=False)


def feedback_summary(feedback: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """How soon queries had a meaningful reply, by quarter, place and theme.

    Time is elapsed time in UTC, so a change of the clocks neither adds an hour nor takes one.

    Args:
        feedback: ``conformed_feedback``.
        scope: What the release covers.

    Returns:
        The columns of the contract ``feedback_summary``, by its key.
    """
    outcomes = codelists.load("reply_outcomes").filter(pl.col("meaningful") == "yes")
    end = pl.lit(end_of(scope.as_of))
    received, replied = moment(pl.col("received_at")), moment(pl.col("meaningful_reply_at"))
    limit = pl.duration(hours=REPLY_HOURS)
    meaningful = pl.col("reply_outcome").is_in(outcomes["code"].to_list()) & (pl.col("to") <= end)
    took = pl.when(meaningful).then(pl.col("to") - pl.col("from"))
    median = took.median().dt.total_seconds(fractional=True) / _SECONDS_A_DAY
    due = reply_due(pl.col("received_at"), scope.as_of)
    keys = ("quarter", *PLACE, "theme")
    return (
        feedback.filter((pl.col("kind") == "query") & ~handled_inside())
        .filter(pl.col("month").is_between(pl.lit(scope.months[0]), pl.lit(scope.as_of_month)))
        .with_columns(received.alias("from"), replied.alias("to"), quarter("month"))
        .filter(pl.col("from") < end)
        .group_by(keys)
        .agg(
            pl.len().cast(pl.Int64).alias("received"),
            due.sum().cast(pl.Int64).alias("due"),
            (due & (took <= limit)).sum().cast(pl.Int64).alias("answered_72h"),
            (~due).sum().cast(pl.Int64).alias("pending"),
            median.round(3).alias("median_days_to_reply"),
        )
        .with_columns(_unknown("median_days_to_reply"))
        .select(FEEDBACK_COLUMNS)
        .sort(keys)
    )


def engagement_reach(
    participation: pl.DataFrame, events: pl.DataFrame, scope: Scope
) -> pl.DataFrame:
    """Whom held events reached, by quarter, place, one characteristic and its category.

    Each event counts in its neighbourhood and in its force; those of sensitive communities, and
    of communities that are no place, in the force alone. An event that may be the same as another
    is left out.

    Args:
        participation: ``conformed_participation``.
        events: As ``judge_events`` gives them.
        scope: What the release covers.

    Returns:
        The columns of the contract ``engagement_reach``, by its key. An attendance is not a
        person: who comes twice is counted twice.
    """
    held = events.filter(
        (pl.col("status") == "held")
        & pl.col("event_date").is_between(scope.first_day, scope.as_of)
        & ~handled_inside()
    ).select(
        *("event_id", "possible_duplicate_of", *PLACE, "attendance_total"),
        pl.col("month").alias("_month"),
    )
    twice = pl.col("possible_duplicate_of").is_in(held["event_id"].implode())
    held = held.filter(twice.fill_null(value=False).not_())
    rows = (
        participation.filter(~handled_inside())
        .join(held, on="event_id")
        .with_columns(
            quarter("_month"),
            pl.coalesce("attendances", "attendance_total").alias("attendances"),
        )
    )
    force = rows.with_columns(pl.lit(None, dtype=pl.String).alias("neighbourhood_id"))
    placed = rows.filter(pl.col("neighbourhood_id").is_not_null())
    both = pl.concat([placed, force]).with_columns(place_level())
    # The numbers of an event stand on each of its rows, so they are taken once.
    per_event = both.group_by("event_id", *_CATEGORY[:-1]).agg(
        pl.col("attendances").max(), pl.col("forms_returned").max()
    )
    totals = per_event.group_by(_CATEGORY[:-1]).agg(
        _sum("attendances"), _sum("forms_returned").alias("forms")
    )
    share = pl.when(pl.col("forms") > 0).then(pl.col("count") / pl.col("forms"))
    return (
        both.group_by(_CATEGORY)
        .agg(pl.col("count").sum())
        .join(totals, on=_CATEGORY[:-1], how="left", nulls_equal=True)
        .with_columns(
            share.round(4).alias("share"),
            pl.lit(None, dtype=pl.Float64).alias("census_share"),
        )
        .with_columns(_unknown(c) for c in ("attendances", "forms", "share", "census_share"))
        .select(REACH_COLUMNS)
        .sort(_CATEGORY)
    )


def quarter(month: str) -> pl.Expr:
    """The quarter of a month: ``2025-06`` is in ``2025-Q2``."""
    number = (pl.col(month).str.slice(5, 2).cast(pl.Int64) + 2) // 3
    return (pl.col(month).str.slice(0, 4) + "-Q" + number.cast(pl.String)).alias("quarter")


def _sum(column: str) -> pl.Expr:
    """A sum, null where one of the events does not say: a part of it would look like all."""
    return pl.when(pl.col(column).is_not_null().all()).then(pl.col(column).sum()).alias(column)


def _unknown(column: str) -> pl.Expr:
    return pl.when(pl.col(column).is_null()).then(pl.lit("x")).alias(f"{column}_status")
