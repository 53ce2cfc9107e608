"""A sound record of every table of engagement, of the types its contract gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import polars as pl
import pytest

from openbeat.contract import Contract, broken_counts, load_contracts
from openbeat.engagement.tables import TABLES
from resources.sources import CONTRACTS

RECORD: Mapping[str, Any] = {
    "force_id": "kent",
    "neighbourhood_id": "AB01",
    "handling": "publishable",
    "source": "log",
    "line": 2,
    "version": 1,
    "force_known": "yes",
    "neighbourhood_known": "yes",
    "dates_in_order": "yes",
    "month": "2025-06",
}
REVIEWED: dict[str, Any] = {
    "reviewer_role": "Inspector",
    "reviewed_on": date(2025, 7, 1),
    "reviewed_sha256": "0" * 64,
    "text_sha256": "0" * 64,
    "review": "reviewed",
}
SOUND: Mapping[str, Mapping[str, Any]] = {
    "engagement_events": REVIEWED
    | {
        "event_id": "ENG-2025/014",
        "series_id": "PACT",
        "organiser_org": "Kent Police",
        "community_type": "geographic",
        "engagement_level": "neighbourhood",
        "participation_level": "consult",
        "statutory_basis": "s34",
        "recurrence": "recurring",
        "method": "public_meeting",
        "title": "Open meeting",
        "purpose": "To hear what matters here",
        "status": "held",
        "start_at": "2025-06-10T17:30:00Z",
        "end_at": "2025-06-10T19:00:00Z",
        "info_url": "https://www.example.org/meetings?id=14",
        "advertised_on": date(2025, 6, 1),
        "staff_hours": 3.5,
        "volunteers": 0,
        "volunteer_hours": 0.0,
        "cost_gbp": 0.0,
        "adjustments_requested": 1,
        "adjustments_provided": 1,
        "participants_described": "Residents and shop keepers",
        "attendance_total": 23,
        "attendance_method": "counted",
        "first_time_attendees": 4,
        "findings": "Speeding near the school",
        "event_date": date(2025, 6, 10),
        "participants_block": "number",
        "notice_days": 9,
    },
    "participation": {
        "participation_id": "ENG-2025/014/age/under_18",
        "event_id": "ENG-2025/014",
        "characteristic": "age",
        "category": "under_18",
        "count": 3,
        "basis": "self_declared",
        "forms_returned": 20,
        "attendances": 23,
        "distinct_people": 23,
        "event_known": "yes",
        "sum_of_counts": 20,
        "category_fits": "yes",
    },
    "issues": REVIEWED
    | {
        "issue_id": "I-1",
        "event_id": "ENG-2025/014",
        "priority_id": "P-1",
        "consultation_id": "C-1",
        "raised_on": date(2025, 6, 10),
        "theme": "road_safety_speeding",
        "information_type": "problems_priorities",
        "summary_public": "Cars go too fast past the school",
        "times_raised": 4,
        "status": "action_taken",
        "owner_org": "Kent Police",
        "decided_on": date(2025, 6, 12),
        "fed_back_on": date(2025, 7, 1),
        "feedback_url": "https://www.example.org/answers",
        "actions_completed": 1,
        "closed": "yes",
        "answered": "yes",
    },
    "actions": REVIEWED
    | {
        "action_id": "A-1",
        "issue_id": "I-1",
        "action_type": "enforcement",
        "owner_org": "Kent Police",
        "agreed_on": date(2025, 6, 12),
        "due_on": date(2025, 6, 30),
        "completed_on": date(2025, 6, 28),
        "summary_public": "Speed checks on four mornings",
        "result": "Eleven drivers were stopped",
        "issue_known": "yes",
    },
    "activities": {
        "activity_id": "AC-1",
        "activity_type": "foot_patrol",
        "organisation": "Kent Police",
        "hours": 12.5,
        "number": 5,
        "priority_id": "P-1",
    },
    "problem_plans": {
        "problem_plan_id": "PP-1",
        "theme": "noise",
        "opened_on": date(2025, 6, 1),
        "closed_on": date(2025, 6, 30),
    },
    "feedback": {
        "feedback_id": "F-1",
        "received_at": "2025-06-10T09:00:00Z",
        "channel": "email",
        "kind": "query",
        "lsoa21": "E01000001",
        "theme": "noise",
        "treatment_quality": 5,
        "meaningful_reply_at": "2025-06-10T09:00:30Z",
        "reply_outcome": "answered",
        "consent_publish": "yes",
        "quote": "Thank you",
        "reply_minutes": 1,
    },
    "priorities": REVIEWED
    | {
        "priority_id": "P-1",
        "issue": "Speeding near the school",
        "issue_date": date(2025, 6, 1),
        "updated_on": date(2025, 6, 1),
    },
    "engagement_plan": {
        "plan_id": "EP-1",
        "group_code": "young_under18",
        "planned_month": "2025-06",
        "event_id": "ENG-2025/014",
        "status": "delivered",
    },
    "consultations": REVIEWED
    | {
        "consultation_id": "C-1",
        "statutory_basis": "s14_plan",
        "victims_views": "yes",
        "opened_on": date(2025, 1, 10),
        "closed_on": date(2025, 2, 10),
        "plan_or_precept_date": date(2025, 3, 1),
    },
    "impact_assessments": {
        "assessment_id": "CIA-1",
        "handling": "internal",
        "provider_role": "Neighbourhood inspector",
        "oversight_role": "Superintendent",
        "started_on": date(2025, 6, 1),
        "status": "open",
    },
    "survey_indicators": {
        "indicator_id": "S-1",
        "indicator_code": "trust",
        "area_type": "force",
        "area_code": "kent",
        "period_start": date(2024, 7, 1),
        "period_end": date(2025, 6, 30),
        "n_unweighted": 900,
        "estimate": 61.5,
        "ci_low": 58.0,
        "ci_high": 65.0,
        "survey": "Public attitudes survey",
        "interval_in_order": "yes",
    },
}

Row = Callable[..., pl.DataFrame]
Broken = Callable[[str, pl.DataFrame], dict[str, str]]


@pytest.fixture(scope="session")
def engagement_contracts() -> dict[str, Contract]:
    """The contracts of the canonical tables, by the tables' names."""
    contracts = load_contracts(CONTRACTS)
    return {name: contracts[table.contract] for name, table in TABLES.items()}


@pytest.fixture(scope="session")
def row(engagement_contracts: dict[str, Contract]) -> Row:
    """Makes a frame of one sound record of a table, with the cells given in place of its own."""

    def made(table: str, **cells: Any) -> pl.DataFrame:
        schema = engagement_contracts[table].polars_schema()
        common = {name: value for name, value in RECORD.items() if name in schema}
        record = {**common, **SOUND[table], **cells}
        return pl.DataFrame(
            {name: [record.pop(name, None)] for name in schema} | record, schema=schema
        )

    return made


@pytest.fixture(scope="session")
def broken(engagement_contracts: dict[str, Contract]) -> Broken:
    """Gives the rules of a table that a frame breaks, with their severities."""

    def found(table: str, frame: pl.DataFrame) -> dict[str, str]:
        counts = broken_counts(frame, engagement_contracts[table], {})
        return dict(counts.filter(pl.col("broken") > 0).select("rule", "severity").iter_rows())

    return found
