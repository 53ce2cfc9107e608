"""Which cells can move together, and the linear programmes over them.

A *region* is a connected part of one table (or of all of them), without the cells that facts
settle. What is kept back and in which order is asked belongs in ``suppress``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from openbeat.disclosure.problem import SHARED, UNBOUNDED, Problem, State
from openbeat.disclosure.solver import (
    INFINITE,
    NEARLY,
    LinearProgramme,
    Rows,
    programme,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csc_array, csr_array

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

MOST = 1e9
"""A change that is larger is as good as unbounded."""


@dataclass(frozen=True)
class Move:
    """A world, as its difference from the truth.

    Attributes:
        cell: The cells that differ (int64, ascending).
        change: By how much (int64, none 0).
    """

    cell: Ints
    change: Ints


@dataclass(frozen=True)
class Question:
    """What a world is asked to do.

    Attributes:
        cell: The cell that has to move.
        least: By how much at least, with its sign.
        still: Cells that must not move.
        cost: Of each cell of the problem, for each unit that it moves.
        down: How far each cell of the problem may fall (0 or more, perhaps infinite).
        up: How far each may rise.
    """

    cell: int
    least: int
    still: Ints
    cost: Floats
    down: Floats
    up: Floats


@dataclass
class Work:
    """What has been done, and how much of it is allowed.

    Attributes:
        most: Linear programmes allowed.
        nodes: Branches allowed for each integer programme.
        programmes: Linear programmes solved.
        integers: Integer programmes solved.
    """

    most: int
    nodes: int
    programmes: int = 0
    integers: int = 0

    @property
    def spent(self) -> bool:
        """Whether no more programmes are allowed."""
        return self.programmes >= self.most


@dataclass
class Region:
    """Cells that can move together, and the sums between them.

    Attributes:
        cells: Cells of the problem (int64, ascending).
        matrix: The sums: a column for each of ``cells`` (int64).
    """

    cells: Ints
    matrix: csc_array
    _programme: LinearProgramme | None = field(default=None, repr=False)
    _rows: Rows | None = field(default=None, repr=False)

    def rows(self) -> Rows:
        """The sums over rises (first half of the columns) and falls (second half)."""
        if self._rows is None:
            matrix = self.matrix
            coefficient = matrix.data.astype(np.float64)
            start = matrix.indptr.astype(np.int32)
            self._rows = Rows(
                height=matrix.shape[0],
                start=np.concatenate([start, start[-1] + start[1:]]).astype(np.int32),
                row=np.tile(matrix.indices.astype(np.int32), 2),
                coefficient=np.concatenate([coefficient, -coefficient]),
            )
        return self._rows

    def has(self, cell: int) -> bool:
        """Whether the cell is one of the region."""
        place = int(np.searchsorted(self.cells, cell))
        return place < len(self.cells) and int(self.cells[place]) == cell

    def bounds(self, question: Question) -> tuple[Floats, Floats]:
        """Lower and upper bounds of the columns of ``rows``."""
        width = len(self.cells)
        up, down = question.up[self.cells], question.down[self.cells]
        if len(question.still):
            here = np.isin(self.cells, question.still)
            up[here], down[here] = 0.0, 0.0
        lower = np.zeros(2 * width)
        place = int(np.searchsorted(self.cells, question.cell))
        other = place + width
        upper = np.concatenate([up, down])
        if question.least < 0:
            place, other = other, place
        lower[place], upper[other] = abs(question.least), 0.0
        return lower, upper

    def seek(self, question: Question, free: Flags, work: Work) -> Move | None:
        """A world that answers, of least cost; of integers.

        Args:
            question: What it is asked to do.
            free: Whether each cell of the problem is kept back or hidden already.
            work: Counts the programmes.

        Returns:
            The world, or nothing where none was found.
        """
        if work.spent:
            return None
        if self._programme is None:
            self._programme = LinearProgramme(self.rows())
        lower, upper = self.bounds(question)
        if (lower > upper).any():
            return None
        cost = np.tile(question.cost[self.cells], 2)
        work.programmes += 1
        answer = self._programme.solve(cost, lower, upper)
        if answer is None:
            return None
        width = len(self.cells)
        change = answer.column[:width] - answer.column[width:]
        near = np.rint(change).astype(np.int64)
        whole = bool(np.abs(change - near).max(initial=0.0) <= NEARLY)
        if whole and not (self.matrix @ near).any():
            return self._move(near)
        support = free[self.cells] | (np.abs(change) > NEARLY)
        return self._seek_integers(cost, lower, upper, support, work)

    def _seek_integers(
        self, cost: Floats, lower: Floats, upper: Floats, support: Flags, work: Work
    ) -> Move | None:
        """The same in integers: on the cells that the linear programme used, else on all."""
        for allowed in (support, np.ones(len(support), dtype=np.bool_)):
            work.integers += 1
            found = programme(
                self.rows(),
                cost,
                (lower, np.where(np.tile(allowed, 2), upper, lower)),
                nodes=work.nodes,
            )
            if found is not None:
                both = found.astype(np.int64)
                change = both[: len(allowed)] - both[len(allowed) :]
                if not (self.matrix @ change).any():
                    return self._move(change)
        return None

    def _move(self, change: Ints) -> Move:
        moved = np.flatnonzero(change)
        return Move(self.cells[moved], change[moved])


def split(problem: Problem, matrix: csr_array, movable: Flags) -> list[Region]:
    """The regions of some cells, in the order of their first cell.

    Args:
        problem: The tables.
        matrix: Its constraints.
        movable: Whether each cell may move at all. Those that the others then settle (the only
            one left in a sum) are left out.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    movable = movable.copy()
    while True:
        count = abs(matrix) @ movable.astype(np.int64)
        row, column = matrix.nonzero()
        settled = column[(count[row] == 1) & movable[column]]
        if not len(settled):
            break
        movable[settled] = False
    cells = np.flatnonzero(movable)
    if not len(cells):
        return []
    part = matrix[:, cells].tocoo()
    size = len(cells) + matrix.shape[0]
    edges = coo_array((np.ones(part.nnz), (part.col, part.row + len(cells))), shape=(size, size))
    label = connected_components(edges, directed=False)[1][: len(cells)]
    _, first, label = np.unique(label, return_index=True, return_inverse=True)
    by_column = matrix.tocsc()
    regions = []
    for number in np.argsort(first, kind="stable"):
        own = cells[label == number]
        piece = by_column[:, own]
        used = np.unique(piece.indices)
        regions.append(Region(own.astype(np.int64), piece.tocsr()[used].tocsc()))
    return regions


def room(problem: Problem, *, aware: bool) -> Floats:
    """How far each cell may fall in a world.

    Args:
        problem: The tables.
        aware: Whether cells that the tables show or keep back, and that are not 0, stay at 1 or
            more: also an attacker who knows that no zero is kept back then learns nothing.
    """
    least = problem.lower.copy()
    if aware:
        nonzero = (problem.value >= 1) & (problem.state != State.HIDDEN)
        nonzero &= problem.lower > UNBOUNDED
        least[nonzero] = np.maximum(least[nonzero], 1)
    down = np.maximum(problem.value - least, 0).astype(np.float64)
    return np.where(down > MOST, INFINITE, down)


def weights(problem: Problem) -> Floats:
    """What keeping back each cell costs: 1 + ln(1 + value)."""
    weight: Floats = 1.0 + np.log1p(np.abs(problem.value).astype(np.float64))
    return weight


def regions(
    problem: Problem,
) -> tuple[tuple[Ints, list[Region]], tuple[Ints, list[Region]]]:
    """The regions of each table on its own, and of all of them together.

    Returns:
        For each kind: the region's number for each cell (-1: it cannot move), and the regions.
    """
    matrix = problem.matrix()
    movable = problem.state != State.FACT
    own: list[Region] = []
    for scope in np.unique(problem.scope[problem.scope != SHARED]).tolist():
        own += split(problem, matrix, movable & (problem.scope == scope))
    return _numbered(problem, own), together(problem)


def together(problem: Problem) -> tuple[Ints, list[Region]]:
    """The regions of all tables together: their number for each cell, and they."""
    places = split(problem, problem.matrix(), problem.state != State.FACT)
    return _numbered(problem, places)


def _numbered(problem: Problem, places: list[Region]) -> tuple[Ints, list[Region]]:
    number = np.full(problem.size, -1, dtype=np.int64)
    for index, region in enumerate(places):
        number[region.cells] = index
    return number, places


def part(problem: Problem, cells: Ints) -> Problem:
    """Some cells of a problem, and its sums over them as far as differences go."""
    number = np.full(problem.size, -1, dtype=np.int64)
    number[cells] = np.arange(len(cells))
    inside = number[problem.columns] >= 0
    _, rows = np.unique(problem.rows[inside], return_inverse=True)
    names = ("value", "state", "protect", "high", "single", "lower", "scope")
    return Problem(
        **{name: getattr(problem, name)[cells] for name in names},
        rows=rows.astype(np.int32),
        columns=number[problem.columns[inside]].astype(np.int32),
        coefficients=problem.coefficients[inside],
    )
