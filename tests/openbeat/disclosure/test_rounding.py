"""Rounded tables add up, are near the truth, and never give a number away by changing."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from openbeat.disclosure.problem import SHARED, UNBOUNDED, NotCertifiedError, Problem, State
from openbeat.disclosure.rounding import controlled_rounding, verify_rounding
from tests.openbeat.disclosure.linked import Builder, hierarchical, linked, linked_problems

Ints = NDArray[np.int64]
FEW = settings(max_examples=25, deadline=None)


def row(*values: int) -> Problem:
    """Numbers and, last, their sum."""
    builder = Builder()
    counts = np.array(values, np.int64)
    seen = np.zeros((), np.bool_)
    cells = builder.add(counts, scope=0, threshold=5, hidden=seen)
    whole = builder.add(counts.sum()[None], scope=0, threshold=5, hidden=seen)
    builder.sum(whole, cells[None])
    return builder.problem()


def revised(problem: Problem, place: int, people: int, rng: np.random.Generator) -> Ints:
    """Late records of a place of ``linked``: they are in one group of each characteristic."""
    value = problem.value.copy()
    totals = np.flatnonzero(problem.scope == SHARED)
    tables = [totals[:, None]]
    for scope in range(int(problem.scope.max()) + 1):
        tables.append(np.flatnonzero(problem.scope == scope).reshape(len(totals), -1))
    for table in tables:
        group = rng.integers(table.shape[1])
        value[table[[place, -1], group]] += people
    return value


@FEW
@given(linked_problems(settled=False))
def test_rounded_tables_add_up_and_are_less_than_a_base_away(problem: Problem) -> None:
    rounded = controlled_rounding(problem)
    assert (problem.matrix() @ rounded == 0).all()
    assert (rounded % 5 == 0).all()
    assert (abs(rounded - problem.value) < 5).all()
    kept = problem.value % 5 == 0
    assert (rounded[kept] == problem.value[kept]).all(), "0 and multiples stay"
    assert (rounded >= 0).all()


@FEW
@given(linked_problems(settled=False))
def test_the_same_tables_are_rounded_the_same_way(problem: Problem) -> None:
    first, again = controlled_rounding(problem), controlled_rounding(problem)
    assert first.tobytes() == again.tobytes()


@FEW
@given(st.integers(0, 2**16), st.integers(0, 3), st.integers(1, 7))
def test_what_is_not_revised_is_not_rounded_again(seed: int, place: int, people: int) -> None:
    problem = linked(seed, places=4, groups=(3, 4), mean=6.0)
    before = controlled_rounding(problem)
    value = revised(problem, place, people, np.random.default_rng(seed))
    late = replace(problem, value=value)
    same = np.flatnonzero(value == problem.value)
    chosen = {int(cell): int(before[cell]) for cell in same}
    try:
        after = controlled_rounding(late, chosen=chosen)
    except NotCertifiedError:
        return  # nothing is published rather than a number that flips
    assert (after[same] == before[same]).all()
    assert not verify_rounding(late, after, chosen=chosen)


def test_a_number_that_anothers_revision_would_flip_stays_as_it_was() -> None:
    assert controlled_rounding(row(2, 1, 1, 1)).tolist() == [5, 0, 0, 0, 5]
    late = row(2, 4, 1, 1)
    assert controlled_rounding(late).tolist() == [0, 5, 0, 0, 5], "which gives 1 to 4 away"
    after = controlled_rounding(late, chosen={0: 5, 2: 0, 3: 0})
    assert after.tolist() == [5, 5, 0, 0, 10]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 23), min_size=1, max_size=6))
def test_no_rounding_is_nearer(values: list[int]) -> None:
    problem = row(*values)
    either = [{v // 5 * 5, -(-v // 5) * 5} for v in values]
    near = [
        sum(abs(r - v) for r, v in zip((*way, sum(way)), problem.value.tolist(), strict=True))
        for way in product(*either)
        if abs(sum(way) - sum(values)) < 5
    ]
    assert abs(controlled_rounding(problem) - problem.value).sum() == min(near)


def test_differences_are_rounded_to_either_side_of_zero() -> None:
    problem = row(-3, 1, 9)
    free = replace(problem, lower=np.full(4, UNBOUNDED))
    rounded = controlled_rounding(free)
    assert not verify_rounding(free, rounded)
    assert rounded.tolist() == [-5, 0, 10, 5]


def test_another_base() -> None:
    rounded = controlled_rounding(row(3, 12, 29), base=10)
    assert rounded.tolist() == [0, 10, 30, 40]


def test_numbers_shown_exactly_before_are_not_rounded() -> None:
    problem = row(3, 12, 29)
    with pytest.raises(NotCertifiedError) as refused:
        controlled_rounding(problem, chosen={1: 12})
    assert refused.value.cells == (1,)
    problem.state[0] = State.FACT
    with pytest.raises(NotCertifiedError) as refused:
        controlled_rounding(problem)
    assert refused.value.cells == (0,)
    assert controlled_rounding(problem, chosen={0: 5})[0] == 5


def test_choices_that_leave_no_rounding_are_refused() -> None:
    all_up = dict.fromkeys(range(4), 5)
    with pytest.raises(NotCertifiedError, match="no additive rounding") as refused:
        controlled_rounding(row(1, 1, 1, 1), chosen=all_up)
    assert refused.value.cells == (4,)
    with pytest.raises(NotCertifiedError, match="does not add up"):
        controlled_rounding(row(1, 1, 1, 1), chosen={**all_up, 4: 5})
    for value in (5, 6):
        with pytest.raises(NotCertifiedError, match="no rounding of it"):
            controlled_rounding(row(1, 1, 1, value), chosen={3: 0})


def test_a_refusal_never_says_a_value() -> None:
    with pytest.raises(NotCertifiedError) as refused:
        controlled_rounding(row(1234, 4321), chosen={0: 4321})
    assert not any(number in str(refused.value) for number in ("1234", "4321", "5555"))


@pytest.mark.parametrize("by", [5, 1, -5])
def test_every_changed_number_is_found_by_the_check(by: int) -> None:
    problem = linked(3, places=4, groups=(3,))
    rounded = controlled_rounding(problem)
    assert verify_rounding(problem, rounded) == ()
    for cell in range(problem.size):
        damaged = rounded.copy()
        damaged[cell] += by
        assert verify_rounding(problem, damaged)
    assert verify_rounding(problem, rounded[1:])
    assert verify_rounding(problem, rounded.astype(float))
    assert verify_rounding(problem, rounded, chosen={0: int(rounded[0]) + 5})
    assert verify_rounding(replace(problem, lower=rounded + 1), rounded)
    added_up = np.array([0, 10, 10])
    assert verify_rounding(row(5, 5), added_up) == ("a number is a base or more away",)


def test_a_force_of_three_levels_is_rounded() -> None:
    problem = hierarchical(1, places=60)
    assert not verify_rounding(problem, controlled_rounding(problem))
