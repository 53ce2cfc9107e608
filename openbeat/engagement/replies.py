"""When a query was answered, and whether its time was over.

Time is elapsed time in UTC, so a change of the clocks neither adds an hour nor takes one. Counting
queries belongs in ``counts``.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from openbeat import codelists
from openbeat.engagement.scope import Scope, first_reason, handled_inside

REPLY_HOURS: Final = 72  # the Neighbourhood Policing Guarantee
_LONDON: Final = ZoneInfo("Europe/London")


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


def judge_feedback(feedback: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """Say of every message whether it is counted, and if not, why not.

    Args:
        feedback: ``conformed_feedback``.
        scope: What the release covers.

    Returns:
        The messages with ``reason`` (of ``withheld_reasons``; null where it is counted: queries
        that may be published, of the whole quarters of the window, received by the end of
        ``as_of`` in London).
    """
    return feedback.with_columns(_reason(scope, scope.first_counted_month).alias("reason"))


def _reason(scope: Scope, since: str) -> pl.Expr:
    return first_reason(
        ("handling", handled_inside()),
        ("not_counted", pl.col("kind").ne_missing("query")),
        ("outside_window", pl.col("month") < since),
        ("after_as_of", moment(pl.col("received_at")) >= end_of(scope.as_of)),
    )


def queries(feedback: pl.DataFrame, scope: Scope, since: str) -> pl.DataFrame:
    """The queries that are counted, with how they stood at the end of ``as_of``.

    Args:
        feedback: ``conformed_feedback``.
        scope: What the release covers.
        since: The first month (``YYYY-MM``).

    Returns:
        period (the quarter), force_id, neighbourhood_id (null too where the release does not know
        it, or the force did not have it that day), theme, source, contributor_ref, ``due`` (72
        hours had passed), ``answered`` (within 72 hours by a meaningful reply), ``took`` (from
        receipt to the meaningful reply; null where there was none).
    """
    outcomes = codelists.load("reply_outcomes").filter(pl.col("meaningful") == "yes")
    received, replied = moment(pl.col("received_at")), moment(pl.col("meaningful_reply_at"))
    meaningful = pl.col("reply_outcome").is_in(outcomes["code"].to_list())
    limit = pl.duration(hours=REPLY_HOURS)
    known = pl.col("neighbourhood_name").is_not_null() & pl.col("neighbourhood_known").ne_missing(
        "no"
    )
    return (
        feedback.filter(_reason(scope, since).is_null())
        .pipe(scope.named, "month")
        .with_columns(
            pl.when(known).then("neighbourhood_id").alias("neighbourhood_id"),
            reply_due(pl.col("received_at"), scope.as_of).alias("due"),
            pl.when(meaningful & (replied <= end_of(scope.as_of)))
            .then(replied - received)
            .alias("took"),
        )
        .select(
            quarter(pl.col("month")).alias("period"),
            *("force_id", "neighbourhood_id", "theme", "source", "contributor_ref", "due"),
            (pl.col("took") <= limit).fill_null(value=False).alias("answered"),
            "took",
        )
    )


def quarter(month: pl.Expr) -> pl.Expr:
    """The quarter of a month: ``2025-06`` is in ``2025-Q2``."""
    number = (month.str.slice(5, 2).cast(pl.Int64) + 2) // 3
    return month.str.slice(0, 4) + "-Q" + number.cast(pl.String)
