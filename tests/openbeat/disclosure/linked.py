"""Random linked tables of the kind that a force publishes, from a seed or from Hypothesis.

What it makes are ``Problem``s: places by groups of several characteristics that share the totals
of the places, sums to the force, a hidden remainder that no place has, and cells that earlier
releases settled. Which cells mean what is the business of ``cells``; here they are numbers only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from openbeat.disclosure.problem import SHARED, Problem, State, Worlds

Ints = NDArray[np.int64]
World = Mapping[int, int]
DISTRICT = 15
"""Neighbourhoods of a district, in ``hierarchical``."""


class Builder:
    """Cells and sums, added array by array."""

    def __init__(self) -> None:
        self._cells: dict[str, list[NDArray[Any]]] = {}
        self._sums: list[tuple[Ints, Ints]] = []
        self._size = 0

    def add(self, value: Ints, *, scope: int, threshold: int, hidden: NDArray[np.bool_]) -> Ints:
        """Cells of one table. ``hidden`` broadcasts to the shape of ``value``.

        Returns:
            Their indices, in the shape of ``value``.
        """
        hidden = np.broadcast_to(hidden, value.shape)
        columns: dict[str, Any] = {
            "value": value,
            "state": np.where(hidden, State.HIDDEN, State.OPEN).astype(np.int8),
            "protect": ~hidden & (value > 0) & (value < threshold),
            "high": np.full(value.shape, threshold, np.int64),
            "single": ~hidden & (value == 1),
            "lower": np.zeros(value.shape, np.int64),
            "scope": np.full(value.shape, scope, np.int32),
        }
        for name, column in columns.items():
            self._cells.setdefault(name, []).append(column.ravel())
        index = np.arange(self._size, self._size + value.size, dtype=np.int64)
        self._size += value.size
        return index.reshape(value.shape)

    def sum(self, parents: Ints, children: Ints) -> None:
        """One sum for each parent: over the last axis of ``children``."""
        self._sums.append((parents.reshape(-1), children.reshape(parents.size, -1)))

    def problem(self) -> Problem:
        """All of it."""
        rows: list[Ints] = []
        columns: list[Ints] = []
        coefficients: list[Ints] = []
        height = 0
        for parents, children in self._sums:
            own = np.arange(height, height + len(parents), dtype=np.int64)
            rows += [own, np.repeat(own, children.shape[1])]
            columns += [parents, children.ravel()]
            coefficients += [np.ones(parents.size, np.int64), np.full(children.size, -1, np.int64)]
            height += len(parents)
        return Problem(
            **{name: np.concatenate(parts) for name, parts in self._cells.items()},
            rows=np.concatenate(rows).astype(np.int32),
            columns=np.concatenate(columns).astype(np.int32),
            coefficients=np.concatenate(coefficients),
        )


def linked(  # a table's shape is that many numbers
    seed: int,
    places: int = 6,
    groups: Sequence[int] = (4, 3),
    mean: float = 12.0,
    *,
    unplaced: float = 0.5,
    facts: float = 0.0,
    kept: float = 0.0,
    attendances: bool = False,
) -> Problem:
    """Places by groups of each characteristic, linked by the totals of the places.

    Cells in order: the totals of the places, of the hidden remainder, of the force; then for each
    characteristic the same places by its groups; then, if asked for, attendances.

    Args:
        seed: The same seed gives the same tables.
        places: How many neighbourhoods.
        groups: How many groups each characteristic has. Every second one has threshold 10.
        mean: People of a neighbourhood, on average; very uneven.
        unplaced: People whom no place has, as a share of ``mean``.
        facts: Chance that a published cell that needs no protection is settled as published.
        kept: Chance that a cell is settled as kept back.
        attendances: Also attendances by event, with hidden people who gave no form.
    """
    rng = np.random.default_rng(seed)
    builder = Builder()
    people = rng.poisson(mean * rng.gamma(1.5, 1 / 1.5, places))
    people = np.append(people, rng.poisson(mean * unplaced))
    hidden = np.arange(places + 2) == places
    totals = builder.add(_with_sum(people), scope=SHARED, threshold=5, hidden=hidden)
    builder.sum(totals[-1:], totals[None, :-1])
    for scope, width in enumerate(groups):
        shares = rng.dirichlet(np.full(width, 0.6))
        counts = _with_sum(rng.multinomial(people, shares))
        threshold = 5 if scope % 2 == 0 else 10
        table = builder.add(counts, scope=scope, threshold=threshold, hidden=hidden[:, None])
        builder.sum(table[-1], table[:-1].T)
        builder.sum(totals, table)
    if attendances:
        _add_attendances(builder, rng, people, totals, scope=len(groups))
    return _settled(builder.problem(), rng, facts, kept)


def hierarchical(
    seed: int, places: int = 150, groups: int = 5, mean: float = 29.0, threshold: int = 5
) -> Problem:
    """Neighbourhoods, districts of ``DISTRICT`` of them and the force, by one characteristic.

    With its totals that is (places + districts + 1) x (groups + 1) cells, none of them hidden.
    For measuring: about the size and the emptiness of a force's month.
    """
    rng = np.random.default_rng(seed)
    builder = Builder()
    shares = rng.dirichlet(np.full(groups, 0.5), places)
    counts = rng.multinomial(rng.poisson(mean * rng.gamma(2.0, 0.5, places)), shares)
    starts = np.arange(0, places, DISTRICT)
    levels = [counts, np.add.reduceat(counts, starts), counts.sum(axis=0)[None]]
    tables = []
    for counted in levels:
        whole = np.concatenate([counted, counted.sum(axis=1)[:, None]], axis=1)
        visible = np.zeros(whole.shape, np.bool_)
        table = builder.add(whole, scope=0, threshold=threshold, hidden=visible)
        builder.sum(table[:, -1], table[:, :-1])
        tables.append(table)
    for district, start in enumerate(starts):
        builder.sum(tables[1][district], tables[0][start : start + DISTRICT].T)
    builder.sum(tables[2][0], tables[1].T)
    return builder.problem()


@st.composite
def linked_problems(draw: st.DrawFn, *, settled: bool = True, most: int = 6) -> Problem:
    """Small linked tables; with ``settled``, some cells published or kept back before."""
    return linked(
        draw(st.integers(0, 2**16), label="seed"),
        places=draw(st.integers(2, most), label="places"),
        groups=draw(st.lists(st.integers(2, 4), min_size=1, max_size=3), label="groups"),
        mean=draw(st.sampled_from([2.0, 6.0, 15.0, 40.0]), label="mean"),
        unplaced=draw(st.sampled_from([0.0, 0.3]), label="unplaced"),
        facts=draw(st.sampled_from([0.0, 0.2] if settled else [0.0]), label="facts"),
        kept=draw(st.sampled_from([0.0, 0.2] if settled else [0.0]), label="kept"),
        attendances=draw(st.booleans(), label="attendances"),
    )


def worlds_of(worlds: Iterable[World]) -> Worlds:
    """Worlds from the changes of their cells."""
    given = [sorted(world.items()) for world in worlds]
    flat = np.array([pair for world in given for pair in world], np.int64).reshape(-1, 2)
    start = np.cumsum([0, *(len(world) for world in given)], dtype=np.int64)
    return Worlds(start=start, cell=flat[:, 0].astype(np.int32), change=flat[:, 1])


def dense(problem: Problem, worlds: Worlds) -> list[list[int]]:
    """Every world whole, in Python's own integers."""
    whole = []
    for one, next_ in zip(worlds.start[:-1], worlds.start[1:], strict=True):
        values = problem.value.tolist()
        for cell, change in zip(worlds.cell[one:next_], worlds.change[one:next_], strict=True):
            values[cell] += int(change)
        whole.append(values)
    return whole


def damaged(problem: Problem, **arrays: Any) -> Problem:
    """A copy in which arrays have other values, by index."""
    copies = {name: getattr(problem, name).copy() for name in arrays}
    for name, changes in arrays.items():
        for cell, value in changes.items():
            copies[name][cell] = value
    return replace(problem, **copies)


def _with_sum(counts: Ints) -> Ints:
    return np.concatenate([counts, counts.sum(axis=0, keepdims=True)])


def _add_attendances(
    builder: Builder, rng: np.random.Generator, people: Ints, totals: Ints, scope: int
) -> None:
    """Two events for each place; attendances are forms and, hidden, those who gave none."""
    without = rng.poisson(2.0, people.shape)
    first = rng.binomial(people + without, 0.6)
    hidden = np.arange(len(people) + 1) == len(people) - 1

    def add(value: Ints, concealed: NDArray[np.bool_]) -> Ints:
        return builder.add(value, scope=scope, threshold=5, hidden=concealed)

    attended = add(_with_sum(people + without), hidden)
    events = add(np.stack([first, people + without - first], axis=1), hidden[:-1, None])
    no_form = add(_with_sum(without), np.ones(len(hidden), np.bool_))
    builder.sum(attended[-1:], attended[None, :-1])
    builder.sum(attended[:-1], events)
    builder.sum(no_form[-1:], no_form[None, :-1])
    builder.sum(attended, np.stack([totals, no_form], axis=1))


def _settled(problem: Problem, rng: np.random.Generator, facts: float, kept: float) -> Problem:
    """As if an earlier release had shown some cells and kept others back."""
    visible = problem.state == State.OPEN
    chance = rng.random(problem.size)
    problem.state[visible & ~problem.protect & (chance < facts)] = State.FACT
    problem.state[visible & (chance > 1 - kept)] = State.KEPT
    return problem
