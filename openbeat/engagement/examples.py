"""The example record of each canonical table, as its template shows it.

Each is right by the rules of its contract, and is never taken in: its id says EXAMPLE. How a
template is laid out belongs in ``template``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from openbeat.engagement.tables import TABLES

EXAMPLE: Final = "EXAMPLE"
"""How the id of a record begins that is a template's example and no record."""

_REVIEW: Final = {"reviewer_role": "Engagement manager", "reviewed_on": "2025-06-20"}
_PLACE: Final = {"force_id": "dorset", "neighbourhood_id": "EX1"}

EXAMPLES: Final[Mapping[str, Mapping[str, str]]] = {
    "engagement_events": {
        **_PLACE,
        "organiser_org": "Dorset Police",
        "partner_orgs": "Anytown Council;Anytown Housing",
        "community_type": "geographic",
        "engagement_level": "neighbourhood",
        "participation_level": "involve",
        "focus": "neighbourhood",
        "method": "public_meeting",
        "title": "Anytown beat meeting",
        "purpose": "To agree with residents what the team should work on this summer.",
        "topics": "road_safety_speeding;asb_general",
        "status": "held",
        "start_at": "2025-06-12T18:30:00",
        "end_at": "2025-06-12T20:00:00",
        "venue_public": "Anytown village hall",
        "online": "no",
        "info_url": "https://www.example.org/anytown-meeting",
        "advertised_on": "2025-05-22",
        "advert_channels": "force_site;poster_leaflet",
        "target_groups": "rural;older_65plus",
        "participants_described": "Residents of all ages, two shopkeepers and a ward councillor.",
        "attendance_total": "24",
        "attendance_method": "counted",
        "findings": "Speeding on the road by the school worries people most.",
        "handling": "publishable",
        **_REVIEW,
    },
    "participation": {
        "characteristic": "age",
        "category": "25_34",
        "count": "6",
        "basis": "self_declared",
        "forms_returned": "18",
        "attendances": "24",
        "handling": "publishable",
    },
    "issues": {
        **_PLACE,
        "event_id": "EXAMPLE-1",
        "raised_on": "2025-06-12",
        "theme": "road_safety_speeding",
        "information_type": "problems_priorities",
        "text": "As it was said. This column is never published.",
        "summary_public": "Slow the traffic by the school.",
        "times_raised": "5",
        "status": "no_action",
        "decided_on": "2025-06-16",
        "reason_no_action_code": "referred_elsewhere",
        "reason_no_action_text": "The council decides about crossings; we passed the request on.",
        "owner_org": "Dorset Police",
        "fed_back_on": "2025-06-20",
        "feedback_channel": "in_person",
        "handling": "publishable",
        **_REVIEW,
    },
    "actions": {
        **_PLACE,
        "issue_id": "EXAMPLE-1",
        "action_type": "enforcement",
        "owner_org": "Dorset Police",
        "owner_role": "Neighbourhood sergeant",
        "lead_partner_type": "police",
        "agreed_on": "2025-06-12",
        "due_on": "2025-07-31",
        "completed_on": "2025-07-10",
        "summary_public": "Speed checks by the school on eight mornings.",
        "result": "Average speed fell below the limit.",
        "handling": "publishable",
        **_REVIEW,
    },
    "activities": {
        **_PLACE,
        "month": "2025-06",
        "activity_type": "foot_patrol",
        "organisation": "Dorset Police",
        "organisation_type": "police",
        "hours": "36.5",
        "handling": "publishable",
    },
    "problem_plans": {
        **_PLACE,
        "theme": "asb_general",
        "problem": "What happens, where and when. This column is never published.",
        "opened_on": "2025-04-01",
        "review_due_on": "2025-10-01",
        "handling": "internal",
    },
    "feedback": {
        **_PLACE,
        "received_at": "2025-06-13T09:15:00",
        "channel": "email",
        "kind": "concern",
        "theme": "environment_lighting",
        "respondent_role": "resident",
        "contributor_ref": "W-20417",
        "free_text": "As it was written. This column is never published.",
        "acknowledged_at": "2025-06-13T10:00:00",
        "meaningful_reply_at": "2025-06-15T16:30:00",
        "reply_outcome": "answered",
        "handling": "internal",
    },
    "priorities": {
        **_PLACE,
        "theme": "road_safety_speeding",
        "issue": "Speeding by the school.",
        "issue_date": "2025-05-01",
        "action": "Speed checks on school mornings, with the council's road safety team.",
        "action_date": "2025-06-12",
        "handling": "publishable",
        **_REVIEW,
    },
    "engagement_plan": {
        **_PLACE,
        "group_code": "young_under18",
        "planned_month": "2025-06",
        "method": "school_visit",
        "owner_role": "Schools officer",
        "status": "planned",
        "handling": "publishable",
    },
    "consultations": {
        "force_id": "dorset",
        "statutory_basis": "s34",
        "subject": "What the neighbourhood teams should work on.",
        "asked": "rural;business",
        "victims_views": "yes",
        "opened_on": "2025-05-01",
        "closed_on": "2025-05-31",
        "decided_on": "2025-06-16",
        "decision_public": "Speeding became a priority in four neighbourhoods.",
        "handling": "publishable",
        **_REVIEW,
    },
    "impact_assessments": {
        **_PLACE,
        "provider_role": "Neighbourhood inspector",
        "oversight_role": "Head of local policing",
        "started_on": "2025-06-02",
        "due_on": "2025-06-06",
        "reviewed_last_on": "2025-06-05",
        "status": "closed",
        "handling": "internal",
    },
    "survey_indicators": {
        "force_id": "dorset",
        "indicator_code": "good_job_local",
        "area_type": "force",
        "area_code": "dorset",
        "period_start": "2024-04-01",
        "period_end": "2025-03-31",
        "n_unweighted": "1200",
        "estimate": "54.5",
        "ci_low": "51.6",
        "ci_high": "57.4",
        "weighted": "yes",
        "survey": "Residents' survey",
        "handling": "publishable",
    },
}


def id_column(table: str) -> str:
    """The column in which a person writes the id of a record; participation is known by its event.

    Raises:
        KeyError: There is no such table.
    """
    return "event_id" if table == "participation" else TABLES[table].id


def example_record(table: str) -> dict[str, str]:
    """The example of a table: column to text, dates and times in ISO form, London's time.

    Raises:
        KeyError: There is no such table.
    """
    return {id_column(table): f"{EXAMPLE}-1", **EXAMPLES[table]}


def is_example(table: str) -> pl.Expr:
    """Boolean, never null: whether a row is a template's example, known by its id.

    Raises:
        KeyError: There is no such table.
    """
    return pl.col(id_column(table)).str.starts_with(EXAMPLE).fill_null(False)
