"""Which events are published, and what of them: the guidance's blocks, reviews, and communities."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from openbeat.contract import broken_counts
from openbeat.engagement.settings import EngagementSettings
from tests.openbeat.engagement.published_rows import CONTRACTS, Row, tables

PLANNED = {"status": "planned", "start_at": "2025-08-05T18:00:00Z"}
FAITH = {"target_groups": "rural;faith_group"}


def published(*events: Row, **given: Any) -> pl.DataFrame:
    return tables({"engagement_events": events}, **given)["engagement_events"]


def reason(event: Row, **given: Any) -> object:
    """Why the event is withheld; None where it is published."""
    records = tables({"engagement_events": [event]}, **given)["records"]
    row = records.row(0, named=True)
    assert (row["disposition"] == "published") == (row["reason"] is None)
    return row["reason"]


def broken(event: pl.DataFrame, **values: object) -> set[str]:
    """The critical rules of the published contract that the row breaks once it is changed."""
    contract = CONTRACTS["engagement_events"]
    kinds = contract.polars_schema()
    changed = event.with_columns(pl.lit(v, dtype=kinds[c]).alias(c) for c, v in values.items())
    counts = broken_counts(changed, contract, {}).filter(pl.col("severity") == "critical")
    return set(counts.filter(pl.col("broken") > 0)["rule"].to_list())


def test_a_held_event_is_published_with_method_participants_and_findings() -> None:
    row = published({"event_id": "E1"}).row(0, named=True)
    assert row["event_id"] == "E1"
    assert (row["year"], row["month"], row["event_date"]) == (2025, "2025-03", date(2025, 3, 4))
    assert (row["place_level"], row["neighbourhood_name"], row["force_name"]) == (
        *("neighbourhood", "Ash"),
        "Kent Police",
    )
    assert (row["method"], row["is_meeting"]) == ("public_meeting", "yes")
    assert row["participants"] == "Residents and the ward councillor"
    assert row["participants_recorded"] == "yes"
    assert row["findings"] == "Speeding on the main road"


@pytest.mark.parametrize(
    "missing",
    [
        *({c: None} for c in ("method", "purpose", "participants_described", "findings")),
        {"participants_block": "missing"},
        {"participants_block": None},
        {"purpose": "Listening"},
    ],
)
def test_a_held_event_without_one_of_the_guidances_blocks_is_withheld(missing: Row) -> None:
    assert reason(missing) == "guidance_blocks"
    assert reason(PLANNED | missing) is None


@pytest.mark.parametrize(
    "column", ["method", "purpose", "participants", "participants_recorded", "findings"]
)
def test_the_contract_blocks_a_held_event_without_a_block(column: str) -> None:
    assert broken(published({})) == set()
    assert f"g4_{column}" in broken(published({}), **{column: None})
    assert broken(published(FAITH), **{column: None}) == set()


def test_the_contract_blocks_short_purposes_inner_handling_and_unknown_codes() -> None:
    event = published({})
    assert broken(event, purpose="To listen") == {"g4_purpose_words"}
    assert broken(event, handling="internal") == {"g12_handling"}
    assert broken(event, method="seance") == {"method_code"}
    assert broken(event, notice_days=3, notice_days_status="x") == {"notice_days_unknown"}


def test_not_recorded_is_enough_to_be_published_and_says_so() -> None:
    row = published({"participants_block": "not_recorded", "attendance_total": None}).row(
        0, named=True
    )
    assert row["participants_recorded"] == "no"


@pytest.mark.parametrize("review", ["not_reviewed", "text_changed"])
def test_without_a_valid_review_an_event_is_withheld_planned_or_held(review: str) -> None:
    assert reason({"review": review}) == review
    assert reason(PLANNED | {"review": review}) == review
    assert reason({"review": None}) == "not_reviewed"
    assert reason({"review": "not_needed"}) is None


def test_a_text_that_seems_to_hold_personal_data_keeps_the_event_back_unless_allowed() -> None:
    event = {"findings": "Ring 01234 567890", "personal_data_public": "phone"}
    assert reason(event) == "personal_data"
    allowed = EngagementSettings(allowed_texts=["Ring 01234 567890"])
    assert reason(event, settings=allowed) is None
    two = event | {"title": "Ask for pc 1234"}
    assert reason(two, settings=allowed) == "personal_data"


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ({"handling": "internal"}, "handling"),
        ({"handling": "restricted", "findings": None}, "handling"),
        ({"start_at": "2025-08-01T10:00:00Z"}, "after_as_of"),
        ({"start_at": "2022-06-30T10:00:00Z"}, "outside_window"),
        ({"start_at": "2022-06-30T23:30:00Z"}, None),  # past midnight in London
        ({"neighbourhood_id": "Z"}, "unknown_place"),
        ({"force_id": "essex"}, "unknown_place"),
        ({"neighbourhood_id": None}, None),
        ({"status": "planned"}, "guidance_blocks"),  # its day is over, nobody says it was held
        (PLANNED, None),
        ({"status": "cancelled"}, None),
        (FAITH, None),
        (PLANNED | FAITH, "sensitive_plan"),
        (FAITH | {"status": "cancelled"}, "sensitive_plan"),
        (FAITH | {"review": "not_reviewed", "neighbourhood_id": "Z"}, None),
    ],
)
def test_every_event_that_is_withheld_has_its_reason(event: Row, why: str | None) -> None:
    assert reason(event) == why


def test_of_a_sensitive_community_codes_are_shown_and_nothing_else() -> None:
    event = FAITH | {
        "event_id": "E-2025-017",
        "series_id": "S",
        "advertised_on": date(2025, 2, 1),
        "info_url": "https://example.org",
        "venue_public": "The hall",
        "decision_ref": "D",
        "decision_date": date(2025, 5, 1),
        "codesigned_with": "faith_group",
        "partner_orgs": "The parish",
        "online": False,
        "end_at": "2025-03-04T20:00:00Z",
    }
    row = published(event).row(0, named=True)
    shown = {name for name, value in row.items() if value is not None}
    assert shown == {
        *("event_id", "year", "place_level", "force_id", "force_name", "status"),
        *("engagement_level", "participation_level", "method", "is_meeting", "target_groups"),
        *("notice_days_status", "participants_recorded", "handling", "sensitive", "held_in_full"),
        "attendances_status",
    }
    assert (row["place_level"], row["notice_days_status"]) == ("force", "c")
    assert row["event_id"].startswith("force-")


def test_the_contract_blocks_a_place_date_title_or_text_of_a_sensitive_community() -> None:
    event = published(FAITH)
    for column, value in {
        "neighbourhood_id": "A",
        "event_date": date(2025, 3, 4),
        "month": "2025-03",
        "start_at": "2025-03-04T18:30:00Z",
        "title": "Evening",
        "findings": "What was said",
        "venue": "The hall",
        "series_id": "S",
    }.items():
        assert f"sensitive_no_{column}" in broken(event, **{column: value})
    assert "sensitive_only_held" in broken(event, status="planned")


def test_the_id_of_a_sensitive_event_cannot_be_found_by_trying_ids() -> None:
    def ids(*events: Row) -> list[str]:
        return published(*(FAITH | event for event in events))["event_id"].to_list()

    assert ids({"event_id": "E1"}) == ids({"event_id": "E2"})
    two = ids({"event_id": "E1"}, {"event_id": "E2"})
    assert len(set(two)) == 2
    assert not any(character.isdigit() for character in "".join(two))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (FAITH, {"possible_duplicate_of": "E1"}),
        (FAITH | {"possible_duplicate_of": "E2"}, {}),
        (FAITH | {"series_id": "S"}, {"series_id": "S"}),
        (FAITH | {"series_id": "S", "handling": "internal"}, {"series_id": "S"}),
        (FAITH | {"possible_duplicate_of": "E0"}, {"possible_duplicate_of": "E0"}),
    ],
)
def test_another_record_of_a_sensitive_event_or_its_series_tells_no_more_than_the_first(
    one: Row, other: Row
) -> None:
    third = {"event_id": "E3", "possible_duplicate_of": "E2"}
    logged = [{**one, "event_id": "E1"}, {**other, "event_id": "E2"}, third, {"event_id": "E4"}]
    events = published(*logged)
    assert events.filter(sensitive="no")["event_id"].to_list() == ["E4"]
    assert events.filter(sensitive="yes")["neighbourhood_id"].is_null().all()
    went = tables({"engagement_events": [logged[0], {**logged[1], **PLANNED}]})["records"]
    assert went["reason"].to_list()[1] == "sensitive_plan"
    issue = tables({"engagement_events": logged, "issues": [{"event_id": "E3"}]})
    assert issue["you_said_we_did"]["sensitive"].to_list() == ["yes"]


def test_a_series_of_another_force_with_the_same_id_is_another_series() -> None:
    other = {"force_id": "essex", "neighbourhood_id": "E", "series_id": "S"}
    assert published(FAITH | {"series_id": "S"}, other)["sensitive"].to_list() == ["no", "yes"]


def test_communities_that_are_no_place_are_given_at_force_level_with_their_day() -> None:
    row = published({"community_type": "interest", "target_groups": "business"}).row(0, named=True)
    assert (row["place_level"], row["neighbourhood_id"]) == ("force", None)
    assert (row["event_date"], row["title"]) == (date(2025, 3, 4), "Ward meeting")


def test_a_sensitive_group_that_helped_to_plan_is_not_named_beside_a_place() -> None:
    event = published({"codesigned_with": "rural;sex_workers"}, {"codesigned_with": "victims"})
    assert event["codesigned_with"].to_list() == ["rural", None]


def test_a_duplicate_is_linked_only_to_an_event_that_can_be_read() -> None:
    events: list[Row] = [
        {"event_id": "E1"},
        {"event_id": "E2", "possible_duplicate_of": "E1"},
        {"event_id": "E3", "possible_duplicate_of": "E4"},
        {"event_id": "E4", "findings": None},
    ]
    assert published(*events)["possible_duplicate_of"].to_list() == [None, "E1", None]


def test_notice_is_in_days_and_not_available_where_the_advert_has_no_date() -> None:
    event = published({"advertised_on": date(2025, 2, 25)}, {})
    assert event.select("notice_days", "notice_days_status").rows() == [(7, None), (None, "x")]


def test_a_place_has_the_name_of_the_months_boundaries_else_its_newest() -> None:
    from tests.openbeat.engagement.published_rows import neighbourhoods

    older = neighbourhoods(("kent", "A", "Old Ash")).with_columns(valid_to=pl.lit("2025-02"))
    newer = neighbourhoods(("kent", "A", "New Ash"), valid_from="2025-03")
    events = [{"start_at": f"2025-0{month}-15T12:00:00Z"} for month in (2, 3, 7)]
    names = published(*events, neighbourhoods=pl.concat([older, newer]))["neighbourhood_name"]
    assert names.to_list() == ["Old Ash", "New Ash", "New Ash"]
