"""From counts of people to linked sets: cells, what is protected of them, and their sums.

Which cells need protection belongs here; how a quarter, a year and a revision are put together
too. The sums are in ``sums``, what changes in a revision in ``changes``; what is kept back besides
is for ``suppress``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import polars as pl

from openbeat.disclosure.primary import high, with_reasons
from openbeat.disclosure.problem import SHARED, UNBOUNDED, Problem, State
from openbeat.disclosure.sums import (
    CELL_KEY,
    is_category,
    is_year,
    known_sums,
    verify,
)

if TYPE_CHECKING:
    from openbeat.disclosure.policy import Policy

__all__ = [
    "CELL_KEY",
    "COLUMNS",
    "DIFFERENCE",
    "LinkedSet",
    "kept_back",
    "quarter_set",
    "revision_set",
    "year_set",
]

COLUMNS: Final = pl.Schema(
    {
        **{name: pl.String() for name in CELL_KEY},
        "edition": pl.Int64(),
        "value": pl.Int64(),
        "people": pl.Int64(),
        "threshold": pl.Int64(),
        "state": pl.Int8(),
        "protect": pl.Boolean(),
        "reason": pl.String(),
    }
)
DIFFERENCE: Final = 0
"""The edition of a difference between two editions: a cell of no table."""
_ORDER: Final = [*CELL_KEY, "edition"]
_BLOCK: Final = ["set", "period", "force_id", "place_level"]
_OPEN_OR_KEPT: Final = (State.OPEN, State.KEPT)


@dataclass(frozen=True)
class LinkedSet:
    """Cells that are protected together.

    Attributes:
        cells: ``COLUMNS``, sorted by ``CELL_KEY`` and edition with nulls first. ``value`` is the
            truth, ``people`` a lower bound of the people in it, ``reason`` why it is protected:
            ``primary`` (too few people), ``class`` (everybody known is of one group),
            ``difference`` (too few between two editions) or null. ``edition`` is 1; 2 for the
            cells that a yearly revision changes; ``DIFFERENCE`` for what lies between.
        problem: The same cells in the same order, with their sums.
    """

    cells: pl.DataFrame
    problem: Problem


def quarter_set(counts: pl.DataFrame, policy: Policy) -> LinkedSet:
    """The linked set of one force and quarter.

    Args:
        counts: ``CELL_KEY``, value, people (a lower bound of how many different people) and
            listed (false: no table has it), sums already made; or the cells of an earlier
            ``LinkedSet``, for a quarter that is frozen.
        policy: What is protected, and how.

    Returns:
        The set. What no table has is ``HIDDEN``; what the policy does not show is ``KEPT``.

    Raises:
        ValueError: The counts do not add up, or are not of one set, force and quarter. A mistake
            of the program: no value is told.
    """
    cells = judged(counts, policy)
    if cells.select("set", "force_id", "period").n_unique() > 1:
        raise ValueError("counts of more than one set, force or quarter")
    return linked(cells)


def year_set(quarters: Sequence[pl.DataFrame], year: str, policy: Policy) -> LinkedSet:
    """The linked set of a year: its quarters, settled, and its totals at force level.

    Args:
        quarters: The cells of each quarter that has any, with their states settled (``FACT``,
            ``KEPT``, ``HIDDEN``). A quarter without cells is publicly zero.
        year: Such as 2025.
        policy: What is protected, and how.

    Returns:
        The set; a characteristic is one table over all quarters and the year.

    Raises:
        ValueError: A quarter is not of the year, is there twice or does not add up.
    """
    parts = pl.concat([_plain(quarter) for quarter in quarters])
    if (parts["period"].str.slice(0, 5) != f"{year}-").any() or is_repeated(parts):
        raise ValueError("quarters of another year, or one of them twice")
    return linked(pl.concat([parts, year_totals(parts, policy)], how="diagonal"))


def revision_set(
    old_cells: pl.DataFrame,
    new_counts: pl.DataFrame,
    lineage: pl.DataFrame | None,
    policy: Policy,
) -> LinkedSet:
    """The linked set of a yearly revision: both editions and the differences between them.

    A cell that did not change stands for both editions, so that every world has it unchanged too:
    a reader who takes for unchanged what is, learns nothing. What is kept back stays kept back.
    Neighbourhoods that became others are compared in the smallest groups that held together.

    Args:
        old_cells: The first edition: cells of the year's quarters, and of the year where it has
            totals, with their states settled.
        new_counts: Counts of the same quarters as they are now; as for ``quarter_set``.
        lineage: older_id, newer_id of neighbourhoods that changed; others need no row.
        policy: What is protected, and how.

    Returns:
        The set: edition 1 is the old cells, edition 2 what changed, and ``DIFFERENCE`` cells
        (hidden, of either sign, told so that the true one is above 0). All cells are ``SHARED``.

    Raises:
        ValueError: Either edition does not add up.
    """
    from openbeat.disclosure.changes import changed

    old, new = _plain(old_cells), judged(new_counts, policy)
    if old.filter(is_year()).height:
        new = pl.concat([new, year_totals(new, policy)], how="diagonal")
    old, new = (cells.sort(CELL_KEY, nulls_last=False) for cells in (old, new))
    cells, sums = changed(old, new, lineage, policy)
    return _in_order(cells, sums, wide=True)


def kept_back(linked_set: LinkedSet, level: Literal["force", "none"]) -> LinkedSet:
    """The same set with less to show: the way down when nothing can be proved.

    Args:
        linked_set: The set.
        level: ``force``: nothing open is shown but at force level; ``none``: nothing open.
    """
    inside = pl.col("place_level") != "force" if level == "force" else pl.lit(True)
    state = (
        pl.when((pl.col("state") == State.OPEN) & inside)
        .then(pl.lit(State.KEPT, pl.Int8))
        .otherwise("state")
    )
    cells = linked_set.cells.with_columns(state=state)
    return LinkedSet(cells, replace(linked_set.problem, state=cells["state"].to_numpy()))


def judged(counts: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Counts as cells: their threshold, state and whether they are protected.

    Args:
        counts: As for ``quarter_set``, of any number of quarters.
        policy: What is protected, and how.

    Returns:
        ``COLUMNS``.

    Raises:
        ValueError: A number is missing, below 0, or fewer than its people; or a cell is there
            twice.
    """
    cells = counts
    if "listed" not in cells.columns:
        cells = cells.with_columns(listed=pl.col("state") != State.HIDDEN)
    if "threshold" not in cells.columns:
        names = ["all", *cells["dimension"].unique()]
        least = {name: policy.threshold(name) for name in names}
        cells = cells.with_columns(
            threshold=pl.col("dimension").replace_strict(least, return_dtype=pl.Int64)
        )
    cells = _needed(cells)
    wrong = (
        pl.any_horizontal(pl.col("value", "people", "threshold", "listed").is_null())
        | (pl.col("people") < 0)
        | (pl.col("people") > pl.col("value"))
    )
    if cells.select(wrong.any()).item() or is_repeated(cells):
        raise ValueError("a cell is there twice, or its number and people do not fit")
    cells = cells.with_columns(state=_state(policy), edition=pl.lit(1, pl.Int64))
    return _plain_columns(with_reasons(cells, policy))


def year_totals(quarters: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """The totals of years at force level, as open cells, where every quarter has the number.

    People are told apart within an event at best: of a year it is known that there were as many
    as in the largest of its quarters.
    """
    key = [name for name in CELL_KEY if name != "period"]
    seen = quarters.select("period").n_unique()
    force = quarters.filter((pl.col("place_level") == "force") & (pl.col("state") != State.HIDDEN))
    cells = (
        force.group_by(key)
        .agg(
            pl.col("period").first().str.slice(0, 4),
            pl.col("value").sum(),
            pl.col("people", "threshold").max(),
            pl.len().alias("_quarters"),
        )
        .filter(pl.col("_quarters") == seen)
        .with_columns(listed=pl.lit(True), edition=pl.lit(1, pl.Int64))
        .with_columns(state=_state(policy, "year"))
    )
    return _plain_columns(with_reasons(cells, policy))


def linked(cells: pl.DataFrame) -> LinkedSet:
    """Cells with the sums between them.

    Args:
        cells: ``COLUMNS``, of one edition.

    Raises:
        ValueError: They do not add up.
    """
    numbered = cells.sort(_ORDER, nulls_last=False).with_columns(
        cell=pl.int_range(pl.len(), dtype=pl.Int64)
    )
    return _in_order(numbered, known_sums(numbered), wide=False)


def is_repeated(cells: pl.DataFrame) -> bool:
    """Whether some cell is there twice."""
    return bool(cells.select(CELL_KEY).is_duplicated().any())


def _in_order(cells: pl.DataFrame, sums: pl.DataFrame, *, wide: bool) -> LinkedSet:
    """Cells (with ``cell``, which the sums name) sorted, and as a problem.

    Where it is ``wide``, a world of one table is sought over all: in a revision one late record
    moves a total and every characteristic at once.
    """
    cells = cells.sort(_ORDER, nulls_last=False)
    place = np.empty(cells.height, np.int64)
    place[cells["cell"].to_numpy()] = np.arange(cells.height)
    sums = sums.with_columns(cell=pl.Series(place)[sums["cell"]]).sort("row", "cell")
    value = cells["value"].to_numpy()
    verify(value, sums)
    secret = pl.col("state").is_in(_OPEN_OR_KEPT)
    arrays = cells.select(
        single=secret & (pl.col("value") > 0) & (pl.col("people") <= 1),
        lower=pl.when(pl.col("edition") == DIFFERENCE).then(UNBOUNDED).otherwise(0).cast(pl.Int64),
        scope=pl.lit(SHARED, pl.Int32) if wide else _scope(),
        high=high(),
    )
    problem = Problem(
        value=value,
        state=cells["state"].to_numpy(),
        protect=cells["protect"].to_numpy(),
        high=arrays["high"].to_numpy(),
        single=arrays["single"].to_numpy(),
        lower=arrays["lower"].to_numpy(),
        scope=arrays["scope"].to_numpy(),
        rows=sums["row"].cast(pl.Int32).to_numpy(),
        columns=sums["cell"].cast(pl.Int32).to_numpy(),
        coefficients=sums["coefficient"].to_numpy(),
    )
    return LinkedSet(_plain_columns(cells), problem)


def _scope() -> pl.Expr:
    """The table of each cell. All tables share the totals of forms and of queries received."""
    total = pl.col("measure").is_in(["forms", "received"]) & (pl.col("dimension") == "all")
    table = (
        pl.when(pl.col("measure").is_in(["attendances", "no_form"]))
        .then(pl.lit("attendances"))
        .when(pl.col("dimension") == "all")
        .then(pl.lit("answered"))
        .otherwise("dimension")
    )
    rank = pl.when(~total).then(table).rank("dense").cast(pl.Int32) - 1
    return rank.fill_null(SHARED)


def _needed(cells: pl.DataFrame) -> pl.DataFrame:
    """Without hidden cells that nobody could use.

    Where no event of a force is outside its neighbourhoods, everybody sees that, and nothing can
    hide there. What was of which category there is in no sum with what is shown.
    """
    unplaced = pl.col("place_level") == "unplaced"
    used = (pl.col("value") > 0).any() | (pl.col("dimension") == "event").any()
    return cells.filter(~unplaced | (used.over(_BLOCK) & ~is_category()))


def _state(policy: Policy, period: str = "quarter") -> pl.Expr:
    """Hidden where no table has it, kept back where the policy does not show it, else open."""
    shown = [
        f"{set_}|{dimension}|{level}"
        for set_ in sorted({told.set for told in policy.protected().values()})
        for dimension, levels in policy.levels(set_, period).items()
        for level in levels
    ]
    event, unplaced = pl.col("dimension") == "event", pl.col("place_level") == "unplaced"
    hidden = ~pl.col("listed") | (unplaced & ~event) | (pl.col("measure") == "no_form")
    level = pl.when(unplaced).then(pl.lit("force")).otherwise("place_level")
    name = pl.concat_str("set", "dimension", level, separator="|")
    return (
        pl.when(hidden)
        .then(int(State.HIDDEN))
        .when(name.is_in(shown))
        .then(int(State.OPEN))
        .otherwise(int(State.KEPT))
        .cast(pl.Int8)
    )


def _plain(cells: pl.DataFrame) -> pl.DataFrame:
    """Settled cells: what is a fact is past protecting."""
    fact = pl.col("state") == State.FACT
    return cells.with_columns(
        edition=pl.lit(1, pl.Int64),
        protect=pl.col("protect") & ~fact,
        reason=pl.when(~fact).then("reason"),
    ).select(*COLUMNS.names(), *_shown(cells))


def _plain_columns(cells: pl.DataFrame) -> pl.DataFrame:
    return cells.select(*COLUMNS.names(), *_shown(cells))


def _shown(cells: pl.DataFrame) -> list[str]:
    """What was published of each cell, where it is handed through (rounding)."""
    return [name for name in ("shown",) if name in cells.columns]
