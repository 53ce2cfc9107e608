"""All tables of a release at once: each fits its contract and they agree with one another."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
import pytest
import shapely

from openbeat.geography.population import PopulationAreas
from openbeat.geography.register import Register, build_register
from openbeat.geography.repair import areas_km2, fingerprints
from openbeat.geography.shapes import ISSUES, SHAPES, BoundaryFile
from openbeat.monthly.counts import count, ledger, place_rows
from openbeat.monthly.publish import published_tables
from openbeat.months import month_range
from openbeat.policeuk.coverage import Window
from openbeat.policeuk.intake import FILES, QUARANTINE

Fits = Callable[[str, pl.DataFrame], None]
MONTHS = month_range("2024-01", "2025-03")
NAMES = ("crime", "outcomes", "stops", "crime_summary", "coverage", "neighbourhoods")


def register(*forces: str, release: str | None = None) -> Register:
    """Two square neighbourhoods a force, one force east of the other."""
    boxes = [
        (force, neighbourhood, shapely.box(x, y, x + 1, y + 1))
        for x, force in enumerate(forces)
        for y, neighbourhood in enumerate("AB", start=51)
    ]
    geometries = np.array([box for _, _, box in boxes], dtype=object)
    shapes = pl.DataFrame(
        {
            "force_id": [f for f, _, _ in boxes],
            "neighbourhood_id": [n for _, n, _ in boxes],
            "name": [f"{f} {n}" for f, n, _ in boxes],
            "geometry": shapely.to_wkb(geometries).tolist() if boxes else [],
            "repaired": [False] * len(boxes),
            "repair_reason": [None] * len(boxes),
            "area_km2": areas_km2(geometries) if boxes else [],
            "shape_sha256": fingerprints(geometries) if boxes else [],
        },
        schema=SHAPES,
    )
    return build_register(
        [BoundaryFile("b", release, "0" * 64, shapes, pl.DataFrame(schema=ISSUES))]
    )


def month_of(
    month: str, forces: Sequence[str], places: Register
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Counts and ledger of street rows: three a force, in A, in the sea and without a place."""
    rows = pl.DataFrame(
        [
            (force, month, x, y, "Burglary", "E01000001", "both", None)
            for force in forces
            for x, y in ((0.5, 51.5), (0.5, 49.5), (None, None))
        ],
        schema={
            **dict.fromkeys(("force_id", "month"), pl.String),
            **dict.fromkeys(("longitude", "latitude"), pl.Float64),
            **dict.fromkeys(("crime_type", "lsoa_code", "lsoa_vintage", "lsoa21_code"), pl.String),
        },
        orient="row",
    )
    first = sorted(places.force_releases)[:1]
    points = pl.DataFrame(
        [
            (0.5, 51.5, *([first[0], "A", 1] if first else [None, None, 0])),
            (0.5, 49.5, None, None, 0),
        ],
        schema={
            **dict.fromkeys(("longitude", "latitude"), pl.Float64),
            **dict.fromkeys(("area_force_id", "neighbourhood_id"), pl.String),
            "matches": pl.UInt32,
        },
        orient="row",
    )
    files = pl.DataFrame(
        [(f, f"{f}.csv", "read", None, 3, "a.zip", "2025-04", "0") for f in forces],
        schema=FILES,
        orient="row",
    )
    placed = place_rows(rows, points, list(places.force_releases))
    bounds = pl.DataFrame(
        schema=dict.fromkeys(("force_id", "boundary_release", "boundary_basis"), pl.String)
    )
    accounts = ledger("street", month, files, pl.DataFrame(schema=QUARANTINE), placed, bounds)
    return count(placed, "street", month), accounts


def publish(
    places: Register,
    counts: Callable[..., pl.DataFrame],
    forces: pl.DataFrame,
    held: Sequence[str] = MONTHS,
    areas: PopulationAreas | None = None,
) -> dict[str, pl.DataFrame]:
    parts = [month_of(month, ["kent", "btp"], places) for month in held]
    return published_tables(
        Window(MONTHS[-3:], list(held)),
        ledger=pl.concat([account for _, account in parts]),
        counts={
            "street": pl.concat([counted for counted, _ in parts]),
            "outcomes": counts("outcomes"),
            "stops": counts("stops"),
        },
        register=places,
        areas=areas,
        forces=forces,
        expected=None,
    )


AREAS = PopulationAreas(
    pl.DataFrame(
        [("1", 600.0, 0.5, 51.5), ("2", 900.0, 0.6, 51.6)],
        schema=["code", "population", "longitude", "latitude"],
        orient="row",
    ),
    *(2021, (), ()),
)


@pytest.mark.parametrize("forces_with_places", [("kent",), ("kent", "dorset"), ()])
@pytest.mark.parametrize("areas", [None, AREAS])
def test_every_table_fits_its_contract_and_all_agree(
    *,
    counts: Callable[..., pl.DataFrame],
    forces: pl.DataFrame,
    fits: Fits,
    forces_with_places: tuple[str, ...],
    areas: PopulationAreas | None,
) -> None:
    tables = publish(register(*forces_with_places), counts, forces, areas=areas)
    for name in (*NAMES, "reconciliation"):
        fits(name, tables[name])
    agreed = tables["reconciliation"]
    assert agreed.height > 0
    assert agreed["published"].equals(agreed["source"], check_names=False)
    assert set(tables["crime"]["month"]) == set(MONTHS[-3:])


def test_the_year_before_the_window_makes_the_sum(
    counts: Callable[..., pl.DataFrame], forces: pl.DataFrame
) -> None:
    summary = publish(register("kent"), counts, forces, areas=AREAS)["crime_summary"]
    row = summary.filter(neighbourhood_id="A", month="2025-03").row(0, named=True)
    assert (row["crime_total"], row["by_other_forces"], row["crime_total_12m"]) == (2, 1, 24)
    assert (row["population"], row["rate_12m_per_1000"]) == (1500, 16.0)
    assert set(summary["months_12m"]) == {12}
    empty = summary.filter(neighbourhood_id="B")
    assert set(empty["population_status"]) == {"x"}
    assert empty["rate_12m_per_1000"].null_count() == empty.height


def test_a_month_that_is_not_held_is_missing_and_has_no_counts(
    counts: Callable[..., pl.DataFrame], forces: pl.DataFrame, fits: Fits
) -> None:
    held = [month for month in MONTHS if month != "2025-02"]
    tables = publish(register("kent"), counts, forces, held=held)
    coverage = tables["coverage"].filter(month="2025-02", dataset="street")
    assert set(coverage["coverage"]) == {"missing"}
    assert set(coverage["rows_status"]) == {"x"}
    assert coverage["rows"].null_count() == coverage.height
    assert tables["crime"].filter(month="2025-02").is_empty()
    summary = tables["crime_summary"].filter(month="2025-02")
    assert set(summary["crime_total_status"]) == {"x"}
    assert set(tables["crime_summary"].filter(month="2025-03")["months_12m"]) == {11}
    for name in NAMES:
        fits(name, tables[name])


def test_coverage_names_the_boundaries_that_served_even_where_no_file_came(
    counts: Callable[..., pl.DataFrame], forces: pl.DataFrame
) -> None:
    held = [month for month in MONTHS if month != "2025-02"]
    tables = publish(register("kent", release="2025-02"), counts, forces, held=held)
    kent = tables["coverage"].filter(force_id="kent", dataset="street")
    assert kent.select("month", "boundary_release", "boundary_basis").rows() == [
        ("2025-01", "2025-02", "later"),
        ("2025-02", "2025-02", "same_month"),
        ("2025-03", "2025-02", "earlier"),
    ]
    assert tables["coverage"].filter(force_id="btp")["boundary_basis"].drop_nulls().is_empty()


def test_a_malformed_files_numbers_are_not_given(
    counts: Callable[..., pl.DataFrame], forces: pl.DataFrame, fits: Fits
) -> None:
    places = register("kent")
    counted, account = month_of("2025-03", ["kent"], places)
    broken = account.with_columns(
        state=pl.lit("malformed"),
        problem=pl.lit("?"),
        member_sha256=pl.lit(None, pl.String),
        **{c: pl.lit(0, pl.Int64) for c in ("rows", "counted", "accounted", "placed", "located")},
        **{c: pl.lit(0, pl.Int64) for c in ("outside_boundary", "no_location")},
    )
    tables = published_tables(
        Window(["2025-03"], ["2025-03"]),
        ledger=broken,
        counts={
            "street": counted.clear(),
            "outcomes": counts("outcomes"),
            "stops": counts("stops"),
        },
        register=places,
        areas=None,
        forces=forces,
        expected=["kent"],
    )
    row = tables["coverage"].filter(dataset="street").row(0, named=True)
    assert (row["coverage"], row["rows"], row["rows_status"]) == ("malformed", None, "x")
    assert tables["crime"].is_empty()
    fits("coverage", tables["coverage"])
