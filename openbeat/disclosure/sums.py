"""The sums between cells that everybody knows, and the verification of them.

Which sums there are follows from the cells' names alone. What is protected belongs in ``cells``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from openbeat import codelists

if TYPE_CHECKING:
    from numpy.typing import NDArray

CELL_KEY: Final = (
    *("set", "measure", "period", "place_level", "force_id", "neighbourhood_id"),
    *("dimension", "item"),
)
"""What names a cell. ``period`` is 2025-Q2 or 2025; ``place_level`` neighbourhood, unplaced (what
belongs to the force and to none of its neighbourhoods) or force; ``neighbourhood_id`` null unless
neighbourhood; ``dimension`` and ``item`` both ``all`` in totals."""
NOT_KNOWN: Final = "not_known"
_PLACE: Final = ("set", "period", "place_level", "force_id", "neighbourhood_id")
_PARTED: Final = ("forms", "attendances", "received")
_MADE_OF: Final = {
    "forms": "attendances",
    "no_form": "attendances",
    "answered_72h": "received",
    "not_answered_72h": "received",
}


def groups_of_categories() -> dict[str, str]:
    """The group of each category that is shown at force level only."""
    listed = codelists.load("reach_categories").filter(pl.col("level") == "category")
    return dict(listed.select("code", "group").iter_rows())


def is_category() -> pl.Expr:
    """Whether a cell is of a category within a group."""
    return (pl.col("measure") == "forms") & pl.col("item").is_in(list(groups_of_categories()))


def is_remainder() -> pl.Expr:
    """Whether a cell is of people in no neighbourhood: a force less its neighbourhoods."""
    return (pl.col("place_level") == "unplaced") & (pl.col("measure") != "no_form")


def is_year() -> pl.Expr:
    """Whether a cell is of a whole year."""
    return ~pl.col("period").str.contains("-", literal=True)


def known_sums(cells: pl.DataFrame) -> pl.DataFrame:
    """The sums between cells: places, parts, categories, measures and years.

    A year's total is the sum of its quarters; further sums between totals follow from theirs.

    Args:
        cells: ``CELL_KEY``, and ``cell``: an index (Int64).

    Returns:
        row, cell (both Int64), coefficient (-1 the whole, 1 its parts), sorted: for each row the
        sum is 0.
    """
    quarterly = cells.filter(~is_year())
    pairs = pl.concat(
        [
            _places(quarterly),
            _parts(quarterly),
            _categories(quarterly),
            _measures(quarterly),
            _years(cells),
        ]
    )
    number = (
        pairs.select("kind", "whole")
        .unique()
        .sort("kind", "whole")
        .with_columns(row=pl.int_range(pl.len(), dtype=pl.Int64))
    )
    parts = pairs.filter(pl.col("part").is_not_null()).join(number, on=["kind", "whole"])
    return pl.concat(
        [
            number.select("row", pl.col("whole").alias("cell"), coefficient=pl.lit(-1, pl.Int64)),
            parts.select("row", pl.col("part").alias("cell"), coefficient=pl.lit(1, pl.Int64)),
        ]
    ).sort("row", "cell")


def verify(value: NDArray[np.int64], sums: pl.DataFrame) -> None:
    """Hold the true numbers against the sums.

    Args:
        value: Of each cell.
        sums: As ``known_sums`` gives them.

    Raises:
        ValueError: They do not add up. It says how many sums, and no value.
    """
    row = sums["row"].to_numpy()
    left = np.zeros(row.max(initial=-1) + 1, np.int64)
    terms = value[sums["cell"].to_numpy()] * sums["coefficient"].to_numpy()
    np.add.at(left, row, terms)
    if left.any():
        raise ValueError(f"{np.count_nonzero(left)} of {len(left)} sums of the counts are wrong")


def _pairs(
    kind: str | pl.Expr, whole: pl.DataFrame, part: pl.DataFrame, on: list[str]
) -> pl.DataFrame:
    """Wholes with their parts; of wholes without parts there is no sum."""
    return (
        whole.rename({"cell": "whole"})
        .join(part.rename({"cell": "part"}), on=on, nulls_equal=True)
        .select(kind=pl.lit(kind) if isinstance(kind, str) else kind, whole="whole", part="part")
    )


def _places(cells: pl.DataFrame) -> pl.DataFrame:
    """A force is the sum of its neighbourhoods and of what is in none; categories are its alone."""
    on = ["set", "period", "force_id", "measure", "dimension", "item"]
    inside = pl.col("place_level") != "force"
    return _pairs(
        "place",
        cells.filter(~inside & ~is_category()).select(*on, "cell"),
        cells.filter(inside).select(*on, "cell"),
        on,
    )


def _parts(cells: pl.DataFrame) -> pl.DataFrame:
    """All is the sum of the groups of each characteristic, of the themes, of the events."""
    on = [*_PLACE, "measure"]
    total = pl.col("dimension") == "all"
    mine = cells.filter(pl.col("measure").is_in(_PARTED))
    return _pairs(
        pl.lit("part ") + pl.col("dimension"),
        mine.filter(total).select(*on, "cell"),
        mine.filter(~total & ~is_category()).select(*on, "dimension", "cell"),
        on,
    )


def _categories(cells: pl.DataFrame) -> pl.DataFrame:
    """A group is the sum of its categories."""
    on = [*_PLACE, "measure", "dimension", "item"]
    group = pl.col("item").replace_strict(groups_of_categories(), return_dtype=pl.String)
    return _pairs(
        "category",
        cells.filter(~is_category()).select(*on, "cell"),
        cells.filter(is_category()).with_columns(item=group).select(*on, "cell"),
        on,
    )


def _measures(cells: pl.DataFrame) -> pl.DataFrame:
    """Attendances handed in a form or none; queries are answered in time or not."""
    on = [*_PLACE, "measure"]
    totals = cells.filter(pl.col("dimension") == "all")
    part = totals.filter(pl.col("measure").is_in([*_MADE_OF]))
    whole = pl.col("measure").replace_strict(_MADE_OF, return_dtype=pl.String)
    return _pairs(
        "measure",
        totals.select(*on, "cell"),
        part.with_columns(measure=whole).select(*on, "cell"),
        on,
    )


def _years(cells: pl.DataFrame) -> pl.DataFrame:
    """A year is the sum of its quarters."""
    on = ["set", "period", "place_level", "force_id", "measure", "dimension", "item"]
    return _pairs(
        "year",
        cells.filter(is_year()).select(*on, "cell"),
        cells.filter(~is_year())
        .with_columns(period=pl.col("period").str.slice(0, 4))
        .filter(pl.col("place_level") == "force")
        .select(*on, "cell"),
        on,
    )
