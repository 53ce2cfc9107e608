"""The published table ``neighbourhood_profile``: the measures side by side, and flags with reasons.

Absence is not zero: where a force delivers no log of a kind, what would be counted from it is not
available (``x``). How each measure is counted belongs in ``measures``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from openbeat.engagement import measures
from openbeat.engagement.scope import PLACE, YEAR_MONTHS, Scope

# Each count, and the log it is from.
_COUNTS: Final = {
    "months_with_event_12m": "engagement_events",
    "event_coverage_12m": "engagement_events",
    "meetings_12m": "engagement_events",
    "longest_gap_days": "engagement_events",
    "groups_planned_12m": "engagement_plan",
    "groups_reached_12m": "engagement_plan",
    "issues_raised_12m": "issues",
    "issues_due": "issues",
    "issues_closed": "issues",
    "no_feedback_yet": "issues",
    "actions_overdue": "actions",  # and issues: they are counted with those that are published
    "priorities": "priorities",
}
SEEN_MONTHS: Final = 3  # a team that was looked at longer ago may be another by now
# What may not be computable even where there is a log.
_FIGURES: Final = (
    *("days_since_meeting", "notice_days_median", "closure_rate", "median_days_to_feedback"),
    *("concern_rank", "published_rank", "rank_difference"),
)
COLUMNS: Final = (
    *("month", "as_of", "force_id", "force_name", "neighbourhood_id", "neighbourhood_name"),
    *("population", "population_status", "crime_total_12m", "crime_total_12m_status"),
    *("months_with_event_12m", "months_with_event_12m_status"),
    *("event_coverage_12m", "event_coverage_12m_status", "meetings_12m", "meetings_12m_status"),
    *("last_meeting_on", "next_meeting_on", "days_since_meeting", "days_since_meeting_status"),
    *("longest_gap_days", "longest_gap_days_status", "groups_planned_12m"),
    *("groups_planned_12m_status", "groups_reached_12m", "groups_reached_12m_status"),
    *("notice_days_median", "notice_days_median_status", "issues_raised_12m"),
    *("issues_raised_12m_status", "issues_due", "issues_due_status", "issues_closed"),
    *("issues_closed_status", "closure_rate", "closure_rate_status", "no_feedback_yet"),
    *("no_feedback_yet_status", "median_days_to_feedback", "median_days_to_feedback_status"),
    *("actions_overdue", "actions_overdue_status", "priorities", "priorities_status"),
    *("priorities_current", "named_officer", "team_url", "concern_theme", "concern_rank"),
    *("concern_rank_status", "published_rank", "published_rank_status", "rank_difference"),
    *("rank_difference_status", "flags", "flag_reasons"),
)


def neighbourhood_profile(
    scope: Scope,
    *,
    conformed: Mapping[str, pl.DataFrame],
    events: pl.DataFrame,
    issues: pl.DataFrame,
    plan: pl.DataFrame,
    priorities: pl.DataFrame,
    crime: pl.DataFrame,
    crime_summary: pl.DataFrame,
    teams: pl.DataFrame,
) -> pl.DataFrame:
    """One row a neighbourhood of the newest month.

    Args:
        scope: What the release covers.
        conformed: By table; says which forces deliver which logs.
        events: The published ``engagement_events``.
        issues: The published ``you_said_we_did``.
        plan: As ``judge_plan`` gives it.
        priorities: The published ``priorities``.
        crime: The published ``crime``.
        crime_summary: The published ``crime_summary``.
        teams: force_id, neighbourhood_id, named_officers, team_url, seen_on.

    Returns:
        The columns of the contract ``neighbourhood_profile``, by its key.
    """
    parts = (
        _crime_totals(crime_summary, scope),
        measures.event_measures(events, scope),
        measures.issue_measures(issues, scope),
        measures.plan_measures(plan, scope),
        measures.priority_measures(priorities, scope),
        measures.concern_measures(issues, crime, crime_summary, scope),
        _officers(teams, scope),
    )
    table = _places(scope)
    for part in parts:
        table = table.join(part, on=PLACE, how="left", maintain_order="left")
    return (
        table.with_columns(
            pl.col("force_id").is_in(frame["force_id"].unique().implode()).alias(f"has {name}")
            for name, frame in conformed.items()
            if name in _COUNTS.values()
        )
        .with_columns((pl.col("has actions") & pl.col("has issues")).alias("has actions"))
        .pipe(_figures, scope)
        .pipe(_statuses)
        .pipe(_flags, scope)
        .select(COLUMNS)
        .sort("month", *PLACE)
    )


def _places(scope: Scope) -> pl.DataFrame:
    month = scope.months[-1]
    served = scope.neighbourhoods.filter(
        (pl.col("valid_from") <= month)
        & (pl.col("valid_to").is_null() | (pl.col("valid_to") >= month))
    ).select(*PLACE, "population", "population_status")
    return scope.named(served, pl.lit(month)).with_columns(
        pl.lit(month).alias("month"), pl.lit(scope.as_of).alias("as_of")
    )


def _crime_totals(crime_summary: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    return crime_summary.filter(pl.col("month") == scope.months[-1]).select(
        pl.col("area_force_id").alias("force_id"),
        "neighbourhood_id",
        "crime_total_12m",
        "crime_total_12m_status",
    )


def _officers(teams: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    named = pl.when(pl.col("named_officers") > 0).then(pl.lit("yes")).otherwise(pl.lit("no"))
    since = pl.lit(scope.as_of).dt.offset_by(f"-{SEEN_MONTHS}mo")
    known = pl.col("named_officers").is_not_null() & (pl.col("seen_on") >= since)
    return (
        teams.sort(*PLACE, "seen_on", "team_url", nulls_last=False)
        .unique(PLACE, keep="last", maintain_order=True)
        .select(*PLACE, pl.when(known).then(named).alias("named_officer"), "team_url")
    )


def _figures(table: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """The counts, 0 where there is a log and nothing in it, and what follows from them."""
    nothing = {"longest_gap_days": (scope.as_of - scope.year_start).days}
    return (
        table.with_columns(
            pl.when(pl.col(f"has {log}")).then(pl.col(c).fill_null(nothing.get(c, 0))).alias(c)
            for c, log in _COUNTS.items()
            if c != "event_coverage_12m"
        )
        .with_columns(
            (pl.col("months_with_event_12m") / YEAR_MONTHS).round(3).alias("event_coverage_12m"),
            (pl.lit(scope.as_of) - pl.col("last_meeting_on"))
            .dt.total_days()
            .alias("days_since_meeting"),
            pl.when(pl.col("issues_due") > 0)
            .then((pl.col("issues_closed") / pl.col("issues_due")).round(3))
            .alias("closure_rate"),
            pl.when(pl.col("has priorities"))
            .then(pl.col("priorities_current").fill_null("no"))
            .otherwise(pl.lit("not_known"))
            .alias("priorities_current"),
            pl.col("named_officer").fill_null("not_known"),
            pl.col("short_notices").fill_null(0),
        )
        .with_columns(
            pl.when(
                pl.col("crime_total_12m").is_null() & pl.col("crime_total_12m_status").is_null()
            )
            .then(pl.lit("x"))
            .otherwise(pl.col("crime_total_12m_status"))
            .alias("crime_total_12m_status")
        )
    )


def _statuses(table: pl.DataFrame) -> pl.DataFrame:
    doubtful = pl.col("crime_doubtful").fill_null(value=False)
    of_crime = ("published_rank", "rank_difference")
    return table.with_columns(
        pl.when(pl.col(c).is_null())
        .then(pl.lit("x"))
        .when(pl.lit(c in of_crime) & doubtful)
        .then(pl.lit("u"))
        .alias(f"{c}_status")
        for c in (*_COUNTS, *_FIGURES)
    )


def _flags(table: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """Codes of what needs somebody's attention, and in words why each is there."""
    settings, as_of = scope.settings, scope.as_of
    ago = pl.col("days_since_meeting")
    flags: dict[str, tuple[pl.Expr, pl.Expr]] = {
        "no_meeting": (
            pl.col("has engagement_events") & (ago.is_null() | (ago > settings.meeting_days)),
            pl.lit(
                f"no held meeting is published of the {settings.meeting_days} days up to {as_of}"
            ),
        ),
        "stale_priorities": (
            pl.col("priorities_current") == "no",
            pl.lit(f"no open priority was updated in the 3 months up to {as_of}"),
        ),
        "no_feedback": (
            pl.col("no_feedback_yet") > 0,
            pl.format("issues closed without a published answer: {}", "no_feedback_yet"),
        ),
        "overdue_actions": (
            pl.col("actions_overdue") > 0,
            pl.format("actions overdue: {}", "actions_overdue"),
        ),
        "short_notice": (
            pl.col("short_notices") > 0,
            pl.format(
                f"events advertised less than {settings.notice_days} days ahead: {{}}",
                "short_notices",
            ),
        ),
        "no_named_officer": (
            pl.col("named_officer") == "no",
            pl.lit("police.uk names no officer"),
        ),
    }
    codes = [pl.when(test).then(pl.lit(code)) for code, (test, _) in flags.items()]
    reasons = [pl.when(test).then(reason) for test, reason in flags.values()]
    return table.with_columns(
        pl.concat_str(codes, separator=";", ignore_nulls=True).replace("", None).alias("flags"),
        pl.concat_str(reasons, separator="; ", ignore_nulls=True)
        .replace("", None)
        .alias("flag_reasons"),
    )
