"""People of each neighbourhood, from small areas by centroid in polygon."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import shapely
from pydantic import ValidationError

from openbeat.errors import InputError
from openbeat.geography.population import (
    PopulationSource,
    neighbourhood_population,
    read_population,
    validity_population,
)
from openbeat.geography.register import build_register, neighbourhood_validity
from openbeat.geography.shapes import BoundaryFile

Shapes = Callable[..., pl.DataFrame]
box = shapely.box

AREAS = "code,age,population,x,y\nE1,young,10,0.5,50.5\nE1,old,20.0,0.5,50.5\nE2,all,5,1.5,50.5\n"


def areas(path: Path, text: str = AREAS) -> Path:
    path.write_text(text)
    return path


def test_several_rows_of_a_code_are_added_up(tmp_path: Path) -> None:
    source = PopulationSource(areas=areas(tmp_path / "a.csv"), year=2021)
    assert read_population(source).frame.rows() == [("E1", 30.0, 0.5, 50.5), ("E2", 5.0, 1.5, 50.5)]


def test_an_area_without_people_is_a_number_like_any_other(tmp_path: Path) -> None:
    path = areas(tmp_path / "a.csv", AREAS.replace(",5,", ",0,"))
    found = read_population(PopulationSource(areas=path, year=2021))
    assert found.frame["population"].to_list() == [30.0, 0.0]


def test_centroids_of_their_own_in_another_system(tmp_path: Path) -> None:
    centroids = tmp_path / "c.csv.gz"
    text = "\ufeffFID,LSOA21CD,x,y\n1,E1,532181.7642,181792.2818\n2,E3,0,0\n"
    centroids.write_bytes(gzip.compress(text.encode()))
    found = read_population(
        PopulationSource(
            areas=areas(tmp_path / "a.csv"),
            year=2021,
            crs="EPSG:27700",
            centroids=centroids,
            centroid_code_column="LSOA21CD",
        )
    )
    # ONS: the population-weighted centre of City of London 001A, 51.5196 N 0.0963 W
    assert found.frame.select("code", "population").rows() == [("E1", 30.0)]
    assert found.frame["longitude"][0] == pytest.approx(-0.0963, abs=1e-4)
    assert found.frame["latitude"][0] == pytest.approx(51.5196, abs=1e-4)
    assert found.without_centroid == ("E2",)
    assert found.without_population == ("E3",)
    assert found.year == 2021


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("20.0", "many", "a.csv, line 3, column population, value 'many'"),
        ("20.0", "-1", "line 3"),
        ("20.0", "nan", "line 3"),
        ("20.0", "", "line 3"),
        ("20.0", '"1,200"', "thousands"),
        ("E2,", ",", "line 4, column code: has no code"),
        ("1.5,", "east,", "line 4, column x, value 'east'"),
        ("old,20.0,0.5", "old,20.0,0.6", "line 3, column code, value 'E1': this area has another"),
        ("1.5,", "530000,", "line 4.*coordinate system"),
        ("population", "people", "lacks the column population; it has code, age, people"),
    ],
)
def test_a_wrong_file_names_its_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = areas(tmp_path / "a.csv", AREAS.replace(old, new, 1))
    with pytest.raises(InputError, match=message):
        read_population(PopulationSource(areas=path, year=2021))


def test_a_wrong_setting_is_refused(tmp_path: Path) -> None:
    path = areas(tmp_path / "a.csv")
    with pytest.raises(InputError, match="not a coordinate system"):
        read_population(PopulationSource(areas=path, year=2021, crs="metres"))
    with pytest.raises(InputError, match="can't be read"):
        read_population(PopulationSource(areas=tmp_path / "none.csv", year=2021))
    with pytest.raises(ValidationError):
        PopulationSource(areas=path, year=2021, code_colum="x")


def people(*rows: tuple[float, float, float]) -> pl.DataFrame:
    return pl.DataFrame(
        rows,
        schema={"population": pl.Float64, "longitude": pl.Float64, "latitude": pl.Float64},
        orient="row",
    )


def test_a_centroid_counts_once_for_the_smallest_and_none_is_null(shapes: Shapes) -> None:
    frame = shapes(
        ("kent", "all", box(0, 50, 2, 51)),
        ("kent", "w", box(0, 50, 1, 51)),
        ("essex", "far", box(8, 50, 9, 51)),
    )
    small = people((100, 0.5, 50.5), (50, 0.6, 50.5), (6.6, 1.5, 50.5), (1000, 5, 50))
    found = neighbourhood_population(frame, small)
    assert found.rows() == [("essex", "far", None), ("kent", "all", 7), ("kent", "w", 150)]
    assert found.schema["population"] == pl.Int64


def test_each_validity_is_reckoned_among_its_own_time(
    source: Callable[..., BoundaryFile],
) -> None:
    whole, west = ("kent", "all", box(0, 50, 2, 51)), ("kent", "w", box(0, 50, 1, 51))
    sources = [
        source("2025-01", ("kent", "old", box(0, 50, 2, 51))),
        source("2025-02", whole, west),
    ]
    validity = neighbourhood_validity(build_register(sources), ["2025-01", "2025-02", "2025-03"])
    found = validity_population(validity, people((100, 0.5, 50.5), (7, 1.5, 50.5)))
    assert found.rows() == [
        ("kent", "all", "2025-02", 7),
        ("kent", "old", "2025-01", 107),
        ("kent", "w", "2025-02", 100),
    ]
