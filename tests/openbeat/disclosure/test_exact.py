"""The optimum is one, and the search comes near it."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from openbeat.disclosure.exact import optimum
from openbeat.disclosure.problem import Problem, State
from openbeat.disclosure.regions import weights
from openbeat.disclosure.suppress import Limits, suppress
from tests.openbeat.disclosure.linked import hierarchical, linked

NODES = 500


def cost(problem: Problem, suppressed: np.ndarray) -> float:
    extra = suppressed & ~problem.protect & (problem.state == State.OPEN)
    return float(weights(problem)[extra].sum())


def without_insiders(problem: Problem) -> Problem:
    """The optimum knows nothing of them, so neither does what it is compared with."""
    return replace(problem, single=np.zeros(problem.size, np.bool_))


def best_of_all(problem: Problem) -> float:
    """The least cost over every pattern, each tried by another solver."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    matrix = problem.matrix().toarray()
    open_ = np.flatnonzero((problem.state == State.OPEN) & ~problem.protect)
    nonzero = (problem.value > 0) & (problem.state != State.HIDDEN)

    def reaches(moves: np.ndarray, cell: int, least: int, floor: np.ndarray) -> bool:
        lower = np.where(moves, floor - problem.value, 0).astype(float)
        upper = np.where(moves, np.inf, 0.0)
        goal = np.zeros(problem.size)
        goal[cell] = -np.sign(least)
        upper[cell], lower[cell] = max(least, 0), min(max(lower[cell], least), 0)
        ones = np.ones(problem.size)
        sums = LinearConstraint(matrix, 0, 0)
        found = milp(goal, constraints=sums, bounds=Bounds(lower, upper), integrality=ones)
        return bool(found.success and -found.fun >= abs(least) - 1e-6)

    def strictest(cell: int, least: int) -> np.ndarray:
        everything = problem.state != State.FACT
        aware = nonzero.astype(np.int64)
        return aware if reaches(everything, cell, least, aware) else np.zeros_like(aware)

    demands = [
        (cell, least, strictest(cell, least))
        for cell in np.flatnonzero(problem.protect).tolist()
        for least in (int(problem.high[cell] - problem.value[cell]), int(1 - problem.value[cell]))
        if least
    ]
    best = np.inf
    for pattern in product((False, True), repeat=len(open_)):
        moves = (problem.state != State.FACT) & ~np.isin(np.arange(problem.size), open_)
        moves[open_] = pattern
        price = cost(problem, moves)
        if price < best and all(reaches(moves, *demand) for demand in demands):
            best = price
    return best


@pytest.mark.parametrize("seed", [0, 2])
def test_no_pattern_of_a_tiny_table_is_cheaper(seed: int) -> None:
    problem = linked(seed, places=2, groups=(2,), mean=12.0)
    found = optimum(problem, NODES)
    assert found is not None
    assert cost(problem, found) == pytest.approx(best_of_all(problem))


def test_a_table_that_facts_give_away_has_no_optimum() -> None:
    problem = linked(0, places=4, groups=(3,))
    assert problem.protect.any()
    shut = np.where(problem.protect, problem.state, State.FACT).astype(np.int8)
    assert optimum(replace(problem, state=shut), NODES) is None


def test_facts_stay_and_what_is_kept_back_is_free() -> None:
    problem = linked(6, places=5, groups=(3,), facts=0.2, kept=0.2)
    found = optimum(problem, NODES)
    assert found is not None
    assert not found[problem.state == State.FACT].any()
    assert not found[problem.state == State.HIDDEN].any()
    assert found[problem.state == State.KEPT].all()


def test_small_tables_are_at_most_two_percent_above_the_optimum() -> None:
    tables = [hierarchical(seed, places=15) for seed in range(4)]
    tables += [linked(seed, places=8, groups=(4, 3), mean=29.0) for seed in range(4)]
    most = reached = searched = 0.0
    for problem in map(without_insiders, tables):
        best = optimum(problem, NODES)
        assert best is not None
        solution = suppress(problem, limits=Limits(exact_cells=problem.size))
        assert solution.figures["solved_exactly"] == 1
        most += cost(problem, best)
        reached += cost(problem, solution.suppressed)
        searched += cost(problem, suppress(problem, limits=Limits(exact_cells=0)).suppressed)
    assert reached <= 1.02 * most
    assert searched <= 1.15 * most  # the search alone, as on tables too large for the optimum
