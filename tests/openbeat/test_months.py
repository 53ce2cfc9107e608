"""Months are counted over the ends of years."""

from __future__ import annotations

from openbeat.months import earlier, month_range, months_to


def test_a_range_holds_both_ends_and_is_empty_the_wrong_way_round() -> None:
    assert month_range("2024-11", "2025-02") == ["2024-11", "2024-12", "2025-01", "2025-02"]
    assert month_range("2025-02", "2025-01") == []


def test_the_months_up_to_one_are_by_default_those_it_is_compared_with() -> None:
    assert months_to("2025-01", 3) == ["2024-11", "2024-12", "2025-01"]
    assert months_to("2025-06") == month_range("2024-06", "2025-06")


def test_an_earlier_month_may_be_of_another_year() -> None:
    assert earlier("2025-06", 12) == "2024-06"
    assert earlier("2025-01", 1) == "2024-12"
