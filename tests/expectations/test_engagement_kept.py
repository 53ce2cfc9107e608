"""What the rules on engagement leave alone, and what no rule lets through."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from openbeat.contract import Column, Contract, load_contracts, split
from resources.sources import CONTRACTS

Row = Callable[..., pl.DataFrame]
Broken = Callable[[str, pl.DataFrame], dict[str, str]]
Cells = Mapping[str, Any]

BAD_IDS = ["", " A", "A ", "A\n", "A;B", "=1+1", "<b>", "o'clock", "a@b", "é", "A" * 101]
KEPT: Mapping[str, tuple[str, Cells]] = {
    "a planned event needs no findings yet": (
        "engagement_events",
        {
            "status": "planned",
            "method": None,
            "findings": None,
            "participants_block": None,
            "purpose": None,
        },
    ),
    "advertised on the day": ("engagement_events", {"notice_days": 0}),
    "a purpose of 10 characters": ("engagement_events", {"purpose": "Dial 101 é"}),
    "a purpose over two lines": ("engagement_events", {"purpose": "To hear\nwhat matters"}),
    "an interest group without a place": (
        "engagement_events",
        {"neighbourhood_id": None, "community_type": "interest", "statutory_basis": "none"},
    ),
    "a force whose boundaries nobody gave": ("engagement_events", {"neighbourhood_known": None}),
    "an address with a port": ("engagement_events", {"info_url": "http://example.org:8080"}),
    "nobody came": ("engagement_events", {"attendance_total": 0, "first_time_attendees": 0}),
    "an open issue": (
        "issues",
        {"status": "open", "closed": None, "answered": None, "fed_back_on": None},
    ),
    "no action, with a coded reason": (
        "issues",
        {"status": "no_action", "reason_no_action_code": "withdrawn", "actions_completed": 0},
    ),
    "another reason in 20 characters": (
        "issues",
        {
            "status": "no_action",
            "reason_no_action_code": "other",
            "reason_no_action_text": "x" * 20,
        },
    ),
    "passed to a partner": ("issues", {"status": "referred_partner", "actions_completed": 0}),
    "a duplicate of a live issue": (
        "issues",
        {
            "status": "duplicate",
            "duplicate_of": "I-0",
            "duplicate_live": "yes",
            "actions_completed": 0,
        },
    ),
    "tension that stays inside": (
        "issues",
        {"information_type": "tension", "handling": "internal"},
    ),
    "hours without a number": ("activities", {"number": None}),
    "a number without hours": ("activities", {"hours": None}),
    "no consent and no quote": ("feedback", {"consent_publish": "no", "quote": None}),
    "not asked and no quote": ("feedback", {"consent_publish": None, "quote": None}),
    "acknowledged only, and not called a reply": (
        "feedback",
        {"reply_outcome": "acknowledged_only", "meaningful_reply_at": None, "reply_minutes": None},
    ),
    "a consultation under another duty": (
        "consultations",
        {"statutory_basis": "s17", "victims_views": None, "plan_or_precept_date": None},
    ),
    "a share of nobody": ("survey_indicators", {"estimate": 0.0, "ci_low": 0.0}),
    "texts that need no review": ("priorities", {"review": "not_needed"}),
}


@pytest.mark.parametrize("name", KEPT)
def test_what_is_right_is_left_alone(name: str, row: Row, broken: Broken) -> None:
    table, cells = KEPT[name]
    assert broken(table, row(table, **cells)) == {}


@pytest.mark.parametrize("value", BAD_IDS)
def test_an_id_that_could_do_harm_costs_the_record(value: str, row: Row, broken: Broken) -> None:
    frame = row("engagement_events", event_id=value)
    assert broken("engagement_events", frame) == {"g1_id_shape": "critical"}


def test_not_recorded_meets_publication_and_counts_as_not_meeting_the_guidance(
    row: Row, broken: Broken
) -> None:
    frame = row("engagement_events", participants_block="not_recorded")
    assert broken("engagement_events", frame) == {"g4_number": "info"}


def test_a_date_that_could_not_be_read_is_not_reported_as_left_out(
    row: Row, engagement_contracts: Mapping[str, Contract]
) -> None:
    frame = row("issues", raised_on=None, unreadable="raised_on")
    assert split(frame, engagement_contracts["issues"], {}).rejected["rule"].to_list() == [
        "readable"
    ]


def test_k4_what_people_wrote_cannot_be_published(
    engagement_contracts: Mapping[str, Contract],
) -> None:
    restricted = {
        column.name for column in engagement_contracts["feedback"].columns if column.restricted
    }
    assert {"free_text", "quote", "complaint_ref", "lsoa21"} <= restricted
    with pytest.raises(ValidationError, match="is restricted, so it cannot be published"):
        Column(name="free_text", type="string", description="x", restricted=True, published=True)
    names = {c.name for contract in engagement_contracts.values() for c in contract.columns}
    published = {
        column.name
        for contract in load_contracts(CONTRACTS).values()
        for column in contract.columns
        if column.published
    }
    assert published.isdisjoint({"free_text", "quote", "text", "notes", "venue_address"} & names)


def test_no_log_is_published_as_it_stands(engagement_contracts: Mapping[str, Contract]) -> None:
    for contract in engagement_contracts.values():
        assert not contract.published
        assert not any(column.published for column in contract.columns)
