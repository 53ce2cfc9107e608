"""What stands behind the ledger and is never published: true cells, sums, worlds, work done.

One *component* is what was solved at once: the linked tables of a set, force and period. Here are
its form and its way into frames and back. What is published of it belongs in ``ledger``; where the
frames are stored, in ``resources.disclosure``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from openbeat.disclosure.cells import CELL_KEY
from openbeat.disclosure.certificate import digest
from openbeat.disclosure.ledger import empty
from openbeat.disclosure.problem import Problem, State, Worlds
from openbeat.errors import InputError

Level = Literal["all", "force", "none"]
"""What may be shown: every place; the force alone, nothing of its neighbourhoods; nothing."""

FIGURES: Final = (
    *("primary", "complementary", "freed", "components", "solved_exactly", "programmes"),
    *("integer_programmes", "zero_aware_residual", "insiders", "insider_residual"),
)
_NAME: Final = {"component": pl.String()}
_PROBLEM: Final = {
    "value": pl.Int64(),
    "state": pl.Int8(),
    "protect": pl.Boolean(),
    "high": pl.Int64(),
    "single": pl.Boolean(),
    "lower": pl.Int64(),
    "scope": pl.Int32(),
}
_PROBLEM_CELL: Final = ("value", "people", "threshold", "state", "protect", "reason")
CELLS: Final = pl.Schema(
    {
        **_NAME,
        **{name: pl.String() for name in CELL_KEY},
        "cell_edition": pl.Int64(),
        **_PROBLEM,
        "people": pl.Int64(),
        "threshold": pl.Int64(),
        "reason": pl.String(),
        "suppressed": pl.Boolean(),
        "fresh": pl.Boolean(),
        "shown": pl.Int64(),
    }
)
"""A component's cells in the order of its problem; ``shown`` is what its method made of each value.
``cell_edition`` is the cell's own, 0 for a difference between two."""
SUMS: Final = pl.Schema(
    {**_NAME, "row": pl.Int32(), "column": pl.Int32(), "coefficient": pl.Int64()}
)
WORLDS: Final = pl.Schema({**_NAME, "world": pl.Int64(), "cell": pl.Int32(), "change": pl.Int64()})
SOLVED: Final = pl.Schema(
    {
        **_NAME,
        "set": pl.String(),
        "force_id": pl.String(),
        "period": pl.String(),
        "edition": pl.Int64(),
        "as_of": pl.Date(),
        "method": pl.String(),
        "level": pl.String(),
        "worlds": pl.Int64(),
        "worlds_sha256": pl.String(),
        **dict.fromkeys(FIGURES, pl.Int64()),
    }
)
"""One row a component: what could be shown of it, and the work it took."""


@dataclass(frozen=True)
class Component:
    """What was solved at once, and how it came out.

    Attributes:
        name: ``<set>|<force>|<period>|<edition>``.
        cells: CELL_KEY, edition, people, threshold and reason of each cell, in the order of the
            problem (``cells.LinkedSet``).
        problem: Values, states and sums.
        suppressed: Whether each cell is kept back.
        fresh: Whether each cell was first decided on here; the others were settled before.
        shown: What its method made of each value (int64): the same, or a rounded one.
        worlds: The certificate.
        method: suppression or rounding.
        level: What may be shown at all.
        figures: ``FIGURES``.
        as_of: The day that the release that decided on it covered engagement up to.
    """

    name: str
    cells: pl.DataFrame
    problem: Problem
    suppressed: NDArray[np.bool_]
    fresh: NDArray[np.bool_]
    shown: NDArray[np.int64]
    worlds: Worlds
    method: str
    level: Level
    figures: Mapping[str, int] = field(default_factory=dict)
    as_of: date = date.min

    @property
    def published(self) -> NDArray[np.bool_]:
        """Whether each cell is in a table, with its value."""
        hidden = np.isin(self.problem.state, (State.HIDDEN, State.KEPT))
        return ~self.suppressed & ~hidden

    @property
    def parts(self) -> tuple[str, str, str, int]:
        """Set, force, period and edition."""
        kind, force, period, edition = self.name.split("|")
        return kind, force, period, int(edition)


@dataclass(frozen=True)
class Memory:
    """Everything that earlier releases left: the ledger, and what stands behind it."""

    ledger: pl.DataFrame = field(default_factory=empty)
    cells: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CELLS))
    sums: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SUMS))
    worlds: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=WORLDS))
    solved: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SOLVED))

    def also(self, more: Memory) -> Memory:
        """This and what was added."""
        return Memory(
            *(
                pl.concat([getattr(self, name), getattr(more, name)])
                for name in ("ledger", "cells", "sums", "worlds", "solved")
            )
        )


def name_of(kind: str, force: str, period: str, edition: int) -> str:
    """The name of a component."""
    return f"{kind}|{force}|{period}|{edition}"


def stored(components: Iterable[Component], ledger: pl.DataFrame) -> Memory:
    """Components as frames.

    Args:
        components: What was solved.
        ledger: The rows published of them.
    """
    every = list(components)
    return Memory(
        ledger,
        pl.concat([pl.DataFrame(schema=CELLS), *map(_cells, every)]),
        pl.concat([pl.DataFrame(schema=SUMS), *map(_sums, every)]),
        pl.concat([pl.DataFrame(schema=WORLDS), *map(_worlds, every)]),
        pl.DataFrame([_solved(one) for one in every], schema=SOLVED),
    )


def components(memory: Memory) -> dict[str, Component]:
    """The components of the frames, by name, in the order they were solved.

    Args:
        memory: As ``stored`` makes it; the ledger is not looked at.

    Raises:
        InputError: Worlds are not those that were stored.
    """
    cells, sums, worlds = (
        {str(key[0]): part for key, part in frame.partition_by("component", as_dict=True).items()}
        for frame in (memory.cells, memory.sums, memory.worlds)
    )
    no_sums, no_worlds = pl.DataFrame(schema=SUMS), pl.DataFrame(schema=WORLDS)
    return {
        row["component"]: _component(
            row,
            cells[row["component"]],
            sums.get(row["component"], no_sums),
            worlds.get(row["component"], no_worlds),
        )
        for row in memory.solved.iter_rows(named=True)
    }


def no_worlds() -> Worlds:
    """None at all."""
    return Worlds(np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int64))


def _cells(one: Component) -> pl.DataFrame:
    problem = one.problem
    known = one.cells.select(
        *CELL_KEY, "people", "threshold", "reason", cell_edition=pl.col("edition")
    )
    return known.with_columns(
        *(pl.Series(name, getattr(problem, name), dtype=kind) for name, kind in _PROBLEM.items()),
        pl.Series("suppressed", one.suppressed),
        pl.Series("fresh", one.fresh),
        pl.Series("shown", one.shown, dtype=pl.Int64),
        component=pl.lit(one.name),
    ).select(CELLS.names()).cast(CELLS)  # fmt: skip


def _sums(one: Component) -> pl.DataFrame:
    problem = one.problem
    frame = pl.DataFrame(
        {"row": problem.rows, "column": problem.columns, "coefficient": problem.coefficients}
    )
    return frame.with_columns(component=pl.lit(one.name)).select(SUMS.names()).cast(SUMS)


def _worlds(one: Component) -> pl.DataFrame:
    lengths = np.diff(one.worlds.start)
    frame = pl.DataFrame(
        {
            "world": np.repeat(np.arange(one.worlds.count, dtype=np.int64), lengths),
            "cell": one.worlds.cell,
            "change": one.worlds.change,
        }
    )
    return frame.with_columns(component=pl.lit(one.name)).select(WORLDS.names()).cast(WORLDS)


def _solved(one: Component) -> dict[str, Any]:
    kind, force, period, edition = one.parts
    return {
        "component": one.name,
        "set": kind,
        "force_id": force,
        "period": period,
        "edition": edition,
        "as_of": one.as_of,
        "method": one.method,
        "level": one.level,
        "worlds": one.worlds.count,
        "worlds_sha256": digest(one.worlds),
        **{name: one.figures.get(name, 0) for name in FIGURES},
    }


def _component(
    row: Mapping[str, Any], cells: pl.DataFrame, sums: pl.DataFrame, worlds: pl.DataFrame
) -> Component:
    problem = Problem(
        **{name: cells[name].to_numpy() for name in _PROBLEM},
        rows=sums["row"].to_numpy(),
        columns=sums["column"].to_numpy(),
        coefficients=sums["coefficient"].to_numpy(),
    )
    world, count = worlds["world"].to_numpy(), int(row["worlds"])
    level = row["level"]
    moves = Worlds(
        np.searchsorted(world, np.arange(count + 1)).astype(np.int64),
        worlds["cell"].to_numpy(),
        worlds["change"].to_numpy(),
    )
    if digest(moves) != row["worlds_sha256"]:
        raise InputError(
            f"the worlds that prove {row['component'].replace('|', ', ')} are not those found",
            mend="put the lake's disclosure_* tables back from a copy.",
        )
    return Component(
        name=str(row["component"]),
        cells=cells.select(
            *CELL_KEY, pl.col("cell_edition").alias("edition"), *_PROBLEM_CELL, "shown"
        ),
        problem=problem,
        suppressed=cells["suppressed"].to_numpy(),
        fresh=cells["fresh"].to_numpy(),
        shown=cells["shown"].to_numpy(),
        worlds=moves,
        method=str(row["method"]),
        level="none" if level == "none" else "force" if level == "force" else "all",
        figures={name: int(row[name]) for name in FIGURES},
        as_of=row["as_of"],
    )
