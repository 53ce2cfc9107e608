"""The worlds found so far, and what they prove between them.

Looking for worlds belongs in ``regions``; the check of a certificate, in ``certificate``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import numpy as np

from openbeat.disclosure.problem import Problem, State, Worlds
from openbeat.disclosure.regions import Move, room

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

LOW: Final = 0
HIGH: Final = 1
SIDES: Final = (HIGH, LOW)


class Found:
    """Worlds, with a count for each protected cell of those that prove something about it.

    Attributes:
        proofs: Worlds of a side (first axis) of each cell, by zero-awareness (second axis: 0 all,
            1 only those in which what is kept back and not 0 stays at 1 or more).
        moves: Worlds in which each protected cell moves.
        both: Worlds in which a protected cell (rows) and an insider's cell (columns) move.
        protected: The protected cells.
        insiders: The cells behind which one person stands, and which may be kept back.
    """

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._room = room(problem, aware=False)
        self._aware_room = room(problem, aware=True)
        self.protected = np.flatnonzero(problem.protect)
        secret = (problem.state == State.OPEN) | (problem.state == State.KEPT)
        self.insiders = np.flatnonzero(problem.single & secret)
        self._number = _numbers(self.protected, problem.size)
        self._insider = _numbers(self.insiders, problem.size)
        self.proofs = np.zeros((2, 2, problem.size), dtype=np.int32)
        self.proofs[LOW, :, problem.protect & (problem.value <= 1)] = 1
        self.proofs[HIGH, :, problem.protect & (problem.value >= problem.high)] = 1
        self.moves = np.zeros(len(self.protected), dtype=np.int32)
        self.both = np.zeros((len(self.protected), len(self.insiders)), dtype=np.int32)
        self._worlds: list[Move] = []
        self._counts: list[bool] = []
        self._aware: list[bool] = []
        self._known: set[bytes] = set()
        self._through: dict[int, list[int]] = {}
        self._proved: dict[int, tuple[Ints, Ints, Ints]] = {}

    def add(self, move: Move) -> None:
        """Take a world in, and what follows from it by scaling it."""
        self.put(move)
        self._add_multiples(move)

    def put(self, move: Move) -> None:
        """Take a world in."""
        key = _key(move)
        if key in self._known:
            return
        self._known.add(key)
        number = len(self._worlds)
        self._worlds.append(move)
        self._counts.append(True)
        self._aware.append(bool((-move.change <= self._aware_room[move.cell]).all()))
        for cell in move.cell.tolist():
            self._through.setdefault(cell, []).append(number)
        self._count(number, 1)

    def move(self, number: int) -> Move:
        """A world by its number."""
        return self._worlds[number]

    def _add_multiples(self, move: Move) -> None:
        """Multiples of a world that prove what nothing else yet proves, if nothing goes below."""
        unit = move.change // np.gcd.reduce(move.change)
        problem = self._problem
        cell = move.cell
        for side, wanted in ((HIGH, problem.high[cell]), (LOW, np.ones_like(cell))):
            need = wanted - problem.value[cell]
            factor = np.sign(need) * np.sign(unit) * -(-abs(need) // abs(unit))
            for place in np.flatnonzero(problem.protect[cell]):
                if self.proofs[side, 1, cell[place]]:
                    continue
                change = unit * factor[place]
                if change.any() and (-change <= self._aware_room[cell]).all():
                    self.put(Move(cell, change))

    @property
    def count(self) -> int:
        """How many worlds were ever taken in: the number of the next."""
        return len(self._worlds)

    def beyond(self, first: int, published: Flags) -> list[int]:
        """The worlds from a number on that move a published cell."""
        late = range(first, len(self._worlds))
        return [
            number
            for number in late
            if self._counts[number] and published[self._worlds[number].cell].any()
        ]

    def remove(self, numbers: Iterable[int]) -> None:
        """Let worlds that count no longer count."""
        for number in numbers:
            self._count(number, -1)
            self._counts[number] = False
            self._known.discard(_key(self._worlds[number]))

    def restore(self, numbers: Iterable[int]) -> None:
        """Let worlds that were removed count again."""
        for number in numbers:
            self._count(number, 1)
            self._counts[number] = True
            self._known.add(_key(self._worlds[number]))

    def _count(self, number: int, sign: int) -> None:
        if number not in self._proved:
            self._proved[number] = self._places(number)
        proofs, rows, pairs = self._proved[number]
        self.proofs.ravel()[proofs] += sign
        self.moves[rows] += sign
        self.both.ravel()[pairs] += sign

    def _places(self, number: int) -> tuple[Ints, Ints, Ints]:
        """Which of ``proofs``, ``moves`` and ``both``, each laid flat, a world counts in."""
        move, problem = self.move(number), self._problem
        at = problem.protect[move.cell]
        cell = move.cell[at]
        value = problem.value[cell] + move.change[at]
        low = 2 * LOW * problem.size + cell[value <= 1]
        high = 2 * HIGH * problem.size + cell[value >= problem.high[cell]]
        once = np.concatenate([low, high])
        proofs = np.concatenate([once, once + problem.size]) if self._aware[number] else once
        rows = self._number[cell]
        insiders = self._insider[move.cell]
        insiders = insiders[insiders >= 0]
        pairs = rows[:, None] * len(self.insiders) + insiders
        return proofs, rows, pairs.ravel()

    def through(self, cell: int) -> list[int]:
        """The worlds in which a cell moves."""
        return [number for number in self._through.get(cell, ()) if self._counts[number]]

    def cells(self, numbers: Iterable[int]) -> Ints:
        """The protected cells that move in some worlds, ascending."""
        moved = [self._worlds[number].cell for number in numbers]
        cells = np.unique(np.concatenate(moved)) if moved else np.zeros(0, dtype=np.int64)
        return cells[self._problem.protect[cells]]

    def exposed(self, suppressed: Flags, cells: Ints | None = None) -> Ints:
        """Pairs (protected cell, insider's cell): whenever the one moves, so does the other.

        Args:
            suppressed: Whether each cell is kept back: other insiders know nothing new.
            cells: Of which protected cells; default all.

        Returns:
            A row for each pair, ascending.
        """
        rows = np.arange(len(self.protected)) if cells is None else self._number[cells]
        both = self.both[rows]
        open_to = (both == self.moves[rows, None]) & (both > 0) & suppressed[self.insiders]
        open_to &= self.protected[rows, None] != self.insiders
        row, column = np.nonzero(open_to)
        return np.stack([self.protected[rows[row]], self.insiders[column]], axis=1)

    def worlds(self) -> Worlds:
        """All of them, in the order in which they were found."""
        kept = [move for move, counts in zip(self._worlds, self._counts, strict=True) if counts]
        lengths = [len(move.cell) for move in kept]
        nothing = np.zeros(0, dtype=np.int64)
        return Worlds(
            start=np.cumsum([0, *lengths], dtype=np.int64),
            cell=np.concatenate([nothing] + [move.cell for move in kept]).astype(np.int32),
            change=np.concatenate([nothing] + [move.change for move in kept]).astype(np.int64),
        )


def _key(move: Move) -> bytes:
    return move.cell.tobytes() + move.change.tobytes()


def _numbers(cells: Ints, size: int) -> Ints:
    """The place of each cell among some of them; -1 of the others."""
    numbers = np.full(size, -1, dtype=np.int64)
    numbers[cells] = np.arange(len(cells))
    return numbers
