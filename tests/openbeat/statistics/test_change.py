"""A place is compared with its own past only where that is fair, and seldom called by chance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from openbeat.months import earlier
from openbeat.statistics.change import against_usual, compare, years

MONTHS = [earlier("2025-06", back) for back in range(35, -1, -1)]
SCHEMA: dict[str, Any] = {
    "month": pl.String,
    "area_force_id": pl.String,
    "neighbourhood_id": pl.String,
    "crime_total": pl.Int64,
    "crime_total_status": pl.String,
    "crime_total_12m": pl.Int64,
    "crime_total_12m_status": pl.String,
    "months_12m": pl.Int64,
}


def summary(counts: Sequence[int | None], place: str = "N1", redrawn: str = "") -> pl.DataFrame:
    """The published table of one place: 36 months of counts, None for one that is missing."""
    rows = []
    for at, (month, count) in enumerate(zip(MONTHS, counts, strict=True)):
        year = counts[max(0, at - 11) : at + 1]
        whole = len(year) == 12 and None not in year
        spans = bool(redrawn) and redrawn in MONTHS[max(0, at - 10) : at + 1]
        rows.append(
            {
                "month": month,
                "area_force_id": "f",
                "neighbourhood_id": place,
                "crime_total": count,
                "crime_total_status": None if count is not None else "x",
                "crime_total_12m": sum(c or 0 for c in year) if whole else None,
                "crime_total_12m_status": ("u" if spans else None) if whole else "x",
                "months_12m": sum(c is not None for c in year),
            }
        )
    return pl.DataFrame(rows, schema=SCHEMA)


def found(counts: Sequence[int | None], **values: Any) -> dict[str, Any]:
    return years(summary(counts, **values), "2025-06").row(0, named=True)


def test_a_month_is_outside_its_range_only_beyond_the_most_or_least() -> None:
    assert [against_usual(n, 4, 9) for n in (3, 4, 9, 10)] == ["below", "within", "within", "above"]


def test_a_clear_change_is_told_with_both_sums() -> None:
    up = found([20] * 24 + [40] * 12)
    assert (up["now"], up["before"], up["change"]) == (480, 240, "more")
    assert (up["months"], up["month_before"]) == (12, "2024-06")
    assert found([20] * 24 + [10] * 12)["change"] == "fewer"


def test_what_chance_could_bring_is_about_the_same() -> None:
    assert found([20] * 24 + [21] * 12)["change"] == "same"
    assert found([0] * 36)["change"] == "same"
    assert found([0] * 24 + [1] + [0] * 11)["change"] == "same"


def test_months_that_swing_widely_make_a_change_harder_to_call() -> None:
    steady = found([20] * 24 + [27] * 12)
    swinging = found([5, 35] * 12 + [5, 49] * 6)
    assert (steady["now"], steady["before"]) == (swinging["now"], swinging["before"]) == (324, 240)
    assert steady["dispersion"] == 1.0
    assert swinging["dispersion"] > 5
    assert (steady["change"], swinging["change"]) == ("more", "same")


@pytest.mark.parametrize("gap", [12, 23, 24, 35], ids=["first", "12th", "13th", "newest"])
def test_a_missing_month_in_either_year_leaves_nothing_to_compare(gap: int) -> None:
    counts = [None if at == gap else 20 + 20 * (at >= 24) for at in range(36)]
    row = found(counts)
    assert row["change"] is None
    assert (row["now"] is None) == (gap >= 24)
    assert (row["before"] is None) == (gap < 24)
    assert row["months"] == (11 if gap >= 24 else 12)


@pytest.mark.parametrize("month", ["2023-08", "2024-03", "2024-07", "2025-06"])
def test_an_area_redrawn_within_the_two_years_is_not_compared(month: str) -> None:
    row = found([20] * 24 + [40] * 12, redrawn=month)
    assert row["redrawn"]
    assert row["change"] is None
    assert (row["now"], row["before"]) == (480, 240)


def test_an_area_redrawn_before_the_two_years_is_compared() -> None:
    assert found([20] * 24 + [40] * 12, redrawn="2023-07")["change"] == "more"


def test_a_release_without_a_year_before_has_none() -> None:
    table = summary([20] * 36).filter(pl.col("month") > "2024-06")
    row = years(table, "2025-06").row(0, named=True)
    assert (row["now"], row["before"], row["change"]) == (240, None, None)


def test_only_places_of_the_newest_month_are_told_of_sorted() -> None:
    gone = summary([20] * 36, "N0").filter(pl.col("month") < "2025-06")
    table = pl.concat([summary([20] * 36, "N2"), summary([20] * 36, "N1"), gone])
    assert years(table, "2025-06")["neighbourhood_id"].to_list() == ["N1", "N2"]


@settings(deadline=None)  # the first example imports scipy
@given(st.integers(0, 400), st.integers(0, 400))
def test_without_clustering_the_test_is_the_exact_binomial_one(now: int, before: int) -> None:
    chance = binomtest(now, now + before).pvalue if now + before else 1.0
    told = compare(pl.Series([now]), pl.Series([before]), pl.Series([1.0]))[0]
    assert (told != "same") == (chance < 0.01)
    if told != "same":
        assert told == ("more" if now > before else "fewer")


def test_unchanged_places_are_seldom_called_changed() -> None:
    draw = np.random.default_rng(7)
    rates = draw.lognormal(3, 1, 4000)
    now, before = (pl.Series(draw.poisson(12 * rates)) for _ in range(2))
    called = compare(now, before, pl.Series(np.ones(4000)))
    assert called.is_in(["more", "fewer"]).sum() < 0.015 * 4000


def test_the_dispersion_is_published_with_nine_significant_figures() -> None:
    counts = [*range(7, 31), *(17, 40, 3, 22, 19, 61, 8, 35, 27, 14, 9, 50)]
    spread = found(counts)["dispersion"]
    assert spread > 1
    assert repr(spread) == f"{spread:.9g}"
