"""How far each unknown number can go: linear programmes, and integer ones where they matter.

One connected part at a time. Which cells to attack, and what is a finding, belong in ``sets``.
One programme asks for many cells at once, and what it finds counts for all of them, so few are
needed (disclosure.md 4.5 of the project's reference: 0.26 a cell with one programme a cell).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from openbeat.disclosure.attacker.reach import (
    WHOLE,
    Found,
    Reach,
    Targets,
    feasible,
    flat_on_the_plane,
    sharing_nothing,
    towards,
)
from openbeat.disclosure.attacker.system import SLACK, Part

if TYPE_CHECKING:
    from numpy.typing import NDArray

VARIED: Final = 12
"""How many more worlds are sought before insiders are asked: most need no more then."""
NODES: Final = 2000
"""Most nodes of one integer programme: a limit of work, not of time, so that runs agree."""
FEW: Final = 20
"""A common programme that brings less than one in so many further is the last."""


class _ImpossibleError(Exception):
    """The published numbers cannot all be true."""


class Prober:
    """Asks one part's programmes and keeps the worlds they find."""

    def __init__(self, part: Part, targets: Targets, seed: int = 4, *, brief: bool = False) -> None:
        """Begin with nothing found.

        Args:
            part: The part.
            targets: What is asked of it.
            seed: Of the weights drawn.
            brief: Whether it is enough to know that a target is narrowed, and not how far.
        """
        from scipy.sparse import csc_array

        self.part, self.targets, self.brief = part, targets, brief
        self.matrix = csc_array(part.matrix)
        self.random = np.random.default_rng(seed)
        bottom = np.where(part.capped & (part.lower < 0), -np.inf, part.lower)[targets.at]
        top = np.where(part.capped, np.inf, part.upper)[targets.at]
        size = len(targets.at)

        def reach() -> Reach:
            nowhere = (np.full(size, np.inf), np.full(size, -np.inf))
            return Reach(*nowhere, bottom.copy(), top.copy())

        self.found = Found(reach(), reach(), undecided=np.zeros(size, dtype=bool))
        self.pool: list[NDArray[np.float64]] = []
        self._worlds: list[NDArray[np.float64]] = []
        self._further: NDArray[np.float64] = np.empty((0, len(part.cells)))

    def worlds(self) -> NDArray[np.float64]:
        """The worlds that programmes found, one a row."""
        return np.array(self._worlds).reshape(-1, len(self.part.cells))

    def try_worlds(self, worlds: NDArray[np.float64]) -> None:
        """Take what was found with fewer facts: what is still possible needs no programme.

        Args:
            worlds: One a row, by the cells of the part.
        """
        possible = feasible(self.part, worlds)
        for world in worlds[possible]:
            self._see(world)
        self._further = worlds[~possible]

    def run(self, *, whole: bool = False) -> Found:
        """Look at every target; in whole numbers too if asked."""
        try:
            self._see(self._solve(self.random.random(len(self.part.cells)) - 0.5))
            self._search(whole=False)
            if whole:
                self._confirm()
                # What no fraction can pass, no whole number can.
                linear, integer = self.found.linear, self.found.whole
                integer.top = np.floor(linear.top + WHOLE)
                integer.bottom = np.ceil(linear.bottom - WHOLE)
                self._search(whole=True)
        except _ImpossibleError:
            self.found.impossible = True
        return self.found

    def tell(self, insiders: NDArray[np.int64], values: NDArray[np.float64]) -> None:
        """For each insider, who knows one target, which others become exact.

        Args:
            insiders: Indices among the targets.
            values: What each insider knows.
        """
        linear, at = self.found.linear, self.targets.at
        exact = linear.high - linear.low < SLACK
        # Worlds on both sides of what insiders know say most about what they can tell.
        at_least = np.zeros(len(at), dtype=bool)
        at_least[insiders] = (linear.low[insiders] >= values - SLACK) & (
            linear.bottom[insiders] < 1
        )
        if at_least.any():
            self._cover(at_least, np.zeros(len(at)), upwards=False, whole=False)
        left = self._told(dict(zip(insiders.tolist(), values.tolist(), strict=True)), exact)
        for _ in range(VARIED):
            if not left:
                break
            seeming = np.any([flat for _, flat in left.values()], axis=0)
            seeming[list(left)] = True
            some = seeming & (self.random.random(len(at)) < 0.5)
            goal = self.random.random(len(at)) * self.targets.threshold
            if some.any():
                self._cover(some, goal, upwards=True, whole=False)
                left = self._told({insider: value for insider, (value, _) in left.items()}, exact)
        for insider, (value, flat) in left.items():
            still, found = self._still_flat(flat, fixed=(int(at[insider]), value))
            if still.any():
                others = np.flatnonzero(still)
                given = dict(zip(others.tolist(), found[others].tolist(), strict=True))
                self.found.given_away[insider] = given

    def _told(
        self, insiders: dict[int, float], exact: NDArray[np.bool_]
    ) -> dict[int, tuple[float, NDArray[np.bool_]]]:
        """The insiders to whom some target still seems to have one value, and which."""
        pool, left = np.array(self.pool), {}
        for insider, value in insiders.items():
            flat = flat_on_the_plane(pool, insider, value) & ~exact
            flat[insider] = False
            if flat.any():
                left[insider] = value, flat
        return left

    def _still_flat(
        self, flat: NDArray[np.bool_], fixed: tuple[int, float] | None = None
    ) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Which targets have one value only in all worlds, of those that seem to; and which."""
        at = self.targets.at
        low, high = np.full(len(at), np.inf), np.full(len(at), -np.inf)
        while flat.any():
            was = int(flat.sum())
            try:
                worlds = self._apart(flat, low, high, fixed)
            except _ImpossibleError:
                if fixed is None:
                    raise
                return np.zeros_like(flat), low
            for world in worlds:
                self._see(world)
                low, high = np.minimum(low, world[at]), np.maximum(high, world[at])
            flat = flat & (high - low < SLACK)
            if int(flat.sum()) == was and was:
                break
        return flat, low

    def _apart(
        self,
        flat: NDArray[np.bool_],
        low: NDArray[np.float64],
        high: NDArray[np.float64],
        fixed: tuple[int, float] | None,
    ) -> list[NDArray[np.float64]]:
        """Worlds that differ in the targets named, if any do.

        The least and the most in any direction at random: if neither moves any of them, then no
        world does. To move many at once, worlds in which each gains or loses a little if it can:
        a little, since together they may have no more than one person to share.
        """
        weight = np.zeros(len(self.part.cells))
        weight[self.targets.at[flat]] = self.random.random(int(flat.sum())) + 0.5
        worlds = [self._solve(sign * weight, fixed=fixed) for sign in (1, -1)]
        if np.isfinite(low[flat]).all():
            little = 1 / (1 + int(flat.sum()))
            for upwards, goal in ((True, high + little), (False, low - little)):
                worlds.append(self._towards(flat, goal, upwards=upwards, fixed=fixed))
        return [world for world in worlds if world is not None]

    def _search(self, *, whole: bool) -> None:
        reach = self.found.whole if whole else self.found.linear
        if not whole:
            flat, _ = self._still_flat(reach.high - reach.low < SLACK)
            reach.top = np.where(flat, np.minimum(reach.top, reach.high), reach.top)
            reach.bottom = np.where(flat, np.maximum(reach.bottom, reach.low), reach.bottom)
            self._lean()
        for upwards in (True, False):
            self._together(reach, upwards=upwards, whole=whole)
        self._one_by_one(reach, whole=whole)

    def _lean(self) -> None:
        """Go from the middle of the worlds found towards those that the facts rule out."""
        if len(self._further) and self._worlds:
            middle = self.worlds().mean(axis=0)
            for world in towards(self.part, middle, self._further):
                self._see(world, keep=False)

    def _together(self, reach: Reach, *, upwards: bool, whole: bool) -> None:
        """Common programmes: of all that are wanted, then of those that share no short row."""
        for apart in (False, True):
            left = -1
            while True:
                up, down, above, below = self._wants(reach, whole=whole)
                want, goal = (up, above) if upwards else (down, below)
                count = int(want.sum())
                least = 2 if apart else max(1, count // FEW)
                if count < 2 or 0 <= left < count + least:
                    break
                left = count
                if apart:
                    weight = np.where(want, self.random.random(len(want)) + 0.5, 0.0)
                    want = want & sharing_nothing(self.part, self.targets.at, weight)
                if want.sum() < 2 or not self._cover(want, goal, upwards=upwards, whole=whole):
                    break

    def _wants(
        self, reach: Reach, *, whole: bool
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64]]:
        up, down, above, below = reach.wants(self.targets)
        if whole:
            up, down = up & ~self.found.undecided, down & ~self.found.undecided
        elif self.brief:
            narrow = reach.narrowed(self.targets)
            up, down = up & ~narrow, down & ~narrow
        return up, down, above, below

    def _one_by_one(self, reach: Reach, *, whole: bool) -> None:
        """What no common programme settled: the true ends of each."""
        while True:
            up, down, _, _ = self._wants(reach, whole=whole)
            if up.any():
                self._end(int(np.argmax(up)), reach, sign=-1, whole=whole)
            elif down.any():
                self._end(int(np.argmax(down)), reach, sign=1, whole=whole)
            else:
                break
        if not whole:
            self._other_ends(reach)

    def _other_ends(self, reach: Reach) -> None:
        """Of findings, the other end too."""
        t = self.targets.threshold
        narrow = self.targets.strict & ((reach.top < t - SLACK) | (reach.bottom > 1 + SLACK))
        if self.brief:
            narrow &= ~reach.narrowed(self.targets)
        for index in np.flatnonzero(narrow).tolist():
            if reach.high[index] < reach.top[index] - SLACK:
                self._end(index, reach, sign=-1, whole=False)
            if reach.low[index] > reach.bottom[index] + SLACK:
                self._end(index, reach, sign=1, whole=False)

    def _end(self, index: int, reach: Reach, *, sign: int, whole: bool) -> None:
        """The least (1) or most (-1) of one target."""
        objective = np.zeros(len(self.part.cells))
        objective[self.targets.at[index]] = sign
        world = self._solve(objective, whole=whole)
        if world is None:
            self.found.undecided[index] = True
            return
        self._see(world)
        end = float(world[self.targets.at[index]])
        end = round(end) if whole else end
        # The end is the number found, a little outwards never mattering to whole numbers.
        if sign < 0:
            reach.top[index] = min(reach.top[index], end)
            reach.high[index] = max(reach.high[index], end)
        else:
            reach.bottom[index] = max(reach.bottom[index], end)
            reach.low[index] = min(reach.low[index], end)

    def _confirm(self) -> None:
        """Exact recoveries again in whole numbers: all must keep their value at both ends."""
        linear, at = self.found.linear, self.targets.at
        exact = linear.high - linear.low < SLACK
        if not exact.any():
            return
        weight = np.zeros(len(self.part.cells))
        weight[at[exact]] = self.random.random(int(exact.sum())) + 0.5
        for sign in (1, -1):
            world = self._solve(sign * weight, whole=True)
            if world is None:
                self.found.undecided |= exact
            else:
                self._see(world)

    def _cover(
        self, want: NDArray[np.bool_], goal: NDArray[np.float64], *, upwards: bool, whole: bool
    ) -> bool:
        """One world in which as many of the wanted as can be reach their goals."""
        world = self._towards(want, goal, upwards=upwards, whole=whole)
        if world is not None:
            self._see(world)
        return world is not None

    def _towards(
        self,
        want: NDArray[np.bool_],
        goal: NDArray[np.float64],
        *,
        upwards: bool,
        whole: bool = False,
        fixed: tuple[int, float] | None = None,
    ) -> Any:
        """A world in which the wanted are nearest to their goals: going beyond counts nothing."""
        at = self.targets.at[want]
        n = len(self.part.cells)
        lower, upper = self._bounds(fixed)
        # Each wanted cell in two: what it has up to its goal, and what it has beyond.
        edge = np.clip(goal[want], lower[at], upper[at])
        least = np.concatenate([lower, np.zeros(len(at))])
        most = np.concatenate([upper, upper[at] - edge])
        most[at] = edge
        weight = self.random.random(len(at)) + 0.5
        objective = np.zeros(n + len(at))
        if upwards:
            objective[at] = -weight
        else:
            objective[n:] = weight
        matrix = self.matrix[:, np.concatenate([np.arange(n), at])]
        integer = np.full(n + len(at), int(whole))
        rows = (self.part.low, self.part.high)
        split = self._programme(objective, matrix, rows, (least, most), integer)
        if split is None:
            return None
        world = split[:n].copy()
        world[at] += split[n:]
        return world

    def _bounds(
        self, fixed: tuple[int, float] | None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        lower, upper = self.part.lower, self.part.upper
        if fixed is not None:
            lower, upper = lower.copy(), upper.copy()
            lower[fixed[0]] = upper[fixed[0]] = fixed[1]
        return lower, upper

    def _solve(
        self,
        objective: NDArray[np.float64],
        *,
        whole: bool = False,
        fixed: tuple[int, float] | None = None,
    ) -> Any:
        integer = np.full(len(objective), int(whole))
        rows = (self.part.low, self.part.high)
        return self._programme(objective, self.matrix, rows, self._bounds(fixed), integer)

    def _programme(
        self,
        objective: NDArray[np.float64],
        matrix: Any,
        rows: tuple[NDArray[np.float64], NDArray[np.float64]],
        bounds: tuple[NDArray[np.float64], NDArray[np.float64]],
        integer: NDArray[np.int64],
    ) -> Any:
        """One programme: the world it ends at; None where the work allowed was not enough."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        whole = bool(integer.any())
        self.found.programmes[int(whole)] += 1
        answer = milp(
            objective,
            integrality=integer,
            bounds=Bounds(*bounds),
            constraints=LinearConstraint(matrix, *rows),
            options={"node_limit": NODES, "mip_rel_gap": 0.0} if whole else {},
        )
        if answer.status == 0:
            return answer.x
        if answer.status == 2 or not whole:
            raise _ImpossibleError
        return None

    def _see(self, world: NDArray[np.float64], *, keep: bool = True) -> None:
        values = world[self.targets.at]
        self.found.linear.see(values)
        self.pool.append(values)
        if keep:
            self._worlds.append(world)
        rounded = np.rint(world)
        if np.abs(world - rounded).max(initial=0.0) > WHOLE:
            return
        sums = self.part.matrix @ rounded
        inside = (sums >= self.part.low - 1e-9).all() and (sums <= self.part.high + 1e-9).all()
        if inside:
            self.found.whole.see(rounded[self.targets.at])
