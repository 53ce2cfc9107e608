"""Which published tables a workbook shows, with which columns, and what people call them.

Only choices and wording belong here. A workbook is a selection for people who read and filter; the
whole of every table is in the release's CSV and Parquet files, and each sheet says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import polars as pl

Since = Literal["newest", "year", "all"]
MAX_ROWS: Final = 20_000
"""The most rows of a sheet: what a person can still work with; the newest are kept."""


@dataclass(frozen=True)
class RowSheet:
    """A sheet that shows the rows of one table.

    Attributes:
        name: The sheet's.
        table: The published table.
        title: Its title; ``{force}``, ``{month}``, ``{since}`` and ``{as_of}`` are filled in.
        columns: Published columns in order; statuses and codes' labels come by themselves.
        force: The column that holds the force.
        order: Columns to sort by, newest first for those in ``newest_first``.
        newest_first: Those of ``order`` that run backwards.
        keep: The rows shown, given the newest crime month and the first of
            the twelve months of engagement; None for all.
        row_status: A status that stands for all numbers of a row.
        line: A sentence on what is shown.
        marks: Whether numbers can be marked ``[u]``, ``[p]`` or ``[r]``.
        notes: Ids of the notes that apply.
    """

    name: str
    table: str
    title: str
    columns: tuple[str, ...]
    force: str = "force_id"
    order: tuple[str, ...] = ()
    newest_first: tuple[str, ...] = ()
    keep: Callable[[str, str], pl.Expr] | None = None
    row_status: str | None = None
    line: str = ""
    marks: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlaceSheet:
    """A sheet of counts in each neighbourhood, a column a month of the last twelve.

    Attributes:
        name: The sheet's.
        table: The published table of counts.
        dataset: The dataset whose coverage says whether a month was submitted.
        title: Its title, to which force and months are added.
        column: The column that is counted by.
        heading: What people call it.
        keep: The rows counted; None for all.
        notes: Ids of the notes that apply.
        dense: Whether a neighbourhood has a row for everything counted in the force's area; else
            only for what was counted there.
    """

    name: str
    table: str
    dataset: str
    title: str
    column: str
    heading: str
    keep: pl.Expr | None = None
    notes: tuple[str, ...] = ()
    dense: bool = True


@dataclass(frozen=True)
class SummarySheet:
    """A sheet of one measure of ``crime_summary`` in each neighbourhood, a column a month.

    Attributes:
        name: The sheet's.
        title: Its title, to which force and months are added.
        column: The measure.
        notes: Ids of the notes that apply.
    """

    name: str
    title: str
    column: str
    notes: tuple[str, ...] = ()


ASB: Final = "Anti-social behaviour"
_COUNTS: Final = ("places", "absent", "past")
SUMMARY_SHEETS: Final = (
    SummarySheet("Crime_by_month", "Crimes by neighbourhood and month", "crime_total",
                 ("published", "asb", *_COUNTS)),
    SummarySheet("ASB_by_month", "Anti-social behaviour by neighbourhood and month",
                 "antisocial_behaviour", ("published", "asb", *_COUNTS)),
)  # fmt: skip
PLACE_SHEETS: Final = (
    PlaceSheet("Crime_by_type", "crime", "street", "Crimes by neighbourhood, type and month",
               "crime_type", "Crime type", pl.col("crime_type") != ASB, ("published", *_COUNTS)),
    PlaceSheet("Outcomes", "outcomes", "outcomes",
               "Outcomes of crimes by neighbourhood, group and month",
               "outcome_group", "Outcome group", None, ("court", *_COUNTS)),
    PlaceSheet("Stops", "stops", "stops", "Stops and searches by neighbourhood, object and month",
               "object_of_search", "Object of search", None, ("stops", *_COUNTS), dense=False),
)  # fmt: skip
REPORTED_NOTES: Final = ("published", "asb", "absent")
_TOTALS: Final = pl.col("place_level") == "force"

ROW_SHEETS: Final = (
    RowSheet(
        "Latest_month", "crime_summary",
        "Crimes, anti-social behaviour and rate of each neighbourhood: {force}, {month}",
        ("neighbourhood_id", "name", "coverage", "crime_total", "antisocial_behaviour",
         "by_other_forces", "crime_total_12m", "months_12m", "population", "population_year",
         "rate_12m_per_1000", "rate_low", "rate_high"),
        force="area_force_id", order=("neighbourhood_id",),
        keep=lambda newest, _: pl.col("month") == newest, marks=True,
        line="Anti-social behaviour is not crime and is in no crime total.",
        notes=("published", "asb", "places", "rates", "absent"),
    ),
    RowSheet(
        "Coverage", "coverage", "What the force submitted, month by month: {force}, {since} on",
        ("month", "dataset", "coverage", "rows", "counted", "quarantined", "repeats", "located",
         "outside_boundary", "no_boundary", "no_location", "boundary_release"),
        order=("month", "dataset"), newest_first=("month",), row_status="rows_status",
        line="Look here before comparing months: a gap in supply looks like a fall in crime.",
        notes=("absent",),
    ),
    RowSheet(
        "You_said_we_did", "you_said_we_did",
        "You said, we did: {force}, raised in the 12 months to {as_of} or still open",
        ("neighbourhood_id", "neighbourhood_name", "raised_on", "theme_label", "asked", "status",
         "action", "action_by", "result", "what_changed", "reason_no_action", "reason_text",
         "due_on", "overdue", "fed_back_on", "days_to_feedback", "feedback_url", "issue_id"),
        order=("raised_on", "issue_id"), newest_first=("raised_on",),
        keep=lambda _, first: (
            pl.col("raised_on").is_null()
            | (pl.col("raised_on").dt.strftime("%Y-%m") >= first)
            | (pl.col("closed") == "no")
        ),
        notes=("logs", "reviewed"),
    ),
    RowSheet(
        "Events", "engagement_events",
        "Meetings and other engagement: {force}, in the 12 months to {as_of} and planned",
        ("neighbourhood_id", "neighbourhood_name", "event_date", "start_at", "status", "method",
         "title", "purpose", "target_groups", "venue", "organiser_org", "partner_orgs",
         "advertised_on", "notice_days", "participants", "attendances", "findings", "info_url",
         "event_id"),
        order=("event_date", "event_id"), newest_first=("event_date",),
        keep=lambda _, first: (
            pl.col("month").is_null() | (pl.col("month") >= first)
            | (pl.col("status") == "planned")
        ),
        marks=True,
        notes=("logs", "reviewed", "people"),
    ),
    RowSheet(
        "Priorities", "priorities", "Priorities of the neighbourhoods: {force}, as of {as_of}",
        ("neighbourhood_id", "neighbourhood_name", "theme", "issue", "action", "issue_date",
         "action_date", "current", "closed_on", "priority_id"),
        order=("neighbourhood_id", "issue_date", "priority_id"), newest_first=("issue_date",),
        notes=("logs", "reviewed"),
    ),
    RowSheet(
        "Engagement_by_place", "neighbourhood_profile",
        "What was done with the public in each neighbourhood: {force}, 12 months to {as_of}",
        ("neighbourhood_id", "neighbourhood_name", "meetings_12m", "last_meeting_on",
         "next_meeting_on", "months_with_event_12m", "longest_gap_days", "notice_days_median",
         "groups_planned_12m", "groups_reached_12m", "issues_raised_12m", "issues_due",
         "issues_closed", "closure_rate", "no_feedback_yet", "median_days_to_feedback",
         "actions_overdue", "priorities", "priorities_current", "concern_theme", "concern_rank",
         "published_rank", "flag_reasons", "team_url"),
        order=("neighbourhood_id",), marks=True,
        notes=("logs",),
    ),
    RowSheet(
        "Plan_delivery", "engagement_plan_delivery",
        "Groups the engagement plan names, and whether they were reached: {force}, to {as_of}",
        ("year", "neighbourhood_id", "neighbourhood_name", "group_code", "planned", "delivered",
         "reached"),
        order=("year", "neighbourhood_id", "group_code"), newest_first=("year",),
        notes=("logs",),
    ),
    RowSheet(
        "Engagement_reach", "engagement_reach",
        "Whom engagement reached, by quarter: {force}, the whole force, complete quarters",
        ("period", "characteristic", "category", "category_level", "forms", "attendances",
         "share"),
        order=("period", "characteristic", "category"), newest_first=("period",),
        keep=lambda _newest, _first: _TOTALS,
        line="Neighbourhoods are left out here.",
        marks=True, notes=("people",),
    ),
    RowSheet(
        "Replies", "feedback_summary",
        "Queries of the public and how soon they were answered: {force}, complete quarters",
        ("period", "neighbourhood_id", "neighbourhood_name", "theme", "received", "answered_72h",
         "not_answered_72h", "answered_72h_share", "median_days_to_reply"),
        order=("period", "neighbourhood_id", "theme"), newest_first=("period",),
        keep=lambda _newest, _first: _TOTALS | (pl.col("theme") == "all"),
        line="Themes are of the whole force; those of neighbourhoods are left out here.",
        marks=True, notes=("people",),
    ),
)  # fmt: skip

HEADINGS: Final[Mapping[str, str]] = {
    "name": "Neighbourhood",
    "neighbourhood_name": "Neighbourhood",
    "coverage": "What the force submitted",
    "crime_total": "Crimes",
    "antisocial_behaviour": "Anti-social behaviour",
    "by_other_forces": "Of the crimes, reported by other forces",
    "crime_total_12m": "Crimes in 12 months",
    "months_12m": "Months submitted of those 12",
    "population": "Residents",
    "population_year": "Residents of the year",
    "rate_12m_per_1000": "Crimes in 12 months per 1,000 residents",
    "rate_low": "Rate, lower end of 95% interval",
    "rate_high": "Rate, upper end of 95% interval",
    "rows": "Rows of the file",
    "counted": "Rows counted",
    "quarantined": "Rows refused",
    "repeats": "Rows repeated",
    "located": "In a neighbourhood",
    "outside_boundary": "Outside every neighbourhood",
    "no_boundary": "Force without boundaries",
    "no_location": "Without location",
    "boundary_release": "Boundaries used",
    "theme_label": "Theme",
    "asked": "You said",
    "action": "What was done",
    "action_by": "Done by",
    "reason_no_action": "Why nothing was done",
    "reason_text": "Why nothing was done, in words",
    "due_on": "Action due on",
    "overdue": "Action overdue",
    "start_at": "Starts (London time)",
    "organiser_org": "Organiser",
    "partner_orgs": "Partners",
    "notice_days": "Days of notice",
    "info_url": "Link",
    "feedback_url": "Link to the answer",
    "team_url": "Link to the team",
    "notice_days_median": "Days of notice, median",
    "meetings_12m": "Meetings",
    "months_with_event_12m": "Months with an event",
    "longest_gap_days": "Longest gap between meetings, days",
    "groups_planned_12m": "Groups planned",
    "groups_reached_12m": "Groups reached",
    "issues_raised_12m": "Issues raised",
    "issues_closed": "Issues due that are closed",
    "closure_rate": "Share of issues due that are closed",
    "no_feedback_yet": "Closed without a published answer",
    "median_days_to_feedback": "Days to feedback, median",
    "priorities_current": "Has a current priority",
    "concern_theme": "Theme raised most",
    "concern_rank": "Its rank among what is raised",
    "published_rank": "Its rank in what police.uk publishes",
    "flag_reasons": "What needs attention",
    "group_code": "Group",
    "reached": "Reached",
    "share": "Share of the forms",
    "received": "Queries received",
    "answered_72h": "Answered within 72 hours",
    "not_answered_72h": "Not answered within 72 hours",
    "answered_72h_share": "Share answered within 72 hours",
    "median_days_to_reply": "Days to a reply, median",
}
"""What people call a column; another is its name with spaces."""

NOTES: Final[Mapping[str, str]] = {
    "published": "These are crimes published on police.uk, not recorded crime: police.uk leaves out"
    " some offences, among them fraud, and its figures differ from the official statistics.",
    "asb": "Anti-social behaviour is not crime and is in no crime total. It is an incident type of"
    " its own.",
    "places": "Map points are approximate: police.uk moves each crime to one of a fixed list of"
    " points. Near a border a crime can be counted on the wrong side. Counts of a neighbourhood are"
    " of every force that reported there, so that of the British Transport Police too.",
    "absent": "A number is 0 only where the force submitted the month. In a month that looks"
    " partial numbers are too low, and what would be 0 is [x]. A spreadsheet leaves shorthand out"
    " of its sums: do not add up rows or columns that hold any.",
    "rates": "Rates use residents. Where many people visit, they say little. No rate is given where"
    " fewer than 500 live. The interval is the exact 95 % Poisson interval.",
    "court": "police.uk has published no court results since June 2019. Outcomes stop at what the"
    " police know: a charge is not a conviction. An outcome is of the month it was recorded in,"
    " whenever the crime was.",
    "stops": "Stops and searches as the forces published them; nothing is said of the people"
    " searched.",
    "logs": "Engagement is what the logs of the forces and their partners say. Where a force keeps"
    " no log of a kind its numbers are [x], not 0. Communities that could be singled out appear at"
    " force level only, without place, date or words.",
    "reviewed": "Texts are shown only where somebody reviewed them for publication; [c] marks those"
    " that are not.",
    "people": "Counts of people are protected. [c] stands where so few people are behind a number"
    " that they could be recognised, or where others could be worked out from it; which of the two"
    " is not said. It may be any number, 0 too: never take it for small. Use the totals given"
    " rather than sums.",
    "past": "police.uk re-issues three years every month, so that an older release can differ from"
    " this one. Forces draw and redraw neighbourhoods; a month before one existed is [z].",
}
"""Id to text, in the order of the sheet of notes; the ids are ours."""


def heading(name: str) -> str:
    """What people call a column."""
    return HEADINGS.get(name) or name.replace("_", " ").capitalize()
