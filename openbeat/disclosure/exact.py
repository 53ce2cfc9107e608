"""The cheapest set of cells to keep back, by integer programming, for small tables.

The cut generation of Fischetti and Salazar (Mathematical Programming 84, 1999): a programme of 0s
and 1s says what is kept back; for each protected cell a linear one says how far it can then move;
where that is not far enough its dual prices give an inequality that the first one lacked. What
comes out is the optimum for possible worlds of fractions. Integers, and insiders, are the business
of ``suppress``, which goes on from here; the proof is that of ``certificate``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from openbeat.disclosure.problem import Problem, State
from openbeat.disclosure.regions import MOST, Region, room, together, weights
from openbeat.disclosure.solver import LinearProgramme, Rows, programme

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

ROUNDS: Final = 60
"""Rounds of cuts for fractions, and again for 0s and 1s."""
SLACK: Final = 1e-6
"""A need that is missed by less is met."""


@dataclass
class _Demand:
    """That a cell can move so far, in one direction.

    Attributes:
        region: Where.
        programme: Shared by the demands of the region.
        column: The column to be made large.
        need: How large it must become.
        upper: Of each column, if all were kept back.
    """

    region: Region
    programme: LinearProgramme
    column: int
    need: float
    upper: Floats

    def reach(self, part: Floats) -> tuple[float, Floats]:
        """How far it can move when each cell of the problem may use a part of its room.

        Returns:
            How far, and for each column a price: for any other parts it can move no further than
            the sum of price x upper bound.
        """
        cost = np.zeros(len(self.upper))
        cost[self.column] = -1.0
        bound = self.upper * np.tile(part[self.region.cells], 2)
        answer = self.programme.solve(cost, np.zeros(len(bound)), bound, prices=True)
        if answer is None:
            return 0.0, np.zeros(len(bound))
        price = np.where(answer.reduced < -1e-9, -answer.reduced, 0.0)
        return float(answer.column[self.column]), price


def optimum(problem: Problem, nodes: int) -> Flags | None:
    """What to keep back at least cost, for worlds of fractions.

    Only differences from the truth count, so the sums may leave out cells that cannot move.

    Args:
        problem: The tables, small ones.
        nodes: Branches allowed for each integer programme.

    Returns:
        Whether each cell is kept back, the protected ones with them; nothing where some cell
        cannot be protected or the optimum was not proven.
    """
    demands = _demands(problem)
    if demands is None:
        return None
    is_open = problem.state == State.OPEN
    free = ~is_open | problem.protect
    candidates = np.flatnonzero(~free)
    chosen = _choose(problem, demands, candidates, nodes)
    if chosen is None:
        return None
    suppressed: Flags = (is_open & problem.protect) | (problem.state == State.KEPT)
    suppressed[candidates[chosen > 0.5]] = True
    return suppressed


def _choose(
    problem: Problem, demands: list[_Demand], candidates: NDArray[np.int64], nodes: int
) -> Floats | None:
    """Cuts until every demand is met: first for parts of cells, then for whole ones."""
    weight = weights(problem)[candidates]
    cuts: list[Floats] = []
    needs: list[float] = []
    chosen = np.zeros(len(candidates))
    part = np.ones(problem.size)
    for whole in (False, True):
        for _ in range(ROUNDS):
            if needs:
                found = _master(weight, cuts, needs, nodes, whole=whole)
                if found is None:
                    return None
                chosen = found
            part[candidates] = chosen
            before = len(needs)
            for demand in demands:
                _separate(demand, part, candidates, cuts, needs)
            if len(needs) == before:
                break
        else:
            if whole:
                return None
    return chosen


def _separate(
    demand: _Demand,
    part: Floats,
    candidates: NDArray[np.int64],
    cuts: list[Floats],
    needs: list[float],
) -> None:
    """Add the inequality that a demand lacks, if it is not met."""
    reach, price = demand.reach(part)
    if reach >= demand.need - SLACK:
        return
    width = len(demand.region.cells)
    worth = np.zeros(len(part))
    each = price * demand.upper
    worth[demand.region.cells] = each[:width] + each[width:]
    given = np.ones(len(part), dtype=np.bool_)
    given[candidates] = False
    need = demand.need - float(worth[given].sum())
    if need > SLACK:
        cuts.append(np.minimum(worth[candidates], need) / need)
        needs.append(1.0)


def _master(
    weight: Floats, cuts: list[Floats], needs: list[float], nodes: int, *, whole: bool
) -> Floats | None:
    table = np.array(cuts)
    column, row = np.nonzero(table.T)
    rows = Rows(
        height=len(cuts),
        start=np.searchsorted(column, np.arange(len(weight) + 1)).astype(np.int32),
        row=row.astype(np.int32),
        coefficient=table.T[column, row],
    )
    return programme(
        rows,
        weight,
        (np.zeros(len(weight)), np.ones(len(weight))),
        (np.array(needs), np.full(len(needs), np.inf)),
        nodes=nodes,
        whole=whole,
        optimal=True,
    )


def _demands(problem: Problem) -> list[_Demand] | None:
    """Both demands of each protected cell: zero-aware where that can be met at all, else not.

    Nothing where some cell cannot be protected.
    """
    number, places = together(problem)
    rooms = {aware: room(problem, aware=aware) for aware in (True, False)}
    programmes: dict[int, LinearProgramme] = {}
    demands = []
    for cell in np.flatnonzero(problem.protect).tolist():
        if number[cell] < 0:
            return None
        kinds = [(places[int(number[cell])], rooms[aware]) for aware in (True, False)]
        value, high = int(problem.value[cell]), int(problem.high[cell])
        for least in [high - value] * (value < high) + [1 - value] * (value > 1):
            demand = _first(cell, least, kinds, programmes)
            if demand is None:
                return None
            demands.append(demand)
    return demands


def _first(
    cell: int,
    least: int,
    kinds: list[tuple[Region, Floats]],
    programmes: dict[int, LinearProgramme],
) -> _Demand | None:
    """The first kind of demand that can be met with everything kept back."""
    for region, down in kinds:
        if id(region) not in programmes:
            programmes[id(region)] = LinearProgramme(region.rows())
        demand = _demand(region, programmes[id(region)], cell, least, down)
        if demand.reach(np.ones(len(down)))[0] >= demand.need - SLACK:
            return demand
    return None


def _demand(region: Region, lines: LinearProgramme, cell: int, least: int, down: Floats) -> _Demand:
    width = len(region.cells)
    most = 2.0 * abs(least)
    place = int(np.searchsorted(region.cells, cell))
    upper = np.minimum(np.concatenate([np.full(width, MOST), down[region.cells]]), most)
    column, other = (place, place + width) if least > 0 else (place + width, place)
    upper[column], upper[other] = min(float(abs(least)), upper[column]), 0.0
    return _Demand(region, lines, column, float(abs(least)), upper)
