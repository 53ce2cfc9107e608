"""The published tables ``priorities``, ``activities`` and ``engagement_plan_delivery``.

What police and partners set out to do, and what they did: none of it counts people. Sums over
twelve months belong in ``measures``.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import polars as pl

from openbeat.engagement.published_events import place_level
from openbeat.engagement.scope import (
    PLACE,
    Scope,
    first_reason,
    handled_inside,
    names_sensitive,
    unknown_place,
    with_text_reason,
)

CURRENT_MONTHS: Final = 3  # the Neighbourhood Policing Guarantee's measure
PRIORITY_COLUMNS: Final = (
    *("priority_id", "force_id", "force_name", "neighbourhood_id", "neighbourhood_name", "theme"),
    *("issue", "issue_status", "action", "action_status", "issue_date", "action_date"),
    *("updated_on", "closed_on", "current", "first_seen", "last_seen", "handling"),
)
_ACTIVITY: Final = ("month", *PLACE, "activity_type", "organisation", "organisation_type")
ACTIVITY_COLUMNS: Final = (
    *("month", "force_id", "force_name", "neighbourhood_id", "neighbourhood_name"),
    *("activity_type", "organisation", "organisation_type", "hours", "hours_status", "number"),
    *("number_status", "priorities_served"),
)
_PLAN: Final = ("year", "place_level", *PLACE, "group_code")
PLAN_COLUMNS: Final = (
    *("year", "place_level", "force_id", "force_name", "neighbourhood_id", "neighbourhood_name"),
    *("group_code", "planned", "delivered", "reached"),
)


def judge_priorities(priorities: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """Say of every priority whether it is published, and if not, why not.

    A priority counts from the day it was set (or first seen) to the day it was closed, so an old
    one that is still open is published.

    Args:
        priorities: ``conformed_priorities``.
        scope: What the release covers.

    Returns:
        The priorities with ``force_name``, ``neighbourhood_name``, ``text_reason``, ``reason``.
    """
    since = pl.coalesce("issue_date", "first_seen", "action_date")
    return (
        with_text_reason(priorities, "priorities", scope.settings.allowed_texts)
        .pipe(scope.named, pl.lit(scope.as_of_month))
        .with_columns(
            first_reason(
                ("handling", handled_inside()),
                ("after_as_of", since > scope.as_of),
                ("outside_window", pl.col("closed_on") < scope.first_day),
                ("unknown_place", unknown_place()),
            ).alias("reason")
        )
    )


def priorities_table(judged: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The published priorities; a text that may not be shown is left out, with status ``c``.

    Args:
        judged: As ``judge_priorities`` gives them.
        as_of: The day of the release.

    Returns:
        The columns of the contract ``priorities``, by ``priority_id``.
    """
    shown = pl.col("text_reason").is_null()
    since = pl.lit(as_of).dt.offset_by(f"-{CURRENT_MONTHS}mo")
    still_open = pl.col("closed_on").is_null() | (pl.col("closed_on") > as_of)
    updated = pl.col("issue_date", "action_date").is_between(since, pl.lit(as_of))
    current = still_open & pl.any_horizontal(updated)
    return (
        judged.filter(pl.col("reason").is_null())
        .with_columns(
            *(
                pl.when(pl.col(c).is_null())
                .then(pl.lit("x"))
                .when(~shown)
                .then(pl.lit("c"))
                .alias(f"{c}_status")
                for c in ("issue", "action")
            ),
            *(pl.when(shown).then(pl.col(c)).alias(c) for c in ("issue", "action")),
            pl.when(current).then(pl.lit("yes")).otherwise(pl.lit("no")).alias("current"),
        )
        .select(PRIORITY_COLUMNS)
        .sort("priority_id")
    )


def judge_activities(activities: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """Say of every row of activities whether it counts, and if not, why not.

    Args:
        activities: ``conformed_activities``.
        scope: What the release covers.

    Returns:
        The rows with ``force_name``, ``neighbourhood_name``, ``reason``.
    """
    month = pl.col("month")
    return scope.named(activities, "month").with_columns(
        first_reason(
            ("handling", handled_inside()),
            ("after_as_of", month > scope.as_of_month),
            ("outside_window", (month < scope.months[0]) | month.is_null()),
            ("unknown_place", unknown_place()),
        ).alias("reason")
    )


def activities_table(judged: pl.DataFrame, priorities: pl.Series) -> pl.DataFrame:
    """Activities by month, place, type and organisation.

    Args:
        judged: As ``judge_activities`` gives them.
        priorities: The ids of published priorities, which may be named.

    Returns:
        The columns of the contract ``activities``, by month, place, type and organisation. A sum
        of which some rows say nothing is of low reliability (``u``); one of which none says
        anything is not available (``x``).
    """
    served = pl.col("priority_id")
    served = served.filter(served.is_in(priorities.implode()))
    table = (
        judged.filter(pl.col("reason").is_null())
        .group_by(_ACTIVITY)
        .agg(
            pl.col("force_name", "neighbourhood_name").first(),
            *(pl.col(c).sum().alias(c) for c in ("hours", "number")),
            *(pl.col(c).count().alias(f"{c} given") for c in ("hours", "number")),
            pl.len().alias("rows"),
            served.unique().sort().str.join(";").alias("priorities_served"),
        )
        .with_columns(
            *(
                pl.when(pl.col(f"{c} given") == 0)
                .then(pl.lit("x"))
                .when(pl.col(f"{c} given") < pl.col("rows"))
                .then(pl.lit("u"))
                .alias(f"{c}_status")
                for c in ("hours", "number")
            ),
            # Sums of decimals come out differently in another order.
            *(
                pl.when(pl.col(f"{c} given") > 0).then(pl.col(c).round(2)).alias(c)
                for c in ("hours", "number")
            ),
            pl.when(pl.col("priorities_served") != "").then(pl.col("priorities_served")),
        )
    )
    return table.select(ACTIVITY_COLUMNS).sort(_ACTIVITY)


def judge_plan(plan: pl.DataFrame, events: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """Say of every row of the plan whether it counts, where, and if not, why not.

    Rows of sensitive groups count at force level, and only once their month is over or they are
    delivered. A row that was moved counts in the row it moved to.

    Args:
        plan: ``conformed_engagement_plan``.
        events: ``conformed_engagement_events``: a row whose event was held is delivered.
        scope: What the release covers.

    Returns:
        The rows with ``year``, ``place_level``, ``delivered`` (Boolean), ``neighbourhood_id``
        emptied where the group is sensitive, ``force_name``, ``neighbourhood_name``, ``reason``.
    """
    month, status = pl.col("planned_month"), pl.col("status")
    held = events.filter((pl.col("status") == "held") & (pl.col("event_date") <= scope.as_of))
    came = pl.col("event_id").is_in(held["event_id"].implode()).fill_null(value=False)
    sensitive, delivered = names_sensitive("group_code"), pl.col("delivered")
    ends = (month + "-01").str.to_date("%Y-%m-%d", strict=False).dt.month_end()
    return (
        plan.with_columns(
            ((status == "delivered") | ((status == "planned") & came)).alias("delivered"),
            pl.when(~sensitive).then(pl.col("neighbourhood_id")).alias("neighbourhood_id"),
            month.str.slice(0, 4).cast(pl.Int64, strict=False).alias("year"),
        )
        .with_columns(place_level())
        .pipe(scope.named, "planned_month")
        .with_columns(
            first_reason(
                ("handling", handled_inside()),
                ("sensitive_plan", sensitive & ~delivered & (ends > scope.as_of)),
                ("after_as_of", month > scope.as_of_month),
                ("outside_window", (month < scope.months[0]) | month.is_null()),
                ("part_of_another", status == "moved"),
                ("unknown_place", unknown_place()),
            ).alias("reason")
        )
    )


def plan_table(judged: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """The plan against what was delivered, by year to date, place and group.

    Args:
        judged: As ``judge_plan`` gives them.
        scope: What the release covers.

    Returns:
        The columns of the contract ``engagement_plan_delivery``, by year, place and group.
    """
    counts = (
        judged.filter(pl.col("reason").is_null())
        .group_by(_PLAN)
        .agg(
            pl.len().cast(pl.Int64).alias("planned"),
            pl.col("delivered").sum().cast(pl.Int64),
        )
        .with_columns(
            pl.when(pl.col("delivered") > 0)
            .then(pl.lit("yes"))
            .otherwise(pl.lit("no"))
            .alias("reached")
        )
    )
    named = scope.named(counts, pl.col("year").cast(pl.String) + "-12")
    return named.select(PLAN_COLUMNS).sort(_PLAN)
