"""What a certificate lets pass is protected, and every kind of damage to one is caught."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from openbeat.disclosure.certificate import NONE, TRUTH, agreeing, check, digest, join
from openbeat.disclosure.problem import UNBOUNDED, Problem, State, Worlds
from tests.openbeat.disclosure.linked import Builder, World, damaged, dense, worlds_of

Bools = NDArray[np.bool_]
SQUARE = {0: 1, 1: -1, 2: -1, 3: 1}
"""The one way in which the inner cells of ``square`` can move."""


def moved(by: int) -> World:
    return {cell: by * way for cell, way in SQUARE.items()}


def square(inner: tuple[tuple[int, int], tuple[int, int]] = ((3, 9), (7, 4))) -> Problem:
    """Two places by two groups (cells 0 to 3), then the totals of both and of all; 0 is 1..4."""
    builder = Builder()
    seen = np.zeros((), np.bool_)
    counts = np.array(inner, np.int64)
    cells = builder.add(counts, scope=0, threshold=5, hidden=seen)
    rows = builder.add(counts.sum(axis=1), scope=0, threshold=5, hidden=seen)
    columns = builder.add(counts.sum(axis=0), scope=0, threshold=5, hidden=seen)
    whole = builder.add(counts.sum()[None], scope=0, threshold=5, hidden=seen)
    for parents, children in ((rows, cells), (columns, cells.T), (whole, rows), (whole, columns)):
        builder.sum(parents, children)
    return builder.problem()


INNER: Bools = np.arange(9) < 4


def test_two_worlds_for_every_protected_cell_are_a_proof() -> None:
    verdict = check(square(), INNER, worlds_of([moved(2), moved(-3)]))
    assert verdict.ok
    assert (verdict.broken, verdict.uncovered) == ((), ())
    assert verdict.high.tolist() == [0, 0]
    assert verdict.low.tolist() == [1, 1]


def test_nothing_to_protect_needs_no_world() -> None:
    safe = square(((5, 9), (7, 6)))
    assert check(safe, np.zeros(9, np.bool_), worlds_of([])).ok


def test_the_truth_is_a_world_too() -> None:
    verdict = check(square(((1, 9), (7, 8))), INNER, worlds_of([moved(4)]))
    assert verdict.ok
    assert verdict.low.tolist() == [TRUTH]
    assert check(square(((2, 9), (7, 8))), INNER, worlds_of([moved(3)])).uncovered == (0,)


def test_a_cell_without_its_worlds_is_named() -> None:
    verdict = check(square(), INNER, worlds_of([moved(-2), moved(1)]))
    assert not verdict.ok
    assert verdict.uncovered == (0, 3)
    assert verdict.low.tolist() == [0, NONE]
    assert verdict.high.tolist() == [NONE, 1]


def test_every_cell_that_one_class_gives_away_needs_a_world_of_one_or_none() -> None:
    problem = square(((12, 0), (7, 8)))
    problem.protect[0] = True
    assert check(problem, INNER, worlds_of([])).uncovered == (0,)
    assert not check(problem, INNER, worlds_of([moved(-10)])).ok, "cell 3 would be below 0"
    problem = square(((12, 0), (7, 11)))
    problem.protect[0] = True
    assert check(problem, INNER, worlds_of([moved(-11)])).ok


def test_a_difference_may_be_of_either_sign() -> None:
    problem = square()
    assert not check(problem, INNER, worlds_of([moved(2), moved(-4)])).ok
    free = replace(problem, lower=np.full(9, UNBOUNDED))
    verdict = check(free, INNER, worlds_of([moved(2), moved(-4)]))
    assert verdict.ok
    assert verdict.zero_aware_residual == 0, "nobody knows that a difference is not 0"


def test_cells_that_only_a_false_zero_protects_are_counted() -> None:
    verdict = check(square(), INNER, worlds_of([moved(2), moved(-3)]))
    assert (verdict.ok, verdict.zero_aware_residual) == (True, 2)
    better = check(square(), INNER, worlds_of([moved(2), moved(-3), moved(-2)]))
    assert better.zero_aware_residual == 1, "cell 0 is 1 in the last; cell 3 cannot be"
    assert better.low.tolist() == [2, 1], "the careful world is preferred"


def two_squares(*, joined: bool) -> Problem:
    """One person in cell 0; cell 3 protected beside it, another such square apart or linked."""
    problem = square(((1, 9), (7, 2)))
    other = {
        name: np.concatenate([getattr(problem, name)] * 2)
        for name in ("value", "state", "protect", "high", "single", "lower", "scope")
    }
    height = problem.matrix().shape[0]
    both = Problem(
        **other,
        rows=np.concatenate([problem.rows, problem.rows + height]),
        columns=np.concatenate([problem.columns, problem.columns + 9]),
        coefficients=np.concatenate([problem.coefficients] * 2),
    )
    both.single[9:] = False
    if joined:
        both.state[8] = both.state[17] = State.HIDDEN
        both.state[4:8] = both.state[13:17] = State.HIDDEN
        return replace(
            both,
            rows=np.append(both.rows, [2 * height] * 2).astype(np.int32),
            columns=np.append(both.columns, [8, 17]).astype(np.int32),
            coefficients=np.append(both.coefficients, [1, -1]),
        )
    return both


def test_an_insider_who_could_work_out_another_cell_is_counted() -> None:
    apart = two_squares(joined=False)
    suppressed = np.tile(INNER, 2)
    first = [moved(4), moved(-1)]
    second = [{cell + 9: change for cell, change in world.items()} for world in first]
    verdict = check(apart, suppressed, worlds_of([*first, *second]))
    assert verdict.ok
    assert (verdict.insiders, verdict.insider_residual) == (1, 1), "cell 3 moves only with 0"
    against = worlds_of([moved(4), moved(2)])
    opposite = check(square(((1, 3), (7, 12))), INNER, against)
    assert opposite.insider_residual == 1, "cell 1 moves only with 0, the other way"
    at_once = [a | b for a, b in zip(first, second, strict=True)]
    assert check(apart, suppressed, worlds_of(at_once)).insider_residual == 1
    joined = two_squares(joined=True)
    assert check(joined, suppressed, worlds_of([*first, *second])).insider_residual == 1
    assert check(joined, suppressed, worlds_of(at_once)).insider_residual == 3


@pytest.mark.parametrize("lowest", [-1, 1])
def test_the_insider_of_a_published_cell_is_no_insider(lowest: int) -> None:
    problem = square(((6, 9), (7, 6)))
    problem.single[:] = True
    verdict = check(problem, np.zeros(9, np.bool_), worlds_of([]))
    assert (verdict.insiders, verdict.insider_residual) == (0, 0), lowest


# --- damage ---------------------------------------------------------------------------------


PROOF = worlds_of([moved(2), moved(-3)])


@pytest.mark.parametrize(
    ("problem", "says"),
    [
        (damaged(square(), value={8: 24}), "broken by the truth"),
        (damaged(square(), value={0: -1, 1: 13, 2: 11, 3: 0}), "below their lower bound"),
        (damaged(square(), protect={4: True}), "protected cells are published"),
        (damaged(square(), state={1: State.FACT}), "facts are suppressed"),
        (damaged(square(), state={1: State.FACT}), "contradict what is published"),
        (damaged(square(), state={4: State.KEPT}), "kept back for good are published"),
        (damaged(square(), state={1: State.HIDDEN}), "hidden cells are called suppressed"),
        (damaged(square(), state={1: 9}), "state is unknown"),
        (damaged(square(), high={0: 1}), "threshold"),
        (damaged(square(), lower={0: 1}), "lower bound is neither"),
        (damaged(square(), coefficients={0: 2}), "coefficient"),
        (damaged(square(), columns={0: 9}), "cell that does not exist"),
        (damaged(square(), columns={0: -1}), "cell that does not exist"),
        (damaged(square(), columns={0: 0}), "cell twice"),
        (damaged(square(), rows={0: -1}), "too many sums"),
        (damaged(square(), value={0: 2**41}), "value is too large"),
        (replace(square(), value=square().value.astype(float)), "value is not a plain array"),
        (replace(square(), high=square().high[:3]), "high is not a plain array"),
        (replace(square(), single=square().state), "single is not a plain array of booleans"),
    ],
)
def test_a_problem_that_is_damaged_is_refused(problem: Problem, says: str) -> None:
    verdict = check(problem, INNER, PROOF)
    assert not verdict.ok
    assert any(says in sentence for sentence in verdict.broken), verdict.broken


@pytest.mark.parametrize(
    ("worlds", "says"),
    [
        (worlds_of([moved(2), {**moved(-3), 2: 2}]), "break a sum"),
        (worlds_of([moved(2), moved(-3), {0: 1}]), "break a sum"),
        (worlds_of([moved(2), moved(-4)]), "below a lower bound"),
        (worlds_of([moved(2), moved(-3), {**moved(1), 4: 1}]), "contradict what is published"),
        (worlds_of([{c: w * 2**62 for c, w in SQUARE.items()}]), "change is too large"),
        (worlds_of([dict.fromkeys(range(4), -(2**63)), moved(2)]), "change is too large"),
        (worlds_of([{**moved(2), 8: 0}]), "change of nothing"),
        (worlds_of([{**moved(2), 9: 1}]), "does not exist"),
        (worlds_of([{**moved(2), -1: 1}]), "does not exist"),
        (replace(PROOF, start=PROOF.start[:-1]), "begin where they should"),
        (replace(PROOF, start=np.array([0, 6, 4, 8])), "begin where they should"),
        (replace(PROOF, start=np.zeros(0, np.int64)), "begin where they should"),
        (replace(PROOF, cell=np.array([0, 0, 2, 3, 0, 1, 2, 3])), "cell twice"),
        (replace(PROOF, cell=PROOF.cell[1:]), "change is not a plain array"),
        (replace(PROOF, change=PROOF.change.astype(float)), "change is not a plain array"),
    ],
)
def test_worlds_that_are_damaged_are_refused(worlds: Worlds, says: str) -> None:
    verdict = check(square(), INNER, worlds)
    assert not verdict.ok
    assert any(says in sentence for sentence in verdict.broken), verdict.broken


def test_a_value_beyond_what_is_added_exactly_is_refused() -> None:
    free = replace(square(), lower=np.full(9, UNBOUNDED))
    assert check(free, INNER, worlds_of([moved(2**40 - 6), moved(-3)])).ok
    verdict = check(free, INNER, worlds_of([moved(2**40), moved(-3)]))
    assert verdict.broken == ("1 (the first is 0) worlds have a value that is too large",)


def test_a_world_that_breaks_one_sum_is_refused() -> None:
    builder = Builder()
    counts = np.array([6, 7, 13], np.int64)
    cells = builder.add(counts, scope=0, threshold=5, hidden=np.zeros((), np.bool_))
    builder.sum(cells[2:], cells[None, :2])
    suppressed = np.ones(3, np.bool_)
    assert check(builder.problem(), suppressed, worlds_of([{0: 1, 2: 1}])).ok
    assert not check(builder.problem(), suppressed, worlds_of([{0: 1}])).ok


def test_a_broken_world_fails_the_proof_even_where_others_are_enough() -> None:
    verdict = check(square(), INNER, worlds_of([{0: 1}, moved(2), moved(-3)]))
    assert (verdict.ok, verdict.uncovered) == (False, ())
    assert verdict.high.tolist() == [1, 1], "counted among the worlds as they were given"


def test_a_sum_that_wraps_around_is_no_proof() -> None:
    """2**40 cells of 2**24 would make 2**64, which int64 takes for 0: sums are kept shorter."""
    problem, cells = square(), 2**20 + 1
    long = replace(
        problem,
        value=np.zeros(cells, np.int64),
        **{name: np.resize(getattr(problem, name), cells) for name in ("state", "high", "lower")},
        **{name: np.zeros(cells, np.bool_) for name in ("protect", "single")},
        scope=np.zeros(cells, np.int32),
        rows=np.zeros(cells, np.int32),
        columns=np.arange(cells, dtype=np.int32),
        coefficients=np.ones(cells, np.int64),
    )
    assert check(long, np.zeros(cells, np.bool_), worlds_of([])).broken == (
        "a sum is too long to be checked",
    )


def test_a_protected_cell_that_is_published_is_refused_whatever_the_worlds() -> None:
    pattern = INNER.copy()
    pattern[3] = False
    assert not check(square(), pattern, PROOF).ok


def test_sentences_never_hold_a_value() -> None:
    problem = damaged(square(((3, 4321), (4321, 4))), value={8: 9876})
    said = " ".join(check(problem, INNER, worlds_of([{0: 1234}])).broken)
    assert said
    assert not any(number in said for number in ("4321", "9876", "1234"))


def test_the_table_a_cell_is_said_to_belong_to_is_not_trusted() -> None:
    problem = square()
    problem.scope[:] = np.arange(9)
    assert check(problem, INNER, PROOF).ok
    assert not check(problem, INNER, worlds_of([{0: 2}, {3: 2}, {0: -3}, {3: -3}])).ok


# --- worlds ---------------------------------------------------------------------------------


def test_worlds_are_joined_in_order() -> None:
    one, two = worlds_of([moved(2)]), worlds_of([moved(-3), moved(1)])
    both = join(one, two)
    assert both.count == 3
    assert dense(square(), both) == dense(square(), one) + dense(square(), two)
    assert join().count == 0
    assert check(square(), INNER, join(one, two)).ok


def test_worlds_that_new_facts_rule_out_are_left_behind() -> None:
    worlds = worlds_of([moved(2), moved(-4), moved(-3), {0: 1}])
    assert dense(square(), agreeing(square(), INNER, worlds)) == dense(
        square(), worlds_of([moved(2), moved(-3)])
    )
    with pytest.raises(ValueError, match="change of nothing"):
        agreeing(square(), INNER, worlds_of([{0: 0}]))


def test_the_digest_is_of_the_worlds_and_not_of_their_arrays() -> None:
    wide = Worlds(PROOF.start.astype(np.int32), PROOF.cell.astype(np.int64), PROOF.change)
    assert digest(PROOF) == digest(wide)
    split = replace(PROOF, start=np.array([0, 4, 4, 8]))
    others = [
        split,
        worlds_of([]),
        worlds_of([moved(-3), moved(2)]),
        worlds_of([moved(2), moved(-2)]),
    ]
    assert len({digest(PROOF), *(digest(world) for world in others)}) == 5
