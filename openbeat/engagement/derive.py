"""The derived columns of the canonical tables that follow from the table itself.

What each column means is in the contracts ``conformed_<table>``. What needs another table, or the
places, is in ``across``; whether a text was reviewed in ``history``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

import polars as pl

from openbeat import codelists
from openbeat.engagement.across import derive_across
from openbeat.engagement.bursts import campaign
from openbeat.engagement.expressions import day, instant, month, yes, yes_no
from openbeat.engagement.personal_data import found
from openbeat.engagement.tables import TABLES

__all__ = ["derive_across", "derive_alone", "own_date"]

SHORTEST_NOTICE: Final = 7
# Screened beside the texts that would be published. Addresses and references are left out: they
# are what they are, and the screen would see nothing else.
_INSIDE: Final[Mapping[str, tuple[str, ...]]] = {
    "engagement_events": (
        *("organiser_org", "partner_orgs", "formats", "languages", "lead_role"),
        *("evidence_gap", "notes"),
    ),
    "issues": ("text", "owner_org", "owner_role"),
    "actions": ("owner_org", "owner_role", "notes"),
    "feedback": ("free_text", "quote"),
}
# Each pair is in order where the first is no later than the second.
_IN_ORDER: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "actions": (("agreed_on", "due_on"), ("agreed_on", "completed_on")),
    "problem_plans": (("opened_on", "closed_on"),),
    "priorities": (("issue_date", "closed_on"), ("first_seen", "last_seen")),
    "consultations": (
        ("opened_on", "closed_on"),
        ("opened_on", "decided_on"),
        ("closed_on", "decided_on"),
    ),
    "impact_assessments": (("started_on", "due_on"), ("started_on", "reviewed_last_on")),
    "survey_indicators": (("period_start", "period_end"),),
}
_NOT_AFTER_TODAY: Final[Mapping[str, tuple[str, ...]]] = {
    "issues": ("raised_on", "decided_on", "fed_back_on"),
    "actions": ("agreed_on", "completed_on"),
    "priorities": ("issue_date", "action_date"),
}
_SCORES: Final = ("treatment_quality", "outcome_satisfaction")
# Attendances that look made up (rule G6 of the domain paper).
_OUTLIER_TIMES: Final = 5
_REPEATED_TIMES: Final = 4
_ROUND: Final = 10


class _Days(NamedTuple):
    """Today, and the day on which it is judged what is overdue."""

    today: date
    as_of: date


def derive_alone(
    typed: pl.DataFrame,
    table: str,
    today: date,
    *,
    as_of: date | None = None,
    notice_days: int = SHORTEST_NOTICE,
) -> pl.DataFrame:
    """Add the columns that need only the table itself.

    Args:
        typed: From ``conform``.
        table: Its name, as in ``TABLES``.
        today: In London: what lies after it is in the future.
        as_of: The day on which it is judged what is overdue; today by default.
        notice_days: Fewer days of notice are short.

    Returns:
        The frame with the derived columns of its contract, but for those of ``derive_across``,
        those of ``history.reviews`` and source, line, version, repeated_id.
    """
    frame = _dated(typed, table)
    if own := _OWN.get(table):
        frame = own(frame, _Days(today, as_of or today))
    if table == "engagement_events":
        short = pl.col("notice_days").is_between(0, notice_days - 1)
        meant = pl.col("status").is_in(["planned", "held"])
        frame = frame.with_columns(short_notice=yes(short & meant))
    if pairs := _IN_ORDER.get(table):
        frame = frame.with_columns(dates_in_order=in_order(pairs))
    if dates := _NOT_AFTER_TODAY.get(table):
        late = pl.any_horizontal((pl.col(d) > today).fill_null(value=False) for d in dates)
        frame = frame.with_columns(after_today=yes(late))
    return _screened(frame, table)


def in_order(pairs: Sequence[tuple[str, str]]) -> pl.Expr:
    """Whether in each pair of dates the first is no later; one not given is passed over."""
    kept = [(pl.col(first) <= pl.col(then)).fill_null(value=True) for first, then in pairs]
    return yes_no(pl.all_horizontal(kept))


def own_date(table: str) -> pl.Expr | None:
    """The day that a canonical row of text is of, for retention; None where its event says it.

    A record of a month counts as of its last day; what is no date gives null.
    """

    def read(column: str) -> pl.Expr:
        return pl.col(column).str.head(10).str.to_date("%Y-%m-%d", strict=False)

    if table == "participation":
        return None
    if table == "priorities":
        return pl.max_horizontal(read("issue_date"), read("action_date"))
    if table in ("activities", "engagement_plan"):
        column = "month" if table == "activities" else "planned_month"
        first = pl.col(column).str.head(7) + "-01"
        return first.str.to_date("%Y-%m-%d", strict=False).dt.month_end()
    moments = {"engagement_events": "start_at", "feedback": "received_at"}
    return read(moments.get(table, TABLES[table].when))


def _dated(frame: pl.DataFrame, table: str) -> pl.DataFrame:
    """The date and the month a record counts in, where the source does not give them."""
    if table == "engagement_events":
        frame = frame.with_columns(event_date=day("start_at"))
    elif table == "feedback":
        return frame.with_columns(month=month(day("received_at")))
    elif table == "priorities":
        frame = frame.with_columns(updated_on=pl.max_horizontal("issue_date", "action_date"))
    elif table == "engagement_plan":
        return frame.with_columns(month=pl.col("planned_month"))
    elif table in ("activities", "participation"):
        return frame
    return frame.with_columns(month=month(pl.col(TABLES[table].when)))


def _screened(frame: pl.DataFrame, table: str) -> pl.DataFrame:
    public = TABLES[table].texts
    inside = _INSIDE.get(table, ())
    if not public and not inside:
        return frame
    frame = frame.with_columns(personal_data=found([*public, *inside]))
    return frame.with_columns(personal_data_public=found(public)) if public else frame


def _events(frame: pl.DataFrame, days: _Days) -> pl.DataFrame:
    held = pl.col("status") == "held"
    described = pl.col("participants_described").is_not_null()
    number = pl.col("attendance_total").is_not_null()
    unrecorded = pl.col("attendance_method").eq_missing(pl.lit("not_recorded"))
    on, decided = pl.col("event_date"), pl.col("decision_date")
    early = (pl.col("stage") == "before_decision") & (on > decided)
    late = (pl.col("stage") == "after_decision") & (on < decided)
    return frame.with_columns(
        ends_before_start=yes(instant("end_at") < instant("start_at")),
        held_after_today=yes(held & (on > days.today)),
        planned_in_past=yes((pl.col("status") == "planned") & (on < days.as_of)),
        participants_block=pl.when(held & described & number)
        .then(pl.lit("number"))
        .when(held & described & unrecorded)
        .then(pl.lit("not_recorded"))
        .when(held)
        .then(pl.lit("missing")),
        notice_days=(on - pl.col("advertised_on")).dt.total_days(),
        first_time_over_attendance=yes(pl.col("first_time_attendees") > pl.col("attendance_total")),
        adjustments_over_requested=yes(
            pl.col("adjustments_provided") > pl.col("adjustments_requested")
        ),
        attendance_odd=_attendance_odd(),
        stage_disagrees=yes(early | late),
    )


def _attendance_odd() -> pl.Expr:
    """More than five times the series' median, or a round number four times in one series.

    Events of no series are held against those of their organiser in the neighbourhood for round
    numbers only: there is no median of unlike events.
    """
    people = pl.when(pl.col("status") == "held").then(pl.col("attendance_total"))
    series = ["force_id", "series_id"]
    median = people.median().over(series)
    outlier = pl.col("series_id").is_not_null() & (median > 0) & (people > _OUTLIER_TIMES * median)
    place = pl.concat_str("neighbourhood_id", "organiser_org", separator="\x1f")
    alike = pl.struct("force_id", pl.coalesce("series_id", place), people.alias("people"))
    named = pl.coalesce("series_id", place).is_not_null()
    is_round = (people > 0) & (people % _ROUND == 0)
    repeated = named & is_round & (people.len().over(alike) >= _REPEATED_TIMES)
    return pl.when(outlier).then(pl.lit("outlier")).when(repeated).then(pl.lit("repeated"))


def _participation(frame: pl.DataFrame, _days: _Days) -> pl.DataFrame:
    listed = codelists.load("monitoring_categories").select("code", of="characteristic")
    of = pl.col("category").replace_strict(listed["code"], listed["of"], default=None)
    fits = (of == "any") | (of == pl.col("characteristic"))
    return frame.with_columns(category_fits=yes_no(fits.fill_null(value=False)))


def _issues(frame: pl.DataFrame, _days: _Days) -> pl.DataFrame:
    closing = codelists.load("issue_statuses").filter(pl.col("closed") == "yes")["code"]
    return frame.with_columns(closed=yes(pl.col("status").is_in(closing.implode())))


def _actions(frame: pl.DataFrame, days: _Days) -> pl.DataFrame:
    done = pl.col("completed_on").is_not_null()
    return frame.with_columns(
        completed_without_result=yes(done & pl.col("result").is_null()),
        overdue=yes((pl.col("due_on") < days.as_of) & ~done),
    )


def _activities(frame: pl.DataFrame, days: _Days) -> pl.DataFrame:
    return frame.with_columns(after_today=yes(pl.col("month") > f"{days.today:%Y-%m}"))


def _feedback(frame: pl.DataFrame, days: _Days) -> pl.DataFrame:
    received = instant("received_at")
    seconds = (instant("meaningful_reply_at") - received).dt.total_seconds()
    # Away from nought: a second past 72 hours is past them, a second too early is too early.
    minutes = pl.when(seconds < 0).then((seconds / 60).floor()).otherwise((seconds / 60).ceil())
    wrong = {name: pl.col(name).is_between(1, 5).not_() for name in _SCORES}
    return frame.with_columns(
        received_after_today=yes(day("received_at") > days.today),
        reply_minutes=minutes.cast(pl.Int64),
        acknowledged_before_received=yes(instant("acknowledged_at") < received),
        campaign=campaign(frame),
        score_faults=pl.concat_str(
            [pl.when(fault).then(pl.lit(name)) for name, fault in wrong.items()],
            separator="; ",
            ignore_nulls=True,
        ).replace("", None),
        **{name: pl.when(~fault).then(pl.col(name)) for name, fault in wrong.items()},
    )


def _consultations(frame: pl.DataFrame, _days: _Days) -> pl.DataFrame:
    of_duty = pl.col("statutory_basis").is_in(["s14_plan", "s14_precept"])
    end = pl.coalesce("closed_on", "opened_on")
    return frame.with_columns(
        closed_after_issue=yes(of_duty & (end > pl.col("plan_or_precept_date")))
    )


def _assessments(frame: pl.DataFrame, days: _Days) -> pl.DataFrame:
    due, reviewed = pl.col("due_on"), pl.col("reviewed_last_on")
    unreviewed = (reviewed.is_null() | (reviewed < due)) & (pl.col("status") != "closed")
    return frame.with_columns(review_overdue=yes((due < days.as_of) & unreviewed))


def _indicators(frame: pl.DataFrame, _days: _Days) -> pl.DataFrame:
    ordered = in_order((("ci_low", "estimate"), ("estimate", "ci_high")))
    return frame.with_columns(interval_in_order=ordered)


_OWN: Final[Mapping[str, Callable[[pl.DataFrame, _Days], pl.DataFrame]]] = {
    "engagement_events": _events,
    "participation": _participation,
    "issues": _issues,
    "actions": _actions,
    "activities": _activities,
    "feedback": _feedback,
    "consultations": _consultations,
    "impact_assessments": _assessments,
    "survey_indicators": _indicators,
}
