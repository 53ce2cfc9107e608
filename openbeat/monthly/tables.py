"""The published tables ``crime``, ``outcomes`` and ``stops``, from the monthly counts.

The numbers are the counts' own; what is added is names, codes, zeros where a zero is known, and
the status of every number. Sums over months belong in ``summary``.
"""

from __future__ import annotations

import polars as pl

from openbeat.monthly.counts import DIMENSIONS
from openbeat.policeuk import vocabulary

USABLE = ("submitted", "partial_suspected")
_KEY = ("month", "force_id", "place", "area_force_id", "neighbourhood_id")


def crime_table(
    counts: pl.DataFrame, coverage: pl.DataFrame, served: pl.DataFrame, forces: pl.DataFrame
) -> pl.DataFrame:
    """Crime by month, reporting force, place and crime type.

    Dense for a force's own neighbourhoods in months it submitted (a zero is a zero) and for the
    types published at the time; sparse elsewhere. In a partial month numbers are of low
    reliability (``u``) and what would be zero is not known (``x``).

    Args:
        counts: As ``counts.count`` gives them, of the window's months.
        coverage: As ``coverage`` gives it.
        served: The neighbourhoods of each month: ``month, force_id, neighbourhood_id, name``.
        forces: As ``load_forces`` gives them.

    Returns:
        The columns of the contract ``crime``, sorted by its key.
    """
    street = coverage.filter(
        (pl.col("dataset") == "street") & pl.col("coverage").is_in(USABLE)
    ).select("month", "force_id")
    months = served["month"].unique().to_list()
    types = pl.DataFrame(
        [(m, t) for m in sorted(months) for t in vocabulary.crime_types_of(m)],
        schema={"month": pl.String, "crime_type": pl.String},
        orient="row",
    )
    grid = (
        served.join(street, on=["month", "force_id"])
        .select(
            "month",
            "force_id",
            pl.lit("neighbourhood").alias("place"),
            pl.col("force_id").alias("area_force_id"),
            "neighbourhood_id",
        )
        .join(types, on="month")
    )
    keys = [*_KEY, "crime_type"]
    full = (
        pl.concat(
            [counts.select(*keys, "count"), grid.with_columns(pl.lit(0, pl.Int64).alias("count"))]
        )
        .group_by(keys)
        .agg(pl.col("count").sum())
    )
    return _finish(full, "street", coverage, served, forces, keys).with_columns(
        vocabulary.crime_type_code("crime_type").alias("crime_type_code")
    )


def sparse_table(
    dataset: str,
    counts: pl.DataFrame,
    coverage: pl.DataFrame,
    served: pl.DataFrame,
    forces: pl.DataFrame,
) -> pl.DataFrame:
    """Outcomes or stops by month, force, place and their dimensions; no zeros are written.

    Args:
        dataset: ``outcomes`` or ``stops``.
        counts: As ``counts.count`` gives them, of the window's months.
        coverage: As ``coverage`` gives it.
        served: The neighbourhoods of each month: ``month, force_id, neighbourhood_id, name``.
        forces: As ``load_forces`` gives them.

    Returns:
        The columns of the contract of that name, sorted by its key.
    """
    keys = [*_KEY, *DIMENSIONS[dataset]]
    table = _finish(counts.select(*keys, "count"), dataset, coverage, served, forces, keys)
    if dataset == "outcomes":
        table = table.with_columns(
            vocabulary.outcome_code("outcome_type").alias("outcome_type_code")
        )
    return table


def _finish(
    table: pl.DataFrame,
    dataset: str,
    coverage: pl.DataFrame,
    served: pl.DataFrame,
    forces: pl.DataFrame,
    keys: list[str],
) -> pl.DataFrame:
    """Names, coverage and the status of the count."""
    names = served.select(
        "month",
        pl.col("force_id").alias("area_force_id"),
        "neighbourhood_id",
        pl.col("name").alias("neighbourhood_name"),
    )
    of = coverage.filter(pl.col("dataset") == dataset).select("month", "force_id", "coverage")
    partial = pl.col("coverage") == "partial_suspected"
    nothing = pl.col("count") == 0
    return (
        table.join(of, on=["month", "force_id"], how="left")
        .join(names, on=["month", "area_force_id", "neighbourhood_id"], how="left")
        .join(force_names(forces), on="force_id", how="left")
        .with_columns(pl.col("force_name").fill_null(pl.col("force_id")))
        .with_columns(
            pl.when(partial & nothing)
            .then(pl.lit("x"))
            .when(partial)
            .then(pl.lit("u"))
            .alias("count_status"),
            pl.when(~(partial & nothing)).then(pl.col("count")).alias("count"),
        )
        .sort(keys)
    )


def force_names(forces: pl.DataFrame) -> pl.DataFrame:
    """``force_id, force_name``."""
    return forces.select("force_id", pl.col("name").alias("force_name"))
