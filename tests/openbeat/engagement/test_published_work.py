"""Priorities, activities, and the plan against what was delivered."""

from __future__ import annotations

from datetime import date

import pytest

from tests.openbeat.engagement.published_rows import Row, tables


def record(table: str, row: Row) -> tuple[str, str | None]:
    """The disposition and reason of one record."""
    made = tables({table: [row]})["records"]
    return made["disposition"].item(), made["reason"].item()


def test_a_priority_is_published_with_its_action_and_dates() -> None:
    row = tables({"priorities": [{"priority_id": "P1", "action_date": date(2025, 6, 9)}]})[
        "priorities"
    ].row(0, named=True)
    assert (row["issue"], row["issue_status"], row["action"]) == ("Burglary", None, "Patrols")
    assert (row["updated_on"], row["current"]) == (date(2025, 6, 9), "yes")
    assert (row["force_name"], row["neighbourhood_name"]) == ("Kent Police", "Ash")


@pytest.mark.parametrize(
    ("dates", "current"),
    [
        ({"issue_date": date(2025, 4, 30)}, "yes"),  # the 31st, three months earlier
        ({"issue_date": date(2025, 4, 29)}, "no"),
        ({"issue_date": date(2024, 1, 1), "action_date": date(2025, 5, 1)}, "yes"),
        ({"issue_date": date(2024, 1, 1), "action_date": date(2025, 8, 1)}, "no"),  # not yet
        ({"issue_date": date(2025, 7, 1), "action_date": date(2025, 8, 1)}, "yes"),
        ({"closed_on": date(2025, 7, 31)}, "no"),
        ({"closed_on": date(2025, 8, 1)}, "yes"),
        ({"issue_date": None, "first_seen": date(2025, 7, 1)}, "no"),
    ],
)
def test_a_priority_is_current_when_updated_within_three_months_and_open(
    dates: Row, current: str
) -> None:
    assert tables({"priorities": [dates]})["priorities"]["current"].item() == current


def test_a_priority_without_review_keeps_its_dates_and_loses_its_texts() -> None:
    row = {"review": "not_reviewed"}
    made = tables({"priorities": [row, row | {"action": None}, {"review": "not_needed"}]})
    columns = ("issue", "issue_status", "action", "action_status", "current")
    assert made["priorities"].select(columns).rows() == [
        (None, "c", None, "c", "yes"),
        (None, "c", None, "x", "yes"),
        ("Burglary", None, "Patrols", None, "yes"),
    ]
    assert record("priorities", row) == ("published", "not_reviewed")
    hit = {"personal_data_public": "phone"}
    assert record("priorities", hit) == ("published", "personal_data")


@pytest.mark.parametrize(
    ("table", "row", "why"),
    [
        ("priorities", {"handling": "internal"}, "handling"),
        ("priorities", {"issue_date": date(2025, 8, 1)}, "after_as_of"),
        ("priorities", {"action_date": date(2025, 8, 1)}, None),  # set before
        ("priorities", {"closed_on": date(2022, 6, 30)}, "outside_window"),
        ("priorities", {"neighbourhood_id": "Z"}, "unknown_place"),
        ("activities", {"handling": "internal"}, "handling"),
        ("activities", {"month": "2025-08"}, "after_as_of"),
        ("activities", {"month": "2022-06"}, "outside_window"),
        ("activities", {"neighbourhood_id": "Z"}, "unknown_place"),
        ("activities", {"neighbourhood_id": None}, None),
        ("engagement_plan", {"handling": "internal"}, "handling"),
        ("engagement_plan", {"planned_month": "2025-08"}, "after_as_of"),
        ("engagement_plan", {"planned_month": "2022-06"}, "outside_window"),
        ("engagement_plan", {"status": "moved"}, "part_of_another"),
        (
            "engagement_plan",
            {"group_code": "victims", "planned_month": "2025-08"},
            "sensitive_plan",
        ),
        ("engagement_plan", {"group_code": "victims", "neighbourhood_id": "Z"}, None),
    ],
)
def test_what_is_withheld_has_its_reason(table: str, row: Row, why: str | None) -> None:
    assert record(table, row) == ("withheld" if why else "published", why)


def test_activities_are_summed_by_month_place_type_and_organisation() -> None:
    rows: list[Row] = [
        {"hours": 1.1, "number": 2, "priority_id": "P1"},
        {"hours": 2.2, "number": 1, "priority_id": "P2"},
        {"hours": 9.0, "neighbourhood_id": None},
        {"hours": 5.0, "organisation": "Ash Council"},
    ]
    made = tables(
        {"activities": rows, "priorities": [{"priority_id": "P1"}, {"priority_id": "P3"}]}
    )["activities"]
    columns = ("neighbourhood_id", "organisation", "hours", "number", "priorities_served")
    assert made.select(columns).rows() == [
        (None, "Kent Police", 9.0, None, None),
        ("A", "Ash Council", 5.0, None, None),
        ("A", "Kent Police", 3.3, 3, "P1"),
    ]


def test_a_sum_of_which_some_records_say_nothing_is_doubtful_and_of_none_unknown() -> None:
    made = tables({"activities": [{"hours": 1.0}, {"hours": None}]})["activities"]
    columns = ("hours", "hours_status", "number", "number_status")
    assert made.select(columns).rows() == [(1.0, "u", None, "x")]


def test_the_plan_is_set_against_what_was_delivered() -> None:
    plan: list[Row] = [
        {"status": "delivered"},
        {"status": "planned", "event_id": "E1"},
        {"status": "planned", "event_id": "E2"},
        {"status": "cancelled", "event_id": "E1"},
        {"planned_month": "2024-03"},
        {"neighbourhood_id": None},
    ]
    events: list[Row] = [{"event_id": "E1"}, {"event_id": "E2", "status": "cancelled"}]
    made = tables({"engagement_plan": plan, "engagement_events": events})
    columns = ("year", "place_level", "neighbourhood_name", "planned", "delivered", "reached")
    assert made["engagement_plan_delivery"].select(columns).rows() == [
        (2024, "neighbourhood", "Ash", 1, 0, "no"),
        (2025, "force", None, 1, 0, "no"),
        (2025, "neighbourhood", "Ash", 4, 2, "yes"),
    ]


def test_sensitive_groups_are_counted_at_force_level_once_their_month_is_over() -> None:
    plan: list[Row] = [
        {"group_code": "homeless", "status": "delivered"},
        {"group_code": "homeless", "neighbourhood_id": "B"},
        {"group_code": "homeless", "planned_month": "2025-07"},
    ]
    made = tables({"engagement_plan": plan})["engagement_plan_delivery"]
    assert made.select("place_level", "neighbourhood_id", "planned", "delivered").rows() == [
        ("force", None, 3, 1)
    ]
    middle = tables({"engagement_plan": plan}, as_of=date(2025, 7, 15))["engagement_plan_delivery"]
    assert middle["planned"].item() == 2
