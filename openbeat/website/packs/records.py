"""The engagement records of a pack: which columns it shows, with labels, by neighbourhood.

Only published columns are named here, so nothing else can get into a pack, whatever the tables
that are handed in hold. What is sorted where is in ``facts``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from openbeat.website import words
from openbeat.website.packs.crime import AREA

Records = list[dict[str, Any]]
Grouped = dict[tuple[str, str], Records]

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "engagement_events": (
        *("event_id", "series_id", "year", "event_date", "status", "method", "is_meeting", "title"),
        *("purpose", "topics", "target_groups", "engagement_level", "participation_level"),
        *("organiser_org", "partner_orgs", "chair_type", "online", "start_at", "end_at", "venue"),
        *("info_url", "advertised_on", "notice_days", "decision_ref", "decision_date", "stage"),
        *("codesigned_with", "participants", "participants_recorded", "attendances"),
        *("attendances_status", "findings", "possible_duplicate_of"),
    ),
    "you_said_we_did": (
        *("issue_id", "year", "raised_on", "theme", "theme_label", "information_type", "asked"),
        *("asked_status", "status", "closed", "action", "action_type", "action_by", "result"),
        *("what_changed", "reason_no_action", "reason_text", "owner_org", "acknowledged_on"),
        *("decided_on", "due_on", "completed_on", "fed_back_on", "feedback_channel"),
        *("feedback_url", "days_to_feedback", "days_to_feedback_status", "overdue", "event_id"),
        *("consultation_id", "priority_id", "duplicate_of"),
    ),
    "priorities": (
        *("priority_id", "theme", "issue", "issue_status", "action", "action_status"),
        *("issue_date", "action_date", "updated_on", "closed_on", "current"),
        *("first_seen", "last_seen"),
    ),
    "activities": (
        *("month", "activity_type", "organisation", "organisation_type", "hours"),
        *("hours_status", "number", "number_status", "priorities_served"),
    ),
    "neighbourhood_profile": (
        *("months_with_event_12m", "months_with_event_12m_status", "event_coverage_12m"),
        *("event_coverage_12m_status", "meetings_12m", "meetings_12m_status"),
        *("last_meeting_on", "next_meeting_on", "days_since_meeting"),
        *("days_since_meeting_status", "longest_gap_days", "longest_gap_days_status"),
        *("groups_planned_12m", "groups_planned_12m_status", "groups_reached_12m"),
        *("groups_reached_12m_status", "notice_days_median", "notice_days_median_status"),
        *("issues_raised_12m", "issues_raised_12m_status", "issues_due", "issues_due_status"),
        *("issues_closed", "issues_closed_status", "closure_rate", "closure_rate_status"),
        *("no_feedback_yet", "no_feedback_yet_status", "median_days_to_feedback"),
        *("median_days_to_feedback_status", "actions_overdue", "actions_overdue_status"),
        *("priorities", "priorities_status", "priorities_current", "named_officer", "team_url"),
        *("concern_theme", "concern_rank", "concern_rank_status", "published_rank"),
        *("published_rank_status", "rank_difference", "rank_difference_status", "flags"),
        "flag_reasons",
    ),
}
"""By table: the published columns that a pack takes, besides those that say which place it is."""

_CODES: Final[Mapping[str, Mapping[str, str]]] = {
    "engagement_events": {
        "method": "engagement_methods",
        "topics": "themes",
        "target_groups": "target_groups",
        "codesigned_with": "target_groups",
        "engagement_level": "engagement_levels",
        "participation_level": "participation_levels",
        "chair_type": "chair_types",
        "status": "event_statuses",
    },
    "you_said_we_did": {
        "status": "answer_statuses",
        "action_type": "action_types",
        "reason_no_action": "no_action_reasons",
        "feedback_channel": "channels",
        "information_type": "information_types",
    },
    "priorities": {"theme": "themes"},
    "activities": {"activity_type": "activity_types", "organisation_type": "partner_types"},
    "neighbourhood_profile": {"concern_theme": "themes"},
}


def records(
    table: str, tables: Mapping[str, pl.DataFrame], codelists: Mapping[str, pl.DataFrame]
) -> Grouped:
    """One published engagement table, ready for packs.

    Args:
        table: Its name, one of ``COLUMNS``.
        tables: The published tables; one that is not there has no rows.
        codelists: Code list name to its frame.

    Returns:
        By force and neighbourhood, its rows: the columns of ``COLUMNS``, ``<column>_label`` for
        codes, dates as ISO text. What belongs to a force as a whole is under
        ``(force_id, "")``.

    Raises:
        polars.exceptions.ColumnNotFoundError: A published table lacks a column.
    """
    if table not in tables:
        return {}
    frame = tables[table].select(*AREA, *COLUMNS[table])
    return grouped(words.labelled(frame, _CODES[table], codelists))


def grouped(frame: pl.DataFrame) -> Grouped:
    """The rows of a frame by force and neighbourhood, in the order they have, dates as ISO text."""
    plain = frame.with_columns(
        pl.col(AREA[1]).fill_null(""),
        pl.col(pl.Date).cast(pl.String),
    )
    parts = plain.partition_by(AREA, as_dict=True, include_key=False, maintain_order=True)
    return {(force, place): part.to_dicts() for (force, place), part in parts.items()}
