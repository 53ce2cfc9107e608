"""How soon messages were answered, counted again from the log by hand."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from tests.end_to_end.counting import codes

Logs = dict[str, Any]
Faults = list[dict[str, Any]]
Row = dict[str, Any]
LONDON = ZoneInfo("Europe/London")


def elapsed_hours(row: Row) -> float | None:
    """Hours between two times of London's clocks, elapsed; the first of an hour that came twice."""
    if not row["meaningful_reply_at"]:
        return None
    came, replied = (utc(row[name]) for name in ("received_at", "meaningful_reply_at"))
    return (replied - came).total_seconds() / 3600


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


def test_answers_within_72_hours_are_those_of_the_messages(whole: Any, sound_feedback: Any) -> None:
    end = datetime(2025, 7, 31, 23, 0, tzinfo=UTC)  # midnight in London, in summer
    meaningful = codes("reply_outcomes", "meaningful", "yes")
    counts: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    took: dict[tuple[Any, ...], list[float]] = defaultdict(list)
    for row in sound_feedback:
        received = utc(row["received_at"])
        if row["kind"] != "query" or received >= end:
            continue
        local = received.astimezone(LONDON)
        quarter = f"{local.year}-Q{(local.month + 2) // 3}"
        # What names a neighbourhood of the other force is of the force alone.
        place = None if row["neighbourhood_id"].startswith("YF") else row["neighbourhood_id"]
        key = quarter, place or None, row["theme"]
        hours = elapsed_hours(row) if row["reply_outcome"] in meaningful else None
        if hours is not None and utc(row["meaningful_reply_at"]) > end:
            hours = None
        due = received + timedelta(hours=72) <= end
        counts[key].update(received=1, due=due, pending=not due)
        counts[key]["answered_72h"] += due and hours is not None and hours <= 72
        took[key] += [] if hours is None else [hours / 24]
    placed = (pl.col("place_level") != "force") & (pl.col("theme") != "all")
    table = whole.lake("feedback_times").filter(placed, force_id="northmere")
    assert table.height == len(counts) > 200
    for row in table.iter_rows(named=True):
        key = row["period"], row["neighbourhood_id"], row["theme"]
        for name in ("received", "due", "answered_72h", "pending"):
            assert row[name] == counts[key][name], (key, name)
        if row["median_days_to_reply"] is None:
            assert took[key] == []
        else:
            assert row["median_days_to_reply"] == pytest.approx(median(took[key]), abs=0.0006)


@pytest.fixture(scope="module")
def sound_feedback(logs: Logs, log_faults: Faults) -> list[Row]:
    """The messages of one force that were taken in and may be counted."""
    gone = {
        line
        for fault in log_faults
        if fault["source"] == "northmere-feedback"
        for line in fault["lines"]
        if fault.get("expected") in ("quarantined", "routed") or fault.get("reason") == "handling"
    }
    return [row for n, row in logs["northmere-feedback"].rows.items() if n not in gone]


@pytest.mark.parametrize(
    ("fault", "hours", "in_time"),
    [("reply-71h59", 71.983, True), ("reply-72h00", 72, True), ("reply-72h01", 72.017, False)],
)
def test_across_the_change_of_the_clocks_a_minute_decides(
    whole: Any, planted: Any, sound_feedback: list[Row], fault: str, hours: float, in_time: bool
) -> None:
    """The one row more or less is found by taking the message out of its cell of the table."""
    meaningful = codes("reply_outcomes", "meaningful", "yes")
    rows = planted(fault)
    assert len(rows) == 2  # across the change of October and of March
    for row in rows:
        assert elapsed_hours(row) == pytest.approx(hours, abs=0.001)
        local = utc(row["received_at"]).astimezone(LONDON)
        quarter = (local.month + 2) // 3
        alike = [
            other
            for other in sound_feedback
            if other["kind"] == "query"
            and (other["neighbourhood_id"], other["theme"])
            == (row["neighbourhood_id"], row["theme"])
            and (other["received_at"][:4], (int(other["received_at"][5:7]) + 2) // 3)
            == (f"{local.year}", quarter)
            and other is not row
        ]
        others = sum(
            o["reply_outcome"] in meaningful and (elapsed_hours(o) or 999) <= 72 for o in alike
        )
        cell = whole.lake("feedback_times").filter(
            period=f"{local.year}-Q{quarter}",
            force_id="northmere",
            neighbourhood_id=row["neighbourhood_id"],
            theme=row["theme"],
        )
        assert cell.select("due", "answered_72h").row(0) == (len(alike) + 1, others + in_time)
