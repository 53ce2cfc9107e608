"""Neighbourhoods that are like one another in population and density, and their rates.

Only finding them and the spread of a published rate belongs here; no place is ranked, in no
direction. **Only residents and how close together they live are alike**: nothing is known here of
deprivation, of who comes by day or at night (a town centre has many visitors and few residents),
or of age, so a rate that differs says nothing of how anybody does their work. (police.uk and
HMICFRS matched forces by many more characteristics, their "most similar groups"; these are two.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NEAREST: Final = 10
LEAST: Final = 5
FACTOR: Final = 2.0
LEAST_POPULATION: Final = 500  # as for the rate itself
_KEY: Final = ("force_id", "neighbourhood_id")


def similar(neighbourhoods: pl.DataFrame, crime_summary: pl.DataFrame, month: str) -> pl.DataFrame:
    """The places most like each one, of the whole release, and the spread of their rates.

    Nearest by the logarithms of population and of residents a square kilometre, each divided by
    its standard deviation over the release: the 10 nearest, as far as neither figure is more than
    twice or less than half of the place's own. Only places with a published rate (12 whole
    months, one area throughout, 500 residents or more) are set beside one another.

    Args:
        neighbourhoods: The published table: ``force_id, neighbourhood_id, name, valid_to,
            area_km2``.
        crime_summary: The published table: ``month, area_force_id, neighbourhood_id, population,
            rate_12m_per_1000, rate_12m_per_1000_status``.
        month: The newest month, ``YYYY-MM``.

    Returns:
        ``force_id, neighbourhood_id`` (a place with a rate), ``places`` (how many are like it;
        null, as all that follows, where they are fewer than 5), ``lowest``, ``median``,
        ``highest`` (of their rates, crimes a year per 1,000 residents), ``like`` (list of
        ``force_id, neighbourhood_id, name, rate``, in the order of the names). Sorted by place.
    """
    table = _rated(neighbourhoods, crime_summary, month)
    pairs = _pairs(table)
    others = table.select(
        pl.col("index").alias("other"), *_KEY, "name", pl.col("rate_12m_per_1000").alias("rate")
    )
    spread = (
        pairs.join(others, on="other")
        .sort("index", pl.col("name").str.to_lowercase(), *_KEY)
        .group_by("index", maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias("places"),
            pl.col("rate").min().alias("lowest"),
            pl.col("rate").median().round(3).alias("median"),
            pl.col("rate").max().alias("highest"),
            pl.struct(*_KEY, "name", "rate").alias("like"),
        )
        .filter(pl.col("places") >= LEAST)
    )
    return (
        table.select("index", *_KEY).join(spread, on="index", how="left").sort(_KEY).drop("index")
    )


def _rated(neighbourhoods: pl.DataFrame, crime_summary: pl.DataFrame, month: str) -> pl.DataFrame:
    """The places that can be set beside one another, numbered, with their two coordinates."""
    today = (
        neighbourhoods.filter(pl.col("valid_to").is_null() & (pl.col("area_km2") > 0))
        .unique(_KEY, keep="last", maintain_order=True)
        .select(*_KEY, "name", "area_km2")
    )
    return (
        crime_summary.filter(
            (pl.col("month") == month)
            & (pl.col("population") >= LEAST_POPULATION)
            & pl.col("rate_12m_per_1000").is_not_null()
            & pl.col("rate_12m_per_1000_status").is_null()
        )
        .rename({"area_force_id": "force_id"})
        .select(*_KEY, "population", "rate_12m_per_1000")
        .join(today, on=_KEY)
        .sort(_KEY)
        .with_columns(
            pl.col("population").log().alias("x"),
            (pl.col("population") / pl.col("area_km2")).log().alias("y"),
        )
        .with_row_index("index")
    )


def _pairs(table: pl.DataFrame) -> pl.DataFrame:
    """Each place with those like it: ``index``, ``other``."""
    import numpy as np

    if table.height <= LEAST:
        return pl.DataFrame(schema={"index": pl.UInt32, "other": pl.UInt32})
    raw = table.select("x", "y").to_numpy()
    index, other = _nearest(raw, min(NEAREST, table.height - 1))
    kept = np.abs(raw[index] - raw[other]).max(axis=1) <= np.log(FACTOR)
    return pl.DataFrame(
        {"index": index[kept], "other": other[kept]},
        schema={"index": pl.UInt32, "other": pl.UInt32},
    )


def _nearest(raw: NDArray[np.float64], count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The nearest others of each point, in units of standard deviations."""
    import numpy as np
    from scipy.spatial import KDTree  # costs a third of a second to import

    spread = raw.std(axis=0)
    points = raw / np.where(spread > 0, spread, 1.0)
    found = KDTree(points).query(points, k=count + 1)[1]
    # Of many equal points the place itself can be anywhere among the nearest, or not among them.
    itself = found == np.arange(len(raw))[:, None]
    last = np.argsort(itself, axis=1, kind="stable")
    other = np.take_along_axis(found, last, axis=1)[:, :count]
    return np.repeat(np.arange(len(raw)), count), other.ravel()
