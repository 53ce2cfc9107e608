"""Giving back what need not be kept back, and exchanging what costs less.

Finding worlds belongs in ``search``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from openbeat.disclosure.solver import INFINITE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from openbeat.disclosure.search import Search

    Ints = NDArray[np.int64]

REPAIRS: Final = 12
"""A cell without which more proofs than that would have to be found anew is left alone."""
PASSES: Final = 4
"""How often cells are exchanged, at most."""
LITTLE: Final = 0.002
"""After a pass of exchanges that saves less than this share there is no other."""
LARGE: Final = 2_000
"""Above so many cells nothing is exchanged: it gains about 1 %, for most of the time."""


def tidy(search: Search) -> int:
    """Give back and exchange until nothing is gained.

    Returns:
        How many cells were given back, or exchanged for cheaper ones.
    """
    ties = _Ties(search)
    freed = _pass(search, ties, exchange=False)
    for _ in range(PASSES if search.problem.size <= LARGE else 0):
        before = search.cost()
        freed += _pass(search, ties, exchange=True)
        if search.cost() >= before * (1 - LITTLE):
            break
        freed += _pass(search, ties, exchange=False)
    return freed


def _pass(search: Search, ties: _Ties, *, exchange: bool) -> int:
    """Try each complementary cell once, from the most valuable."""
    extra = search.extra()
    order = extra[np.lexsort((extra, -search.weight[extra]))]
    return sum(
        _do_without(search, ties, cell, exchange=exchange)
        for cell in order.tolist()
        if search.suppressed[cell]
    )


def _do_without(search: Search, ties: _Ties, cell: int, *, exchange: bool) -> bool:
    """Publish a cell after all, if every proof can be had without it.

    Args:
        search: The search so far.
        ties: Its sums.
        cell: The cell.
        exchange: Whether others may be kept back in its place, for less.
    """
    if ties.gives_away(cell, float(search.weight[cell]) if exchange else 0.0):
        return False
    found = search.found
    through = found.through(cell)
    touched = found.cells(through)
    proved = found.proofs[:, :, touched] > 0
    exposed = {tuple(pair) for pair in found.exposed(search.suppressed, touched).tolist()}
    before, cost, mark = search.suppressed.copy(), search.cost(), found.count
    found.remove(through)
    search.suppressed[cell] = False
    attempt = _Attempt(search, cell, cost, only=not exchange)
    lost = np.argwhere(proved & (found.proofs[:, :, touched] == 0))
    if attempt.prove(touched, lost) and attempt.shield(touched, exposed):
        return True
    search.suppressed[:] = before
    found.remove(found.beyond(mark, search.open & ~before))
    found.restore(through)
    return False


class _Ties:
    """The sums, to see at once what cannot be published: the last but one unknown of a sum."""

    def __init__(self, search: Search) -> None:
        problem = search.problem
        matrix = abs(problem.matrix().tocsr())
        self._cells = np.split(matrix.indices, matrix.indptr[1:-1])
        by_cell = matrix.tocsc()
        self._rows = [part.tolist() for part in np.split(by_cell.indices, by_cell.indptr[1:-1])]
        self._search = search

    def gives_away(self, cell: int, most: float) -> bool:
        """Whether a protected cell is known, by sums of one unknown each, once a cell is shown.

        Args:
            cell: The cell.
            most: Everything worth less than that may be kept back in its place.
        """
        unknown = self._search.unknown(most)
        protect = self._search.problem.protect
        stack = [cell]
        unknown[cell] = False
        while stack:
            for row in self._rows[stack.pop()]:
                cells = self._cells[row]
                left = cells[unknown[cells]]
                if len(left) == 1:
                    if protect[left[0]]:
                        return True
                    unknown[left[0]] = False
                    stack.append(int(left[0]))
        return False


class _Attempt:
    """To find anew what was proved by worlds through one cell."""

    def __init__(self, search: Search, cell: int, most: float, *, only: bool) -> None:
        self._search = search
        self._cell = cell
        self._most = most
        self._only = only

    def _cheaper(self) -> bool:
        return self._search.cost() < self._most - 1e-9

    def _left(self) -> float:
        """What may yet be spent."""
        return INFINITE if self._only else self._most - self._search.cost()

    def prove(self, touched: Ints, lost: Ints) -> bool:
        """Both worlds of each protected cell that lost one."""
        search = self._search
        if len(lost) > REPAIRS:
            return False
        for side, aware, place in lost[np.lexsort((lost[:, 2], lost[:, 0], -lost[:, 1]))].tolist():
            cell = int(touched[place])
            if search.found.proofs[side, aware, cell] > 0:
                continue
            least = search.least(cell, side)
            still = np.array([self._cell])
            move = search.world(
                *(cell, least), aware=bool(aware), still=still, only=self._only, most=self._left()
            )
            if move is None or not self._cheaper():
                return False
        return True

    def shield(self, touched: Ints, exposed: set[tuple[int, ...]]) -> bool:
        """A world for each pair with an insider that lost its own."""
        search = self._search
        pairs = search.found.exposed(search.suppressed, touched).tolist()
        new = [pair for pair in pairs if tuple(pair) not in exposed]
        if len(new) > REPAIRS:
            return False
        for cell, insider in new:
            left = search.found.exposed(search.suppressed, np.array([cell]))
            if insider not in left[:, 1]:
                continue
            still = np.array([self._cell, insider])
            done = search.differ(cell, still, only=self._only, most=self._left())
            if not done or not self._cheaper():
                return False
        return True
