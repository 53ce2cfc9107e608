"""What a browser looks a place up in says what the register and the shapes say."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openbeat.geography.locate import locate
from openbeat.website.site import lookups
from openbeat.website.site.source import Site, place_path
from tests.openbeat.website.site import finding

_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
_OUTWARD = ["S1", "S10", "SY9", "W1A", "EC1A", "EH1"]


def _read(site: Site) -> dict[str, Any]:
    """Path in ``lookup/`` to content, of every file."""
    found = {}
    for file in lookups.data(site):
        text = str(file.content)
        match = re.fullmatch(r'openbeat\.found\("([^"]+)",(.*)\);\n', text)
        assert match is not None, file.path
        assert file.path == f"lookup/{match.group(1)}.js"
        found[match.group(1)] = json.loads(match.group(2))
    return found


def _pages(site: Site) -> dict[str, tuple[str, str]]:
    """The pages' paths, as the files name them, to force and id."""
    rows = site.places.select("force_id", "neighbourhood_id", "stem").iter_rows()
    return {
        place_path(force, stem).removeprefix("places/").removesuffix(".html"): (force, place)
        for force, place, stem in rows
    }


def test_every_name_is_there_with_its_force_and_its_page(tmp_path: Path) -> None:
    site = finding.site(tmp_path)
    names = _read(site)["names"]
    pages = _pages(site)
    found = {
        pages[f"{names['forces'][force][1]}/{stem}"]: name for force, name, stem in names["places"]
    }
    assert found == {(force, place): name for force, place, name in finding.SQUARES}
    assert [force[0] for force in names["forces"]] == list(site.forces.values())


def test_a_line_separator_in_a_name_does_not_break_the_script(tmp_path: Path) -> None:
    rows = [("northmere", "N1", "High\u2028Street\u2029")]
    site = finding.site(tmp_path, finding.neighbourhoods(rows))
    assert not re.search("[\u2028\u2029]", "".join(str(f.content) for f in lookups.data(site)))
    assert _read(site)["names"]["places"][0][1] == "High\u2028Street\u2029"


@st.composite
def _postcodes(draw: st.DrawFn) -> list[tuple[str, float, float]]:
    """Distinct postcodes with positions in, around and far from the squares, some with none."""
    inward = st.builds("{}{}{}".format, st.integers(0, 9), *(st.sampled_from(_LETTERS),) * 2)
    code = st.builds("{} {}".format, st.sampled_from(_OUTWARD), inward)
    position = st.one_of(
        st.tuples(st.floats(52.45, 52.8), st.floats(-2.55, -2.25)),
        st.just((52.6, -2.4)),  # where three meet
        st.just((55.95, -3.19)),
        st.just((99.999999, 0.0)),
    )
    codes = draw(st.lists(code, unique=True, min_size=1, max_size=40))
    return [(one, round(y, 6), round(x, 6)) for one in codes for y, x in [draw(position)]]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(postcodes=_postcodes())
def test_every_postcode_is_found_and_points_to_the_place_it_lies_in(
    tmp_path: Path, postcodes: list[tuple[str, float, float]]
) -> None:
    file = finding.postcode_file(tmp_path / "ONSPD.csv", postcodes)
    site = finding.site(tmp_path, postcodes=file)
    found = {path: one for path, one in _read(site).items() if path.startswith("postcodes/")}
    index = found.pop("postcodes/index")
    pages = _pages(site)
    told: dict[str, object] = {}
    for path, shard in found.items():
        groups = [(pages[row[2]], row[3]) for row in shard["places"]]
        groups += [("outside", shard["outside"]), ("nowhere", shard["nowhere"])]
        for answer, codes in groups:
            inward = [codes[n : n + 3] for n in range(0, len(codes), 3)]
            assert inward == sorted(inward)
            for code in inward:
                name = f"{path.removeprefix('postcodes/')} {code}"
                assert name not in told
                told[name] = answer
    assert site.shapes is not None
    real = [p for p in postcodes if p[1] < 90]
    points = pl.DataFrame(real, schema=["code", "latitude", "longitude"], orient="row")
    areas = locate(points, site.shapes).select("code", "area_force_id", "neighbourhood_id")
    expected: dict[str, object] = {p[0]: "nowhere" for p in postcodes if p[1] > 90}
    expected |= {
        code: (force, place) if force else "outside" for code, force, place in areas.iter_rows()
    }
    placed = {code.split()[0] for code, at in expected.items() if isinstance(at, tuple)}
    assert told == {code: at for code, at in expected.items() if code.split()[0] in placed}
    assert index["files"] == sorted(placed)
    assert index["outside"] == sorted({p[0].split()[0] for p in postcodes} - placed)


def _rings(row: list[Any], west: float, south: float) -> Iterator[list[tuple[float, float]]]:
    for ring in row[3]:
        x, y = 0, 0
        points = []
        for at in range(0, len(ring), 2):
            x, y = x + ring[at], y + ring[at + 1]
            points.append((west + x / 1e4, south + y / 1e4))
        assert points[0] == points[-1]
        yield points


def _found(rows: list[Any], west: float, south: float, x: float, y: float) -> str | None:
    """What ``site.js`` answers: the first row whose rings the point is inside, by even and odd."""
    for row in rows:
        crossed = sum(
            (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1
            for ring in _rings(row, west, south)
            for (x1, y1), (x2, y2) in itertools.pairwise(ring)
        )
        if crossed % 2:
            return str(row[2])
    return None


def test_a_point_away_from_borders_is_found_in_its_cell(tmp_path: Path) -> None:
    site = finding.site(tmp_path)
    # One that lies around another and has bays: a ring of its own for the hole, and many pieces.
    assert site.shapes is not None
    star = shapely.Polygon(
        [(-2.2 + (0.12 + 0.05 * (n % 2)) * math.cos(n / 20 * math.tau),
          52.7 + (0.09 + 0.04 * (n % 2)) * math.sin(n / 20 * math.tau)) for n in range(20)],
        [shapely.Point(-2.2, 52.7).buffer(0.03).exterior.coords],
    )  # fmt: skip
    other = shapely.from_wkb(site.shapes["geometry"].to_list())
    shapes = site.shapes.with_columns(
        pl.Series("geometry", [*shapely.to_wkb(other[:-1]), star.wkb], dtype=pl.Binary),
        pl.when(pl.col("neighbourhood_id") == "Y2")
        .then(600.0)
        .otherwise("area_km2")
        .alias("area_km2"),
    )
    site = Site(**{**site.__dict__, "shapes": shapes})
    read = {k.removeprefix("points/"): v for k, v in _read(site).items() if k.startswith("points/")}
    index = read.pop("index")
    assert sorted(index["files"]) == sorted(read)
    pages = _pages(site)
    borders = shapely.union_all(shapely.boundary(shapely.from_wkb(shapes["geometry"].to_list())))
    grid = [(-2.555 + 0.0071 * i, 52.441 + 0.0053 * j) for i in range(74) for j in range(75)]
    clear = [p for p in grid if shapely.distance(borders, shapely.Point(p)) > 0.0012]
    located = locate(pl.DataFrame(clear, schema=["longitude", "latitude"], orient="row"), shapes)
    seen = set()
    for x, y, force, place, _ in located.iter_rows():
        cell = (math.floor(x * 10), math.floor(y * 10))
        rows = read.get(f"{cell[0]}_{cell[1]}", [])
        answer = _found(rows, cell[0] / 10, cell[1] / 10, x, y)
        assert (pages[answer] if answer else (None, None)) == (force, place), (x, y)
        seen.add(place)
    assert seen == {None, "N 1", "N2", "Y1", "Y2"}


def test_only_todays_neighbourhoods_are_looked_in(tmp_path: Path) -> None:
    site = finding.site(tmp_path)
    assert site.shapes is not None
    ended = site.shapes.head(1).with_columns(valid_to=pl.lit("2025-01"), name=pl.lit("Gone"))
    text = str(_read(Site(**{**site.__dict__, "shapes": pl.concat([site.shapes, ended])})))
    assert "Gone" not in text
    assert text == str(_read(site))


@pytest.mark.parametrize("postcode", ["BT1 1AA", "BT99 9ZZ"])
def test_postcodes_of_northern_ireland_are_not_published(tmp_path: Path, postcode: str) -> None:
    rows = [("S1 1AA", 52.55, -2.45), (postcode, 52.55, -2.45), ("B1 1TB", 52.55, -2.45)]
    site = finding.site(tmp_path, postcodes=finding.postcode_file(tmp_path / "f.csv", rows))
    assert _read(site)["postcodes/index"] == {"files": ["B1", "S1"], "outside": []}
