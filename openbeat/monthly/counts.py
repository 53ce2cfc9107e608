"""One month's rows, placed and counted, and the ledger that shows where every row went.

Points are located once, here joined back to rows. Making published tables from the counts
belongs in ``crime``, ``summary`` and ``sparse``.
"""

from __future__ import annotations

import polars as pl

from openbeat.geography.lsoa import whole_file
from openbeat.policeuk import vocabulary

POINT = ("longitude", "latitude")
PLACE = ("force_id", "place", "area_force_id", "neighbourhood_id")
DIMENSIONS: dict[str, tuple[str, ...]] = {
    "street": ("crime_type",),
    "outcomes": ("outcome_type", "outcome_group"),
    "stops": (
        *("search_type", "object_of_search", "legislation", "outcome", "outcome_group"),
        "linked_to_object",
    ),
}
_KEPT = {
    *("month", "force_id", *POINT, *(c for columns in DIMENSIONS.values() for c in columns)),
    *("lsoa_code", "lsoa21_code", "lsoa_vintage", "at_midnight", "local_month", "ethnicity_code"),
}
FAR_KM = 50.0
_KM_PER_DEGREE = 111.32


def distinct_points(*tables: pl.DataFrame) -> pl.DataFrame:
    """The distinct coordinates of several tables: longitude, latitude, sorted."""
    points = [table.lazy().select(POINT).drop_nulls().unique() for table in tables]
    return pl.concat(points).unique().sort(POINT).collect()


def place_rows(
    rows: pl.DataFrame, points: pl.DataFrame, with_boundaries: list[str]
) -> pl.LazyFrame:
    """Say of every row where it is, keeping of its columns those that are counted or measured.

    Args:
        rows: ``force_id``, ``longitude``, ``latitude`` and more.
        points: Located points: ``longitude, latitude, area_force_id, neighbourhood_id, matches``.
        with_boundaries: The forces that have boundaries this month.

    Returns:
        The rows with ``place, area_force_id, neighbourhood_id, matches``; the neighbourhood may
        be any force's. ``place`` is ``no_boundary`` where a point lies in none and the reporting
        force has no boundaries, ``outside_boundary`` where it has.
    """
    return (
        rows.lazy()
        .select(column for column in rows.columns if column in _KEPT)
        .join(points.lazy(), on=POINT, how="left", maintain_order="left")
        .with_columns(
            pl.when(pl.col("longitude").is_null())
            .then(pl.lit("no_location"))
            .when(pl.col("neighbourhood_id").is_not_null())
            .then(pl.lit("neighbourhood"))
            .when(pl.col("force_id").is_in(with_boundaries))
            .then(pl.lit("outside_boundary"))
            .otherwise(pl.lit("no_boundary"))
            .alias("place")
        )
    )


def count(placed: pl.LazyFrame, dataset: str, month: str) -> pl.DataFrame:
    """Count placed rows by place and the dataset's dimensions, sorted.

    Returns:
        month, force_id, place, area_force_id, neighbourhood_id, the dimensions, count (Int64).
    """
    keys = [*PLACE, *DIMENSIONS[dataset]]
    return (
        placed.group_by(keys)
        .agg(pl.len().cast(pl.Int64).alias("count"))
        .sort(keys)
        .select(pl.lit(month).alias("month"), *keys, "count")
        .collect()
    )


def ledger(
    dataset: str,
    month: str,
    files: pl.DataFrame,
    quarantine: pl.DataFrame,
    placed: pl.LazyFrame,
    boundaries: pl.DataFrame,
) -> pl.DataFrame:
    """Where every row of every file went, one row a file.

    Args:
        dataset: ``street``, ``outcomes`` or ``stops``.
        month: The month.
        files: As ``intake.FILES``.
        quarantine: As ``intake.QUARANTINE``.
        placed: The accepted rows, placed.
        boundaries: ``force_id, boundary_release, boundary_basis``.

    Returns:
        The columns of the contract ``ledger``; ``accounted`` is counted + quarantined + repeats,
        ``placed`` the sum over places, both to be held against ``rows`` and ``counted``.
    """
    refused = quarantine.group_by("force_id").agg(
        (pl.col("kind") == "quarantined").sum().cast(pl.Int64).alias("quarantined"),
        (pl.col("kind") == "repeat").sum().cast(pl.Int64).alias("repeats"),
    )
    counted = placed.group_by("force_id").agg(*_where(), *_measures(dataset)).collect()
    numbers = ["counted", "quarantined", "repeats", "located", "outside_boundary"]
    numbers += ["no_boundary", "no_location", "overlapping", "in_other_area", "far_away"]
    return (
        files.drop("file")
        .join(counted, on="force_id", how="left")
        .join(refused, on="force_id", how="left")
        .join(boundaries, on="force_id", how="left")
        .with_columns(pl.col(numbers).fill_null(0))
        .with_columns(
            pl.lit(month).alias("month"),
            pl.lit(dataset).alias("dataset"),
            pl.sum_horizontal("counted", "quarantined", "repeats").alias("accounted"),
            pl.sum_horizontal("located", "outside_boundary", "no_boundary", "no_location").alias(
                "placed"
            ),
            *(
                pl.lit(None, dtype=pl.Float64).alias(share)
                for share in SHARES
                if share not in counted.columns
            ),
            *(
                [pl.lit("none").alias("lsoa_vintage")]
                if "lsoa_vintage" not in counted.columns
                else [pl.col("lsoa_vintage").fill_null("none")]
            ),
        )
        .sort("force_id")
    )


SHARES = (
    *("blank_lsoa_share", "unresolved_lsoa_share", "midnight_share", "other_month_share"),
    *("blank_legislation_share", "blank_outcome_share", "blank_ethnicity_share"),
)


def _where() -> list[pl.Expr]:
    place = pl.col("place")
    return [
        pl.len().cast(pl.Int64).alias("counted"),
        (place == "neighbourhood").sum().cast(pl.Int64).alias("located"),
        *(
            (place == name).sum().cast(pl.Int64).alias(name)
            for name in ("outside_boundary", "no_boundary", "no_location")
        ),
        (pl.col("matches") > 1).sum().cast(pl.Int64).alias("overlapping"),
        (pl.col("area_force_id") != pl.col("force_id")).sum().cast(pl.Int64).alias("in_other_area"),
        _far_away().sum().cast(pl.Int64).alias("far_away"),
    ]


def _far_away() -> pl.Expr:
    """Points over 50 km from the force's median point (rule S11), flat-earth is near enough."""
    longitude, latitude = pl.col("longitude"), pl.col("latitude")
    north = (latitude - latitude.median()) * _KM_PER_DEGREE
    east = (longitude - longitude.median()) * _KM_PER_DEGREE * latitude.radians().cos()
    return north**2 + east**2 > FAR_KM**2


def _measures(dataset: str) -> list[pl.Expr]:
    if dataset == "stops":
        return [
            pl.col("at_midnight").mean().alias("midnight_share"),
            (pl.col("local_month") != pl.col("month")).mean().alias("other_month_share"),
            *(
                (pl.col(column) == vocabulary.NOT_RECORDED).mean().alias(share)
                for column, share in (
                    ("legislation", "blank_legislation_share"),
                    ("outcome", "blank_outcome_share"),
                )
            ),
            pl.col("ethnicity_code").is_null().mean().alias("blank_ethnicity_share"),
        ]
    old = pl.col("lsoa_vintage") == "2011"  # of the others none is to be resolved
    return [
        pl.col("lsoa_code").is_null().mean().alias("blank_lsoa_share"),
        (old & pl.col("lsoa21_code").is_null()).mean().alias("unresolved_lsoa_share"),
        whole_file().alias("lsoa_vintage"),
    ]
