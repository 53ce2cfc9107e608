"""Cells and sums as arrays; what follows without any solver; the parts that hang together.

Plain interval arithmetic belongs here; linear programmes, in ``bounds``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

SLACK: Final = 1e-6
"""What counts as nothing: HiGHS keeps its rows to 1e-7, and the numbers here are counts."""
ROUNDS: Final = 30


@dataclass
class System:
    """Bounds of n cells and m rows: ``low <= sum of coefficient x cell <= high``.

    Attributes:
        lower: What each cell is not below (float64; -inf for differences).
        upper: What it is not above (float64; inf where nothing says so).
        rows: Row of each coefficient, ascending.
        columns: Cell of each coefficient.
        coefficients: 1 or -1; a share in rows of rates.
        low: Least of each row.
        high: Most of each row.
        contradicted: Cells whose facts cannot all be true.
    """

    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    coefficients: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    contradicted: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.contradicted = np.zeros(len(self.lower), dtype=bool)


@dataclass(frozen=True)
class Part:
    """Cells that hang together, with everything known put in.

    Attributes:
        cells: Their numbers in the system.
        matrix: Rows by cells.
        low: Least of each row, without the cells that are known.
        high: Most of each row.
        lower: Of each cell.
        upper: Of each cell; finite: where nothing bounds it, more than all that is published.
        capped: Whether ``upper`` (or ``lower``) is only such a cap.
    """

    cells: NDArray[np.int64]
    matrix: csr_array
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    capped: NDArray[np.bool_]


def tighten(system: System) -> None:
    """Bound each cell by the others of its rows, over and over; all are whole numbers.

    Changes ``lower``, ``upper`` and ``contradicted`` in place. What is left open is for the
    linear programmes; a cell whose bounds meet is known.
    """
    height = len(system.low)
    for _ in range(ROUNDS):
        before = (system.lower.copy(), system.upper.copy())
        _one_round(system, height)
        if np.array_equal(before[0], system.lower) and np.array_equal(before[1], system.upper):
            return


def _one_round(system: System, height: int) -> None:
    rows, columns, weight = system.rows, system.columns, system.coefficients
    least = np.where(weight > 0, system.lower[columns], system.upper[columns]) * weight
    most = np.where(weight > 0, system.upper[columns], system.lower[columns]) * weight
    below = _others(rows, least, height, -np.inf)
    above = _others(rows, most, height, np.inf)
    # low <= w x + others <= high gives (low - most others) <= w x <= (high - least others).
    floor = system.low[rows] - above
    ceiling = system.high[rows] - below
    with np.errstate(invalid="ignore"):
        first = np.where(weight > 0, floor / weight, ceiling / weight)
        last = np.where(weight > 0, ceiling / weight, floor / weight)
    lower, upper = system.lower.copy(), system.upper.copy()
    np.maximum.at(lower, columns, np.ceil(first - SLACK))
    np.minimum.at(upper, columns, np.floor(last + SLACK))
    crossed = lower > upper
    system.contradicted |= crossed
    # Facts that cannot be true say nothing: the cell keeps its bounds, and the row is reported.
    system.lower = np.where(crossed, system.lower, lower)
    system.upper = np.where(crossed, system.upper, upper)


def _others(
    rows: NDArray[np.int64], bound: NDArray[np.float64], height: int, endless: float
) -> NDArray[np.float64]:
    """For each coefficient the sum of its row's bounds without its own, infinite if any is."""
    unknown = ~np.isfinite(bound)
    finite = np.where(unknown, 0.0, bound)
    sums = np.bincount(rows, weights=finite, minlength=height)[rows] - finite
    unknowns = np.bincount(rows, weights=unknown, minlength=height)[rows] - unknown
    return np.where(unknowns > 0, endless, sums)


def parts(system: System, wanted: NDArray[np.bool_]) -> Iterator[Part]:
    """The parts of the system that are not settled yet and have a wanted cell, one by one."""
    from scipy.sparse import coo_array, csr_array
    from scipy.sparse.csgraph import connected_components

    free = system.lower < system.upper
    live = free[system.columns]
    rows, columns, weight = system.rows[live], system.columns[live], system.coefficients[live]
    height, width = len(system.low), len(system.lower)
    if not len(rows):
        return
    known = np.where(free, 0.0, system.lower)[system.columns] * system.coefficients
    settled = np.bincount(system.rows, weights=known, minlength=height).astype(np.float64)
    size = height + width
    graph = coo_array((np.ones(len(rows)), (rows, columns + height)), shape=(size, size))
    label = connected_components(graph, directed=False)[1]
    # A part without a wanted cell costs as much to make as another, and nobody asks for it.
    asked = np.zeros(size, dtype=bool)
    asked[label[columns[wanted[columns]] + height]] = True
    some = asked[label[rows]]
    rows, columns, weight = rows[some], columns[some], weight[some]
    for entries in _runs(label[rows]):
        here, there, value = rows[entries], columns[entries], weight[entries]
        row_ids, local_rows = np.unique(here, return_inverse=True)
        cell_ids, local_cells = np.unique(there, return_inverse=True)
        matrix = csr_array((value, (local_rows, local_cells)), shape=(len(row_ids), len(cell_ids)))
        yield _part(system, matrix, row_ids, cell_ids, settled[row_ids])


def _runs(labels: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Where each label is, label by label."""
    if not len(labels):
        return
    order = np.argsort(labels, kind="stable")
    edges = np.flatnonzero(np.diff(labels[order])) + 1
    yield from np.split(order, edges)


def _part(
    system: System,
    matrix: csr_array,
    row_ids: NDArray[np.int64],
    cell_ids: NDArray[np.int64],
    settled: NDArray[np.float64],
) -> Part:
    lower, upper = system.lower[cell_ids], system.upper[cell_ids]
    known = float(np.abs(settled).sum() + np.abs(lower[np.isfinite(lower)]).sum())
    cap = 1000.0 + 2 * known
    capped = ~np.isfinite(lower) | ~np.isfinite(upper)
    return Part(
        cells=cell_ids,
        matrix=matrix,
        low=system.low[row_ids] - settled,
        high=system.high[row_ids] - settled,
        lower=np.where(np.isfinite(lower), lower, -cap),
        upper=np.where(np.isfinite(upper), upper, cap),
        capped=capped,
    )
