"""Rows to places to counts: each row in one place and one count, and the ledger says where."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbeat.contract import Contract, broken_counts
from openbeat.monthly.counts import count, distinct_points, ledger, place_rows
from openbeat.policeuk.intake import FILES, QUARANTINE

Fits = Callable[[str, pl.DataFrame], None]
IN_A, IN_B, NOWHERE = (0.1, 51.0), (0.2, 51.0), (0.3, 51.0)
POINTS = pl.DataFrame(
    [
        (*IN_A, "kent", "A", 1),
        (*IN_B, "kent", "B", 2),
        (*NOWHERE, None, None, 0),
    ],
    schema={
        "longitude": pl.Float64,
        "latitude": pl.Float64,
        "area_force_id": pl.String,
        "neighbourhood_id": pl.String,
        "matches": pl.UInt32,
    },
    orient="row",
)
ASB = "Anti-social behaviour"


def street(*rows: tuple[Any, ...]) -> pl.DataFrame:
    """Accepted rows: force, point or None, and what else is told."""
    records = [
        {
            "force_id": force,
            "month": "2025-06",
            "longitude": point[0] if point else None,
            "latitude": point[1] if point else None,
            "crime_type": "Burglary",
            "lsoa_code": "E01000001",
            "lsoa_vintage": "both",
            "lsoa21_code": "E01000001",
            **(changes[0] if changes else {}),
        }
        for force, point, *changes in rows
    ]
    text = dict.fromkeys(
        ("force_id", "month", "crime_type", "lsoa_code", "lsoa_vintage", "lsoa21_code"), pl.String
    )
    return pl.DataFrame(records, schema={**text, "longitude": pl.Float64, "latitude": pl.Float64})


def stops(*rows: Mapping[str, Any]) -> pl.DataFrame:
    right = {
        "force_id": "kent",
        "month": "2025-06",
        "local_month": "2025-06",
        "at_midnight": False,
        "longitude": None,
        "latitude": None,
        "legislation": "x",
        "outcome": "Arrest",
        "ethnicity_code": "A1",
    }
    numbers = dict.fromkeys(("longitude", "latitude"), pl.Float64)
    schema = {**dict.fromkeys(right, pl.String), **numbers, "at_midnight": pl.Boolean}
    return pl.DataFrame([{**right, **row} for row in rows], schema=schema)


def files(**rows: int) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "force_id": force,
                "file": f"{force}.csv",
                "state": "read" if number else "empty",
                "rows": number,
                "archive": "2025-07.zip",
                "archive_as_of": "2025-07",
                "member_sha256": "0",
            }
            for force, number in rows.items()
        ],
        schema=FILES,
    )


def refused(*rows: tuple[str, str]) -> pl.DataFrame:
    return pl.DataFrame([{"force_id": f, "kind": kind} for f, kind in rows], schema=QUARANTINE)


BOUNDARIES = pl.DataFrame(
    [("kent", "2025-06", "same_month")],
    schema=dict.fromkeys(("force_id", "boundary_release", "boundary_basis"), pl.String),
    orient="row",
)


def accounts(
    rows: pl.DataFrame, given_files: pl.DataFrame, quarantine: pl.DataFrame, dataset: str = "street"
) -> pl.DataFrame:
    placed = place_rows(rows, POINTS, ["kent"])
    return ledger(dataset, "2025-06", given_files, quarantine, placed, BOUNDARIES)


def test_each_distinct_point_is_located_once() -> None:
    points = distinct_points(
        street(("kent", IN_B), ("kent", IN_A), ("btp", IN_A), ("kent", None)), stops({})
    )
    assert points.rows() == [IN_A, IN_B]


@pytest.mark.parametrize(
    ("force", "point", "place", "area"),
    [
        ("kent", IN_A, "neighbourhood", ("kent", "A")),
        ("essex", IN_A, "neighbourhood", ("kent", "A")),
        ("btp", IN_A, "neighbourhood", ("kent", "A")),
        ("kent", NOWHERE, "outside_boundary", (None, None)),
        ("btp", NOWHERE, "no_boundary", (None, None)),
        ("kent", None, "no_location", (None, None)),
        ("btp", None, "no_location", (None, None)),
    ],
)
def test_a_row_is_where_its_point_is_whoever_reported_it(
    force: str, point: tuple[float, float] | None, place: str, area: tuple[str | None, str | None]
) -> None:
    placed = place_rows(street((force, point)), POINTS, ["kent"]).collect()
    assert placed.select("place", "area_force_id", "neighbourhood_id").rows() == [(place, *area)]


def test_rows_keep_their_number_and_order() -> None:
    rows = street(("kent", IN_B), ("kent", None), ("btp", IN_A), ("kent", IN_B))
    placed = place_rows(rows, POINTS, ["kent"]).collect()
    assert placed.select(rows.columns).equals(rows)


def test_counts_keep_apart_who_reported_and_where() -> None:
    asb = ("kent", IN_A, {"crime_type": ASB})
    rows = street(("kent", IN_A), ("btp", IN_A), ("kent", IN_A), asb, ("kent", None))
    table = count(place_rows(rows, POINTS, ["kent"]), "street", "2025-06")
    assert table.drop("month").rows() == [
        ("btp", "neighbourhood", "kent", "A", "Burglary", 1),
        ("kent", "neighbourhood", "kent", "A", ASB, 1),
        ("kent", "neighbourhood", "kent", "A", "Burglary", 2),
        ("kent", "no_location", None, None, "Burglary", 1),
    ]
    assert set(table["month"]) == {"2025-06"}


def test_the_ledger_says_where_every_row_went(fits: Fits) -> None:
    rows = street(
        ("kent", IN_A), ("kent", IN_B), ("kent", NOWHERE), ("kent", None), ("btp", NOWHERE)
    )
    quarantine = refused(("kent", "quarantined"), ("kent", "quarantined"), ("kent", "repeat"))
    table = accounts(rows, files(kent=7, btp=1, essex=0), quarantine)
    columns = ("force_id", "rows", "counted", "quarantined", "repeats", "accounted")
    assert table.select(columns).rows() == [
        ("btp", 1, 1, 0, 0, 1),
        ("essex", 0, 0, 0, 0, 0),
        ("kent", 7, 4, 2, 1, 7),
    ]
    places = ("located", "outside_boundary", "no_boundary", "no_location", "placed")
    assert table.select(places).rows() == [(0, 0, 1, 0, 1), (0, 0, 0, 0, 0), (2, 1, 0, 1, 4)]
    assert table["boundary_basis"].to_list() == [None, None, "same_month"]
    fits("ledger", table)


def test_a_row_that_was_lost_shows_in_the_ledgers_contract(
    contracts: Mapping[str, Contract],
) -> None:
    table = accounts(street(("kent", IN_A)), files(kent=2), refused())
    lost = table.with_columns(placed=pl.lit(0, pl.Int64))
    found = broken_counts(lost, contracts["ledger"], {"month": "2025-06"})
    critical = found.filter((pl.col("broken") > 0) & (pl.col("severity") == "critical"))
    assert set(critical["rule"]) == {"x0_every_row", "x1_every_place"}


def test_overlaps_other_areas_and_far_points_are_counted() -> None:
    rows = street(("kent", IN_A), ("kent", IN_B), ("btp", IN_A), ("kent", None))
    table = accounts(rows, files(kent=3, btp=1), refused())
    columns = ("force_id", "overlapping", "in_other_area", "far_away")
    assert table.select(columns).rows() == [("btp", 0, 1, 0), ("kent", 1, 0, 0)]


@pytest.mark.parametrize(
    ("point", "far"),
    [
        ((0.1, 51.0 + 49.9 / 111.32), 0),
        ((0.1, 51.0 + 50.1 / 111.32), 1),
        ((0.1 + 70 / 111.32, 51.0), 0),  # a degree of longitude is 70 km here
        ((0.1 + 81 / 111.32, 51.0), 1),
    ],
)
def test_a_point_over_50_km_from_the_forces_median_is_far(
    point: tuple[float, float], far: int
) -> None:
    rows = street(*[("kent", IN_A)] * 5, ("kent", point), ("btp", (-3.0, 58.0)))
    assert accounts(rows, files(kent=6, btp=1), refused())["far_away"].to_list() == [0, far]


@pytest.mark.parametrize(
    ("vintages", "whole"),
    [
        (["2011", "both"], "2011"),
        (["2021", "both", "none"], "2021"),
        (["2011", "2021"], "mixed"),
        (["both", "none"], "both"),
        (["none"], "none"),
        ([], "none"),
    ],
)
def test_a_file_has_the_lsoa_vintage_that_its_rows_show(vintages: list[str], whole: str) -> None:
    rows = street(*(("kent", None, {"lsoa_vintage": vintage}) for vintage in vintages))
    assert accounts(rows, files(kent=len(vintages)), refused())["lsoa_vintage"].to_list() == [whole]


def test_shares_of_lsoa_codes_are_of_the_counted_rows() -> None:
    blank = {"lsoa_code": None, "lsoa21_code": None, "lsoa_vintage": "none"}
    split = {"lsoa21_code": None, "lsoa_vintage": "2011"}
    rows = street(
        ("kent", None), ("kent", None, blank), ("kent", None, blank), ("kent", None, split)
    )
    (row,) = accounts(rows, files(kent=4), refused()).rows(named=True)
    assert (row["blank_lsoa_share"], row["unresolved_lsoa_share"]) == (0.5, 0.25)
    assert row["midnight_share"] is None


def test_only_codes_of_2011_can_be_unresolved() -> None:
    """Without a look-up codes of both lists have no answer, and malformed ones never have."""
    answerless = ({"lsoa_vintage": v, "lsoa21_code": None} for v in ("both", "none", "2011"))
    merged = {"lsoa_vintage": "2011", "lsoa21_code": "E01033900"}
    rows = street(*(("kent", None, row) for row in (*answerless, merged)))
    (row,) = accounts(rows, files(kent=4), refused()).rows(named=True)
    assert row["unresolved_lsoa_share"] == 0.25


def test_shares_of_stops_are_of_the_counted_rows() -> None:
    rows = stops(
        {"at_midnight": True},
        {"local_month": "2025-05", "legislation": "Not recorded"},
        {"outcome": "Not recorded", "legislation": "Not recorded"},
        {"ethnicity_code": None},
    )
    (row,) = accounts(rows, files(kent=4), refused(), "stops").rows(named=True)
    assert (row["midnight_share"], row["other_month_share"]) == (0.25, 0.25)
    assert (row["blank_legislation_share"], row["blank_outcome_share"]) == (0.5, 0.25)
    assert (row["blank_ethnicity_share"], row["blank_lsoa_share"]) == (0.25, None)
    assert row["lsoa_vintage"] == "none"


@pytest.mark.parametrize(
    ("column", "right", "wrong", "rule"),
    [
        ("state", "read", "malformed", "f3_readable"),
        ("state", "read", "empty", "f5_not_empty"),
        ("quarantined", 0, 1, "quarantine_free"),
        ("blank_lsoa_share", 0.05, 0.051, "s14_blank_lsoa"),
        ("midnight_share", 0.05, 0.051, "t3_midnight"),
        ("other_month_share", 0.01, 0.011, "t2_share"),
        ("blank_legislation_share", 0.2, 0.21, "t5_legislation"),
        ("blank_outcome_share", 0.2, 0.21, "t10_outcome"),
    ],
)
def test_what_looks_wrong_with_a_file_is_a_warning(
    contracts: Mapping[str, Contract], column: str, right: object, wrong: object, rule: str
) -> None:
    table = accounts(street(("kent", IN_A)), files(kent=1), refused())
    severities = {}
    for value in (right, wrong):
        kind = table.schema[column]
        changed = table.with_columns(pl.lit(value, kind).alias(column))
        found = broken_counts(changed, contracts["ledger"], {"month": "2025-06"})
        hit = found.filter((pl.col("broken") > 0) & (pl.col("severity") == "warning"))
        severities[value] = hit["rule"].to_list()
    assert severities == {right: [], wrong: [rule]}


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["kent", "btp", "essex"]),
        st.sampled_from([IN_A, IN_B, NOWHERE, None]),
        st.sampled_from([{}, {"crime_type": ASB}]),
    ),
    max_size=30,
)


@settings(max_examples=40, deadline=None)
@given(rows=ROWS)
def test_counted_rows_and_counts_add_up_by_force_and_place(rows: list[tuple[Any, ...]]) -> None:
    frame = street(*rows)
    number = {force: sum(r[0] == force for r in rows) for force in ("kent", "btp", "essex")}
    table = accounts(frame, files(**number), refused())
    assert table["accounted"].equals(table["rows"], check_names=False)
    assert table["placed"].equals(table["counted"], check_names=False)
    counted = count(place_rows(frame, POINTS, ["kent"]), "street", "2025-06")
    sums = dict(counted.group_by("force_id").agg(pl.col("count").sum()).rows())
    assert sums == {force: n for force, n in number.items() if n}
    located = counted.filter(pl.col("place") == "neighbourhood")["count"].sum()
    assert located == table["located"].sum()
