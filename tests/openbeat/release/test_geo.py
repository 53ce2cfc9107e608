"""What a user of the shapes relies on: standard formats, whole shapes, the same bytes each time."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from openbeat.errors import InputError
from openbeat.release.content import ReleaseContent
from openbeat.release.geo import write_geo

FORMATS = ("parquet", "gpkg", "geojson")
MONTH = "2025-06"


def read(folder: Path, ending: str) -> gpd.GeoDataFrame:
    path = folder / f"geo/neighbourhoods.{ending}"
    return gpd.read_parquet(path) if ending == "parquet" else gpd.read_file(path)


@pytest.mark.parametrize("ending", FORMATS)
def test_each_format_holds_the_same_attributes_and_shapes(
    master: Path, content: ReleaseContent, ending: str
) -> None:
    given = content.boundaries
    assert given is not None
    given = given.sort("force_id", "neighbourhood_id")
    shapes = read(master, ending)
    assert shapes.crs.equals("EPSG:4326", ignore_axis_order=True)
    for name in ("force_id", "neighbourhood_id", "area_km2"):
        assert shapes[name].tolist() == given[name].to_list()
    assert shapes["name"].tolist() == ["'=Town", "Afon Gŵy"]  # no spreadsheet runs it
    assert shapes["population"].isna().tolist() == [False, True]
    expected = shapely.from_wkb(given["geometry"].to_list())
    exact = 1e-6 if ending == "geojson" else 0
    same = shapely.equals_exact(
        shapely.normalize(_multi(shapes.geometry.to_numpy())),
        shapely.normalize(_multi(expected)),
        tolerance=exact,
    )
    assert same.all()


def _multi(shapes: np.ndarray) -> np.ndarray:
    parts = [shapely.get_parts(shape) for shape in shapes]
    return np.array([shapely.MultiPolygon(list(part)) for part in parts])


def test_geoparquet_says_its_version_crs_and_box(master: Path) -> None:
    schema = pq.read_schema(master / "geo/neighbourhoods.parquet")
    geo = json.loads(schema.metadata[b"geo"])
    assert geo["version"] == "1.1.0"
    assert geo["columns"]["geometry"]["crs"]["id"] == {"authority": "EPSG", "code": 4326}
    assert "bbox" in geo["columns"]["geometry"]["covering"]


def test_geojson_is_rfc_7946(master: Path) -> None:
    collection = json.loads((master / "geo/neighbourhoods.geojson").read_bytes())
    assert "crs" not in collection
    ring = collection["features"][1]["geometry"]["coordinates"][0]
    assert shapely.LinearRing(ring).is_ccw
    assert min(x for x, _ in ring) == -1.234568  # six decimals of -1.2345678912


def test_bytes_do_not_depend_on_the_clock_or_the_place(
    content: ReleaseContent, master: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    write_geo(content.boundaries, content.contracts["neighbourhoods"], tmp_path, MONTH)
    for ending in (*FORMATS, "pmtiles"):
        name = f"geo/neighbourhoods.{ending}"
        assert (tmp_path / name).read_bytes() == (master / name).read_bytes()
    gpkg = (tmp_path / "geo/neighbourhoods.gpkg").read_bytes()
    assert b"2025-06-01T00:00:00.000Z" in gpkg


def test_large_geojson_is_simplified_and_says_so(content: ReleaseContent, tmp_path: Path) -> None:
    angles = np.linspace(0, 2 * np.pi, 4000, endpoint=False)
    circle = shapely.Polygon(np.column_stack([0.1 * np.cos(angles), 51 + 0.1 * np.sin(angles)]))
    halves = [circle & shapely.box(-1, 50, 0, 52), circle & shapely.box(0, 50, 1, 52)]
    assert content.boundaries is not None
    shapes = content.boundaries.with_columns(
        geometry=pl.Series([shapely.to_wkb(half) for half in halves])
    )
    contract = content.contracts["neighbourhoods"]
    files = write_geo(shapes, contract, tmp_path, MONTH, max_vertices=1000)
    notes = {file.path.rsplit(".", 1)[1]: file.note for file in files}
    assert notes["geojson"].startswith("Simplified")
    assert notes["gpkg"].startswith("Full detail")
    simple, full = (read(tmp_path, ending).geometry.to_numpy() for ending in ("geojson", "gpkg"))
    assert shapely.is_valid(simple).all()
    assert shapely.get_num_coordinates(simple).sum() < 1000
    assert shapely.get_num_coordinates(full).sum() > 4000
    assert np.allclose(shapely.area(simple), shapely.area(full), rtol=0.01)
    # The line that the two halves share is still shared.
    assert simple[0].intersection(simple[1]).area == pytest.approx(0, abs=1e-12)


def test_the_tiles_hold_every_neighbourhood_for_a_map(master: Path) -> None:
    path = master / "geo/neighbourhoods.pmtiles"
    said = pyogrio.read_info(path)["dataset_metadata"]
    assert (said["name"], said["minzoom"], said["maxzoom"]) == ("neighbourhoods", "4", "10")
    shapes = gpd.read_file(path)  # the deepest zoom: a shape may lie in many tiles
    assert set(shapes["neighbourhood_id"]) == {"A1", "W/1 <x>"}


def test_the_finest_simplification_that_is_small_enough_is_taken(
    content: ReleaseContent, tmp_path: Path
) -> None:
    x = np.linspace(0, 1, 10_001)
    coast = np.column_stack([x, 51 + 0.0015 * np.sin(x * 3000)])
    shape = shapely.Polygon([*coast, (1, 52), (0, 52)])
    assert content.boundaries is not None
    shapes = content.boundaries.with_columns(
        geometry=pl.Series([shapely.to_wkb(shape), shapely.to_wkb(shapely.box(2, 51, 3, 52))])
    )
    contract = content.contracts["neighbourhoods"]
    notes = []
    for most in (9_000, 2_000, 10):
        files = write_geo(shapes, contract, tmp_path / str(most), MONTH, max_vertices=most)
        notes.append(next(file.note for file in files if file.path.endswith("geojson")))
    told = [int(note.split("about ")[1].split(" m")[0]) for note in notes]
    assert told == sorted(told)
    assert (told[0], told[-1]) == (20, 200)


def test_shapes_that_overlap_are_simplified_and_stay_whole(
    content: ReleaseContent, tmp_path: Path
) -> None:
    """Forces draw overlaps: such a set is no coverage, and no shape may be lost or broken."""
    angles = np.linspace(0, 2 * np.pi, 3000, endpoint=False)
    ring = np.column_stack([0.1 * np.cos(angles), 51 + 0.1 * np.sin(angles)])
    one, other = shapely.Polygon(ring), shapely.Polygon(ring + np.array([0.05, 0.01]))
    assert content.boundaries is not None
    shapes = content.boundaries.with_columns(
        geometry=pl.Series([shapely.to_wkb(one), shapely.to_wkb(other)])
    )
    write_geo(shapes, content.contracts["neighbourhoods"], tmp_path, MONTH, max_vertices=100)
    simple = read(tmp_path, "geojson").geometry.to_numpy()
    assert shapely.is_valid(simple).all()
    assert np.allclose(shapely.area(simple), one.area, rtol=0.02)


def test_a_neighbourhood_without_a_shape_is_refused(
    content: ReleaseContent, tmp_path: Path
) -> None:
    assert content.boundaries is not None
    contract = content.contracts["neighbourhoods"]
    hollow = content.boundaries.with_columns(geometry=pl.lit(None, pl.Binary))
    with pytest.raises(InputError, match="needs its shape"):
        write_geo(hollow, contract, tmp_path, MONTH)
    with pytest.raises(InputError, match="column name: table neighbourhoods lacks a column"):
        write_geo(content.boundaries.drop("name"), contract, tmp_path, MONTH)
