"""The search for worlds: from the protected cells outwards, keeping back what they move.

Giving back belongs in ``tidy``; the order of everything, in ``suppress``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from openbeat.disclosure.certificate import agreeing
from openbeat.disclosure.found import HIGH, SIDES, Found
from openbeat.disclosure.problem import SHARED, NotCertifiedError, Problem, State, Worlds
from openbeat.disclosure.regions import Move, Question, Region, Work, regions, room, weights
from openbeat.disclosure.solver import INFINITE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

FREE: Final = 1e-4
"""Cost of moving what is kept back or hidden anyway."""
NOTHING: Final = np.zeros(0, dtype=np.int64)
TOGETHER: Final = 600
"""Tables of at most so many cells are searched together; larger ones each on its own first."""


class Search:
    """One search: what is kept back so far, and the worlds found."""

    def __init__(self, problem: Problem, work: Work, start: Flags | None = None) -> None:
        """Begin with the protected cells, those kept back before, and ``start``."""
        self.problem = problem
        self.work = work
        self.found = Found(problem)
        self.open = problem.state == State.OPEN
        primary = (self.open & problem.protect) | (problem.state == State.KEPT)
        self.primary = primary
        self.suppressed = primary.copy() if start is None else primary | (start & self.open)
        self.weight = weights(problem)
        self._movable = problem.state != State.FACT
        self._down = {aware: room(problem, aware=aware) for aware in (True, False)}
        self._up = np.full(problem.size, INFINITE)
        self._own, self._joint = regions(problem)
        self.components = len(self._joint[1])

    def adopt(self, known: Worlds) -> None:
        """Take in those of some worlds that still hold and move only what is kept back."""
        held = agreeing(self.problem, self.suppressed, known)
        for first, last in zip(held.start[:-1].tolist(), held.start[1:].tolist(), strict=True):
            order = np.argsort(held.cell[first:last])
            cell = held.cell[first:last][order].astype(np.int64)
            if len(cell):
                self.found.add(Move(cell, held.change[first:last][order].astype(np.int64)))

    def protect(self) -> None:
        """Find both worlds of each protected cell, from the largest, keeping back what it takes.

        Raises:
            NotCertifiedError: There are none, or the work allowed is done.
        """
        missing = []
        for cell in self._in_order(self.found.protected):
            for side in SIDES:
                if not self._prove(cell, side):
                    missing.append(cell)
        if missing:
            raise NotCertifiedError(
                f"No two possible worlds were found for {len(set(missing))} protected cells",
                tuple(sorted(set(missing))),
            )

    def _in_order(self, cells: Ints) -> list[int]:
        """Those of all tables last; within, from the largest."""
        shared = self.problem.scope[cells] == SHARED
        scope = np.where(shared, 0, self.problem.scope[cells] + 1)
        order: list[int] = cells[np.lexsort((cells, -self.problem.value[cells], scope))].tolist()
        return order

    def _prove(self, cell: int, side: int) -> bool:
        """See that there is a world of a side; zero-aware if possible. Whether there is."""
        least = self.least(cell, side)
        for aware in (True, False):
            if self.found.proofs[side, int(aware), cell] > 0:
                return True
            move = self.world(cell, least, aware=aware)
            if move is not None:
                return True
        return False

    def least(self, cell: int, side: int) -> int:
        """How far a protected cell must move for a world of a side."""
        wanted = int(self.problem.high[cell]) if side == HIGH else 1
        return wanted - int(self.problem.value[cell])

    def world(
        self,
        cell: int,
        least: int,
        *,
        aware: bool = True,
        still: Ints = NOTHING,
        only: bool = False,
        most: float = INFINITE,
    ) -> Move | None:
        """Look for a world and take it in, keeping back what it moves.

        Args:
            cell: The cell that must move.
            least: By how much, with its sign.
            aware: Whether what is kept back and not 0 stays at 1 or more.
            still: Cells that must not move.
            only: Whether nothing more may be kept back.
            most: What is worth as much or more may not be kept back besides.
        """
        free = ~self.open | self.suppressed
        cost = np.where(free, FREE, self.weight)
        if only:
            extra = self.open & self.suppressed & ~self.primary
            cost = np.where(extra, FREE * 100 * self.weight, FREE)
        shut = ~free if only else ~free & (self.weight >= most)
        question = Question(
            cell=cell,
            least=least,
            still=still,
            cost=cost,
            down=np.where(shut, 0.0, self._down[aware]),
            up=np.where(shut, 0.0, self._up),
        )
        for region in self._places(cell):
            move = region.seek(question, free, self.work)
            if move is not None:
                self.found.add(move)
                self.suppressed[move.cell[self.open[move.cell]]] = True
                return move
        return None

    def _places(self, cell: int) -> list[Region]:
        """The regions of a cell: in its own table, then in all tables together."""
        own = int(self._own[0][cell])
        joint = int(self._joint[0][cell])
        places = [self._joint[1][joint]] if joint >= 0 else []
        if own >= 0 and len(places[0].cells) > max(TOGETHER, len(self._own[1][own].cells)):
            places.insert(0, self._own[1][own])
        return places

    def answer_insiders(self) -> None:
        """Rule R5: whoever knows a cell of one person learns nothing exact of any other."""
        for cell, insider in self.found.exposed(self.suppressed).tolist():
            pairs = self.found.exposed(self.suppressed, np.array([cell]))
            if insider not in pairs[:, 1]:
                continue
            if not self.differ(cell, pairs[:, 1]):
                self.differ(cell, np.array([insider]))

    def differ(self, cell: int, still: Ints, *, only: bool = False, most: float = INFINITE) -> bool:
        """A world in which a cell differs and others do not."""
        for aware in (True, False):
            for least in (1, -1):
                if -least > self._down[aware][cell]:
                    continue
                move = self.world(cell, least, aware=aware, still=still, only=only, most=most)
                if move is not None:
                    return True
        return False

    def unknown(self, most: float = 0.0) -> Flags:
        """Whether each cell can move in a world, if all that is worth less than ``most`` may."""
        free = ~self.open | self.suppressed | (self.weight < most)
        unknown: Flags = self._movable & free
        return unknown

    def cost(self) -> float:
        """What is kept back besides the protected cells, by weight."""
        return float(self.weight[self.extra()].sum())

    def parts(self, most: int) -> list[Ints]:
        """Cells of the parts of at most so many: connected ones, else single tables of those."""
        small: list[Ints] = []
        for number, region in enumerate(self._joint[1]):
            inner = [own for own in self._own[1] if self._joint[0][own.cells[0]] == number]
            for place in [region] if len(region.cells) <= most else inner:
                if len(place.cells) <= most and self.problem.protect[place.cells].any():
                    small.append(place.cells)
        return small

    def extra(self) -> Ints:
        """What is kept back besides the protected cells and those kept back before."""
        return np.flatnonzero(self.open & self.suppressed & ~self.primary)
