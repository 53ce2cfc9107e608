"""The neighbourhood's profile: each measure by its formula, and absence that is not zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl
import pytest

from openbeat.contract import broken_counts, check_schema
from openbeat.engagement.settings import EngagementSettings
from tests.openbeat.engagement.published_rows import (
    CONTRACTS,
    MONTHS,
    TEAMS,
    Row,
    crime,
    crime_summary,
    neighbourhoods,
    tables,
)


def profile(
    conformed: Mapping[str, Sequence[Row]] | None = None, place: str = "A", **given: Any
) -> dict[str, Any]:
    """The row of one neighbourhood, held against the contract."""
    table = tables(conformed, **given)["neighbourhood_profile"]
    contract = CONTRACTS["neighbourhood_profile"]
    check_schema(table, contract)
    faults = broken_counts(table, contract, {}).filter(severity="critical")
    assert faults["broken"].sum() == 0, faults.filter(pl.col("broken") > 0)
    return table.row(by_predicate=pl.col("neighbourhood_id") == place, named=True)


def on(*days: str, **more: Any) -> dict[str, list[Row]]:
    """Meetings held on these days."""
    return {"engagement_events": [{"start_at": f"{day}T12:00:00Z", **more} for day in days]}


def flags(row: Mapping[str, Any]) -> list[str]:
    return str(row["flags"] or "").split(";") if row["flags"] else []


def test_every_neighbourhood_of_the_newest_month_has_a_row_and_no_other() -> None:
    gone = neighbourhoods(("kent", "C", "Cedar")).with_columns(valid_to=pl.lit(MONTHS[-2]))
    table = tables(neighbourhoods=pl.concat([neighbourhoods(), gone]))["neighbourhood_profile"]
    places = ("force_id", "neighbourhood_id", "neighbourhood_name", "population")
    assert table.select(places).rows() == [
        ("essex", "E", "Elm", 5000),
        ("kent", "A", "Ash", 5000),
        ("kent", "B", "Birch", 5000),
    ]


COUNTS = {
    "engagement_events": ("months_with_event_12m", "event_coverage_12m", "meetings_12m"),
    "engagement_plan": ("groups_planned_12m", "groups_reached_12m"),
    "issues": ("issues_raised_12m", "issues_due", "issues_closed", "no_feedback_yet"),
    "actions": ("actions_overdue",),
    "priorities": ("priorities",),
}


def test_where_a_force_delivers_no_log_its_numbers_are_not_available_rather_than_zero() -> None:
    logs: dict[str, list[Row]] = {table: [{"neighbourhood_id": "B"}] for table in COUNTS}
    there, elsewhere = profile(logs), profile(logs, place="E")
    for name in (name for names in COUNTS.values() for name in names):
        assert (there[name], there[f"{name}_status"]) == (0, None), name
        assert (elsewhere[name], elsewhere[f"{name}_status"]) == (None, "x"), name
    assert (there["longest_gap_days"], elsewhere["longest_gap_days_status"]) == (364, "x")
    assert (there["priorities_current"], elsewhere["priorities_current"]) == ("no", "not_known")
    assert flags(there) == ["no_meeting", "stale_priorities"]
    assert flags(elsewhere) == []


@pytest.mark.parametrize("table", ["issues", "actions"])
def test_overdue_actions_are_not_zero_where_one_of_the_two_logs_is_missing(table: str) -> None:
    row = profile({table: [{}]})
    assert (row["actions_overdue"], row["actions_overdue_status"]) == (None, "x")


def test_a_withheld_record_says_that_there_is_a_log() -> None:
    row = profile({"issues": [{"handling": "internal"}]})
    assert (row["issues_raised_12m"], row["issues_raised_12m_status"]) == (0, None)


def test_months_with_an_event_are_those_of_the_twelve_up_to_the_day() -> None:
    row = profile(on("2024-07-31", "2024-08-01", "2024-08-09", "2025-07-31", method="door_knock"))
    assert (row["months_with_event_12m"], row["event_coverage_12m"]) == (2, 0.167)
    assert (row["meetings_12m"], row["last_meeting_on"]) == (0, None)
    assert (row["days_since_meeting"], row["days_since_meeting_status"]) == (None, "x")


def test_meetings_are_counted_once_with_their_possible_duplicates() -> None:
    events = on("2025-03-04")["engagement_events"] + [
        {"event_id": "E2", "possible_duplicate_of": "engagement_events-0"},
        {"event_id": "E3", "start_at": "2025-05-04T12:00:00Z"},
    ]
    row = profile({"engagement_events": events})
    assert (row["meetings_12m"], row["last_meeting_on"]) == (2, date(2025, 5, 4))
    assert row["days_since_meeting"] == 88
    # The first of the two is not published, so the other is the one that counts.
    events[0] = {**events[0], "findings": None}
    assert profile({"engagement_events": events})["meetings_12m"] == 2


def test_sensitive_communities_and_withheld_meetings_are_in_no_neighbourhoods_numbers() -> None:
    kept_back = ({"target_groups": "victims"}, {"review": "not_reviewed"}, {"handling": "internal"})
    for more in kept_back:
        assert profile(on("2025-03-04", **more))["meetings_12m"] == 0


@pytest.mark.parametrize(
    ("days", "gap"),
    [
        (("2024-08-01", "2025-07-31"), 364),
        (("2024-12-31",), 212),  # to the day
        (("2025-05-31",), 303),  # from the first of the twelve months
        (("2024-10-01", "2025-01-01", "2025-05-31"), 150),
        (("2024-07-31",), 364),  # before the twelve months
    ],
)
def test_the_longest_gap_reaches_from_the_start_of_the_year_to_the_day(
    days: Sequence[str], gap: int
) -> None:
    assert profile(on(*days))["longest_gap_days"] == gap


def test_the_next_meeting_is_the_first_that_is_planned_after_the_day() -> None:
    planned = [
        {"status": "planned", "start_at": f"2025-{day}T18:00:00Z", "method": method}
        for day, method in (("09-01", "public_meeting"), ("08-05", "online_meeting"))
    ]
    stall = {"status": "planned", "start_at": "2025-08-01T18:00:00Z", "method": "door_knock"}
    off = {"status": "cancelled", "start_at": "2025-08-02T18:00:00Z"}
    row = profile({"engagement_events": [*planned, stall, off]})
    assert row["next_meeting_on"] == date(2025, 8, 5)


def test_notice_is_the_median_of_held_and_coming_events() -> None:
    notices = {"2025-03-11": 1, "2025-05-06": 4, "2025-07-10": 1}
    events = [
        {"start_at": f"{day}T12:00:00Z", "advertised_on": date(2025, int(day[5:7]), first)}
        for day, first in notices.items()
    ]
    coming = {
        "status": "planned",
        "start_at": "2025-08-15T12:00:00Z",
        "advertised_on": date(2025, 7, 31),
    }
    row = profile({"engagement_events": [*events, coming, {}]})
    assert (row["notice_days_median"], row["notice_days_median_status"]) == (9.5, None)
    assert "short_notice" in flags(row)
    assert "events advertised less than 7 days ahead: 1" in row["flag_reasons"]


@pytest.mark.parametrize(("day", "flagged"), [("2025-04-30", False), ("2025-04-29", True)])
def test_no_meeting_is_flagged_after_as_many_days_as_the_settings_say(
    day: str, flagged: bool
) -> None:
    row = profile(on(day))
    assert ("no_meeting" in flags(row)) == flagged
    patient = profile(on(day), settings=EngagementSettings(meeting_days=93))
    assert flags(patient) == []


def test_the_contract_warns_of_neighbourhoods_without_a_meeting() -> None:
    table = tables(on("2025-07-01"))["neighbourhood_profile"]
    counts = broken_counts(table, CONTRACTS["neighbourhood_profile"], {})
    warned = counts.row(by_predicate=pl.col("rule") == "g14_meeting", named=True)
    assert (warned["severity"], warned["broken"]) == ("warning", 1)  # Birch; Essex has no log


CLOSED = {"status": "no_action", "answered": "yes", "reason_no_action_code": "withdrawn"}


def test_closure_is_over_issues_that_had_ninety_days() -> None:
    issues: list[Row] = [
        {**CLOSED, "raised_on": date(2025, 5, 2)},  # 90 days ago
        {"raised_on": date(2025, 5, 2)},
        {"raised_on": date(2025, 5, 2), "status": "action_taken"},  # without an answer
        {**CLOSED, "raised_on": date(2025, 5, 3)},
        {**CLOSED, "raised_on": date(2024, 5, 3)},  # 90 days before the twelve months
        {**CLOSED, "raised_on": date(2024, 5, 2)},
    ]
    row = profile({"issues": issues})
    assert (row["issues_due"], row["issues_closed"], row["closure_rate"]) == (4, 2, 0.5)
    assert (row["issues_raised_12m"], row["no_feedback_yet"]) == (4, 1)
    assert "no_feedback" in flags(row)
    assert profile({"issues": issues[3:4]})["closure_rate_status"] == "x"


def test_a_repeated_issue_is_not_counted_again() -> None:
    repeat = {
        "status": "duplicate",
        "answered": "yes",
        "duplicate_live": "yes",
        "duplicate_of": "issues-0",
    }
    row = profile({"issues": [{}, repeat]})
    assert (row["issues_raised_12m"], row["issues_due"], row["issues_closed"]) == (1, 1, 0)


def test_days_to_feedback_are_the_median_of_those_told_within_the_year() -> None:
    told = [(date(2025, 1, 1), date(2025, 1, 5)), (date(2025, 1, 1), date(2025, 1, 11))]
    issues: list[Row] = [{"raised_on": raised, "fed_back_on": day} for raised, day in told]
    issues.append({"raised_on": date(2024, 1, 1), "fed_back_on": date(2024, 7, 31)})
    row = profile({"issues": issues})
    assert (row["median_days_to_feedback"], row["median_days_to_feedback_status"]) == (7.0, None)


def test_overdue_actions_are_counted_and_flagged() -> None:
    late = {"issue_id": "issues-0", "due_on": date(2025, 7, 30)}
    row = profile({"issues": [{}], "actions": [late, late, {"issue_id": "issues-0"}]})
    assert row["actions_overdue"] == 2
    assert "actions overdue: 2" in row["flag_reasons"]


def test_groups_of_the_plan_are_counted_once_and_those_reached_among_them() -> None:
    plan: list[Row] = [
        {"group_code": "rural"},
        {"group_code": "rural", "status": "delivered"},
        {"group_code": "deaf"},
        {"group_code": "students", "planned_month": "2024-07"},
        {"group_code": "victims", "status": "delivered"},
    ]
    row = profile({"engagement_plan": plan})
    assert (row["groups_planned_12m"], row["groups_reached_12m"]) == (2, 1)


def test_one_current_priority_makes_the_priorities_current() -> None:
    old = {"issue_date": date(2024, 1, 1)}
    stale = profile({"priorities": [old, {**old, "closed_on": date(2024, 2, 1)}]})
    assert (stale["priorities"], stale["priorities_current"]) == (1, "no")
    assert "stale_priorities" in flags(stale)
    assert profile({"priorities": [old, {}]})["priorities_current"] == "yes"


@pytest.mark.parametrize(("number", "named"), [(2, "yes"), (0, "no"), (None, "not_known")])
def test_named_officers_are_those_police_uk_last_showed(number: int | None, named: str) -> None:
    seen = [
        ("kent", "A", 5, "https://old.example", date(2025, 6, 1)),
        ("kent", "A", number, "https://example.org", date(2025, 7, 1)),
    ]
    teams = pl.DataFrame(seen, schema=TEAMS, orient="row")
    row = profile(teams=teams)
    assert (row["named_officer"], row["team_url"]) == (named, "https://example.org")
    assert ("no_named_officer" in flags(row)) == (named == "no")
    assert profile(teams=teams, place="B")["named_officer"] == "not_known"


@pytest.mark.parametrize(
    ("seen_on", "named"), [(date(2025, 4, 30), "yes"), (date(2025, 4, 29), "not_known")]
)
def test_a_team_seen_more_than_three_months_ago_is_not_known(seen_on: date, named: str) -> None:
    seen = [("kent", "A", 2, "https://example.org", seen_on)]
    row = profile(teams=pl.DataFrame(seen, schema=TEAMS, orient="row"))
    assert (row["named_officer"], row["team_url"]) == (named, "https://example.org")


RANKS = ("concern_theme", "concern_rank", "published_rank", "rank_difference")
RAISED: list[Row] = [
    {"theme": "burglary"},
    {"theme": "burglary"},
    {"theme": "noise"},
    {"theme": "asb_general"},
    {"theme": "street_drinking"},
    {"theme": "road_safety_speeding"},
    {"theme": "road_safety_speeding"},
    {"theme": "road_safety_speeding"},
]


def test_what_is_raised_most_is_ranked_beside_what_is_published() -> None:
    counts = {"Anti-social behaviour": 9, "Shoplifting": 5, "Robbery": 5, "Burglary": 2}
    row = profile({"issues": RAISED}, crime=crime(counts), crime_summary=crime_summary())
    # Three themes of anti-social behaviour are one crime type; speeding is none.
    assert [row[c] for c in RANKS] == ["burglary", 2, 4, 2]
    assert [row[f"{c}_status"] for c in RANKS[1:]] == [None, None, None]
    assert row["crime_total_12m"] == 120


def test_without_twelve_usable_months_there_is_no_published_rank() -> None:
    counts = crime({"Burglary": 2})
    unusable: tuple[dict[str, Any], ...] = (
        {"crime": counts, "crime_summary": crime_summary(None, "x")},
        {"crime": counts},
        {"crime": counts, "crime_summary": crime_summary(), "months": MONTHS[-11:]},
    )
    for given in unusable:
        row = profile({"issues": RAISED}, **given)
        assert [row[c] for c in RANKS] == ["burglary", 2, None, None]
        assert [row[f"{c}_status"] for c in RANKS[1:]] == [None, "x", "x"]


def test_a_redrawn_neighbourhoods_rank_is_doubtful_and_without_issues_there_is_none() -> None:
    given = {"crime": crime({"Burglary": 2}), "crime_summary": crime_summary(120, "u")}
    row = profile({"issues": RAISED}, **given)
    assert [row[f"{c}_status"] for c in RANKS[1:]] == [None, "u", "u"]
    none = profile({"issues": [{"theme": "youth"}]}, **given)
    assert [none[c] for c in RANKS] == [None] * 4
    assert [none[f"{c}_status"] for c in RANKS[1:]] == ["x"] * 3
