"""One attack over a whole system: every part in turn, and what counts as a finding.

Which facts an attack has belongs in ``sets``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from openbeat.disclosure.attacker.bounds import Prober
from openbeat.disclosure.attacker.facts import CELL_KEY
from openbeat.disclosure.attacker.reach import WHOLE, Targets
from openbeat.disclosure.attacker.system import Part, System, parts, tighten

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from openbeat.disclosure.attacker.sums import Sums

CHANGE: Final = "change in "
"""What the measure of a difference between two editions begins with."""


@dataclass
class Aim:
    """What is attacked, an entry for each cell of a system.

    Attributes:
        attacked: Whether it is.
        threshold: Its threshold (float64).
        strict: As ``Targets.strict``.
        insider: Whether one person knows its number.
        known: That number (float64).
    """

    attacked: NDArray[np.bool_]
    threshold: NDArray[np.float64]
    strict: NDArray[np.bool_]
    insider: NDArray[np.bool_]
    known: NDArray[np.float64]


@dataclass
class Outcome:
    """What an attack found, an entry for each cell.

    Attributes:
        bottom: No world has less (by linear programmes).
        top: No world has more.
        whole_bottom: The same in whole numbers.
        whole_top: The same.
        undecided: The integer programmes did not decide.
        impossible: The facts about the cell cannot all be true.
        given_away: What it is once some insider's number is known; NaN where nobody can tell.
        insiders: How many insiders there were.
        programmes: Linear and integer programmes solved.
        worlds: Of each part that was attacked its cells, and worlds found, one a row.
    """

    bottom: NDArray[np.float64]
    top: NDArray[np.float64]
    whole_bottom: NDArray[np.float64]
    whole_top: NDArray[np.float64]
    undecided: NDArray[np.bool_]
    impossible: NDArray[np.bool_]
    given_away: NDArray[np.float64]
    insiders: int
    programmes: tuple[int, int]
    worlds: list[tuple[NDArray[np.int64], NDArray[np.float64]]] = field(default_factory=list)


def as_system(sums: Sums, *, base: int = 5, without: tuple[str, ...] = ()) -> System:
    """Arrays of cells and sums.

    Args:
        sums: Cells and rows.
        base: A rounded number is less than this from the true one.
        without: Kinds of row to leave out (what their name begins with).
    """
    cells, terms = sums.cells, sums.terms
    for kind in without:
        terms = terms.filter(~pl.col("name").str.starts_with(f"{kind}|"))
    ids, rows = np.unique(terms["row"].to_numpy(), return_inverse=True)
    low, high = np.zeros(len(ids)), np.zeros(len(ids))
    low[rows] = terms["low"].fill_null(-np.inf).to_numpy()
    high[rows] = terms["high"].fill_null(np.inf).to_numpy()
    value, rounded = pl.col("value").cast(pl.Float64), pl.col("rounded").fill_null(False)
    near = pl.when(rounded).then(base - 1).otherwise(0)
    least = pl.col("at_least") if "at_least" in cells.columns else pl.lit(None, pl.Int64)
    floor = pl.when(pl.col("measure").str.starts_with(CHANGE)).then(-np.inf).otherwise(0.0)
    bounds = cells.select(
        lower=pl.max_horizontal(
            pl.when(value.is_null()).then(floor).otherwise(value - near),
            floor,
            pl.when(value.is_null() | rounded).then(least),
        ).cast(pl.Float64),
        upper=pl.when(value.is_null()).then(np.inf).otherwise(value + near),
    )
    return System(
        bounds["lower"].to_numpy().copy(),
        bounds["upper"].to_numpy().copy(),
        rows.astype(np.int64),
        terms["cell"].cast(pl.Int64).to_numpy(),
        terms["coefficient"].to_numpy(),
        low,
        high,
    )


def strike(
    system: System,
    aim: Aim,
    *,
    whole: bool = False,
    only: NDArray[np.bool_] | None = None,
    before: Outcome | None = None,
    known: Outcome | None = None,
    brief: bool = False,
) -> Outcome:
    """Attack every part of a system that has a target.

    Args:
        system: The facts; it is tightened.
        aim: The targets.
        whole: In whole numbers too.
        only: Leave out the parts that have none of these cells...
        before: ... of which this earlier outcome holds.
        known: An earlier outcome whose worlds are tried before any programme is: with more facts
            many of them are still possible.
        brief: As ``Prober``.
    """
    tighten(system)
    n = len(system.lower)
    nothing = np.zeros(n, dtype=bool)
    outcome = Outcome(
        bottom=system.lower.copy(),
        top=system.upper.copy(),
        whole_bottom=system.lower.copy(),
        whole_top=system.upper.copy(),
        undecided=nothing.copy(),
        impossible=system.contradicted.copy(),
        given_away=np.full(n, np.nan),
        insiders=0,
        programmes=(0, 0),
    )
    struck = nothing.copy()
    for part in parts(system, aim.attacked):
        if only is not None and not only[part.cells].any():
            continue
        at = np.flatnonzero(aim.attacked[part.cells])
        targets = Targets(at, aim.threshold[part.cells[at]], aim.strict[part.cells[at]])
        prober = Prober(part, targets, brief=brief)
        if known is not None:
            prober.try_worlds(_worlds_of(part, known))
        _strike_part(prober, aim, outcome, whole=whole)
        struck[part.cells] = True
    if before is not None:
        _copy(before, outcome, np.flatnonzero((system.lower < system.upper) & ~struck))
    return outcome


def _worlds_of(part: Part, known: Outcome) -> NDArray[np.float64]:
    """The worlds of an earlier part that has all the cells of this one."""
    for cells, worlds in known.worlds:
        place = np.minimum(np.searchsorted(cells, part.cells), len(cells) - 1)
        if (cells[place] == part.cells).all():
            return worlds[:, place]
    return np.empty((0, len(part.cells)))


def _copy(before: Outcome, outcome: Outcome, cells: NDArray[np.int64]) -> None:
    for name in ("bottom", "top", "whole_bottom", "whole_top", "undecided", "impossible"):
        getattr(outcome, name)[cells] = getattr(before, name)[cells]


def _strike_part(prober: Prober, aim: Aim, outcome: Outcome, *, whole: bool) -> None:
    part = prober.part
    cells = part.cells[prober.targets.at]
    found = prober.run(whole=whole)
    if found.impossible:
        outcome.impossible[part.cells] = True
    else:
        insiders = np.flatnonzero(aim.insider[cells])
        prober.tell(insiders, aim.known[cells][insiders])
        outcome.insiders += len(insiders)
        for others in found.given_away.values():
            outcome.given_away[cells[list(others)]] = list(others.values())
        outcome.bottom[cells], outcome.top[cells] = found.linear.bottom, found.linear.top
        if whole:
            outcome.whole_bottom[cells] = found.whole.bottom
            outcome.whole_top[cells] = found.whole.top
        outcome.undecided[cells] = found.undecided
        outcome.worlds.append((part.cells, prober.worlds()))
    linear, integer = outcome.programmes
    outcome.programmes = (linear + found.programmes[0], integer + found.programmes[1])


def findings(
    cells: pl.DataFrame, aim: Aim, outcome: Outcome, *, whole: bool = False
) -> pl.DataFrame:
    """What an attack found.

    Returns:
        ``CELL_KEY``, lower, upper (the attacker's bounds, null where there is none), kind:
        ``exact`` (one value is left), ``narrowed`` (a small number, or it cannot be both the
        threshold and 1 or less), ``implied`` (it can be worked out, and is 0 or the threshold
        or more), ``disagree`` (what is published cannot all be true).
    """
    bottom, top = (
        (outcome.whole_bottom, outcome.whole_top) if whole else (outcome.bottom, outcome.top)
    )
    lower, upper = np.ceil(bottom - WHOLE), np.floor(top + WHOLE)
    t, strict = aim.threshold, aim.strict
    one = lower == upper
    small = (lower >= 1) & (upper <= t - 1)
    fewer = cells["measure"].str.starts_with(CHANGE).to_numpy() & (upper <= -1) & (lower >= 1 - t)
    sure = aim.attacked & ~outcome.impossible
    exact = sure & one & (strict | small | fewer)
    narrowed = sure & ~one & np.where(strict, (lower > 1) | (upper < t), small | fewer)
    implied = sure & one & ~exact & ~cells["hidden"].to_numpy()
    kind = np.select([exact, narrowed, implied], ["exact", "narrowed", "implied"], "")
    kind = np.where(outcome.impossible & ~cells["hidden"].to_numpy(), "disagree", kind)
    frame = cells.select(CELL_KEY).with_columns(
        lower=pl.Series(np.where(np.isfinite(lower), lower, np.nan)),
        upper=pl.Series(np.where(np.isfinite(upper), upper, np.nan)),
        kind=pl.Series(kind),
    )
    bounds = pl.col("lower", "upper").fill_nan(None).cast(pl.Int64)
    return frame.with_columns(bounds).filter(pl.col("kind") != "")
