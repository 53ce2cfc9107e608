"""The Poisson interval is the exact one."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, poisson

from openbeat.statistics.rates import poisson_interval


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(0, 0.0, 3.689), (3, 0.619, 8.767), (10, 4.795, 18.390), (100, 81.364, 121.627)],
)
def test_the_published_vectors(count: int, low: float, high: float) -> None:
    found = poisson_interval(pl.Series([count]))
    assert [round(limit[0], 3) for limit in found] == [low, high]


def test_a_count_that_is_not_known_has_no_interval_and_disturbs_no_other() -> None:
    low, high = poisson_interval(pl.Series([None, 10, None, 0], dtype=pl.Int64))
    assert low.round(3).to_list() == [None, 4.795, None, 0.0]
    assert high.round(3).to_list() == [None, 18.390, None, 3.689]
    assert (low.dtype, high.dtype) == (pl.Float64, pl.Float64)


@pytest.mark.parametrize("counts", [[], [None]])
def test_no_counts_no_intervals(counts: list[None]) -> None:
    low, high = poisson_interval(pl.Series(counts, dtype=pl.Int64))
    assert low.to_list() == high.to_list() == counts


@settings(max_examples=50, deadline=None)
@given(count=st.integers(0, 100_000), alpha=st.sampled_from([0.01, 0.05, 0.2]))
def test_the_limits_are_where_the_tails_hold_half_of_alpha_each(count: int, alpha: float) -> None:
    low, high = (limit[0] for limit in poisson_interval(pl.Series([count]), alpha))
    assert low <= count <= high
    assert poisson.cdf(count, high) == pytest.approx(alpha / 2, rel=1e-6)
    if count:
        assert poisson.sf(count - 1, low) == pytest.approx(alpha / 2, rel=1e-6)
        assert low == pytest.approx(chi2.ppf(alpha / 2, 2 * count) / 2)
