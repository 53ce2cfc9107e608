"""How soon queries are answered: elapsed time, and which queries and replies there are at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbeat.engagement.replies import end_of
from tests.openbeat.engagement.published_rows import Row, tables

ANSWERED = {"reply_outcome": "answered"}
NUMBERS = ("received", "due", "answered_72h", "pending")


def times(*feedback: Row, **more: Any) -> pl.DataFrame:
    return tables({"feedback": feedback}, **more)["feedback_times"]


def whole(*feedback: Row) -> pl.DataFrame:
    """The rows of the whole force and every theme."""
    return times(*feedback).filter(place_level="force", theme="all")


def numbers(*feedback: Row) -> tuple[int, ...]:
    return whole(*feedback).select(NUMBERS).row(0)


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
    assert times(ANSWERED | reply | {"kind": "concern"}).is_empty()
    assert times(ANSWERED | reply | {"handling": "internal"}).is_empty()


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
    assert times(july | {"received_at": "2025-07-31T23:00:00Z"}).is_empty()


def test_a_reply_after_the_day_is_not_known_yet() -> None:
    query = ANSWERED | {
        "received_at": "2025-07-30T12:00:00Z",
        "month": "2025-07",
        "meaningful_reply_at": "2025-08-01T12:00:00Z",
    }
    row = whole(query).row(0, named=True)
    assert (row["pending"], row["replies"], row["median_days_to_reply"]) == (1, 0, None)


def test_queries_are_summed_by_quarter_place_and_theme() -> None:
    replies = [
        ANSWERED | {"meaningful_reply_at": f"2025-03-{day}T00:00:00Z"} for day in ("05", "06", "20")
    ]
    other = {"neighbourhood_id": None, "received_at": "2025-04-01T09:00:00Z", "month": "2025-04"}
    columns = ("period", "place_level", "neighbourhood_id", "theme", *NUMBERS)
    table = times(*replies, {}, other, {"theme": "noise"})
    assert table.select(*columns, "replies", "median_days_to_reply").rows() == [
        ("2025-Q1", "force", None, "all", 5, 5, 2, 0, 3, 1.5),
        ("2025-Q1", "force", None, "burglary", 4, 4, 2, 0, 3, 1.5),
        ("2025-Q1", "force", None, "noise", 1, 1, 0, 0, 0, None),
        ("2025-Q1", "neighbourhood", "A", "all", 5, 5, 2, 0, 3, 1.5),
        ("2025-Q1", "neighbourhood", "A", "burglary", 4, 4, 2, 0, 3, 1.5),
        ("2025-Q1", "neighbourhood", "A", "noise", 1, 1, 0, 0, 0, None),
        ("2025-Q2", "force", None, "all", 1, 1, 0, 0, 0, None),
        ("2025-Q2", "force", None, "burglary", 1, 1, 0, 0, 0, None),
        ("2025-Q2", "unplaced", None, "all", 1, 1, 0, 0, 0, None),
        ("2025-Q2", "unplaced", None, "burglary", 1, 1, 0, 0, 0, None),
    ]


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
    sums = whole(*rows).select(pl.col(NUMBERS).sum()).row(0)
    assert sums == (len(known), len(due), len(soon), len(known) - len(due))
