"""What is kept back protects what must be, is no more than needed, and is always the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray

from openbeat.disclosure.certificate import check
from openbeat.disclosure.problem import (
    SHARED,
    UNBOUNDED,
    NotCertifiedError,
    Problem,
    Solution,
    State,
)
from openbeat.disclosure.suppress import Limits, suppress
from tests.openbeat.disclosure.linked import Builder, hierarchical, linked, linked_problems

QUICK = Limits(exact_cells=0)


def table(rows: Sequence[Sequence[int]], threshold: int = 5) -> Problem:
    """A table with its totals, all open: rows from left to right, the totals last in each."""
    inner = np.array(rows, np.int64)
    wide = np.concatenate([inner, inner.sum(axis=1, keepdims=True)], axis=1)
    whole = np.concatenate([wide, wide.sum(axis=0, keepdims=True)])
    builder = Builder()
    visible = np.zeros(whole.shape, np.bool_)
    cell = builder.add(whole, scope=0, threshold=threshold, hidden=visible)
    builder.sum(cell[:, -1], cell[:, :-1])
    builder.sum(cell[-1], cell[:-1].T)
    return builder.problem()


def complementary(problem: Problem, solution: Solution) -> list[int]:
    """Cells kept back that did not have to be for themselves."""
    forced = problem.protect | (problem.state == State.KEPT)
    return np.flatnonzero(solution.suppressed & ~forced).tolist()


def settle(problem: Problem, state: State, *cells: int) -> Problem:
    new: NDArray[np.int8] = problem.state.copy()
    new[list(cells)] = state
    return replace(problem, state=new)


def raw(value: Sequence[int], rows: Sequence[Sequence[tuple[int, int]]], **changes: Any) -> Problem:
    """Any cells with any sums, given as (cell, coefficient); open, of one table, not protected."""
    size = len(value)
    terms = [(row, cell, sign) for row, sum_ in enumerate(rows) for cell, sign in sum_]
    array = np.array(terms, np.int64).reshape(-1, 3)
    problem = Problem(
        value=np.array(value, np.int64),
        state=np.zeros(size, np.int8),
        protect=np.zeros(size, np.bool_),
        high=np.full(size, 5, np.int64),
        single=np.zeros(size, np.bool_),
        lower=np.zeros(size, np.int64),
        scope=np.zeros(size, np.int32),
        rows=array[:, 0].astype(np.int32),
        columns=array[:, 1].astype(np.int32),
        coefficients=array[:, 2],
    )
    return replace(problem, **changes)


def flags(size: int, *cells: int) -> NDArray[np.bool_]:
    return np.isin(np.arange(size), cells)


@pytest.mark.parametrize("limits", [QUICK, Limits()], ids=["search", "optimum"])
class TestTablesDoneByHand:
    def test_a_small_cell_takes_the_rest_of_its_square(self, limits: Limits) -> None:
        problem = table([[3, 20], [30, 40]])
        assert complementary(problem, suppress(problem, limits=limits)) == [1, 3, 4]

    def test_the_cheapest_of_several_squares_is_taken(self, limits: Limits) -> None:
        problem = table([[3, 90, 20, 80], [60, 70, 90, 95], [10, 85, 12, 75]])
        assert complementary(problem, suppress(problem, limits=limits)) == [2, 10, 12]

    def test_small_cells_that_protect_each_other_take_nothing(self, limits: Limits) -> None:
        problem = table([[4, 4, 50], [4, 4, 60], [70, 80, 90]])
        assert complementary(problem, suppress(problem, limits=limits)) == []

    def test_zeros_are_kept_back_where_that_is_cheapest(self, limits: Limits) -> None:
        problem = table([[9, 0, 40], [0, 30, 50], [60, 70, 80]])
        problem = replace(problem, protect=flags(16, 0))
        assert complementary(problem, suppress(problem, limits=limits)) == [1, 4, 5]

    def test_what_was_kept_back_before_costs_nothing(self, limits: Limits) -> None:
        problem = settle(table([[3, 20, 95], [30, 40, 95]]), State.KEPT, 2, 6)
        solution = suppress(problem, limits=limits)
        assert solution.suppressed[[2, 6]].all()
        assert complementary(problem, solution) == [4]

    def test_a_published_cell_is_never_taken_back(self, limits: Limits) -> None:
        problem = settle(table([[3, 20, 95], [30, 40, 95]]), State.FACT, 1)
        solution = suppress(problem, limits=limits)
        assert not solution.suppressed[1]
        assert complementary(problem, solution) == [2, 4, 6]

    def test_hidden_cells_take_up_the_change_for_nothing(self, limits: Limits) -> None:
        problem = settle(table([[3, 20], [30, 40]]), State.HIDDEN, 1, 4)
        solution = suppress(problem, limits=limits)
        assert complementary(problem, solution) == [3]
        assert not solution.suppressed[[1, 4]].any()

    def test_all_of_one_group_can_be_doubted(self, limits: Limits) -> None:
        problem = table([[30, 0, 0], [12, 14, 16], [20, 9, 8]])
        problem = replace(problem, protect=flags(16, 0), high=np.full(16, 10))
        solution = suppress(problem, limits=limits)
        verdict = check(problem, solution.suppressed, solution.worlds)
        assert verdict.ok
        assert len(complementary(problem, solution)) >= 3


def test_a_small_total_moves_every_table_that_has_it() -> None:
    builder = Builder()
    hidden = np.zeros(3, np.bool_)
    total = builder.add(np.array([4, 40, 44]), scope=SHARED, threshold=5, hidden=hidden)
    builder.sum(total[-1:], total[None, :-1])
    for scope, inner in enumerate(([[4, 0], [15, 25]], [[0, 4], [22, 18]])):
        counts = np.array([*inner, np.sum(inner, axis=0)], np.int64)
        cell = builder.add(counts, scope=scope, threshold=5, hidden=hidden[:, None])
        builder.sum(cell[-1], cell[:-1].T)
        builder.sum(total, cell)
    problem = builder.problem()
    solution = suppress(problem)
    assert check(problem, solution.suppressed, solution.worlds).ok
    world = np.repeat(np.arange(solution.worlds.count), np.diff(solution.worlds.start))
    with_total = np.isin(world, world[solution.worlds.cell == 0])
    assert {-1, 0, 1} == set(problem.scope[solution.worlds.cell[with_total]].tolist())


def test_where_fractions_would_do_integers_are_found() -> None:
    # One cell is the sum of two that are equal: a change of 1 would be halves.
    problem = raw([4, 2, 2], [[(0, 1), (1, -1), (2, -1)], [(1, 1), (2, -1)]], protect=flags(3, 0))
    solution = suppress(problem)
    verdict = check(problem, solution.suppressed, solution.worlds)
    assert verdict.ok
    assert solution.suppressed.all()
    assert solution.figures["integer_programmes"] > 0
    assert solution.figures["zero_aware_residual"] == verdict.zero_aware_residual == 1


def test_a_difference_may_change_its_sign() -> None:
    problem = raw(
        [3, 40, 43],
        [[(2, 1), (0, -1), (1, -1)]],
        protect=flags(3, 0),
        lower=np.array([UNBOUNDED, 0, 0]),
        high=np.array([5, 5, 5]),
    )
    solution = suppress(problem)
    assert check(problem, solution.suppressed, solution.worlds).ok
    assert complementary(problem, solution) == [1]


def test_cells_in_no_sum_need_nothing_else() -> None:
    problem = raw([3, 0, 7], [], protect=flags(3, 0))
    solution = suppress(problem)
    assert solution.suppressed.tolist() == [True, False, False]
    assert check(problem, solution.suppressed, solution.worlds).ok


def test_nothing_protected_means_nothing_kept_back() -> None:
    problem = table([[10, 20], [30, 40]])
    solution = suppress(problem)
    assert not solution.suppressed.any()
    assert solution.worlds.count == 0


class TestFailsClosed:
    def test_where_published_cells_give_a_protected_one_away(self) -> None:
        problem = settle(table([[3, 20], [30, 40]]), State.FACT, 1, 2)
        with pytest.raises(NotCertifiedError) as caught:
            suppress(problem)
        assert caught.value.cells == (0,)

    def test_where_a_protected_cell_is_published_already(self) -> None:
        problem = settle(table([[3, 20], [30, 40]]), State.FACT, 0)
        with pytest.raises(NotCertifiedError) as caught:
            suppress(problem)
        assert caught.value.cells == (0,)

    def test_where_published_totals_leave_no_room(self) -> None:
        problem = settle(table([[3, 0], [1, 60]]), State.FACT, 2)
        with pytest.raises(NotCertifiedError):  # the row sums to 3, so the cell is never 5
            suppress(problem)

    def test_where_the_work_allowed_is_done(self) -> None:
        with pytest.raises(NotCertifiedError) as caught:
            suppress(table([[3, 20], [30, 40]]), limits=Limits(programmes=0))
        assert caught.value.cells == (0,)

    def test_without_a_true_value_in_the_message(self) -> None:
        problem = settle(table([[3, 8642], [7531, 40]]), State.FACT, 1, 2)
        with pytest.raises(NotCertifiedError) as caught:
            suppress(problem)
        assert "8642" not in str(caught.value)
        assert "7531" not in str(caught.value)


class TestInsiders:
    def test_whoever_knows_the_one_cell_does_not_learn_the_other(self) -> None:
        # The cheapest square of the cell with 3 is the one with the cell of one person.
        problem = table([[3, 20, 90], [20, 1, 90], [90, 90, 90]])
        solution = suppress(problem)
        assert solution.figures["insiders"] == 1
        assert solution.figures["insider_residual"] == 0
        cells = np.split(solution.worlds.cell, solution.worlds.start[1:-1])
        assert any(0 in world and 5 not in world for world in cells)

    def test_what_cannot_be_helped_is_counted(self) -> None:
        problem = settle(table([[3, 1], [20, 20]], threshold=4), State.FACT, 2, 5, 6, 7, 8)
        solution = suppress(problem, limits=QUICK)
        assert solution.figures["insider_residual"] == 1


class TestWorldsOfAnEarlierRelease:
    def test_save_work_where_they_still_hold(self) -> None:
        problem = hierarchical(3, places=15)
        first = suppress(problem, limits=QUICK)
        kept = np.flatnonzero(first.suppressed)
        again = suppress(settle(problem, State.KEPT, *kept), first.worlds, QUICK)
        assert again.suppressed.tolist() == first.suppressed.tolist()
        assert again.figures["programmes"] < first.figures["programmes"] / 10

    def test_are_left_out_where_they_do_not(self) -> None:
        problem = table([[3, 20, 95], [30, 40, 95]])
        first = suppress(problem)
        later = settle(problem, State.FACT, 1)
        second = suppress(later, first.worlds)
        assert check(later, second.suppressed, second.worlds).ok


@settings(max_examples=20, deadline=None)
@given(linked_problems())
def test_every_protected_cell_is_proved_or_nothing_comes_back(problem: Problem) -> None:
    try:
        solution = suppress(problem, limits=Limits(exact_cells=60))
    except NotCertifiedError:
        return
    verdict = check(problem, solution.suppressed, solution.worlds)
    assert verdict.ok
    assert solution.figures["insider_residual"] == verdict.insider_residual
    assert not (solution.suppressed & (problem.state == State.FACT)).any()
    assert not (solution.suppressed & (problem.state == State.HIDDEN)).any()
    assert solution.suppressed[problem.state == State.KEPT].all()
    assert solution.suppressed[problem.protect].all()


@settings(max_examples=15, deadline=None)
@given(linked_problems(settled=False, most=4))
def test_without_earlier_facts_there_is_always_a_way(problem: Problem) -> None:
    solution = suppress(problem, limits=QUICK)
    assert check(problem, solution.suppressed, solution.worlds).ok


@pytest.mark.parametrize("limits", [QUICK, Limits()], ids=["search", "optimum"])
def test_the_same_tables_give_the_same_bytes(limits: Limits) -> None:
    problem = linked(11, places=8, groups=(4, 5), attendances=True)
    first, second = (suppress(problem, limits=limits) for _ in range(2))
    assert first.suppressed.tobytes() == second.suppressed.tobytes()
    assert first.figures == second.figures
    for name in ("start", "cell", "change"):
        assert getattr(first.worlds, name).tobytes() == getattr(second.worlds, name).tobytes()


def test_worlds_name_their_cells_once_and_in_order() -> None:
    worlds = suppress(hierarchical(5, places=30)).worlds
    for first, last in pairwise(worlds.start.tolist()):
        assert (np.diff(worlds.cell[first:last]) > 0).all()
    assert (worlds.change != 0).all()
