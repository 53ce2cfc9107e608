"""Figures that must agree, side by side: the tables with one another and with the raw files.

Whether they do is for the contract ``reconciliation``, which blocks a release where they differ.
"""

from __future__ import annotations

import polars as pl

from openbeat.monthly.tables import USABLE
from openbeat.policeuk import vocabulary

# Each place, and the ledger's column for it.
_PLACES = {
    "neighbourhood": "located",
    "outside_boundary": "outside_boundary",
    "no_boundary": "no_boundary",
    "no_location": "no_location",
}
SCHEMA = pl.Schema(
    {
        "month": pl.String,
        "force_id": pl.String,
        "what": pl.String,
        "published": pl.Int64,
        "source": pl.Int64,
    }
)


def reconcile(
    tables: dict[str, pl.DataFrame], coverage: pl.DataFrame, summary: pl.DataFrame
) -> pl.DataFrame:
    """Set published sums beside what they must equal.

    Args:
        tables: The published ``street`` (crime), ``outcomes`` and ``stops``, by dataset.
        coverage: As published.
        summary: The published ``crime_summary``.

    Returns:
        ``SCHEMA``: for each month and force, the published sum of each dataset, in all and by
        place, beside the ledger's; for each month and area force, ``crime_summary`` beside
        ``crime``; for each file, rows beside counted + quarantined + repeats.
    """
    frames = [_accounts(coverage)]
    for dataset, table in tables.items():
        frames += _by_place(dataset, table, coverage)
    frames.append(_summary(tables["street"], summary))
    return pl.concat([f.select(SCHEMA.names()).cast(SCHEMA) for f in frames]).sort(
        "month", "force_id", "what"
    )


def _accounts(coverage: pl.DataFrame) -> pl.DataFrame:
    return coverage.filter(pl.col("rows").is_not_null()).select(
        "month",
        "force_id",
        pl.format("{}: rows of the file", "dataset").alias("what"),
        pl.sum_horizontal("counted", "quarantined", "repeats").alias("published"),
        pl.col("rows").alias("source"),
    )


def _by_place(dataset: str, table: pl.DataFrame, coverage: pl.DataFrame) -> list[pl.DataFrame]:
    ledger = coverage.filter(
        (pl.col("dataset") == dataset) & pl.col("coverage").is_in([*USABLE, "empty"])
    )
    sums = (
        table.group_by("month", "force_id", "place")
        .agg(pl.col("count").sum())
        .pivot("place", index=["month", "force_id"], values="count")
    )
    sums = sums.rename({p: f"published {p}" for p in _PLACES if p in sums.columns})
    both = ledger.join(sums, on=["month", "force_id"], how="full", coalesce=True)
    pairs = []
    for place, column in _PLACES.items():
        value = pl.col(f"published {place}") if f"published {place}" in sums.columns else pl.lit(0)
        pairs.append((place, value.fill_null(0), pl.col(column).fill_null(0)))
    pairs.append(
        ("all places", pl.sum_horizontal(*(p for _, p, _ in pairs)), pl.col("counted").fill_null(0))
    )
    return [
        both.select(
            "month",
            "force_id",
            pl.lit(f"{dataset}: {name}").alias("what"),
            published.cast(pl.Int64).alias("published"),
            source.cast(pl.Int64).alias("source"),
        )
        for name, published, source in pairs
    ]


def _summary(crime: pl.DataFrame, summary: pl.DataFrame) -> pl.DataFrame:
    asb = pl.col("crime_type") == vocabulary.ASB
    other = pl.col("force_id") != pl.col("area_force_id")
    number = pl.col("count")
    sources = {
        "crime_total": number.filter(~asb),
        "antisocial_behaviour": number.filter(asb),
        "by_other_forces": number.filter(other & ~asb),
    }
    by_area = (
        crime.filter(pl.col("place") == "neighbourhood")
        .group_by("month", "area_force_id", "neighbourhood_id")
        .agg(expression.sum().alias(f"{name} source") for name, expression in sources.items())
    )
    keys = ["month", "area_force_id", "neighbourhood_id"]
    # Of either side: a neighbourhood that the summary has lost must show.
    both = summary.join(by_area, on=keys, how="full", coalesce=True)
    return pl.concat(
        both.filter(pl.col(f"{name}_status").ne_missing("x"))
        .group_by("month", pl.col("area_force_id").alias("force_id"))
        .agg(
            pl.lit(f"crime_summary: {name}").alias("what"),
            pl.col(name).sum().alias("published"),
            pl.col(f"{name} source").sum().alias("source"),
        )
        for name in sources
    )
