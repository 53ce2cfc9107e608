"""The published table ``crime_summary``: one row a neighbourhood and month, totals and rate.

Anti-social behaviour is not crime: it has its own column and is in no total.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from openbeat.policeuk import vocabulary
from openbeat.statistics.rates import poisson_interval

MONTHS = 12
RATE_POPULATION = 500  # below this a rate says more about the denominator than about crime
_AREA = ("area_force_id", "neighbourhood_id")


def crime_summary(
    counts: pl.DataFrame,
    coverage: pl.DataFrame,
    served: pl.DataFrame,
    months: Sequence[str],
    population: pl.DataFrame,
) -> pl.DataFrame:
    """Totals of each neighbourhood and month, and its rate over 12 usable months.

    ``crime_total`` counts every force's crimes in the neighbourhood; its status follows the
    coverage of the neighbourhood's own force. ``by_other_forces`` is the part that others
    reported. It is known in months in which a force without neighbourhoods, such as British
    Transport Police, submitted and the file of no such force is missing or not whole; else it is
    ``u``, and not known where it would be 0.

    Args:
        counts: As ``counts.count`` gives them for street: the window and 11 months before it.
        coverage: As ``coverage`` gives it, of the same months.
        served: The neighbourhoods of each of the months: ``month, force_id, neighbourhood_id,
            name, shape_sha256``.
        months: The months to give rows for.
        population: ``month, force_id, neighbourhood_id, population, population_year``.

    Returns:
        The columns of the contract ``crime_summary``, sorted by its key. Rates are a year's
        crimes per 1,000 residents with the exact 95 % Poisson interval.
    """
    base = _base(counts, coverage, served)
    rolled = _rolling(base).filter(pl.col("month").is_in(list(months)))
    people = population.rename({"force_id": "area_force_id"})
    joined = rolled.join(people, on=["month", *_AREA], how="left")
    return _with_rate(joined).sort("month", *_AREA)


def _base(counts: pl.DataFrame, coverage: pl.DataFrame, served: pl.DataFrame) -> pl.DataFrame:
    asb = pl.col("crime_type") == vocabulary.ASB
    other = pl.col("force_id") != pl.col("area_force_id")
    totals = (
        counts.filter(pl.col("place") == "neighbourhood")
        .group_by("month", *_AREA)
        .agg(
            pl.col("count").filter(~asb).sum().alias("crime_total"),
            pl.col("count").filter(asb).sum().alias("antisocial_behaviour"),
            pl.col("count").filter(other & ~asb).sum().alias("by_other_forces"),
        )
    )
    street = coverage.filter(pl.col("dataset") == "street")
    own = street.select("month", pl.col("force_id").alias("area_force_id"), "coverage")
    roaming = (
        street.join(served.select("force_id").unique(), on="force_id", how="anti")
        .group_by("month")
        .agg(
            (
                (pl.col("coverage") == "submitted").any()
                & pl.col("coverage").is_in(["submitted", "not_expected"]).all()
            ).alias("others_known")
        )
    )
    values = ("crime_total", "antisocial_behaviour", "by_other_forces")
    base = (
        served.rename({"force_id": "area_force_id"})
        .join(totals, on=["month", *_AREA], how="left")
        .join(own, on=["month", "area_force_id"], how="left")
        .join(roaming, on="month", how="left")
        .with_columns(pl.col(values).fill_null(0), pl.col("others_known").fill_null(value=False))
    )
    usable = pl.col("coverage") == "submitted"
    partial = pl.col("coverage") == "partial_suspected"
    base = base.with_columns(
        *(_status(c, usable, partial) for c in values[:2]),
        _status("by_other_forces", pl.col("others_known"), ~pl.col("others_known")),
    )
    return base.with_columns(
        pl.when(pl.col(f"{c}_status").ne_missing("x")).then(pl.col(c)).alias(c) for c in values
    )


def _status(column: str, known: pl.Expr, doubtful: pl.Expr) -> pl.Expr:
    """Null where the number is known, ``u`` where it is a lower bound, ``x`` where unknown."""
    return (
        pl.when(known.fill_null(value=False))
        .then(pl.lit(None, dtype=pl.String))
        .when(doubtful.fill_null(value=False) & (pl.col(column) > 0))
        .then(pl.lit("u"))
        .otherwise(pl.lit("x"))
        .alias(f"{column}_status")
    )


def _rolling(base: pl.DataFrame) -> pl.DataFrame:
    """The sum over the 12 months up to each, with how many of them are usable."""
    usable = pl.col("coverage") == "submitted"
    year, month = (pl.col("month").str.slice(*part).cast(pl.Int64) for part in ((0, 4), (5, 2)))
    ordered = base.with_columns((12 * year + month).alias("n")).sort(*_AREA, "n")
    window = ordered.rolling("n", period=f"{MONTHS}i", group_by=list(_AREA)).agg(
        pl.col("crime_total").sum().alias("crime_total_12m"),
        usable.fill_null(value=False).sum().cast(pl.Int64).alias("months_12m"),
        pl.col("shape_sha256").n_unique().alias("shapes"),
    )
    complete = pl.col("months_12m") == MONTHS
    return (
        ordered.join(window, on=[*_AREA, "n"], how="left")
        .with_columns(
            pl.when(complete).then(pl.col("crime_total_12m")).alias("crime_total_12m"),
            pl.when(~complete)
            .then(pl.lit("x"))
            .when(pl.col("shapes") > 1)  # the neighbourhood was redrawn within the year
            .then(pl.lit("u"))
            .alias("crime_total_12m_status"),
        )
        .drop("n", "shapes")
    )


def _with_rate(table: pl.DataFrame) -> pl.DataFrame:
    low, high = poisson_interval(table["crime_total_12m"])
    people = pl.col("population")
    rated = (people >= RATE_POPULATION) & pl.col("crime_total_12m").is_not_null()
    names = {"rate_12m_per_1000": "crime_total_12m", "rate_low": "low", "rate_high": "high"}
    status = (
        pl.when(rated.fill_null(value=False))
        .then(pl.col("crime_total_12m_status"))
        .otherwise(pl.lit("x"))
    )
    return (
        table.with_columns(low.alias("low"), high.alias("high"))
        .with_columns(
            pl.when(people.is_null()).then(pl.lit("x")).alias("population_status"),
            *(
                pl.when(rated).then((1000 * pl.col(source) / people).round(3)).alias(name)
                for name, source in names.items()
            ),
            *(status.alias(f"{name}_status") for name in names),
        )
        .drop("low", "high")
    )
