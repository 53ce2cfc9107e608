"""Whether all that is about to be published is proved, looked at once more from what is kept.

It trusts nothing that the gate said in passing: the worlds are read back, every sum is checked
again, and what the ledger says is held against what was proved. Finding worlds belongs in
``suppress``, what a world must satisfy in ``certificate``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import polars as pl

from openbeat.disclosure import periods
from openbeat.disclosure.cells import CELL_KEY
from openbeat.disclosure.certificate import check
from openbeat.disclosure.memory import Component, Memory, components
from openbeat.disclosure.problem import State
from openbeat.disclosure.sums import is_remainder

_PROTECTED: Final = pl.Schema(
    {
        **{name: pl.String() for name in CELL_KEY},
        "edition": pl.Int64(),
        "threshold": pl.Int64(),
        "single": pl.Boolean(),
        "value": pl.Int64(),
    }
)


def standing(every: Iterable[Component]) -> list[Component]:
    """The components that say all there is to say: those that no later one has in it.

    A year has its quarters in it, the revision of a year both; unless nothing of the later one
    could be shown, which then changed nothing.
    """
    whole = list(every)
    within: set[tuple[str, str, str, int]] = set()
    for one in whole:
        kind, force, period, edition = one.parts
        if one.level == "none" or ("Q" in period):
            continue
        inside = periods.quarters(period) + [period] * (edition > 1)
        within |= {(kind, force, p, e) for p in inside for e in range(1, edition + ("Q" in p))}
    return [one for one in whole if one.parts not in within]


def unproved(memory: Memory, base: int) -> list[str]:
    """What of the ledger is not proved, a sentence each; none where all is well.

    Args:
        memory: All that was ever published, with what stands behind it.
        base: Of rounding.

    Returns:
        Sentences that name sets, forces and periods, and no value.
    """
    every = list(components(memory).values())
    said = [
        f"{', '.join(one.parts[:3])}: {why}"
        for one in standing(every)
        for why in _doubts(one, base)
    ]
    return [*said, *_unlike_the_ledger(memory.ledger, every)]


def _doubts(one: Component, base: int) -> list[str]:
    if one.level == "none":
        return ["shown without a proof"] if (one.published & one.fresh).any() else []
    if one.method == "rounding":
        return _badly_rounded(one, base)
    if not np.array_equal(one.shown[one.published], one.problem.value[one.published]):
        return ["what is shown is not what was counted"]
    verdict = check(one.problem, one.suppressed, one.worlds)
    if verdict.ok:
        return []
    return [*verdict.broken] or [f"{len(verdict.uncovered):,} cells are not proved to be safe"]


def _badly_rounded(one: Component, base: int) -> list[str]:
    problem = one.problem
    off = np.abs(one.shown - problem.value) >= base
    found = {
        "rounded numbers do not add up": bool((problem.matrix() @ one.shown).any()),
        "a number is rounded by more than the base": bool(off.any()),
        "a number is no multiple of the base": bool((one.shown[one.published] % base).any()),
    }
    return [says for says, is_so in found.items() if is_so]


def _unlike_the_ledger(ledger: pl.DataFrame, every: list[Component]) -> list[str]:
    """Whether ledger and components agree, cell by cell."""
    rows = [ledger.head(0), *map(_decided, every)]
    behind = pl.concat(
        frame.select(*CELL_KEY, "edition", "value", _behind=pl.lit(value=True)) for frame in rows
    )
    keys = [*CELL_KEY, "edition"]
    both = ledger.select(*keys, "value", _in=pl.lit(value=True)).join(
        behind, on=keys, how="full", nulls_equal=True, coalesce=True, suffix="_behind"
    )
    # What a revision did not change is in the ledger again, as it was.
    before = ledger.filter(pl.col("edition") == 1).select(
        *CELL_KEY, _before="value", _old=pl.lit(value=True)
    )
    both = both.join(before, on=CELL_KEY, how="left", nulls_equal=True).with_columns(
        pl.coalesce("_behind", pl.when(pl.col("edition") > 1).then("_old")).alias("_behind"),
        pl.when(pl.col("_behind").is_null() & (pl.col("edition") > 1))
        .then("_before")
        .otherwise("value_behind")
        .alias("value_behind"),
    )
    apart = both.filter(
        pl.col("_in").is_null()
        | pl.col("_behind").is_null()
        | pl.col("value").ne_missing(pl.col("value_behind"))
    )
    named = apart.select("set", "force_id", "period").unique().sort(pl.all())
    return [f"{', '.join(row)}: the ledger is not what was decided" for row in named.iter_rows()]


def _decided(one: Component) -> pl.DataFrame:
    """What a component decided on: CELL_KEY, edition, value."""
    shown = pl.Series("shown", one.shown, dtype=pl.Int64)
    return (
        one.cells.select(CELL_KEY)
        .with_columns(
            pl.when(pl.Series(one.published)).then(shown).alias("value"),
            edition=pl.lit(one.parts[3], dtype=pl.Int64),
        )
        .filter(pl.Series(one.fresh))
    )


def protected(memory: Memory) -> pl.DataFrame:
    """What must not be worked out, for the attacker to be judged by. Private.

    Returns:
        CELL_KEY, edition, threshold, single (one person stands behind it) and value, a row for
        each cell that is kept back because it must be, and for few people in no neighbourhood.
        ``threshold`` is null where a later edition has another number, which need not be hidden.
    """
    frames = [pl.DataFrame(schema=_PROTECTED)]
    for one in standing(components(memory).values()):
        if one.level == "none" and one.parts[3] > 1:  # nothing of it was published
            continue
        problem = one.problem
        hidden = problem.state == State.HIDDEN
        cells = one.cells.select(*CELL_KEY, "edition").with_columns(
            pl.Series("threshold", problem.high),
            pl.Series("single", problem.single),
            pl.Series("value", problem.value, dtype=pl.Int64),
            pl.Series("_kept", problem.protect & (one.suppressed | hidden)),
            pl.Series("_hidden", hidden),
        )
        named = ~pl.col("_hidden") | (is_remainder() & (pl.col("dimension") != "event"))
        real = cells.filter(named & (pl.col("edition") > 0))
        kept = real.filter("_kept")
        free = real.filter(~pl.col("_kept") & (pl.col("edition") > 1)).join(
            kept, on=CELL_KEY, how="semi", nulls_equal=True
        )
        nothing = {name: pl.lit(None, _PROTECTED[name]) for name in ("threshold", "value")}
        frames.append(pl.concat([kept, free.with_columns(**nothing)]).select(_PROTECTED.names()))
    return pl.concat(frames).sort(*CELL_KEY, "edition")
