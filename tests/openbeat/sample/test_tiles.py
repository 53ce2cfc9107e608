"""The made-up neighbourhoods tile their country, and the KML files say so too."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from openbeat.sample import country, tiles
from openbeat.sample.country import SCALES


def polygons(ground: tiles.Tiles) -> Sequence[shapely.Polygon]:
    return [shapely.Polygon(ground.ring(cell)) for cell in range(len(ground.sites))]


def ground_of(scale: str, seed: int) -> tiles.Tiles:
    size = SCALES[scale]
    rng = np.random.default_rng(seed)
    return tiles.build(size.forces, size.neighbourhoods, size.vertices, size.box, rng)


def assert_tiles(shapes: Sequence[shapely.Polygon]) -> None:
    """Neighbours share their borders vertex by vertex, nothing overlaps, nothing is left out."""
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    whole = shapely.coverage_union_all(shapes)
    assert whole.geom_type == "Polygon"
    assert not whole.interiors
    assert whole.area == pytest.approx(shapely.area(shapes).sum(), rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_the_small_country_is_tiled_whatever_the_seed(seed: int) -> None:
    ground = ground_of("small", seed)
    assert_tiles(polygons(ground))
    assert np.bincount(ground.force).tolist() == [12, 10]


def test_a_large_force_is_tiled() -> None:
    assert_tiles(polygons(ground_of("force", 7)))


def test_the_national_country_has_realistic_neighbourhoods() -> None:
    ground = ground_of("national", 20250601)
    sizes = np.bincount(ground.force)
    assert len(ground.sites) == sizes.sum() == 4900
    assert len(sizes) == 43
    assert sizes.min() > 0
    points = np.diff(ground.line_start)[ground.side_line] - 1
    assert 650 < points.sum() / 4900 < 750
    west, south = ground.lines.min(axis=0)
    east, north = ground.lines.max(axis=0)
    assert -9 < west < east < 3
    assert 49 < south < north < 61
    some = [shapely.Polygon(ground.ring(cell)) for cell in np.flatnonzero(ground.force < 2)]
    assert shapely.is_valid(some).all()  # all of it takes 20 s; coarser scales are checked whole
    assert shapely.coverage_is_valid(some)


def test_points_lie_in_their_neighbourhood_but_for_a_few_at_its_border() -> None:
    made = country.build("small", 3, 1)
    shapes = np.array(polygons(made.tiles))
    inside = made.places
    mapped = inside.points.head(int(inside.first_point[-1]))
    cell = inside.fragments["cell"].gather(mapped["fragment"]).to_numpy()
    x, y = (mapped[name].cast(float).to_numpy() for name in ("Longitude", "Latitude"))
    assert np.mean(shapely.intersects_xy(shapes[cell], x, y)) > 0.9


def test_some_map_points_lie_on_the_corner_of_several_neighbourhoods() -> None:
    made = country.build("force", 3, 1)
    shapes = np.array(polygons(made.tiles))
    points = made.places.points
    spots = shapely.points(points["Longitude"].cast(float), points["Latitude"].cast(float))
    hits = shapely.STRtree(shapes).query(spots, predicate="intersects")[0]
    assert (np.bincount(hits) == 3).sum() > 50


Read = Callable[[str], dict[str, shapely.Geometry]]


@pytest.fixture(scope="module")
def released(sample: Path) -> Read:
    """Reads a boundary archive: path -> shape, as drawn, with a few lines of its own."""

    def ring(text: str) -> list[tuple[float, ...]]:
        return [tuple(map(float, point.split(",")[:2])) for point in text.split()]

    def read(release: str) -> dict[str, shapely.Geometry]:
        shapes = {}
        with zipfile.ZipFile(sample / f"boundaries/{release}.zip") as opened:
            for name in opened.namelist():
                text = opened.read(name).decode()
                parts = [
                    [ring(c) for c in re.findall("<coordinates>(.*?)</coordinates>", part)]
                    for part in re.findall("<Polygon>(.*?)</Polygon>", text)
                ]
                drawn = [shapely.Polygon(part[0], part[1:]) for part in parts]
                shapes[name] = drawn[0] if len(drawn) == 1 else shapely.MultiPolygon(drawn)
        return shapes

    return read


def test_the_kml_files_still_tile_after_rounding(released: Read) -> None:
    shapes = released("2024-07")
    odd = ("nm-town", "NM90", "YF 2")
    plain = [
        part
        for name, shape in shapes.items()
        if not name.removesuffix(".kml").endswith(odd)
        for part in shapely.get_parts(shape)
    ]
    assert shapely.coverage_is_valid(plain)


def test_the_odd_shapes_are_what_the_list_says(
    released: Read, faults: list[dict[str, Any]]
) -> None:
    first, second = released("2024-07"), released("2025-01")
    at = {
        fault["id"]: fault["file"].partition(".zip/")[2]
        for fault in faults
        if fault["file"].startswith("boundaries/")
    }
    hole = first[at["hole"]]
    child = first[at["hole"].replace(".kml", "-C.kml")]
    assert shapely.equals(shapely.Polygon(hole.interiors[0]), child)
    parent = first[at["parent"]]
    assert sum(parent.contains(shape) for shape in first.values() if shape is not parent) == 2
    assert any(
        shapely.equals(first[at["duplicate-shape"]], shape)
        for name, shape in first.items()
        if name != at["duplicate-shape"]
    )
    assert first[at["multi-geometry"]].geom_type == "MultiPolygon"
    assert not first[at["self-intersection"]].is_valid
    assert sum(not shape.is_valid for shape in first.values()) == 1
    renamed = at["renamed-id"].replace(".kml", "N.kml")
    assert at["renamed-id"] not in second
    assert shapely.equals(first[at["renamed-id"]], second[renamed])
    halves = [second[at["split"].replace(".kml", f"{half}.kml")] for half in "AB"]
    assert all(half.is_valid for half in halves)
    assert shapely.equals(shapely.union_all(halves), first[at["split"]])
    assert at["id-case"].lower() == at["id-case"].replace("NH", "nh")
    assert at["id-case"].replace("nh", "NH") in first
    assert at["id-in-two-forces"].replace("ynysfawr", "northmere") in first


def test_an_entity_stands_in_a_name(sample: Path, faults: list[dict[str, Any]]) -> None:
    fault = next(fault for fault in faults if fault["id"] == "html-entity-name")
    archive, _, member = fault["file"].partition(".zip/")
    with zipfile.ZipFile(sample / f"{archive}.zip") as opened:
        assert "Leawick &amp;amp; Marshby" in opened.read(member).decode()
