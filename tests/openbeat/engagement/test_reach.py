"""Tables that count people, kept in the lake: answers within 72 hours, and whom events reached."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbeat.contract import check_schema
from openbeat.engagement.reach import end_of
from tests.openbeat.engagement.published_rows import CONTRACTS, Row, tables

ANSWERED = {"reply_outcome": "answered"}
NUMBERS = ("received", "due", "answered_72h", "pending")


def summary(*feedback: Row, **more: Any) -> pl.DataFrame:
    table = tables({"feedback": feedback}, **more)["feedback_summary"]
    check_schema(table, CONTRACTS["feedback_summary"])
    return table


def numbers(*feedback: Row, **more: Any) -> tuple[int, ...]:
    row = summary(*feedback, **more).row(0, named=True)
    return tuple(row[c] for c in NUMBERS)


def at(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


LONDON = ZoneInfo("Europe/London")
RECEIVED = {
    "in winter": datetime(2025, 1, 10, 9, tzinfo=LONDON),
    "before the clocks go forward": datetime(2025, 3, 29, 9, tzinfo=LONDON),
    "before the clocks go back": datetime(2024, 10, 25, 9, tzinfo=LONDON),
}


@pytest.mark.parametrize("received", RECEIVED.values(), ids=RECEIVED)
@pytest.mark.parametrize(
    ("took", "answered"),
    [
        (timedelta(hours=71, minutes=59), 1),
        (timedelta(hours=72), 1),
        (timedelta(hours=72, seconds=1), 0),
        (timedelta(hours=72, minutes=1), 0),
    ],
)
def test_72_hours_are_elapsed_hours_whatever_the_clocks_do(
    received: datetime, took: timedelta, answered: int
) -> None:
    replied = at(received.astimezone(UTC) + took)
    query = ANSWERED | {"received_at": at(received), "meaningful_reply_at": replied}
    assert numbers(query) == (1, 1, answered, 0)


def test_only_meaningful_replies_to_queries_count() -> None:
    reply = {"meaningful_reply_at": "2025-03-05T12:00:00Z"}
    assert numbers(reply | {"reply_outcome": "acknowledged_only"}) == (1, 1, 0, 0)
    assert numbers(reply | {"reply_outcome": None}) == (1, 1, 0, 0)
    assert numbers(reply | {"reply_outcome": "no_action_explained"}) == (1, 1, 1, 0)
    assert summary(ANSWERED | reply | {"kind": "concern"}).is_empty()
    assert summary(ANSWERED | reply | {"handling": "internal"}).is_empty()


def test_a_query_is_due_when_its_72_hours_are_over_as_the_day_ends_in_london() -> None:
    assert end_of(date(2025, 7, 31)) == datetime(2025, 7, 31, 23)  # summer time
    assert end_of(date(2025, 1, 31)) == datetime(2025, 2, 1)
    july = {"month": "2025-07"}
    assert numbers(july | {"received_at": "2025-07-28T23:00:00Z"}) == (1, 1, 0, 0)
    late = july | {"received_at": "2025-07-28T23:00:01Z"}
    assert numbers(late) == (1, 0, 0, 1)
    # Answered already, it is still not among those due.
    early = ANSWERED | late | {"meaningful_reply_at": "2025-07-29T08:00:00Z"}
    assert numbers(early) == (1, 0, 0, 1)
    assert summary(july | {"received_at": "2025-07-31T23:00:00Z"}).is_empty()


def test_a_reply_after_the_day_is_not_known_yet() -> None:
    query = ANSWERED | {
        "received_at": "2025-07-30T12:00:00Z",
        "month": "2025-07",
        "meaningful_reply_at": "2025-08-01T12:00:00Z",
    }
    row = summary(query).row(0, named=True)
    assert (row["pending"], row["median_days_to_reply"]) == (1, None)
    assert row["median_days_to_reply_status"] == "x"


def test_queries_are_summed_by_quarter_place_and_theme() -> None:
    replies = [
        ANSWERED | {"meaningful_reply_at": f"2025-03-{day}T00:00:00Z"} for day in ("05", "06", "20")
    ]
    other = {"neighbourhood_id": None, "received_at": "2025-04-01T09:00:00Z", "month": "2025-04"}
    table = summary(*replies, {}, other, {"theme": "noise"})
    assert table.select("quarter", "neighbourhood_id", "theme", *NUMBERS).rows() == [
        ("2025-Q1", "A", "burglary", 4, 4, 2, 0),
        ("2025-Q1", "A", "noise", 1, 1, 0, 0),
        ("2025-Q2", None, "burglary", 1, 1, 0, 0),
    ]
    assert table["median_days_to_reply"].to_list() == [1.5, None, None]


MOMENTS = st.datetimes(datetime(2025, 7, 20), datetime(2025, 8, 3)).map(
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(MOMENTS, st.none() | st.integers(0, 400_000)), min_size=1, max_size=6))
def test_due_and_pending_make_up_what_was_received(
    drawn: Sequence[tuple[datetime, int | None]],
) -> None:
    rows = [
        ANSWERED
        | {
            "received_at": at(received),
            "month": f"{received.astimezone(LONDON):%Y-%m}",
            "meaningful_reply_at": (
                None if seconds is None else at(received + timedelta(seconds=seconds))
            ),
        }
        for received, seconds in drawn
    ]
    end = datetime(2025, 7, 31, 23, tzinfo=UTC)
    known = [(r, s) for r, s in drawn if r < end]
    due = [(r, s) for r, s in known if r + timedelta(hours=72) <= end]
    soon = [s for _, s in due if s is not None and s <= 72 * 3600]
    sums = summary(*rows).select(pl.col(NUMBERS).sum()).row(0)
    assert sums == (len(known), len(due), len(soon), len(known) - len(due))


def reach(participation: Sequence[Row], events: Sequence[Row]) -> list[tuple[Any, ...]]:
    made = tables({"participation": participation, "engagement_events": events})
    table = made["engagement_reach"]
    check_schema(table, CONTRACTS["engagement_reach"])
    columns = ("place_level", "neighbourhood_id", "category", "attendances", "forms", "count")
    return table.select(*columns, "share").rows()


def form(event: str, category: str, count: int, **more: Any) -> Row:
    own = {"participation_id": f"{event}/{category}", "event_id": event, "category": category}
    return own | {"count": count} | more


def test_attendances_and_forms_are_taken_once_an_event() -> None:
    forms = [form("E1", "25_34", 3), form("E1", "65_plus", 2), form("E2", "25_34", 1)]
    assert reach(forms, [{"event_id": "E1"}, {"event_id": "E2"}]) == [
        ("force", None, "25_34", 24, 12, 4, 0.3333),
        ("force", None, "65_plus", 24, 12, 2, 0.1667),
        ("neighbourhood", "A", "25_34", 24, 12, 4, 0.3333),
        ("neighbourhood", "A", "65_plus", 24, 12, 2, 0.1667),
    ]


@pytest.mark.parametrize("event", [{"target_groups": "victims"}, {"community_type": "virtual"}])
def test_communities_that_are_no_place_count_in_the_force_alone(event: Row) -> None:
    found = reach([form("E1", "25_34", 3)], [{"event_id": "E1", **event}])
    assert [row[0] for row in found] == ["force"]


@pytest.mark.parametrize(
    "event",
    [
        {"status": "planned"},
        {"start_at": "2025-08-01T12:00:00Z"},
        {"handling": "internal"},
    ],
)
def test_events_that_do_not_count_reach_nobody(event: Row) -> None:
    assert reach([form("E1", "25_34", 3)], [{"event_id": "E1", **event}]) == []


def test_two_records_that_may_be_of_one_event_count_once() -> None:
    again = {"event_id": "E2", "possible_duplicate_of": "E1"}
    forms = [form("E1", "25_34", 3), form("E2", "25_34", 3)]
    assert reach(forms, [{"event_id": "E1"}, again])[0][3:6] == (12, 6, 3)
    # Where the other was only planned, this is the one that was held.
    assert reach(forms, [{"event_id": "E1", "status": "planned"}, again])[0][3:6] == (12, 6, 3)


def test_without_forms_there_is_no_share_and_of_the_census_none_yet() -> None:
    forms = [form("E1", "25_34", 0, forms_returned=None)]
    made = tables({"participation": forms, "engagement_events": [{"event_id": "E1"}]})
    row = made["engagement_reach"].row(0, named=True)
    assert (row["share"], row["share_status"], row["forms_status"]) == (None, "x", "x")
    assert (row["census_share"], row["census_share_status"]) == (None, "x")
