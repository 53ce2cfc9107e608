"""One shape whatever the source: formats, repair, areas, fingerprints, the cache."""

from __future__ import annotations

import json
from collections.abc import Callable
from math import cos, radians, sin
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from openbeat.errors import InputError
from openbeat.geography import boundaries
from openbeat.geography.boundaries import cached_boundaries, read_boundaries
from openbeat.geography.repair import areas_km2, fingerprints
from openbeat.geography.shapes import ISSUES, SHAPES

Make = Callable[..., str]
Zip = Callable[..., Path]

BOX = [[[0.0, 50.0], [1.0, 50.0], [1.0, 51.0], [0.0, 51.0], [0.0, 50.0]]]


def geojson(path: Path, *features: tuple[dict[str, Any], Any], **extra: Any) -> Path:
    items = [
        {
            "type": "Feature",
            "properties": properties,
            "geometry": geometry
            if geometry is None or isinstance(geometry, dict)
            else {"type": "Polygon", "coordinates": geometry},
        }
        for properties, geometry in features
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": items, **extra}))
    return path


def geopackage(path: Path, geometry: Any, crs: str | None, **fields: str) -> Path:
    pyogrio.raw.write(
        path,
        np.array([shapely.to_wkb(geometry)], dtype=object),
        [np.array([value], dtype=object) for value in fields.values()],
        list(fields),
        geometry_type="Polygon",
        crs=crs,
        driver="GPKG",
    )
    return path


def test_the_same_shape_from_three_formats_is_the_same(
    tmp_path: Path, kml: Make, kml_zip: Zip, ring: Make
) -> None:
    corners = np.array(BOX[0])
    metres = Transformer.from_crs(4326, 27700, always_xy=True).transform(*corners.T)
    fields = {"force": "kent", "neighbourhood_id": "n1", "name": "Old Town"}
    files = [
        read_boundaries(kml_zip({"kent/n1.kml": kml("n1", [ring(0, 50, 1, 51)], "Old Town")})),
        read_boundaries(geojson(tmp_path / "a.geojson", (fields, BOX))),
        read_boundaries(
            geopackage(tmp_path / "a.gpkg", shapely.Polygon(BOX[0]), "EPSG:4326", **fields)
        ),
        read_boundaries(
            geopackage(
                tmp_path / "b.gpkg",
                shapely.Polygon(np.column_stack(metres)),
                "EPSG:27700",
                **fields,
            )
        ),
    ]
    first = files[0].frame
    assert first.row(0)[:3] == ("kent", "n1", "Old Town")
    for file in files:
        assert file.frame.schema == pl.Schema(SHAPES)
        assert file.issues.schema == pl.Schema(ISSUES)
        assert file.frame.drop("geometry", "area_km2").equals(first.drop("geometry", "area_km2"))
        assert file.frame["area_km2"][0] == pytest.approx(first["area_km2"][0], rel=1e-5)


def test_the_release_comes_from_the_name_or_is_given(
    tmp_path: Path, kml: Make, kml_zip: Zip, ring: Make
) -> None:
    members = {"kent/n1.kml": kml("n1", [ring(0, 50, 1, 51)])}
    plain = geojson(tmp_path / "2025-01.geojson", ({"force": "kent", "id": "n1"}, BOX))
    assert read_boundaries(kml_zip(members, "2024-07.zip")).release == "2024-07"
    assert read_boundaries(kml_zip(members, "latest.zip")).release is None
    assert read_boundaries(kml_zip(members, "2024-13.zip")).release is None
    assert read_boundaries(kml_zip(members), release="2023-01").release == "2023-01"
    assert read_boundaries(plain).release is None
    with pytest.raises(InputError, match="YYYY-MM"):
        read_boundaries(plain, release="March")
    with pytest.raises(InputError, match="no such"):
        read_boundaries(tmp_path / "nowhere.zip")


def test_a_force_can_be_given_and_ids_keep_their_spelling(tmp_path: Path) -> None:
    file = read_boundaries(
        geojson(
            tmp_path / "a.geojson",
            ({"code": 12, "neighbourhood_name": "Leake & Keyworth"}, BOX),
            ({"code": 13, "neighbourhood_name": None}, [[[3, 50], [4, 50], [4, 51], [3, 50]]]),
            ({"code": None, "neighbourhood_name": "No id"}, BOX),
        ),
        force_id="kent",
    )
    assert file.frame.select("force_id", "neighbourhood_id", "name").rows() == [
        ("kent", "12", "Leake & Keyworth"),
        ("kent", "13", "13"),
    ]
    assert file.issues["detail"].to_list() == ["feature 3: no force or no id"]


def test_features_of_one_id_are_parts_and_the_odd_ones_are_listed(tmp_path: Path) -> None:
    n1 = {"force": "kent", "id": "n1", "name": "One"}
    file = read_boundaries(
        geojson(
            tmp_path / "a.geojson",
            (n1, BOX),
            (n1, [[[2, 50], [3, 50], [3, 51], [2, 51]]]),
            ({**n1, "id": "open"}, [[[5, 50], [6, 50], [6, 51], [5, 51]]]),
            ({**n1, "id": "point"}, {"type": "Point", "coordinates": [0, 50]}),
            ({**n1, "id": "null"}, None),
        )
    )
    assert file.frame["neighbourhood_id"].to_list() == ["n1", "open"]
    assert shapely.from_wkb(file.frame["geometry"][0]).area == pytest.approx(2)
    assert file.issues.select("neighbourhood_id", "kind").rows() == [
        ("n1", "duplicate_id"),
        ("n1", "repaired"),
        ("null", "empty"),
        ("open", "duplicate_name"),
        ("open", "repaired"),
        ("point", "empty"),
    ]


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_vector_file_that_cannot_be_used_says_why(tmp_path: Path) -> None:
    named = {"force": "kent", "id": "n1"}
    metres = [[[530000, 180000], [530100, 180000], [530100, 180100], [530000, 180000]]]
    words = tmp_path / "words.geojson"
    words.write_text("<html>404</html>")
    broken = tmp_path / "broken.geojson"
    broken.write_text('{"type":"FeatureCollection","features":[')
    two = geopackage(tmp_path / "two.gpkg", shapely.box(0, 50, 1, 51), "EPSG:4326", **named)
    pyogrio.raw.write(
        two,
        np.array([shapely.to_wkb(shapely.box(0, 50, 1, 51))], dtype=object),
        [np.array(["x"], dtype=object)],
        ["id"],
        geometry_type="Polygon",
        crs="EPSG:4326",
        layer="other",
        append=True,
        driver="GPKG",
    )
    refused = {
        geojson(tmp_path / "a.geojson", ({"id": "n1"}, BOX)): "force or force_id; the file has id",
        geojson(tmp_path / "b.geojson", ({"force": "kent", "ref": 1}, BOX)): (
            "neighbourhood_id or id or code; the file has force, ref"
        ),
        geojson(tmp_path / "c.geojson", ({"force": "Kent Police", "id": "n"}, BOX)): "slug",
        geojson(tmp_path / "d.geojson", (named, metres)): "not longitude and latitude",
        geojson(tmp_path / "e.geojson", (named, None)): "no usable boundary",
        words: "neither a zip",
        broken: "not a readable",
        two: "2 layers",
        geopackage(tmp_path / "f.gpkg", shapely.box(0, 50, 1, 51), None, **named): "coordinate",
    }
    for path, message in refused.items():
        with pytest.raises(InputError, match=message) as raised:
            read_boundaries(path)
        assert str(tmp_path) not in str(raised.value)


def test_a_bow_tie_is_repaired_in_the_working_copy_only(
    kml: Make, ring: Make, kml_zip: Zip
) -> None:
    tie = "0,50 2,52 2,50 0,52 0,50"
    frame = read_boundaries(kml_zip({"kent/n1.kml": kml("n1", [tie])})).frame
    copy = shapely.from_wkb(frame["geometry"][0])
    original = shapely.Polygon([(0, 50), (2, 52), (2, 50), (0, 52)])
    assert copy.is_valid
    assert copy.area == pytest.approx(2)
    assert frame["repaired"][0]
    assert "Self-intersection" in frame["repair_reason"][0]
    assert frame["shape_sha256"].to_list() == fingerprints(np.array([original]))


def test_overlapping_parts_are_merged_not_cancelled(kml: Make, ring: Make, kml_zip: Zip) -> None:
    one = kml("n1", [ring(0, 50, 2, 51)])
    polygon = kml("n1", [ring(1, 50, 3, 51)]).split("</description>")[1].split("</Place")[0]
    both = one.replace("</Placemark>", polygon + "</Placemark>")
    frame = read_boundaries(kml_zip({"kent/n1.kml": both})).frame
    assert shapely.from_wkb(frame["geometry"][0]).area == pytest.approx(3)


def test_areas_are_geodesic_with_holes_taken_out() -> None:
    def small_box(latitude: float, size: float = 0.01) -> float:
        """Area of a cell of the WGS84 ellipsoid: M N cos(latitude) d(latitude) d(longitude)."""
        a, e2, s = 6378.137, 0.00669437999014, sin(radians(latitude))
        step = radians(size)
        return a * a * (1 - e2) * cos(radians(latitude)) / (1 - e2 * s * s) ** 2 * step * step

    def box(x: float, y: float, half: float) -> Any:
        return shapely.box(x - half, y - half, x + half, y + half)

    holed = box(1, 55, 0.005).difference(box(1, 55, 0.0025))
    double = shapely.union_all([box(1, 50, 0.005), box(2, 60, 0.005)])
    found = areas_km2(np.array([box(1, 50, 0.005), holed, double]))
    expected = [
        small_box(50),
        small_box(55) - small_box(55, 0.005),
        small_box(50) + small_box(60),
    ]
    assert found == pytest.approx(expected, rel=1e-6)
    assert len(areas_km2(np.array([], dtype=object))) == 0


@given(
    turn=st.integers(0, 5),
    back=st.booleans(),
    noise=st.floats(-4e-7, 4e-7, allow_nan=False),
)
def test_a_fingerprint_does_not_depend_on_vertex_order(turn: int, back: bool, noise: float) -> None:
    ring = [(0, 50), (1, 50), (2, 50.5), (1, 51), (0, 51), (-0.5, 50.5)]
    turned = ring[turn:] + ring[:turn]
    far = shapely.box(5, 50, 6, 51)
    shape = shapely.Polygon([(x + noise, y) for x, y in (turned[::-1] if back else turned)])
    one, same, other = fingerprints(
        np.array(
            [
                shapely.MultiPolygon([shapely.Polygon(ring), far]),
                shapely.MultiPolygon([far, shape]),
                shapely.MultiPolygon([far, shapely.Polygon([*ring[:-1], (-0.5, 50.500002)])]),
            ]
        )
    )
    assert one == same
    assert one != other


def test_the_cache_gives_the_same_and_is_not_read_twice(
    kml: Make, ring: Make, kml_zip: Zip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = kml_zip({"kent/n1.kml": kml("n1", ["0,50 2,52 2,50 0,52"])})
    plain = read_boundaries(path)
    first = cached_boundaries(path, tmp_path / "cache")
    files = {p.name: p.read_bytes() for p in (tmp_path / "cache").iterdir()}

    def no_reading(*_: object) -> None:
        raise AssertionError("the source was read again")

    monkeypatch.setattr(boundaries, "_read", no_reading)
    second = cached_boundaries(path, tmp_path / "cache")
    for file in (first, second):
        assert file.frame.equals(plain.frame)
        assert file.issues.equals(plain.issues)
        assert (file.release, file.sha256) == ("2025-03", plain.sha256)
    assert cached_boundaries(path, tmp_path / "cache", release="2020-01").release == "2020-01"
    with pytest.raises(AssertionError):
        cached_boundaries(path, tmp_path / "cache", force_id="essex")
    monkeypatch.setattr(boundaries, "PARSER_VERSION", 999)
    with pytest.raises(AssertionError):
        cached_boundaries(path, tmp_path / "cache")
    assert {p.name: p.read_bytes() for p in (tmp_path / "cache").iterdir()} == files


@pytest.mark.parametrize("part", ["shapes.parquet", "issues.parquet", ".json"])
@pytest.mark.parametrize("damage", ["cut", "flip", "gone"])
def test_a_damaged_cache_is_made_anew(
    kml: Make, ring: Make, kml_zip: Zip, tmp_path: Path, part: str, damage: str
) -> None:
    path = kml_zip({"kent/n1.kml": kml("n1", [ring(0, 50, 1, 51)])})
    good = cached_boundaries(path, tmp_path / "cache")
    victim = next(p for p in (tmp_path / "cache").iterdir() if p.name.endswith(part))
    whole = victim.read_bytes()
    flipped = bytes([*whole[:20], whole[20] ^ 1, *whole[21:]])
    if damage == "gone":
        victim.unlink()
    else:
        victim.write_bytes(whole[: len(whole) // 2] if damage == "cut" else flipped)
    assert cached_boundaries(path, tmp_path / "cache").frame.equals(good.frame)
    assert victim.read_bytes() == whole


def test_a_changed_source_is_read_anew(kml: Make, ring: Make, kml_zip: Zip, tmp_path: Path) -> None:
    for name in ("Old Town", "New Town"):
        path = kml_zip({"kent/n1.kml": kml("n1", [ring(0, 50, 1, 51)], name)})
        assert cached_boundaries(path, tmp_path / "cache").frame["name"].to_list() == [name]


def test_the_first_of_two_members_with_one_id_is_kept(kml: Make, ring: Make, kml_zip: Zip) -> None:
    members = {
        "kent/A B.kml": kml("First", [ring(0, 50, 1, 51)]),
        "kent/A%20B.kml": kml("Second", [ring(5, 50, 6, 51)]),
    }
    file = read_boundaries(kml_zip(members))
    assert file.frame["name"].to_list() == ["First"]
    assert shapely.from_wkb(file.frame["geometry"][0]).bounds[0] == 0
    assert file.issues.select("neighbourhood_id", "kind").rows() == [("A B", "duplicate_id")]
