"""Maps: each area where it is, neighbours without a gap, names that cannot break a page."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import numpy as np
import polars as pl
import pytest
import shapely

from openbeat.website.maps import Maps
from openbeat.website.shapes import Shapes


def wavy(x: float, y: float) -> tuple[float, float]:
    """A point of a grid shaken, the same for all areas that share it."""
    x, y = round(x, 6), round(y, 6)
    return (
        -2 + x / 50 + 0.0006 * np.sin(9 * y + 4 * x),
        53 + y / 80 + 0.0006 * np.cos(8 * x + 7 * y),
    )


def area(x: int, y: int) -> shapely.Polygon:
    side = np.linspace(0, 1, 40)[:-1]
    ring = [
        *((x + t, y) for t in side),
        *((x + 1, y + t) for t in side),
        *((x + 1 - t, y + 1) for t in side),
        *((x, y + 1 - t) for t in side),
    ]
    return shapely.Polygon([wavy(*p) for p in ring])


def frame(names: dict[tuple[int, int], str] | None = None) -> pl.DataFrame:
    places = [(x, y) for x in range(6) for y in range(6)]
    return pl.DataFrame(
        {
            "force_id": ["west" if x < 3 else "east" for x, _y in places],
            "neighbourhood_id": [f"{x}{y}" for x, y in places],
            "name": [(names or {}).get(p, f"Ward {p[0]}{p[1]}") for p in places],
            "valid_to": pl.Series([None] * len(places), dtype=pl.String),
            "geometry": [shapely.to_wkb(area(*p)) for p in places],
        }
    )


@pytest.fixture(scope="module")
def maps() -> Maps:
    return Maps(frame())


def paths(svg: object, kind: str) -> list[str]:
    found = ET.fromstring(str(svg)).iter("path")
    return [e.get("d", "") for e in found if e.get("class") == kind]


def points(path: str) -> list[np.ndarray]:
    """The rings of a path of the maps: absolute points."""
    rings = []
    for ring in path.split("M")[1:]:
        start, steps = ring.rstrip("z").split("l")
        numbers = [int(n) for n in re.findall(r"-?\d+", steps)]
        first = np.array([int(n) for n in re.findall(r"-?\d+", start)])
        rings.append(first + np.vstack([[0, 0], np.cumsum(np.reshape(numbers, (-1, 2)), axis=0)]))
    return rings


def test_neighbours_keep_their_common_line_at_every_level() -> None:
    for level in Shapes(frame()).levels:
        assert shapely.coverage_is_valid(level)
        assert shapely.is_valid(level).all()


def test_levels_grow_coarser_and_areas_stay_true() -> None:
    shapes = Shapes(frame())
    sizes = [int(v.sum()) for v in shapes.vertices]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < sizes[0]
    geod = pytest.importorskip("pyproj").Geod(ellps="sphere")
    true = [abs(geod.geometry_area_perimeter(shapely.from_wkb(g))[0]) for g in frame()["geometry"]]
    drawn = dict(zip(shapes.keys, shapely.area(shapes.levels[0]), strict=True))
    for key, size in zip(frame().select("force_id", "neighbourhood_id").rows(), true, strict=True):
        assert drawn[key] == pytest.approx(size, rel=0.03)


def test_a_locator_has_its_place_in_the_middle_among_those_around(maps: Maps) -> None:
    svg = maps.locator("west", "22", "Ward 22")
    here = points(paths(svg, "here")[0])
    assert len(here) == 1
    assert np.allclose((here[0].min(0) + here[0].max(0)) / 2, (320, 240), atol=8)
    assert (np.ptp(here[0], axis=0) <= (320, 240)).all()
    assert paths(svg, "near")
    assert paths(svg, "far"), "the other force's areas are there, apart"
    label = ET.fromstring(str(svg)).get("aria-label", "")
    assert label.startswith("Ward 22. Around it: ")
    assert "500 m" in "".join(ET.fromstring(str(svg)).itertext())
    assert len(svg.encode()) < 7000


def test_names_on_a_locator_do_not_overlap(maps: Maps) -> None:
    for force_id, place in maps._shapes.keys:
        texts = ET.fromstring(str(maps.locator(force_id, place, "x"))).iter("text")
        boxes = []
        for text in texts:
            if text.get("class") == "bar":
                continue
            half = len(text.text or "") * 6
            x, y = float(text.get("x", "0")), float(text.get("y", "0"))
            assert half <= x <= 640 - half
            boxes.append(shapely.box(x - half, y - 20, x + half, y))
        assert not any(a.intersects(b) for n, a in enumerate(boxes) for b in boxes[:n])


def test_a_forces_map_links_each_neighbourhood_by_name(maps: Maps) -> None:
    links = {f"{x}{y}": (f"{x}{y}.html", f"Ward {x}{y}") for x in range(3) for y in range(6)}
    del links["00"]
    root = ET.fromstring(str(maps.force("west", links, "Wards of West")))
    found = {a.get("href"): a.findtext("title") for a in root.iter("a")}
    assert found == dict(links.values())
    assert root.get("role") == "group"
    assert root.get("aria-label") == "Wards of West"
    assert len(list(root.iter("path"))) == 18 + 1, "one without a link is drawn too, and the scale"


def test_the_map_of_all_has_each_force_once(maps: Maps) -> None:
    links = {"west": ("w", "West"), "east": ("e", "East")}
    root = ET.fromstring(str(maps.all(links, "Forces")))
    assert sorted(a.get("href") or "" for a in root.iter("a")) == ["e", "w"]
    west, east = (
        np.vstack(points(a.find("path").get("d", "")))  # type: ignore[union-attr]
        for a in sorted(root.iter("a"), key=lambda a: a.get("href") == "e")
    )
    assert west[:, 0].mean() < east[:, 0].mean()


def test_north_is_up_and_both_axes_have_one_scale() -> None:
    square = shapely.box(-2, 53, -2 + 0.1 / np.cos(np.radians(53.05)), 53.1)
    one = frame().head(1).with_columns(geometry=pl.lit(shapely.to_wkb(square)))
    bounds = np.ptp(points(paths(Maps(one).locator("west", "00", "x"), "here")[0])[0], axis=0)
    assert bounds[0] == pytest.approx(bounds[1], rel=0.01)
    shapes = Shapes(frame())
    south, north = (shapes.boxes[shapes.place["west", key], 1] for key in ("00", "05"))
    assert north < south


def test_a_name_cannot_break_the_page() -> None:
    made = Maps(frame({(2, 2): '<script>"&', (2, 3): "a<b>&c"}))
    link = {"22": ('x"><script>', "<b>")}
    for svg in (made.locator("west", "22", '"><script>'), made.force("west", link, '"<')):
        assert "<script" not in svg
        ET.fromstring(str(svg))


def test_overlapping_and_broken_shapes_are_drawn_all_the_same() -> None:
    bow = shapely.Polygon([(-2, 53), (-1.9, 53.1), (-1.9, 53), (-2, 53.1)])
    over = shapely.box(-1.99, 53.0, -1.9, 53.05)
    table = (
        frame()
        .head(3)
        .with_columns(
            geometry=pl.Series([shapely.to_wkb(bow), shapely.to_wkb(over), None], dtype=pl.Binary)
        )
    )
    made = Maps(table)
    ET.fromstring(str(made.all({"west": ("w", "West")}, "x")))
    ET.fromstring(str(made.locator("west", "01", "x")))
    assert made.locator("west", "02", "x") == "", "no shape, no map"


def test_without_shapes_there_is_no_map_and_no_error() -> None:
    for made in (Maps(None), Maps(frame().clear())):
        assert made.all({}, "x") == ""
        assert made.force("west", {}, "x") == ""
        assert made.locator("west", "22", "x") == ""


def test_only_todays_shapes_are_drawn() -> None:
    past = frame().with_columns(
        valid_to=pl.when(pl.col("neighbourhood_id") == "22").then(pl.lit("2024-12"))
    )
    assert Maps(past).locator("west", "22", "x") == ""


def test_the_same_shapes_give_the_same_bytes(maps: Maps) -> None:
    again = Maps(frame().sample(fraction=1, shuffle=True, seed=1))
    assert again.locator("east", "44", "x") == maps.locator("east", "44", "x")
    assert again.all({"west": ("w", "W")}, "x") == maps.all({"west": ("w", "W")}, "x")
