"""Similar places are alike in population and density, have rates, and are never ranked."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl

from openbeat.statistics.similar import FACTOR, LEAST, NEAREST, similar

MONTH = "2025-06"


def tables(places: list[dict[str, Any]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both published tables of places: id, population, area, rate, and what differs."""
    full = [
        {
            "force_id": "f",
            "valid_to": None,
            "month": MONTH,
            "rate_12m_per_1000_status": None,
            "name": f"Place {p['neighbourhood_id']}",
            **p,
        }
        for p in places
    ]
    frame = pl.DataFrame(
        full,
        schema_overrides={
            "valid_to": pl.String,
            "rate_12m_per_1000_status": pl.String,
            "rate_12m_per_1000": pl.Float64,
            "population": pl.Int64,
            "area_km2": pl.Float64,
        },
    )
    areas = frame.select("force_id", "neighbourhood_id", "name", "valid_to", "area_km2")
    rates = frame.rename({"force_id": "area_force_id"}).drop("name", "valid_to", "area_km2")
    return areas, rates


def place(place_id: str, population: int, area: float = 10.0, rate: float | None = 50.0,
          **values: Any) -> dict[str, Any]:  # fmt: skip
    return {
        "neighbourhood_id": place_id,
        "population": population,
        "area_km2": area,
        "rate_12m_per_1000": rate,
        **values,
    }


TOWN = [place(f"T{n}", 8000 + 10 * n, rate=40.0 + n) for n in range(8)]
COUNTRY = [place(f"C{n}", 1500 + 10 * n, 200.0, rate=10.0 + n) for n in range(7)]


def found(places: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    rows = similar(*tables(places), MONTH).to_dicts()
    return {row["neighbourhood_id"]: row for row in rows}


def test_towns_stand_beside_towns_and_countryside_beside_countryside() -> None:
    rows = found([*TOWN, *COUNTRY])
    town = rows["T0"]
    assert [row["neighbourhood_id"] for row in town["like"]] == [f"T{n}" for n in range(1, 8)]
    assert (town["places"], town["lowest"], town["median"], town["highest"]) == (7, 41, 44, 47)
    assert {row["neighbourhood_id"][0] for row in rows["C3"]["like"]} == {"C"}


def test_they_are_named_in_the_order_of_the_alphabet_not_of_their_rates() -> None:
    named = [
        place(f"T{n}", 8000, rate=10.0 * n, name=name)
        for n, name in enumerate(["zebra", "Apple", "mill", "Bridge", "apple", "Quay"])
    ]
    like = found([*named, place("X", 8000)])["X"]["like"]
    assert [row["name"] for row in like] == ["Apple", "apple", "Bridge", "mill", "Quay", "zebra"]
    assert like[0]["rate"] == 10.0


def test_too_few_similar_places_are_not_shown() -> None:
    rows = found([*TOWN[:LEAST], *COUNTRY[: LEAST + 1]])
    assert rows["T0"]["places"] is None
    assert rows["T0"]["like"] is None
    assert rows["C0"]["places"] == LEAST
    assert found(TOWN[:1])["T0"]["places"] is None


def test_places_without_a_fair_rate_take_no_part() -> None:
    others = [
        place("small", 499),
        place("no rate", 8000, rate=None, rate_12m_per_1000_status="x"),
        place("redrawn", 8000, rate_12m_per_1000_status="u"),
        place("gone", 8000, valid_to="2025-01"),
        place("no area", 8000, area=0.0),
        place("before", 8000, month="2025-05"),
    ]
    rows = found([*TOWN, *others])
    assert set(rows) == {row["neighbourhood_id"] for row in TOWN}
    shown = {like["neighbourhood_id"] for row in rows.values() for like in row["like"]}
    assert shown <= set(rows)


def test_the_same_id_in_two_forces_is_two_places() -> None:
    twins = [{**p, "force_id": "g"} for p in TOWN]
    rows = similar(*tables([*TOWN, *twins]), MONTH)
    assert rows.height == 2 * len(TOWN)
    first = rows.row(0, named=True)
    assert {"force_id": "f", "neighbourhood_id": "T0"}.items() <= first.items()
    assert ("g", "T0") in {(row["force_id"], row["neighbourhood_id"]) for row in first["like"]}


def test_no_populations_at_all_give_no_rows() -> None:
    nothing = [place("a", 1, rate=None) | {"population": None}]
    assert similar(*tables(nothing), MONTH).is_empty()


def test_no_other_place_is_nearer_and_none_is_beyond_twice() -> None:
    draw = np.random.default_rng(3)
    people, areas = draw.lognormal(9, 0.6, 150).astype(int) + 500, draw.lognormal(2, 1.2, 150)
    given = [
        place(f"N{n:03}", int(p), float(a))
        for n, (p, a) in enumerate(zip(people, areas, strict=True))
    ]
    points = np.log(np.column_stack([people, people / areas]))
    scaled = points / points.std(axis=0)
    for row in similar(*tables(given), MONTH).iter_rows(named=True):
        at = int(row["neighbourhood_id"][1:])
        distance = np.linalg.norm(scaled - scaled[at], axis=1)
        nearest = [n for n in np.argsort(distance, kind="stable") if n != at][:NEAREST]
        alike = [n for n in nearest if np.abs(points[n] - points[at]).max() <= math.log(FACTOR)]
        if len(alike) < LEAST:
            assert row["places"] is None
        else:
            assert {int(o["neighbourhood_id"][1:]) for o in row["like"]} == set(alike)


def test_the_order_of_rows_does_not_matter() -> None:
    areas, rates = tables([*TOWN, *COUNTRY])
    assert similar(areas, rates, MONTH).equals(similar(areas.reverse(), rates.reverse(), MONTH))


def test_a_place_is_never_like_itself_however_many_are_exactly_alike() -> None:
    rows = found([place(f"T{n:02}", 8000) for n in range(30)])
    for name, row in rows.items():
        assert row["places"] == NEAREST
        assert name not in {like["neighbourhood_id"] for like in row["like"]}
