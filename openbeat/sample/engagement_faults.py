"""Planting the cases of ``engagement_cases`` into the made-up logs.

A sound record of each table, which every case changes in one thing, belongs here, and so does
noting where a case lies; what the cases are does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple

import polars as pl

from openbeat.sample.engagement_cases import SOUND, Case, Cells
from openbeat.sample.engagement_draw import TEXTS, hashes
from openbeat.sample.engagement_words import MARKER
from openbeat.sample.faults import Log

IDS: Mapping[str, tuple[str, str]] = {
    "engagement_events": ("event_id", "E"),
    "participation": ("event_id", ""),
    "issues": ("issue_id", "I"),
    "actions": ("action_id", "A"),
    "activities": ("activity_id", "V"),
    "feedback": ("feedback_id", "F"),
    "priorities": ("priority_id", "P"),
    "engagement_plan": ("plan_id", "L"),
    "consultations": ("consultation_id", "C"),
}
PLACES = {
    "northmere": ("NH01", "NH02", "NH03", "NH05", "NH06"),
    "ynysfawr": ("YF 1", "YF 2", "YF 3"),
}
MANY = "campaign"  # thirty records that are one fault
NAMES = {"northmere": "Northmere Constabulary", "ynysfawr": "Ynysfawr Police"}
WORDS = ("Lantern", "Harbour", "Cobbler", "Windmill", "Foundry", "Lighthouse", "Orchard", "Ferry")
REVIEW: Cells = {"reviewer_role": "Communications officer", "reviewed_on": "2025-06-20"}
BASE: Mapping[str, Cells] = {
    "engagement_events": {
        "community_type": "geographic",
        "engagement_level": "neighbourhood",
        "participation_level": "consult",
        "statutory_basis": "none",
        "focus": "neighbourhood",
        "formality": "informal",
        "recurrence": "one_off",
        "method": "surgery_or_drop_in",
        "purpose": "Talk to an officer you can come to know, without an appointment.",
        "topics": "asb_general;youth",
        "status": "held",
        "online": "false",
        "advert_channels": "force_site;police_uk",
        "chair_type": "police",
        "lead_role": "Neighbourhood constable",
        "advertised_on": "2025-03-20",
        "participants_described": "Residents who came by, some with small children.",
        "attendance_total": "12",
        "first_time_attendees": "4",
        "attendance_method": "counted",
        "findings": "People asked for answers within a week, and for patrols on foot.",
        "venue_address": f"2 Kiln Row {MARKER}",
        "notes": f"Door code from the caretaker {MARKER}",
        **REVIEW,
    },
    "participation": {"event_id": SOUND, "basis": "self_declared"},
    "issues": {
        "theme": "environment_lighting",
        "information_type": "problems_priorities",
        "text": f"It is dark by the old works {MARKER}",
        "times_raised": "3",
        "status": "open",
        "owner_role": "Neighbourhood sergeant",
        **REVIEW,
    },
    "actions": {
        "action_type": "patrol",
        "lead_partner_type": "police",
        "agreed_on": "2025-04-30",
        "due_on": "2025-06-30",
        "completed_on": "2025-05-28",
        "summary_public": "Officers walked there on four evenings.",
        "result": "Nothing was seen that the law forbids.",
        "notes": f"Overtime agreed {MARKER}",
        **REVIEW,
    },
    "activities": {
        "month": "2025-05",
        "activity_type": "foot_patrol",
        "organisation_type": "police",
        "hours": "7.5",
    },
    "feedback": {
        "received_at": "2025-04-03T12:00:00",
        "channel": "web_form",
        "kind": "query",
        "theme": "road_safety_speeding",
        "respondent_role": "resident",
        "acknowledged_at": "2025-04-03T12:20:00",
        "meaningful_reply_at": "2025-04-04T09:00:00",
        "reply_outcome": "answered",
        "consent_publish": "no",
    },
    "priorities": {
        "theme": "road_safety_speeding",
        "issue_date": "2025-04-07",
        "action": "Speed checks are held at school times.",
        "action_date": "2025-06-16",
        "already_public": "no",
        **REVIEW,
    },
    "engagement_plan": {
        "group_code": "older_65plus",
        "planned_month": "2025-09",
        "method": "surgery_or_drop_in",
        "status": "planned",
        "location": f"Usual room {MARKER}",
    },
    "consultations": {
        "statutory_basis": "s14_plan",
        "subject": "Changes to the police and crime plan after the first year.",
        "asked": "victims;business",
        "victims_views": "yes",
        "ratepayers_views": "no",
        "opened_on": "2024-12-02",
        "closed_on": "2025-01-31",
        "plan_or_precept_date": "2025-02-14",
        "decided_on": "2025-02-10",
        "decision_public": "The plan was kept, with more on shop theft.",
        **REVIEW,
    },
}


class Planted(NamedTuple):
    """Cases as rows of a table.

    Attributes:
        frame: The rows, all text, in the order of the cases.
        cases: The cases.
        records: The id of each row.
    """

    frame: pl.DataFrame
    cases: tuple[Case, ...]
    records: tuple[str, ...]


def planted(cases: Sequence[Case], table: str, force: str, columns: Sequence[str]) -> Planted:
    """The rows of a table's cases, in the table's columns."""
    wanted = tuple(case for case in cases if case.table == table)
    rows = [_record(case, number, force) for number, case in enumerate(wanted, 1)]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String))
    if table in TEXTS:
        frame = frame.with_columns(
            reviewed_sha256=pl.when(pl.col("reviewed_on").is_not_null()).then(
                pl.coalesce("reviewed_sha256", hashes(frame, table))
            )
        )
    return Planted(frame, wanted, tuple(frame[IDS[table][0]].fill_null("").to_list()))


def note(log: Log, made: Planted, file: str, first: int) -> None:
    """Log where the cases lie; what was planted in many rows is one entry.

    Args:
        log: Of the engagement logs.
        made: What was planted.
        file: The file, a sheet of a workbook written as if the workbook were a folder.
        first: The line of the first row.
    """
    at = 0
    for _, group in groupby(made.cases, lambda case: case if case.id != MANY else MANY):
        case, *others = group
        log.add(
            case.id,
            file,
            case.what,
            line=first + at,
            count=1 + len(others),
            record=made.records[at],
            expected=case.expected,
            reason=case.reason,
            rule=case.rule,
        )
        at += 1 + len(others)


def _record(case: Case, number: int, force: str) -> dict[str, str | None]:
    """A sound record of its table and what the case changes in it."""
    name, letter = IDS[case.table]
    places = PLACES[force]
    sound: dict[str, str | None] = {
        "force_id": force,
        "neighbourhood_id": places[number % len(places)],
        "handling": "publishable",
        **BASE[case.table],
    }
    if letter:
        sound[name] = f"{force}-{letter}9{number:05d}"
    return {**sound, **_varied(case.table, number, force), **case.cells}


def _varied(table: str, number: int, force: str) -> Cells:
    """What differs from record to record, so that none looks like another."""
    word = WORDS[number % len(WORDS)]
    day = (date(2025, 4, 10) + timedelta(days=number)).isoformat()
    raised = (date(2025, 4, 10) + timedelta(days=number % 14)).isoformat()
    return {
        "engagement_events": {
            "organiser_org": NAMES[force],
            "title": f"{word} Hall: drop-in {number}",
            "venue_public": f"{word} Hall",
            "start_at": f"{day}T17:30:00",
            "end_at": f"{day}T18:30:00",
        },
        "issues": {
            "raised_on": raised,
            "summary_public": f"Mend the lamp between {word} Hall and the old works.",
            "owner_org": NAMES[force],
        },
        "actions": {"owner_org": NAMES[force], "issue_id": f"{force}-I900008"},
        "activities": {"organisation": NAMES[force]},
        "feedback": {
            "free_text": f"Cars speed past {word} Hall, number {number} of my notes.",
            "contributor_ref": f"U{number:05d}",
        },
        "priorities": {"issue": f"Speeding past {word} Hall."},
    }.get(table, {})
