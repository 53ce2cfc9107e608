"""One component decided on: as much shown as can be proved, and how later ones take it.

In which order components are decided on belongs in ``gate``; which cells are kept back, in
``suppress`` and ``rounding``; the proof, in ``certificate``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from openbeat.disclosure.cells import CELL_KEY, LinkedSet, kept_back
from openbeat.disclosure.certificate import check
from openbeat.disclosure.memory import Component, Level, no_worlds
from openbeat.disclosure.policy import Policy
from openbeat.disclosure.problem import NotCertifiedError, State, Worlds


def solve(
    linked: LinkedSet,
    name: str,
    policy: Policy,
    known: Worlds | None = None,
    levels: Sequence[Level] = ("all", "force"),
) -> Component:
    """Decide on one component, showing as much as can be proved.

    Args:
        linked: Its cells and sums.
        name: Its name.
        policy: The method of its set, and how much work is allowed.
        known: Worlds of earlier releases.
        levels: What to try to show, from the most.

    Returns:
        The component. Where nothing can be proved, everything that was open is kept back.
    """
    method = policy.method(name.split("|")[0])
    attempt = _suppressed if method == "suppression" else _rounded
    fresh = linked.problem.state == State.OPEN
    tried: set[bytes] = set()
    for level in levels:
        less = linked if level == "all" else kept_back(linked, "force")
        states = less.problem.state.tobytes()
        if states in tried:  # there is nothing between this and nothing
            continue
        tried.add(states)
        try:
            return replace(attempt(less, name, policy, level, known), fresh=fresh)
        except NotCertifiedError:
            continue
    nothing = kept_back(linked, "none")
    kept = nothing.problem.state == State.KEPT
    value = nothing.problem.value
    return Component(
        *(name, nothing.cells, nothing.problem, kept, fresh, value, no_worlds(), method, "none")
    )


def _suppressed(
    linked: LinkedSet, name: str, policy: Policy, level: Level, known: Worlds | None
) -> Component:
    """By suppression, with its certificate.

    Raises:
        NotCertifiedError: It was not found, or does not hold.
    """
    from openbeat.disclosure.suppress import Limits, suppress  # loads HiGHS

    problem = linked.problem
    solution = suppress(problem, known, Limits(**policy.limits.model_dump()))
    verdict = check(problem, solution.suppressed, solution.worlds)
    if not verdict.ok:
        raise NotCertifiedError("the worlds do not prove it", verdict.uncovered)
    figures = solution.figures | {
        "zero_aware_residual": verdict.zero_aware_residual,
        "insiders": verdict.insiders,
        "insider_residual": verdict.insider_residual,
    }
    return Component(
        *(name, linked.cells, problem, solution.suppressed, problem.state == State.OPEN),
        *(problem.value, solution.worlds, "suppression", level, figures),
    )


def _rounded(
    linked: LinkedSet, name: str, policy: Policy, level: Level, _known: Worlds | None
) -> Component:
    """By controlled rounding.

    Raises:
        NotCertifiedError: There is no such rounding with what was chosen before.
    """
    from openbeat.disclosure.rounding import controlled_rounding  # loads HiGHS

    problem = linked.problem
    chosen: dict[int, int] = {}
    if "shown" in linked.cells.columns:  # what is settled keeps the number it was given
        numbered = linked.cells.with_row_index().filter(pl.col("shown").is_not_null())
        chosen = dict(numbered.select("index", "shown").iter_rows())
    shown = controlled_rounding(problem, policy.rounding_base, chosen)
    kept, is_open = problem.state == State.KEPT, problem.state == State.OPEN
    return Component(
        *(name, linked.cells, problem, kept, is_open, shown, no_worlds(), "rounding", level)
    )


def published_cells(one: Component) -> pl.DataFrame:
    """The cells of a component's own period as later ones must take them.

    Returns:
        Its cells with ``state``: ``FACT`` where published, ``KEPT`` where kept back, else as it
        was; and ``shown``, the number published.
    """
    state = one.problem.state.copy()
    state[one.suppressed] = State.KEPT
    state[one.published] = State.FACT
    shown = pl.Series("shown", one.shown, dtype=pl.Int64)
    return one.cells.with_columns(
        pl.Series("state", state, dtype=pl.Int8),
        pl.when(pl.Series(one.published)).then(shown).alias("shown"),
    ).filter(pl.col("period") == one.parts[2])


def carried(parts: Sequence[Component], cells: pl.DataFrame, year: str) -> Worlds:
    """The worlds of earlier components as worlds of one that has their cells in it.

    Args:
        parts: The earlier ones.
        cells: CELL_KEY and edition of the new one's cells, in order.
        year: The year; its totals move with the quarters' own.

    Returns:
        The worlds all of whose cells are there.
    """
    index = cells.select(*CELL_KEY, "edition", index=pl.int_range(pl.len(), dtype=pl.Int64)).filter(
        pl.col("edition") == 1
    )
    moves = pl.concat([_moves(one, number) for number, one in enumerate(parts)])
    total = (
        moves.filter((pl.col("place_level") == "force") & pl.col("period").str.contains("Q"))
        .with_columns(period=pl.lit(year))
        .join(index, on=CELL_KEY, how="semi", nulls_equal=True)
        .filter(~pl.lit(any(one.parts[2] == year for one in parts)))
    )
    found = (
        pl.concat([moves, total])
        .join(index, on=CELL_KEY, how="left", nulls_equal=True)
        .filter(pl.col("index").is_not_null().all().over("part", "world"))
        .group_by("part", "world", "index")
        .agg(pl.col("change").sum())
        .filter(pl.col("change") != 0)
        .sort("part", "world", "index")
        .with_columns(number=pl.struct("part", "world").rank("dense").cast(pl.Int64) - 1)
    )
    number = found["number"].to_numpy()
    count = int(number[-1]) + 1 if len(number) else 0
    return Worlds(
        np.searchsorted(number, np.arange(count + 1)).astype(np.int64),
        found["index"].cast(pl.Int32).to_numpy(),
        found["change"].to_numpy(),
    )


def _moves(one: Component, number: int) -> pl.DataFrame:
    """The changes of a component's worlds by cell: CELL_KEY, part, world, change."""
    world = np.repeat(np.arange(one.worlds.count, dtype=np.int64), np.diff(one.worlds.start))
    return one.cells.select(CELL_KEY)[one.worlds.cell.astype(np.int64)].with_columns(
        pl.lit(number, dtype=pl.Int64).alias("part"),
        pl.Series("world", world),
        pl.Series("change", one.worlds.change, dtype=pl.Int64),
    )
