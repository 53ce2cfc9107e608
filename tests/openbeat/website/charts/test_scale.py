"""Axes: every value has its place, ticks are round and cover it, labels never overlap."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbeat.website.charts import scale

# The machine may be busy: no test may fail by the clock.
QUICK = settings(deadline=None, max_examples=60)
COUNTS = st.lists(st.none() | st.integers(0, 10**7), max_size=40)
RATES = st.lists(st.none() | st.floats(0, 1e9, allow_nan=False), max_size=40)


def months(count: int, first: int = 2022 * 12 + 6) -> list[str]:
    return [f"{n // 12:04}-{n % 12 + 1:02}" for n in range(first, first + count)]


@QUICK
@given(COUNTS | RATES)
def test_ticks_begin_at_nought_cover_every_value_and_stay_few(values: list[float | None]) -> None:
    marks = scale.ticks(values)
    assert marks[0] == 0
    assert marks[-1] >= max((v for v in values if v is not None), default=0)
    assert 2 <= len(marks) <= 5
    assert all(math.isfinite(m) for m in marks)
    assert all(a < b for a, b in pairwise(marks))


@QUICK
@given(COUNTS)
def test_counts_get_whole_even_ticks(values: list[int | None]) -> None:
    marks = scale.ticks(values)
    assert all(float(m).is_integer() for m in marks)
    steps = {b - a for a, b in pairwise(marks)}
    assert len(steps) == 1
    assert str(int(steps.pop())).rstrip("0") in ("1", "2", "25", "5")


@QUICK
@given(st.integers(1, 10**7))
def test_the_plot_is_not_mostly_empty(top: int) -> None:
    assert scale.ticks([top])[-1] <= 2.5 * top


@pytest.mark.parametrize(
    ("top", "marks"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (3, [0, 1, 2, 3]),
        (118, [0, 50, 100, 150]),
        (0.7, [0, 0.2, 0.4, 0.6, 0.8]),
    ],
)
def test_ticks_are_the_numbers_a_person_would_choose(top: float, marks: list[float]) -> None:
    assert scale.ticks([top, None]) == marks


@pytest.mark.parametrize("value", [-1, math.nan, math.inf])
def test_a_value_that_has_no_place_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="no place"):
        scale.ticks([1, value])


@QUICK
@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(1e-3, 1e6))
def test_a_larger_value_is_higher_and_can_be_read_back(a: float, b: float, top: float) -> None:
    y = scale.up(a, top, 150)
    assert (150 - y) / 150 * top == pytest.approx(a, abs=1e-6 * max(a, top))
    if a < b:
        assert y >= scale.up(b, top, 150)
    assert scale.up(0, top, 150) == 150
    assert scale.up(top, top, 150) == 0


@QUICK
@given(st.lists(st.none() | st.just(1.0), max_size=40))
def test_gaps_are_exactly_the_months_without_a_value(values: list[float | None]) -> None:
    inside = {n for first, end in scale.gaps(values) for n in range(first, end)}
    assert inside == {n for n, v in enumerate(values) if v is None}


@QUICK
@given(st.integers(0, 60), st.integers(2010 * 12, 2030 * 12), st.sampled_from([196.0, 480.0]))
def test_months_on_the_axis_never_overlap(count: int, first: int, width: float) -> None:
    shown = [x for x in scale.month_labels(months(count, first)) if not x.wide or width > 400]
    ends = sorted(scale._extent(label, width) for label in shown)
    assert all(end < begin for (_b, end), (begin, _e) in pairwise(ends))
    assert len(shown) >= min(count, 2)


def test_the_axis_says_the_first_and_last_month_and_the_years() -> None:
    labels = [label.text for label in scale.month_labels(months(36))]
    assert labels == ["Jul 2022", "2023", "2024", "2025", "Jun 2025"]
