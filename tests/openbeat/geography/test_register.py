"""Which boundaries serve a month, and how neighbourhoods follow one another."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest
import shapely

from openbeat.geography.register import (
    build_register,
    choose,
    neighbourhood_validity,
    shapes_for_month,
    signature,
)
from openbeat.geography.shapes import BoundaryFile, issue, issues_frame

Source = Callable[..., BoundaryFile]
box = shapely.box
MONTHS = ["2025-01", "2025-02", "2025-03", "2025-04"]
A, B = box(0, 50, 1, 51), box(1, 50, 2, 51)


@pytest.mark.parametrize(
    ("month", "release", "basis"),
    [
        ("2024-07", "2024-07", "same_month"),
        ("2024-12", "2024-07", "earlier"),
        ("2025-09", "2025-01", "earlier"),
        ("2024-06", "2024-07", "later"),
    ],
)
def test_the_release_of_a_month(month: str, release: str, basis: str) -> None:
    chosen = choose({"kent": ["2025-01", None, "2024-07"]}, month)
    assert chosen.rows() == [("kent", release, basis)]


def test_the_choice_is_made_force_by_force() -> None:
    chosen = choose(
        {"kent": ["2025-03"], "essex": ["2025-01"], "avon": [None], "none": []}, "2025-02"
    )
    assert chosen.rows() == [
        ("avon", "undated", "undated"),
        ("essex", "2025-01", "earlier"),
        ("kent", "2025-03", "later"),
    ]
    assert choose({}, "2025-02").schema == chosen.schema


def test_the_shapes_of_a_month_come_from_each_forces_own_release(source: Source) -> None:
    register = build_register(
        [
            source("2025-01", ("kent", "k", A), ("essex", "e", B)),
            source("2025-03", ("kent", "k2", A)),
            source(None, ("kent", "u", A), ("avon", "a", B)),
        ]
    )
    found = shapes_for_month(register, "2025-03")
    assert found.select("force_id", "neighbourhood_id", "boundary_release").rows() == [
        ("avon", "a", "undated"),
        ("essex", "e", "2025-01"),
        ("kent", "k2", "2025-03"),
    ]
    assert found["boundary_basis"].to_list() == ["undated", "earlier", "same_month"]


def test_sources_of_one_release_are_merged_first_kept(source: Source) -> None:
    first = source("2025-01", ("kent", "k", A), file="first.geojson")
    again = source("2025-01", ("kent", "k", B), ("essex", "e", B), file="again.geojson")
    stale = [issue("kent", "k", "repaired"), issue("essex", "e", "overlap", other=("kent", "k"))]
    again = BoundaryFile(again.file, again.release, "", again.frame, issues_frame(stale))
    register = build_register([first, again])
    found = shapes_for_month(register, "2025-01")
    assert found["neighbourhood_id"].to_list() == ["e", "k"]
    assert shapely.from_wkb(found["geometry"][1]).equals(A)
    assert register.issues.select("boundary_release", "force_id", "kind").rows() == [
        ("2025-01", "kent", "duplicate_id")
    ]
    assert "again.geojson" in register.issues["detail"][0]


def test_overlaps_between_sources_of_one_release_are_found(source: Source) -> None:
    register = build_register(
        [
            source(None, ("kent", "k", A)),
            source(None, ("essex", "e", box(0.5, 50, 1.5, 51))),
            source("2025-01", ("avon", "a", A)),
        ]
    )
    assert register.issues.select("boundary_release", "force_id", "kind", "share").rows() == [
        ("undated", "essex", "overlap", 0.5)
    ]
    overlaps = dict(register.members.select("force_id", "overlaps").iter_rows())
    assert overlaps == {"avon": 0, "essex": 1, "kent": 1}


def test_shapes_that_stay_the_same_are_held_once(source: Source) -> None:
    releases = [f"2025-{n:02}" for n in range(1, 10)]
    register = build_register(source(r, ("kent", "a", A), ("kent", "b", B)) for r in releases)
    assert register.shapes.height == 2
    assert register.members.height == 18
    assert signature(register, "2025-01") == signature(register, "2025-09")


def test_a_signature_changes_with_the_shapes(source: Source) -> None:
    register = build_register(
        [source("2025-01", ("kent", "a", A)), source("2025-03", ("kent", "a", B))]
    )
    one, two, three = (signature(register, month) for month in MONTHS[:3])
    assert one == two != three


def validity(months: list[str], *sources: BoundaryFile) -> dict[str, tuple[object, ...]]:
    found = neighbourhood_validity(build_register(sources), months)
    columns = ["valid_from", "valid_to", "predecessor_ids", "successor_ids"]
    return {
        f"{row[0]}@{row[1]}": row[1:] for row in found.select("neighbourhood_id", *columns).rows()
    }


def test_one_release_serves_the_whole_window(source: Source) -> None:
    assert validity(MONTHS, source("2025-03", ("kent", "a", A))) == {
        "a@2025-01": ("2025-01", None, None, None)
    }


def test_a_renamed_id_points_both_ways(source: Source) -> None:
    old = source("2025-01", ("kent", "a", A), ("kent", "b", B))
    new = source("2025-03", ("kent", "a2", A), ("kent", "b", B))
    assert validity(MONTHS, old, new) == {
        "a@2025-01": ("2025-01", "2025-02", None, "a2"),
        "a2@2025-03": ("2025-03", None, "a", None),
        "b@2025-01": ("2025-01", None, None, None),
    }


def test_a_split_and_a_merge(source: Source) -> None:
    whole = source("2025-01", ("kent", "all", box(0, 50, 2, 51)))
    parts = source("2025-02", ("kent", "w", A), ("kent", "e", B))
    again = source("2025-04", ("kent", "new", box(0, 50, 2, 51)))
    assert validity(MONTHS, whole, parts, again) == {
        "all@2025-01": ("2025-01", "2025-01", None, "e;w"),
        "e@2025-02": ("2025-02", "2025-03", "all", "new"),
        "w@2025-02": ("2025-02", "2025-03", "all", "new"),
        "new@2025-04": ("2025-04", None, "e;w", None),
    }


def test_less_than_half_of_the_older_one_is_no_succession(source: Source) -> None:
    old = source("2025-01", ("kent", "all", box(0, 50, 3, 51)))
    thirds = [("kent", f"t{n}", box(n, 50, n + 1, 51)) for n in range(3)]
    found = validity(MONTHS, old, source("2025-02", *thirds))
    assert found["all@2025-01"] == ("2025-01", "2025-01", None, None)
    assert found["t1@2025-02"] == ("2025-02", None, None, None)


def test_a_reshaped_id_is_a_row_of_its_own(source: Source) -> None:
    grown = box(0, 50, 1.2, 51)
    found = validity(
        MONTHS, source("2025-01", ("kent", "a", A)), source("2025-02", ("kent", "a", grown))
    )
    assert found == {
        "a@2025-01": ("2025-01", "2025-01", None, "a"),
        "a@2025-02": ("2025-02", None, "a", None),
    }


def test_a_new_name_alone_makes_a_row_but_no_succession(source: Source) -> None:
    found = validity(
        MONTHS,
        source("2025-01", ("kent", "a", A, "Old")),
        source("2025-02", ("kent", "a", A, "New")),
    )
    assert found == {
        "a@2025-01": ("2025-01", "2025-01", None, None),
        "a@2025-02": ("2025-02", None, None, None),
    }


def test_an_area_dissolved_into_one_that_stays_names_it(source: Source) -> None:
    parent = ("kent", "all", box(0, 50, 2, 51))
    old, new = source("2025-01", parent, ("kent", "w", A)), source("2025-02", parent)
    found = validity(MONTHS, old, new)
    assert found["w@2025-01"] == ("2025-01", "2025-01", None, "all")
    assert found["all@2025-01"] == ("2025-01", None, None, None)


def test_other_forces_are_neither_predecessor_nor_successor(source: Source) -> None:
    found = validity(
        MONTHS,
        source("2025-01", ("kent", "a", A), ("essex", "x", A)),
        source("2025-02", ("kent", "a2", A), ("essex", "x", A)),
    )
    assert found["a2@2025-02"][2] == "a"
    assert found["x@2025-01"] == ("2025-01", None, None, None)


def test_one_that_comes_back_has_two_rows(source: Source) -> None:
    both, one = (("kent", "a", A), ("kent", "b", B)), (("kent", "b", B),)
    found = validity(
        MONTHS, source("2025-01", *both), source("2025-02", *one), source("2025-04", *both)
    )
    assert found["a@2025-01"][:2] == ("2025-01", "2025-01")
    assert found["a@2025-04"][:2] == ("2025-04", None)


def test_the_columns_and_the_window(source: Source) -> None:
    register = build_register(
        [source(None, ("kent", "a", A)), source(None, ("essex", "b", box(0.5, 50, 1.5, 51)))]
    )
    found = neighbourhood_validity(register, ["2025-02", "2025-01"])
    assert found.columns == [
        *("force_id", "neighbourhood_id", "name", "valid_from", "valid_to", "predecessor_ids"),
        *("successor_ids", "area_km2", "repaired", "overlaps", "geometry"),
    ]
    assert found["valid_from"].to_list() == ["2025-01", "2025-01"]
    assert found["overlaps"].to_list() == [1, 1]
    assert neighbourhood_validity(build_register([]), MONTHS).schema == found.schema
    assert isinstance(found, pl.DataFrame)
