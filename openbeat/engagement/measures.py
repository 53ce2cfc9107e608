"""What is counted for each neighbourhood over the twelve months up to the day of a release.

Everything is counted from rows that are published at neighbourhood level, so that anybody can count
it again, and nothing withheld shows in a difference. It is of what police do; people are counted in
``reach`` only. The exact definitions are in the contract ``neighbourhood_profile``. Where a force
delivers no log of a kind, and the flags, are seen to in ``profile``.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import polars as pl

from openbeat import codelists
from openbeat.engagement.answers import NO_FEEDBACK
from openbeat.engagement.scope import PLACE, YEAR_MONTHS, Scope

SETTLING_DAYS: Final = 90  # an issue younger than this need not be closed yet
ANSWERED: Final = ("action_taken", "no_action", "referred_partner")


def event_measures(events: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """Events, meetings and notice.

    Args:
        events: The published ``engagement_events``.
        scope: What the release covers.

    Returns:
        One row a neighbourhood with a published event: months_with_event_12m, meetings_12m,
        last_meeting_on, next_meeting_on, longest_gap_days, notice_days_median, short_notices.
    """
    day, status = pl.col("event_date"), pl.col("status")
    meeting = pl.col("is_meeting") == "yes"
    held = (status == "held") & (day <= scope.as_of)
    year = day >= scope.year_start
    announced = (held | ((status == "planned") & (day > scope.as_of))) & year
    announced &= pl.col("possible_duplicate_of").is_null()
    # Two records that may be of the same event count once.
    once = pl.coalesce("possible_duplicate_of", "event_id")
    notice = pl.col("notice_days").filter(announced)
    rows = events.filter(pl.col("place_level") == "neighbourhood")
    measured = rows.group_by(PLACE).agg(
        pl.col("month")
        .filter(held & year)
        .n_unique()
        .cast(pl.Int64)
        .alias("months_with_event_12m"),
        once.filter(held & meeting & year).n_unique().cast(pl.Int64).alias("meetings_12m"),
        day.filter(held & meeting).max().alias("last_meeting_on"),
        day.filter((status == "planned") & meeting & (day > scope.as_of))
        .min()
        .alias("next_meeting_on"),
        notice.median().alias("notice_days_median"),
        (notice < scope.settings.notice_days).sum().cast(pl.Int64).alias("short_notices"),
    )
    meetings = rows.filter(held & meeting & year).select(*PLACE, "event_date")
    return measured.join(_longest_gaps(meetings, scope), on=PLACE, how="left")


def _longest_gaps(meetings: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """The most days without a meeting, the ends of the twelve months being bounds."""
    places = meetings.select(PLACE).unique()
    bounds = [
        places.with_columns(pl.lit(day).alias("event_date"))
        for day in (scope.year_start, scope.as_of)
    ]
    return (
        pl.concat([meetings, *bounds])
        .sort(*PLACE, "event_date")
        .group_by(PLACE)
        .agg(pl.col("event_date").diff().max().dt.total_days().alias("longest_gap_days"))
    )


def issue_measures(issues: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """Issues raised, closed and answered, and actions that are late.

    Args:
        issues: The published ``you_said_we_did``.
        scope: What the release covers.

    Returns:
        One row a neighbourhood with a published issue: issues_raised_12m, issues_due,
        issues_closed, no_feedback_yet, median_days_to_feedback, actions_overdue. Issues that
        repeat another are in none of them.
    """
    raised, told = pl.col("raised_on"), pl.col("fed_back_on")
    since = max(scope.first_day, scope.year_start - timedelta(days=SETTLING_DAYS))
    due = raised.is_between(since, scope.as_of - timedelta(days=SETTLING_DAYS))
    answered = pl.col("status").is_in(ANSWERED)
    counted: dict[str, pl.Expr] = {
        "issues_raised_12m": raised.is_between(scope.year_start, scope.as_of),
        "issues_due": due,
        "issues_closed": due & answered,
        "no_feedback_yet": pl.col("status") == NO_FEEDBACK,
    }
    return (
        issues.filter(
            (pl.col("place_level") == "neighbourhood") & (pl.col("status") != "duplicate")
        )
        .group_by(PLACE)
        .agg(
            *(test.sum().cast(pl.Int64).alias(name) for name, test in counted.items()),
            pl.col("days_to_feedback")
            .filter(told.is_between(scope.year_start, scope.as_of))
            .median()
            .alias("median_days_to_feedback"),
            pl.col("overdue_actions").sum().alias("actions_overdue"),
        )
    )


def plan_measures(plan: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """Groups that the plan names, and those of them that were reached.

    Args:
        plan: As ``judge_plan`` gives it.
        scope: What the release covers.

    Returns:
        One row a neighbourhood with a plan: groups_planned_12m, groups_reached_12m.
    """
    group = pl.col("group_code")
    return (
        plan.filter(
            pl.col("reason").is_null()
            & (pl.col("place_level") == "neighbourhood")
            & pl.col("planned_month").is_in(scope.year_months)
        )
        .group_by(PLACE)
        .agg(
            group.n_unique().cast(pl.Int64).alias("groups_planned_12m"),
            group.filter(pl.col("delivered")).n_unique().cast(pl.Int64).alias("groups_reached_12m"),
        )
    )


def priority_measures(priorities: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """Open priorities, and whether one of them is current.

    Args:
        priorities: The published ``priorities``.
        scope: What the release covers.

    Returns:
        One row a neighbourhood with a published priority: priorities, priorities_current.
    """
    still_open = pl.col("closed_on").is_null() | (pl.col("closed_on") > scope.as_of)
    current = (pl.col("current") == "yes").any()
    return (
        priorities.filter(pl.col("neighbourhood_id").is_not_null())
        .group_by(PLACE)
        .agg(
            still_open.sum().cast(pl.Int64).alias("priorities"),
            pl.when(current)
            .then(pl.lit("yes"))
            .otherwise(pl.lit("no"))
            .alias("priorities_current"),
        )
    )


def concern_measures(
    issues: pl.DataFrame, crime: pl.DataFrame, crime_summary: pl.DataFrame, scope: Scope
) -> pl.DataFrame:
    """What people raise most beside what is published on police.uk; it says nothing of causes.

    Args:
        issues: The published ``you_said_we_did``.
        crime: The published ``crime``.
        crime_summary: The published ``crime_summary``.
        scope: What the release covers.

    Returns:
        One row a neighbourhood with such an issue: concern_theme, concern_rank, published_rank,
        rank_difference, and crime_doubtful (Boolean: the neighbourhood was redrawn in the year).
    """
    rank = pl.col("n").rank("min", descending=True).over(PLACE).cast(pl.Int64)
    raised = issues.filter(
        (pl.col("place_level") == "neighbourhood")
        & (pl.col("status") != "duplicate")
        & pl.col("crime_type").is_not_null()
        & pl.col("raised_on").is_between(scope.year_start, scope.as_of)
    )
    types = (
        raised.group_by(*PLACE, "crime_type")
        .agg(pl.len().alias("n"))
        .select(*PLACE, "crime_type", rank.alias("concern_rank"))
    )
    themes = (
        raised.group_by(*PLACE, "theme")
        .agg(pl.len().alias("n"))
        .sort(*PLACE, "n", "theme", descending=[False, False, True, False])
        .unique(PLACE, keep="first", maintain_order=True)
        .select(*PLACE, pl.col("theme").alias("concern_theme"))
    )
    listed = codelists.load("themes").select(pl.col("code").alias("concern_theme"), "crime_type")
    published = _published_ranks(crime, crime_summary, scope)
    return (
        themes.join(listed, on="concern_theme")
        .join(types, on=[*PLACE, "crime_type"])
        .join(published, on=[*PLACE, "crime_type"], how="left")
        .with_columns(
            (pl.col("published_rank") - pl.col("concern_rank")).alias("rank_difference"),
            pl.col("crime_doubtful").fill_null(value=False),
        )
        .drop("crime_type")
    )


def _published_ranks(
    crime: pl.DataFrame, crime_summary: pl.DataFrame, scope: Scope
) -> pl.DataFrame:
    """The rank of each crime type in the newest 12 months, where all of them are usable."""
    months = list(scope.months)[-YEAR_MONTHS:]
    area = {"area_force_id": "force_id"}
    status = pl.col("crime_total_12m_status")
    usable = (
        crime_summary.rename(area)
        .filter((pl.col("month") == months[-1]) & status.ne_missing("x"))
        .filter(pl.lit(len(months) == YEAR_MONTHS))
        .select(*PLACE, (status == "u").fill_null(value=False).alias("crime_doubtful"))
    )
    return (
        crime.filter((pl.col("place") == "neighbourhood") & pl.col("month").is_in(months))
        .drop("force_id", "force_name")
        .rename(area)
        .join(usable, on=PLACE)
        .group_by(*PLACE, "crime_type", "crime_doubtful")
        .agg(pl.col("count").sum().alias("n"))
        .select(
            *PLACE,
            "crime_type",
            "crime_doubtful",
            pl.col("n")
            .rank("min", descending=True)
            .over(PLACE)
            .cast(pl.Int64)
            .alias("published_rank"),
        )
    )
