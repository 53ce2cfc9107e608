"""From the lake's counts to the tables of a release, all of them at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from openbeat.geography.population import PopulationAreas, validity_population
from openbeat.geography.register import Register, choose, neighbourhood_validity
from openbeat.monthly.reconcile import reconcile
from openbeat.monthly.summary import crime_summary
from openbeat.monthly.tables import crime_table, force_names, sparse_table
from openbeat.policeuk.corrections import Correction, partial_months
from openbeat.policeuk.coverage import Window, coverage, expected_forces

_KEY = ["force_id", "neighbourhood_id"]


def published_tables(
    window: Window,
    *,
    ledger: pl.DataFrame,
    counts: Mapping[str, pl.DataFrame],
    register: Register,
    areas: PopulationAreas | None,
    forces: pl.DataFrame,
    expected: Sequence[str] | None,
    corrections: Sequence[Correction] = (),
) -> dict[str, pl.DataFrame]:
    """Make every table of a release.

    Args:
        window: The months.
        ledger: The contract ``ledger``, of the window and all months before it that are held.
        counts: By dataset, of ``window.held``.
        register: The boundaries.
        areas: Small areas with their population, if any.
        forces: As ``load_forces`` gives them.
        expected: The forces that the settings expect.
        corrections: The register: months that it says are partial are, and measure no later ones.

    Returns:
        By name: the published tables, ``reconciliation``, and ``neighbourhood_shapes`` (the
        neighbourhoods with their geometry, WKB).
    """
    everywhere = sorted({*window.held, *window.months})
    served = served_neighbourhoods(register, everywhere)
    in_window = pl.col("month").is_in(window.months)
    seen = ledger.filter(in_window)["force_id"].to_list()
    due = expected_forces(expected, seen, forces["force_id"].to_list())
    held = list(register.force_releases)
    every = coverage(ledger, everywhere, due, forces, held, partial_months(corrections))
    covered = every.filter(in_window)
    own = served.filter(in_window)
    tables = {
        "street": crime_table(counts["street"].filter(in_window), covered, own, forces),
        **{
            name: sparse_table(name, counts[name].filter(in_window), covered, own, forces)
            for name in ("outcomes", "stops")
        },
    }
    shapes = _neighbourhoods(register, window.months, areas)
    people = _people_by_month(shapes, own)
    summary = crime_summary(counts["street"], every, served, window.months, people)
    published = _coverage_columns(covered, register, forces)
    return {
        "crime": tables["street"],
        "outcomes": tables["outcomes"],
        "stops": tables["stops"],
        "crime_summary": summary,
        "coverage": published,
        "neighbourhoods": shapes.drop("geometry"),
        "neighbourhood_shapes": shapes,
        "reconciliation": reconcile(tables, published, summary),
    }


def served_neighbourhoods(register: Register, months: Sequence[str]) -> pl.DataFrame:
    """The neighbourhoods that served each month: month, force_id, neighbourhood_id, name, shape."""
    frames = [
        choose(register.force_releases, month)
        .join(register.members, on=["force_id", "boundary_release"])
        .select(pl.lit(month).alias("month"), *_KEY, "name", "shape_sha256")
        for month in months
    ]
    return pl.concat(frames).sort("month", *_KEY)


def _neighbourhoods(
    register: Register, months: Sequence[str], areas: PopulationAreas | None
) -> pl.DataFrame:
    validity = neighbourhood_validity(register, months)
    key = [*_KEY, "valid_from"]
    if areas is None:
        people = validity.select(*key, pl.lit(None, dtype=pl.Int64).alias("population"))
    else:
        people = validity_population(validity, areas.frame)
    year = None if areas is None else areas.year
    return validity.join(people, on=key, how="left").with_columns(
        pl.when(pl.col("population").is_null()).then(pl.lit("x")).alias("population_status"),
        pl.lit(year, dtype=pl.Int64).alias("population_year"),
        pl.col("overlaps").cast(pl.Int64),
    )


def _people_by_month(shapes: pl.DataFrame, served: pl.DataFrame) -> pl.DataFrame:
    """month, force_id, neighbourhood_id, population, population_year."""
    months = served.select("month", *_KEY)
    valid = shapes.select(*_KEY, "valid_from", "valid_to", "population", "population_year")
    return (
        months.join(valid, on=_KEY)
        .filter(
            (pl.col("valid_from") <= pl.col("month"))
            & (pl.col("valid_to").is_null() | (pl.col("month") <= pl.col("valid_to")))
        )
        .drop("valid_from", "valid_to")
    )


def _coverage_columns(
    covered: pl.DataFrame, register: Register, forces: pl.DataFrame
) -> pl.DataFrame:
    """Names, the status of the numbers, and the boundaries of months without a file too."""
    unreadable = pl.col("rows").is_null() | (pl.col("coverage") == "malformed")
    numbers = [
        *("rows", "counted", "quarantined", "repeats", "located"),
        *("outside_boundary", "no_boundary", "no_location"),
    ]
    months = covered["month"].unique().sort()
    chosen = [
        choose(register.force_releases, m).with_columns(pl.lit(m).alias("month")) for m in months
    ]
    return (
        covered.drop("boundary_release", "boundary_basis")
        .join(pl.concat(chosen), on=["month", "force_id"], how="left")
        .join(force_names(forces), on="force_id", how="left")
        .with_columns(
            pl.col("force_name").fill_null(pl.col("force_id")),
            pl.when(unreadable).then(pl.lit("x")).alias("rows_status"),
            *(pl.when(~unreadable).then(pl.col(c)).alias(c) for c in numbers),
        )
        .sort("month", "force_id", "dataset")
    )
