"""On random linked tables, a verdict is what its definition says and no damage gets past it."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from openbeat.disclosure.certificate import agreeing, check, join
from openbeat.disclosure.problem import Problem, State, Worlds
from tests.openbeat.disclosure.linked import (
    World,
    damaged,
    dense,
    linked,
    linked_problems,
    worlds_of,
)

Bools = NDArray[np.bool_]


def rectangles(problem: Problem, scope: int) -> list[World]:
    """Moves within one characteristic of ``linked`` that leave all its totals as they are."""
    cells = np.flatnonzero(problem.scope == scope)
    height = int((problem.scope == -1).sum())
    table = cells.reshape(height, -1)
    pairs = product(range(height - 1), range(height - 1), range(table.shape[1]))
    return [
        {int(table[a, g]): 1, int(table[a, h]): -1, int(table[b, g]): -1, int(table[b, h]): 1}
        for a, b, g in pairs
        if a != b
        for h in range(table.shape[1])
        if h != g
    ]


def certified(problem: Problem) -> tuple[Problem, Bools, Worlds]:
    """All inner cells kept back; cells that no rectangle protects are no longer protected."""
    scopes = range(int(problem.scope.max()) + 1)
    height = int((problem.scope == -1).sum())
    tables = [np.flatnonzero(problem.scope == s).reshape(height, -1)[:-1] for s in scopes]
    suppressed = np.zeros(problem.size, np.bool_)
    for table in tables:
        suppressed[table] = True
    suppressed &= problem.state != State.HIDDEN
    moves = [move for scope in scopes for move in rectangles(problem, scope)]
    protect, worlds = np.zeros(problem.size, np.bool_), []
    for cell in np.flatnonzero(problem.protect & suppressed):
        value, high = int(problem.value[cell]), int(problem.high[cell])
        by_cell = [move for move in moves if move.get(int(cell)) == 1]
        ups = [m for m in by_cell if allowed(problem, m, high - value)]
        downs = [m for m in by_cell if allowed(problem, m, 1 - value)]
        if ups and downs:
            protect[cell] = True
            worlds.append({c: w * (high - value) for c, w in ups[0].items()})
            worlds += [{c: w * (1 - value) for c, w in downs[0].items()}] * (value > 1)
    return replace(problem, protect=protect), suppressed, worlds_of(worlds)


def allowed(problem: Problem, move: World, by: int) -> bool:
    return all(problem.value[cell] + way * by >= 0 for cell, way in move.items())


def by_definition(problem: Problem, suppressed: Bools, worlds: Worlds) -> dict[str, Any]:
    """The verdict as its definition says it, slowly."""
    cells = range(problem.size)
    truth = problem.value.tolist()
    sums: dict[int, list[tuple[int, int]]] = {}
    for row, cell, way in zip(problem.rows, problem.columns, problem.coefficients, strict=True):
        sums.setdefault(int(row), []).append((int(cell), int(way)))
    free = [
        state in (State.KEPT, State.HIDDEN) or (state == State.OPEN and bool(kept))
        for state, kept in zip(problem.state, suppressed, strict=True)
    ]

    def possible(world: list[int]) -> bool:
        return (
            all(sum(way * world[cell] for cell, way in terms) == 0 for terms in sums.values())
            and all(world[cell] >= problem.lower[cell] for cell in cells)
            and all(world[cell] == truth[cell] for cell in cells if not free[cell])
        )

    given = dense(problem, worlds)
    sound = [truth, *(world for world in given if possible(world))]
    part = list(cells)
    for _ in cells:  # neighbours take the smaller name until nothing changes
        before = part.copy()
        for terms in sums.values():
            joined = [cell for cell, _ in terms if free[cell]]
            for cell in joined:
                part[cell] = min(part[other] for other in joined)
        if part == before:
            break
    careful = [
        world
        for world in sound
        if all(world[c] >= 1 for c in cells if suppressed[c] and truth[c] > 0)
    ]
    protected = np.flatnonzero(problem.protect).tolist()

    def covered(cell: int, by: list[list[int]]) -> bool:
        return any(w[cell] <= 1 for w in by) and any(w[cell] >= problem.high[cell] for w in by)

    insiders = [c for c in cells if suppressed[c] and problem.single[c]]
    return {
        "uncovered": tuple(cell for cell in protected if not covered(cell, sound)),
        "sound": len(sound) - 1 == len(given),
        "zero": sum(not covered(cell, careful) for cell in protected),
        "insiders": len(insiders),
        "pairs": sum(
            len({world[cell] for world in sound if world[one] == truth[one]}) < 2
            for one in insiders
            for cell in protected
            if cell != one and part[cell] == part[one]
        ),
    }


@settings(max_examples=40, deadline=None)
@given(problem=linked_problems(most=4), data=st.data())
def test_the_verdict_is_what_the_definition_says(problem: Problem, data: st.DataObject) -> None:
    scopes = len({s for s in problem.scope.tolist() if s >= 0})
    wide = [
        s for s in range(scopes) if (problem.scope == s).sum() % (problem.scope == -1).sum() == 0
    ]
    moves = [move for scope in wide for move in rectangles(problem, scope)]
    rng = np.random.default_rng(data.draw(st.integers(0, 2**16), label="choice"))
    suppressed = (problem.state == State.KEPT) | (
        (problem.state == State.OPEN) & (rng.random(problem.size) < 0.8)
    )
    worlds = []
    for chosen in rng.choice(len(moves), data.draw(st.integers(0, 12), label="worlds")):
        by = int(rng.integers(-3, 8)) or 1
        worlds.append({cell: way * by for cell, way in moves[chosen].items()})
    if worlds and data.draw(st.booleans(), label="bad world"):
        worlds.append({int(rng.integers(problem.size)): 1})
    given = worlds_of(worlds)
    verdict, expected = check(problem, suppressed, given), by_definition(problem, suppressed, given)
    assert verdict.uncovered == expected["uncovered"]
    assert any("worlds" in sentence for sentence in verdict.broken) != expected["sound"]
    assert verdict.zero_aware_residual == expected["zero"]
    assert (verdict.insiders, verdict.insider_residual) == (
        expected["insiders"],
        expected["pairs"],
    )
    left = agreeing(problem, suppressed, given)
    assert check(problem, suppressed, left).uncovered == expected["uncovered"]
    assert by_definition(problem, suppressed, left)["sound"]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**16), data=st.data())
def test_no_damage_to_a_certificate_passes(seed: int, data: st.DataObject) -> None:
    problem, suppressed, worlds = certified(linked(seed, places=6, groups=(4, 3), mean=9.0))
    assert check(problem, suppressed, worlds).ok
    if not worlds.count:
        return
    at = data.draw(st.integers(0, len(worlds.cell) - 1), label="at")
    by = data.draw(st.integers(-5, 5).filter(bool), label="by")
    if worlds.change[at] + by:
        change = worlds.change.copy()
        change[at] += by
        assert not check(problem, suppressed, replace(worlds, change=change)).ok
    shown = suppressed.copy()
    shown[worlds.cell[at]] = False
    if suppressed[worlds.cell[at]]:
        assert not check(problem, shown, worlds).ok
        fact = damaged(problem, state={worlds.cell[at]: State.FACT})
        assert not check(fact, shown, worlds).ok
    value = problem.value.copy()
    value[data.draw(st.integers(0, problem.size - 1), label="cell")] += by
    assert not check(replace(problem, value=value), suppressed, worlds).ok


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**16))
def test_a_world_that_is_needed_cannot_be_dropped(seed: int) -> None:
    problem, suppressed, worlds = certified(linked(seed, places=5, groups=(4,), mean=9.0))
    each = [
        Worlds(np.array([0, b - a]), worlds.cell[a:b], worlds.change[a:b])
        for a, b in zip(worlds.start[:-1], worlds.start[1:], strict=True)
    ]
    needed = join(*each)
    for world in each:  # drop what can be dropped, then nothing else can
        less = join(*(w for w in each if w is not world))
        if check(problem, suppressed, less).ok:
            each = [w for w in each if w is not world]
            needed = less
    assert check(problem, suppressed, needed).ok
    for world in each:
        assert check(problem, suppressed, join(*(w for w in each if w is not world))).uncovered
