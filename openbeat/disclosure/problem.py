"""Cells of linked tables and the sums between them, as plain arrays.

What the cells mean belongs in ``cells``; what is kept back, in ``suppress``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

SHARED: Final = -1
UNBOUNDED: Final = -(2**40)
"""A lower bound for differences, which may be of either sign: below any count of people."""


class State(IntEnum):
    """What is settled about a cell before anything is solved."""

    OPEN = 0
    """It may be published, or kept back."""
    FACT = 1
    """Published for good: every world must have its value."""
    KEPT = 2
    """Kept back for good: it is never published."""
    HIDDEN = 3
    """No table has it; it is there so that the sums are right."""


@dataclass(frozen=True)
class Problem:
    """Counts of people, the sums that everybody knows between them, and what is protected.

    Arrays of n cells, in an order that never depends on the machine.

    Attributes:
        value: The true number (int64).
        state: A ``State`` (int8).
        protect: Whether the cell needs two worlds: one with ``high`` or more, one with 1 or less.
        high: Its threshold (int64); of no meaning where it is not protected.
        single: Whether one person stands behind the cell, who knows its value (rule R5).
        lower: What everybody knows it is not below (int64): 0, or ``UNBOUNDED``.
        scope: The table of the cell (int32). When a cell is protected, only the cells of its own
            table may move; those of other tables, and ``SHARED`` ones, keep their true value.
            When a ``SHARED`` cell is protected, all may. Any such world is one of the whole set.
        rows: Constraint of each coefficient (int32).
        columns: Cell of each coefficient (int32).
        coefficients: 1 or -1 (int64): for each constraint the sum over its cells is 0.
    """

    value: NDArray[np.int64]
    state: NDArray[np.int8]
    protect: NDArray[np.bool_]
    high: NDArray[np.int64]
    single: NDArray[np.bool_]
    lower: NDArray[np.int64]
    scope: NDArray[np.int32]
    rows: NDArray[np.int32]
    columns: NDArray[np.int32]
    coefficients: NDArray[np.int64]

    @property
    def size(self) -> int:
        """How many cells there are."""
        return len(self.value)

    def matrix(self) -> csr_array:
        """The constraints, a row each: int64, so that products are exact."""
        from scipy.sparse import csr_array

        height = int(self.rows.max()) + 1 if len(self.rows) else 0
        entries = (self.coefficients, (self.rows, self.columns))
        return csr_array(entries, shape=(height, self.size), dtype=np.int64)


@dataclass(frozen=True)
class Worlds:
    """Possible worlds, as their differences from the truth: explicit integers.

    World k has ``value[cell[i]] + change[i]`` for i from ``start[k]`` to ``start[k + 1]``, and
    the true value everywhere else. It is private: with the truth it is kept, never published.

    Attributes:
        start: Where each world begins (int64, one more than there are worlds).
        cell: Cells (int32).
        change: Differences (int64), none of them 0.
    """

    start: NDArray[np.int64]
    cell: NDArray[np.int32]
    change: NDArray[np.int64]

    @property
    def count(self) -> int:
        """How many worlds there are."""
        return len(self.start) - 1


@dataclass(frozen=True)
class Solution:
    """What is kept back, and the proof.

    Attributes:
        suppressed: Whether each cell is kept back (bool): the protected ones, those that had to
            be with them, and those ``KEPT`` from before; never a ``FACT``; not ``HIDDEN`` ones.
        worlds: The worlds of the certificate.
        figures: Counts of what was done: ``primary``, ``complementary``, ``freed``,
            ``components``, ``solved_exactly``, ``programmes`` (linear), ``integer_programmes``,
            ``zero_aware_residual`` (protected cells of which only a world with a nonzero
            suppressed cell at 0 is known), ``insiders``, ``insider_residual``.
    """

    suppressed: NDArray[np.bool_]
    worlds: Worlds
    figures: dict[str, int]


class NotCertifiedError(Exception):
    """No two worlds were found for some cell in the work allowed: fail closed.

    Attributes:
        cells: Indices of the cells.
    """

    def __init__(self, message: str, cells: tuple[int, ...] = ()) -> None:
        super().__init__(message)
        self.cells = cells
