"""The tasking brief of a force: what its log asks somebody to do now.

Issues of every information type are in it, the internal ones too, as counts and ids. What each
list means is in the docstring of the function that makes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final

import polars as pl

from openbeat import codelists
from openbeat.engagement.replies import reply_due
from openbeat.website import words
from openbeat.website.pages import page

STALE_MONTHS: Final = 3
IDS_SHOWN: Final = 10
QUARTERS_SHOWN: Final = 4
WHOLE_FORCE: Final = "Whole force"
TABLES_USED: Final = ("issues", "feedback", "priorities", "actions", "engagement_events")

Tables = Mapping[str, pl.DataFrame]


def tasking_brief(
    tables: Tables,
    *,
    force_id: str,
    force_name: str,
    profile: pl.DataFrame,
    feedback_times: pl.DataFrame,
    as_of: date,
    meeting_days: int,
) -> str:
    """The tasking brief of one force, as a page.

    Args:
        tables: The conformed tables by the names of the canonical ones; those of ``TABLES_USED``.
        force_id: The force.
        force_name: Its name.
        profile: ``neighbourhood_profile``: says which neighbourhoods there are.
        feedback_times: By quarter, place and theme: due, answered_72h, pending (``counts``).
        as_of: The day up to which the logs are covered.
        meeting_days: Longest that a neighbourhood should be without a meeting.
    """
    own = {name: tables[name].filter(pl.col("force_id") == force_id) for name in TABLES_USED}
    events, priorities = own["engagement_events"], own["priorities"]
    places = (
        profile.filter(pl.col("force_id") == force_id)
        .select("neighbourhood_id", pl.col("neighbourhood_name").alias("name"))
        .sort("name", "neighbourhood_id")
    )
    standing = priorities.filter(_open_on("closed_on", as_of))
    lists = {
        "issues": issues_by_type(own["issues"], as_of),
        "themes": themes(own["issues"], own["feedback"], as_of),
        "replies": replies(feedback_times.filter(pl.col("force_id") == force_id)),
        "unanswered": _named(unanswered(own["feedback"], as_of), places),
        "overdue": _named(overdue_actions(own["actions"], as_of), places),
        "stale": _named(stale_priorities(priorities, as_of), places),
        "past_plans": _named(past_plans(events, as_of), places),
        "no_meeting": without_meeting(events, places, as_of, meeting_days),
    }
    this, last = quarters(as_of)
    held = events.filter((pl.col("status") == "held") & (pl.col("event_date") <= as_of))
    return page(
        "tasking.html",
        force_name=force_name,
        as_of=as_of,
        meeting_days=meeting_days,
        this=this,
        last=last,
        comparable=has_record(own["issues"], own["feedback"], *last),
        any_held=held.height > 0,
        any_priority=standing.height > 0,
        no_priority=places.join(standing, on="neighbourhood_id", how="anti")["name"].to_list(),
        **{name: frame.to_dicts() for name, frame in lists.items()},
    )


def quarters(as_of: date) -> tuple[tuple[date, date], tuple[date, date]]:
    """The three months up to a day, and the three before them: first and last day of each."""
    cut, start = (pl.select(pl.lit(as_of).dt.offset_by(f"-{months}mo")).item() for months in (3, 6))
    day = timedelta(days=1)
    return (cut + day, as_of), (start + day, cut)


def issues_by_type(issues: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Issues by information type, whether they may be published or not.

    Args:
        issues: Conformed issues.
        as_of: The day of the brief.

    Returns:
        label, total (raised up to the day), new (in the last three months), open, inside (of the
        open ones, those that are not for publication), ids (of the open ones, oldest first).
    """
    (first, _), _ = quarters(as_of)
    still_open = pl.col("closed").ne_missing("yes")
    inside = pl.col("handling").ne_missing("publishable")
    return (
        issues.filter(pl.col("raised_on") <= as_of)
        .sort("raised_on", "issue_id")
        .group_by("information_type")
        .agg(
            pl.len().alias("total"),
            (pl.col("raised_on") >= first).sum().alias("new"),
            still_open.sum().alias("open"),
            (still_open & inside).sum().alias("inside"),
            pl.col("issue_id").filter(still_open).alias("ids"),
        )
        .with_columns(_label("information_type", "information_types"), _shortened("ids"))
        .sort("information_type")
    )


def themes(issues: pl.DataFrame, feedback: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Themes that came up more often in the last three months than in the three before.

    Args:
        issues: Conformed issues.
        feedback: Conformed feedback; the day is London's.
        as_of: The day of the brief.

    Returns:
        label, issues and issues_before, feedback and feedback_before (records in each quarter),
        campaign (those of this quarter's feedback that belong to bursts of near-identical
        messages), more (the difference of all); the largest difference first.
    """
    this, last = quarters(as_of)
    now, before = pl.col("day").is_between(*this), pl.col("day").is_between(*last)
    of_issues, of_feedback = pl.col("of") == "issues", pl.col("of") == "feedback"
    return (
        _by_day(issues, feedback)
        .group_by("theme")
        .agg(
            (of_issues & now).sum().cast(pl.Int64).alias("issues"),
            (of_issues & before).sum().cast(pl.Int64).alias("issues_before"),
            (of_feedback & now).sum().cast(pl.Int64).alias("feedback"),
            (of_feedback & before).sum().cast(pl.Int64).alias("feedback_before"),
            (now & pl.col("campaign").is_not_null()).sum().cast(pl.Int64).alias("campaign"),
            (now.sum().cast(pl.Int64) - before.sum().cast(pl.Int64)).alias("more"),
        )
        .filter(pl.col("more") > 0)
        .with_columns(_label("theme", "themes"))
        .sort(["more", "theme"], descending=[True, False])
    )


def has_record(issues: pl.DataFrame, feedback: pl.DataFrame, first: date, last: date) -> bool:
    """Whether anything was logged in some days; if not, they are nothing to compare with."""
    return bool(_by_day(issues, feedback)["day"].is_between(first, last).any())


def _by_day(issues: pl.DataFrame, feedback: pl.DataFrame) -> pl.DataFrame:
    """Issues and feedback together: theme, day, of, campaign."""
    raised = issues.select(
        "theme",
        pl.col("raised_on").alias("day"),
        pl.lit("issues").alias("of"),
        pl.lit(None, dtype=pl.String).alias("campaign"),
    )
    received = feedback.select(
        "theme", _london_day("received_at").alias("day"), pl.lit("feedback").alias("of"), "campaign"
    )
    return pl.concat([raised, received])


def replies(feedback_times: pl.DataFrame) -> pl.DataFrame:
    """How many queries had a meaningful reply in time, in the last four quarters, newest first.

    Args:
        feedback_times: Of one force.

    Returns:
        quarter, due, answered_72h, pending (not due yet).
    """
    return (
        feedback_times.filter((pl.col("place_level") == "force") & (pl.col("theme") == "all"))
        .select(pl.col("period").alias("quarter"), "due", "answered_72h", "pending")
        .sort("quarter", descending=True)
        .head(QUARTERS_SHOWN)
    )


def unanswered(feedback: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Queries without a meaningful reply more than 72 hours after they came, by neighbourhood.

    Args:
        feedback: Conformed feedback.
        as_of: The day of the brief; what counts is how it stood at its end, London's time.

    Returns:
        neighbourhood_id, count, oldest (Date), ids (the oldest first).
    """
    midnight = datetime.combine(as_of + timedelta(days=1), time(), words.LONDON)
    end = pl.lit(midnight).dt.convert_time_zone("UTC")
    outcomes = codelists.load("reply_outcomes").filter(pl.col("meaningful") == "yes")
    replied = (
        (_moment("meaningful_reply_at") <= end)
        & pl.col("reply_outcome").is_in(outcomes["code"].to_list())
    ).fill_null(value=False)
    due = reply_due(pl.col("received_at"), as_of)
    return (
        feedback.filter((pl.col("kind") == "query") & due & ~replied)
        .sort("received_at", "feedback_id")
        .group_by("neighbourhood_id")
        .agg(
            pl.len().alias("count"),
            _london_day("received_at").min().alias("oldest"),
            pl.col("feedback_id").alias("ids"),
        )
        .with_columns(_shortened("ids"))
        .sort("neighbourhood_id")
    )


def overdue_actions(actions: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Actions that were due before the day and not completed by it, the longest overdue first.

    Returns:
        action_id, issue_id, neighbourhood_id, label, due_on, days, owner_org, owner_role.
    """
    late = (pl.col("due_on") < as_of) & _open_on("completed_on", as_of)
    return (
        actions.filter(late)
        .select(
            "action_id",
            "issue_id",
            "neighbourhood_id",
            _label("action_type", "action_types"),
            "due_on",
            (pl.lit(as_of) - pl.col("due_on")).dt.total_days().alias("days"),
            "owner_org",
            "owner_role",
        )
        .sort("due_on", "action_id")
    )


def stale_priorities(priorities: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Open priorities that were not updated within three months of the day, oldest first.

    Returns:
        priority_id, neighbourhood_id, label, updated_on.
    """
    since = pl.lit(as_of).dt.offset_by(f"-{STALE_MONTHS}mo")
    stale = pl.col("updated_on").is_null() | (pl.col("updated_on") < since)
    return (
        priorities.filter(_open_on("closed_on", as_of) & stale)
        .select("priority_id", "neighbourhood_id", _label("theme", "themes"), "updated_on")
        .sort("updated_on", "priority_id", nulls_last=False)
    )


def without_meeting(
    events: pl.DataFrame, places: pl.DataFrame, as_of: date, meeting_days: int
) -> pl.DataFrame:
    """Neighbourhoods without a held meeting for longer than they should be.

    Args:
        events: Conformed events.
        places: neighbourhood_id, name.
        as_of: The day of the brief.
        meeting_days: Longest that it should be.

    Returns:
        neighbourhood_id, name, last (Date), days since, next (Date of the next planned one); those
        without any first.
    """
    methods = codelists.load("engagement_methods").filter(pl.col("is_meeting") == "yes")
    day, status = pl.col("event_date"), pl.col("status")
    meetings = (
        events.filter(pl.col("method").is_in(methods["code"].to_list()))
        .group_by("neighbourhood_id")
        .agg(
            day.filter((status == "held") & (day <= as_of)).max().alias("last"),
            day.filter((status == "planned") & (day > as_of)).min().alias("next"),
        )
    )
    ago = (pl.lit(as_of) - pl.col("last")).dt.total_days()
    return (
        places.join(meetings, on="neighbourhood_id", how="left")
        .with_columns(ago.alias("days"))
        .filter(pl.col("days").is_null() | (pl.col("days") > meeting_days))
        .sort("last", "name", nulls_last=False)
    )


def past_plans(events: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Events that are still called planned though their day is over: held, or called off?

    Returns:
        event_id, neighbourhood_id, label, event_date.
    """
    return (
        events.filter((pl.col("status") == "planned") & (pl.col("event_date") <= as_of))
        .select(
            "event_id", "neighbourhood_id", _label("method", "engagement_methods"), "event_date"
        )
        .sort("event_date", "event_id")
    )


def _open_on(ended: str, as_of: date) -> pl.Expr:
    return pl.col(ended).is_null() | (pl.col(ended) > as_of)


def _label(column: str, codelist: str) -> pl.Expr:
    listed = words.labels(codelists.load(codelist))
    return pl.col(column).replace(listed).fill_null("Not given").alias("label")


def _shortened(column: str) -> pl.Expr:
    """Ids in one line; how many more there are, where they are many."""
    more = pl.col(column).list.len().cast(pl.Int64) - IDS_SHOWN
    return (
        pl.when(more > 0)
        .then(
            pl.format("{} and {} more", pl.col(column).list.head(IDS_SHOWN).list.join(", "), more)
        )
        .otherwise(pl.col(column).list.join(", "))
        .alias(column)
    )


def _moment(column: str) -> pl.Expr:
    return pl.col(column).str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_zone="UTC", strict=False)


def _london_day(column: str) -> pl.Expr:
    return _moment(column).dt.convert_time_zone(words.LONDON.key).dt.date()


def _named(frame: pl.DataFrame, places: pl.DataFrame) -> pl.DataFrame:
    """The rows with ``name``: of the neighbourhood, its id where none is known, or the force."""
    return frame.join(
        places, on="neighbourhood_id", how="left", maintain_order="left"
    ).with_columns(pl.coalesce("name", "neighbourhood_id", pl.lit(WHOLE_FORCE)).alias("name"))
