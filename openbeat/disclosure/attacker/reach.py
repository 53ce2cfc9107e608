"""What is attacked of one part, and what was found of it so far.

Looking for worlds belongs in ``bounds``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from openbeat.disclosure.attacker.system import SLACK

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from openbeat.disclosure.attacker.system import Part

WHOLE: Final = 1e-5
"""How near to a whole number a solver's number counts as one."""
FEASIBLE: Final = 1e-7
"""What a row may be off in a world: what HiGHS allows itself."""
SHORT: Final = 20
"""A row of so few cells is one in which they compete."""


@dataclass(frozen=True)
class Targets:
    """What is attacked of one part.

    Attributes:
        at: Their places in the part.
        threshold: Of each.
        strict: Where true it must be able to reach both the threshold and 1 or less; elsewhere
            it only must not be proved to lie between 1 and the threshold less one.
    """

    at: NDArray[np.int64]
    threshold: NDArray[np.float64]
    strict: NDArray[np.bool_]


@dataclass
class Reach:
    """What was found of each target: numbers it takes in some world, and what is proved.

    Attributes:
        low: The least it takes in any world found (float64; inf if none).
        high: The most.
        bottom: It is proved not to be below this.
        top: It is proved not to be above this.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    bottom: NDArray[np.float64]
    top: NDArray[np.float64]

    def see(self, values: NDArray[np.float64]) -> None:
        """Count one world's values of the targets."""
        np.minimum(self.low, values, out=self.low)
        np.maximum(self.high, values, out=self.high)

    def wants(
        self, targets: Targets
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64]]:
        """Which are still to be looked at upwards and downwards, and how far."""
        t, low, high = targets.threshold, self.low, self.high
        safe = ((low <= SLACK) & (high >= -SLACK)) | (high >= t - SLACK) | (low <= SLACK - t)
        strict = targets.strict
        up = np.where(strict, high < t - SLACK, ~safe)
        down = np.where(strict, low > 1 + SLACK, ~safe)
        above = np.where(~strict & (high < 0), 0.0, t)
        below = np.where(strict, 1.0, np.where(low > 0, 0.0, -t))
        up &= high < self.top - SLACK
        down &= low > self.bottom + SLACK
        return up, down, above, below

    def narrowed(self, targets: Targets) -> NDArray[np.bool_]:
        """Which are proved to be narrowed, and not to be exact: two whole numbers were seen."""
        lower, upper = np.ceil(self.bottom - WHOLE), np.floor(self.top + WHOLE)
        t = targets.threshold
        proved = np.where(targets.strict, (lower > 1) | (upper < t), (lower >= 1) & (upper < t))
        two = np.floor(self.high + WHOLE) > np.ceil(self.low - WHOLE)
        narrow: NDArray[np.bool_] = proved & two
        return narrow


@dataclass
class Found:
    """What was found of one part.

    Attributes:
        linear: By linear programmes.
        whole: In whole numbers.
        impossible: No world agrees with all that is published.
        undecided: Targets of which the integer programmes did not decide in the work allowed.
        programmes: How many linear and how many integer programmes it took.
        given_away: For each insider, the places of other targets that become exact, and what they
        are then.
    """

    linear: Reach
    whole: Reach
    impossible: bool = False
    undecided: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    programmes: list[int] = field(default_factory=lambda: [0, 0])
    given_away: dict[int, dict[int, float]] = field(default_factory=dict)


def flat_on_the_plane(pool: NDArray[np.float64], insider: int, value: float) -> NDArray[np.bool_]:
    """Which targets the worlds found do not show to vary while one has a known value.

    Worlds of sums and bounds are convex. A mixture of all worlds found in which the insider's
    number is the known one can be moved by any difference between worlds that leaves that number
    as it is; so another number stays fixed only where, over all worlds found, it is a straight
    line of the insider's.
    """
    own = pool[:, insider]
    if not own.min() + SLACK < value < own.max() - SLACK:
        same = pool[np.abs(own - value) < SLACK]
        if not len(same):
            return np.ones(pool.shape[1], dtype=bool)
        flat: NDArray[np.bool_] = same.max(axis=0) - same.min(axis=0) < SLACK
        return flat
    centred = own - own.mean()
    other = pool - pool.mean(axis=0)
    slope = centred @ other / (centred @ centred)
    straight: NDArray[np.bool_] = np.abs(other - np.outer(centred, slope)).max(axis=0) < WHOLE
    return straight


def feasible(part: Part, worlds: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which worlds, one a row, agree with every bound and row of a part."""
    inside = (worlds >= part.lower - FEASIBLE) & (worlds <= part.upper + FEASIBLE)
    sums = (part.matrix @ worlds.T).T
    agree = (sums >= part.low - FEASIBLE) & (sums <= part.high + FEASIBLE)
    possible: NDArray[np.bool_] = inside.all(axis=1) & agree.all(axis=1)
    return possible


def towards(
    part: Part, middle: NDArray[np.float64], worlds: NDArray[np.float64]
) -> NDArray[np.float64]:
    """As far from one possible world towards each of some others as the facts allow.

    Worlds of sums and bounds are convex, so no programme is needed to know that these are
    possible. Each is looked at again; one that a rounding error has spoilt is left out.
    """
    way = worlds - middle
    # What a solver left of nothing must not pass for a number that varies.
    way[np.abs(way) < SLACK] = 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        room = np.where(way > 0, (part.upper - middle) / way, (part.lower - middle) / way)
    room[way == 0] = np.inf
    step = np.clip(room.min(axis=1, initial=1.0), 0.0, 1.0)
    met = middle + step[:, None] * way
    found: NDArray[np.float64] = met[feasible(part, met)]
    return found


def sharing_nothing(
    part: Part, at: NDArray[np.int64], weight: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Some of the targets, no two of them in one short row: such compete for its sum.

    Args:
        part: The part.
        at: The targets' places in it.
        weight: Of each; the heaviest of a row is taken, and none of no weight competes.
    """
    drawn = np.zeros(len(part.cells))
    drawn[at] = weight
    entries = part.matrix.tocoo()
    short = np.diff(part.matrix.indptr)[entries.row] <= SHORT
    row, cell = entries.row[short], entries.col[short]
    best = np.zeros(part.matrix.shape[0])
    np.maximum.at(best, row, drawn[cell])
    beaten = np.zeros(len(drawn), dtype=bool)
    beaten[cell[drawn[cell] < best[row]]] = True
    chosen: NDArray[np.bool_] = ~beaten[at]
    return chosen
