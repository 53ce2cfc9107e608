"""The ledger: what was published of people is remembered, and says one thing of each cell."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbeat.disclosure import periods
from openbeat.disclosure.ledger import SCHEMA, current, empty, gathered, settled
from openbeat.errors import InputError


def row(
    item: str = "a", value: int | None = 7, edition: int = 1, **more: object
) -> dict[str, object]:
    return {
        "set": "engagement",
        "measure": "forms",
        "period": "2025-Q1",
        "place_level": "force",
        "force_id": "kent",
        "dimension": "age",
        "item": item,
        "value": value,
        "status": "" if value is not None else "c",
        "edition": edition,
        "release_id": "2025-03-r1",
        "method": "suppression",
        "threshold": 5,
        **more,
    }


def rows(*said: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(list(said), schema=SCHEMA)


def test_the_files_of_the_ledger_are_one_whole_in_an_order_of_their_own() -> None:
    parts = [rows(row("b"), row("a", None)), rows(row("c", period="2024-Q4"))]
    whole = gathered(parts)
    assert whole["item"].to_list() == ["c", "a", "b"]
    assert gathered(parts[::-1]).equals(whole)
    assert gathered([]).equals(empty())


@pytest.mark.parametrize(
    "second", [row("a", 8), row("a"), row("z", None, status=""), row("z", 3, status="c")]
)
def test_a_ledger_that_says_two_things_of_a_cell_is_refused_without_telling_them(
    second: dict[str, object],
) -> None:
    with pytest.raises(InputError, match="only ever added to") as refused:
        gathered([rows(row("a")), rows(second)])
    assert "8" not in str(refused.value)


def test_the_newest_edition_is_what_is_published_now() -> None:
    ledger = rows(row("a", 7), row("b", 9), row("gone", 6), row("a", 17, 2), row("b", 9, 2))
    now = current(ledger)
    assert now.select("item", "value", "revised").rows() == [("a", 17, True), ("b", 9, False)]


def test_what_was_shown_and_is_kept_back_now_was_revised() -> None:
    now = current(rows(row("a", 7), row("a", None, 2)))
    assert now.select("value", "revised").rows() == [(None, True)]


def test_each_period_of_a_force_is_settled_by_itself() -> None:
    ledger = rows(row("a"), row("b", 5, 2), row("a", force_id="essex"), row("a", period="2025"))
    assert settled(ledger).rows() == [
        ("engagement", "essex", "2025-Q1", 1),
        ("engagement", "kent", "2025", 1),
        ("engagement", "kent", "2025-Q1", 2),
    ]


@given(st.dates(date(1990, 1, 1), date(2080, 1, 1)))
def test_a_day_is_in_the_quarter_that_is_over_after_it_and_not_before(day: date) -> None:
    quarter = periods.period_of(f"{day:%Y-%m}")
    assert not periods.complete(quarter, day, 1)
    assert periods.last_day(quarter) >= day
    assert periods.complete(quarter, periods.last_day(quarter), 0)
    assert periods.last_day(periods.quarters(f"{day.year}")[3]) == periods.last_day(f"{day.year}")


@pytest.mark.parametrize(
    ("day", "due"), [("2026-06-29", False), ("2026-06-30", True), ("2027-01-01", True)]
)
def test_a_year_is_revised_six_months_after_its_end(day: str, due: bool) -> None:
    assert periods.revision_due("2025", date.fromisoformat(day), 6) is due


def test_the_last_month_of_a_period_names_its_places() -> None:
    frame = pl.DataFrame({"period": ["2025-Q1", "2025-Q4", "2025"]})
    months = frame.select(periods.last_month("period")).to_series()
    assert months.to_list() == ["2025-03", "2025-12", "2025-12"]
