"""What police.uk shows for each neighbourhood: the newest month against the 12 before it.

Only arranging published counts belongs here; they are made in ``openbeat.monthly``. A month that
the neighbourhood's own force did not supply has no number, whatever other forces reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from openbeat.months import months_to

AREA: Final = ("force_id", "neighbourhood_id")
TOTAL: Final = "total"
ASB: Final = "Anti-social behaviour"
BEFORE: Final = 12
LEAST_FOR_USUAL: Final = 6  # as in coverage: a median over fewer months says little


def series(
    crime: pl.DataFrame,
    crime_summary: pl.DataFrame,
    crime_types: pl.DataFrame,
    month: str,
    count: int = BEFORE + 1,
) -> pl.DataFrame:
    """The newest months of each neighbourhood and crime type: by default that and 12 before it.

    Args:
        crime: The published table; counts of every reporting force are added up.
        crime_summary: The published table; gives the totals, and which months the
            neighbourhood was there and its own force supplied.
        crime_types: The code list; a type that it does not give for ``month`` is shown only
            where there is any.
        month: The newest month, ``YYYY-MM``.
        count: How many months.

    Returns:
        ``force_id, neighbourhood_id`` (of the place), ``crime_type`` (``total``: all but
        anti-social behaviour), ``values`` and ``statuses`` (``count`` each, oldest first; status
        null known, ``u`` low reliability, ``x`` not available), ``latest, latest_status``, and over
        the months of the 12 before that are known ``usual`` (their median, where there are 6 or
        more), ``lowest, highest, usual_months``. Sorted by place, in order of the code list.
    """
    months = months_to(month, count)
    totals = crime_summary.filter(pl.col("month").is_in(months)).rename(
        {"area_force_id": "force_id"}
    )
    parts = [
        _whole(totals, "crime_total", TOTAL),
        _whole(totals, "antisocial_behaviour", ASB),
        _by_type(crime, totals, _types_of(crime_types, month), months),
    ]
    order = {TOTAL: -1, **{name: n for n, name in enumerate(crime_types.to_series(0))}}
    return (
        _in_lists(pl.concat(parts), months)
        .with_columns(
            pl.col("crime_type")
            .replace_strict(order, default=len(order), return_dtype=pl.Int64)
            .alias("order")
        )
        .sort(*AREA, "order", "crime_type")
        .drop("order")
    )


def _types_of(crime_types: pl.DataFrame, month: str) -> list[str]:
    listed = crime_types.filter(
        (pl.col("first_month") <= month)
        & (pl.col("last_month").is_null() | (pl.col("last_month") >= month))
    )
    return listed.to_series(0).to_list()


def _whole(totals: pl.DataFrame, column: str, name: str) -> pl.DataFrame:
    return totals.select(
        *AREA,
        pl.lit(name).alias("crime_type"),
        "month",
        pl.col(column).alias("value"),
        pl.col(f"{column}_status").alias("status"),
    )


def _by_type(
    crime: pl.DataFrame, totals: pl.DataFrame, usual_types: Sequence[str], months: Sequence[str]
) -> pl.DataFrame:
    """As ``_whole``, by type: 0 only where the own force supplied the month."""
    counted = (
        crime.filter(
            (pl.col("place") == "neighbourhood")
            & pl.col("month").is_in(list(months))
            & (pl.col("crime_type") != ASB)
        )
        .group_by(pl.col("area_force_id").alias("force_id"), AREA[1], "crime_type", "month")
        .agg(pl.col("count").sum())
    )
    usual = pl.Series("crime_type", [t for t in usual_types if t != ASB], dtype=pl.String)
    places = totals.select(AREA).unique()
    rare = counted.filter(~pl.col("crime_type").is_in(usual.to_list()) & (pl.col("count") > 0))
    types = pl.concat(
        [
            places.join(usual.to_frame(), how="cross"),
            rare.select(*AREA, "crime_type").unique().join(places, on=AREA, how="semi"),
        ]
    )
    submitted = pl.col("coverage") == "submitted"
    doubtful = (pl.col("coverage") == "partial_suspected") & (pl.col("count") > 0)
    return (
        totals.select(*AREA, "month", "coverage")
        .join(types, on=AREA)
        .join(counted, on=[*AREA, "crime_type", "month"], how="left")
        .select(
            *AREA,
            "crime_type",
            "month",
            pl.when(submitted)
            .then(pl.col("count").fill_null(0))
            .when(doubtful)
            .then(pl.col("count"))
            .alias("value"),
            pl.when(submitted)
            .then(pl.lit(None, dtype=pl.String))
            .when(doubtful)
            .then(pl.lit("u"))
            .otherwise(pl.lit("x"))
            .alias("status"),
        )
    )


def _in_lists(long: pl.DataFrame, months: Sequence[str]) -> pl.DataFrame:
    """One row a series; a month without a row was not supplied, or the place was not there."""
    key = [*AREA, "crime_type"]
    whole = (
        long.select(key)
        .unique()
        .join(pl.DataFrame({"month": list(months)}), how="cross")
        .join(long.with_columns(present=True), on=[*key, "month"], how="left")
        .with_columns(
            pl.when(pl.col("present").is_null())
            .then(pl.lit("x"))
            .otherwise(pl.col("status"))
            .alias("status")
        )
        .sort(*key, "month")
    )
    before = months[-BEFORE - 1 : -1]
    earlier = pl.col("value").filter(pl.col("status").is_null() & pl.col("month").is_in(before))
    return (
        whole.group_by(key, maintain_order=True)
        .agg(
            pl.col("value").alias("values"),
            pl.col("status").alias("statuses"),
            pl.col("value").last().alias("latest"),
            pl.col("status").last().alias("latest_status"),
            earlier.median().alias("usual"),
            earlier.min().alias("lowest"),
            earlier.max().alias("highest"),
            earlier.len().cast(pl.Int64).alias("usual_months"),
        )
        .with_columns(
            pl.when(pl.col("usual_months") >= LEAST_FOR_USUAL).then(pl.col(c))
            for c in ("usual", "lowest", "highest")
        )
    )


def other_forces(crime: pl.DataFrame, month: str) -> pl.DataFrame:
    """The other forces that reported crimes of the newest month, by place and their name.

    Args:
        crime: The published table.
        month: The newest month, ``YYYY-MM``.

    Returns:
        ``force_id, neighbourhood_id`` (of the place), ``reported_by`` and ``reported_by_name``
        (the force that reported), ``count``; anti-social behaviour is left out, as in the totals.
    """
    return (
        crime.filter(
            (pl.col("place") == "neighbourhood")
            & (pl.col("month") == month)
            & (pl.col("force_id") != pl.col("area_force_id"))
            & (pl.col("crime_type") != ASB)
            & (pl.col("count") > 0)
        )
        .group_by(
            "area_force_id",
            AREA[1],
            pl.col("force_id").alias("reported_by"),
            pl.col("force_name").alias("reported_by_name"),
        )
        .agg(pl.col("count").sum())
        .rename({"area_force_id": "force_id"})
        .sort(*AREA, "reported_by_name", "reported_by")
    )


def outcomes(outcomes_table: pl.DataFrame, groups: pl.DataFrame, month: str) -> pl.DataFrame:
    """Outcomes recorded in the newest month, by place and group.

    Args:
        outcomes_table: The published table ``outcomes``, sparse.
        groups: The code list ``outcome_groups``.
        month: The newest month, ``YYYY-MM``.

    Returns:
        ``force_id, neighbourhood_id, outcome_group, label, count``, in order of the code list.
    """
    order = pl.DataFrame(
        {"outcome_group": groups.to_series(0), "label": groups["label"]}
    ).with_row_index("order")
    return (
        outcomes_table.filter((pl.col("place") == "neighbourhood") & (pl.col("month") == month))
        .group_by(pl.col("area_force_id").alias("force_id"), AREA[1], "outcome_group")
        .agg(pl.col("count").sum())
        .join(order, on="outcome_group", how="left")
        .sort(*AREA, "order")
        .drop("order")
    )
