"""Tables drawn from a seed, for measuring disclosure control where the sample is not enough.

``month`` has the shape and the emptiness of a force's month as it was first studied: 150
neighbourhoods in 10 districts by 5 groups, and the districts by 8 methods by the same groups,
1,494 linked cells. ``district`` is one district alone, small enough for the exact optimum. What is
measured with them belongs in the other modules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from openbeat.disclosure.problem import Problem, State

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

PLACES, DISTRICTS, METHODS, GROUPS = 150, 10, 8, 5
MEAN: Final = 29.0
THRESHOLD: Final = 5


class _Tables:
    """Cells and sums, table by table."""

    def __init__(self) -> None:
        self._values: list[Ints] = []
        self._rows: list[Ints] = []
        self._columns: list[Ints] = []
        self._signs: list[Ints] = []
        self._size = self._height = 0

    def add(self, value: Ints) -> Ints:
        """Cells; their indices, in the shape of ``value``."""
        index = np.arange(self._size, self._size + value.size).reshape(value.shape)
        self._values.append(value.ravel())
        self._size += value.size
        return index

    def sum(self, whole: Ints, parts: Ints) -> None:
        """One sum for each of ``whole``: over the last axis of ``parts``."""
        rows = np.arange(self._height, self._height + whole.size)
        self._rows += [rows, np.repeat(rows, parts.shape[-1])]
        self._columns += [whole.ravel(), parts.reshape(-1)]
        self._signs += [np.ones(whole.size, np.int64), np.full(parts.size, -1, np.int64)]
        self._height += whole.size

    def problem(self) -> Problem:
        """All of it: nothing is settled yet, and small numbers are protected."""
        value = np.concatenate(self._values).astype(np.int64)
        n = len(value)
        return Problem(
            value=value,
            state=np.full(n, State.OPEN, np.int8),
            protect=(value > 0) & (value < THRESHOLD),
            high=np.full(n, THRESHOLD, np.int64),
            single=value == 1,
            lower=np.zeros(n, np.int64),
            scope=np.zeros(n, np.int32),
            rows=np.concatenate(self._rows).astype(np.int32),
            columns=np.concatenate(self._columns).astype(np.int32),
            coefficients=np.concatenate(self._signs),
        )


def people(seed: int, places: int = PLACES, groups: int = GROUPS) -> Ints:
    """People by neighbourhood, method and group: uneven, and mostly of few groups."""
    rng = np.random.default_rng(seed)
    came = 1 + rng.poisson((MEAN - 1) * rng.gamma(2.0, 0.5, places))
    by_group = rng.dirichlet(np.full(groups, 0.5), places)
    by_method = rng.dirichlet(np.full(METHODS, 0.5), places)
    both = by_method[:, :, None] * by_group[:, None, :]
    drawn = rng.multinomial(came, both.reshape(places, -1))
    return np.asarray(drawn, np.int64).reshape(places, METHODS, groups)


def month(seed: int) -> Problem:
    """A force's month: neighbourhood x group, district x method x group, and all their totals."""
    drawn = people(seed)
    tables = _Tables()
    by_place = tables.add(_with_sum(drawn.sum(axis=1), 1))
    in_district = drawn.reshape(DISTRICTS, -1, METHODS, GROUPS).sum(axis=1)
    by_district = tables.add(_with_sum(in_district.sum(axis=1), 1))
    by_method = tables.add(_with_sum(in_district, 2))
    force = tables.add(_with_sum(in_district.sum(axis=(0, 1)), 0))
    force_by_method = tables.add(_with_sum(in_district.sum(axis=0), 1))
    for table in (by_place, by_district, by_method, force, force_by_method):
        tables.sum(table[..., -1], table[..., :-1])
    nested = by_place.reshape(DISTRICTS, -1, GROUPS + 1)
    tables.sum(by_district, nested.swapaxes(1, 2))
    tables.sum(force, by_district.T)
    tables.sum(by_district, by_method.swapaxes(1, 2))
    tables.sum(force, force_by_method.T)
    tables.sum(force_by_method, np.moveaxis(by_method, 0, -1))
    return tables.problem()


def district(seed: int, places: int = PLACES // DISTRICTS) -> Problem:
    """One district: neighbourhood x group with its totals, (places + 1) x (groups + 1) cells."""
    drawn = people(seed, places).sum(axis=1)
    tables = _Tables()
    table = tables.add(_with_sum(_with_sum(drawn, 1), 0))
    tables.sum(table[:, -1], table[:, :-1])
    tables.sum(table[-1], table[:-1].T)
    return tables.problem()


def _with_sum(counts: Ints, axis: int) -> Ints:
    return np.concatenate([counts, counts.sum(axis=axis, keepdims=True)], axis=axis)
