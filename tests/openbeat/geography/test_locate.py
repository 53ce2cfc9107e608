"""Each distinct point gets its neighbourhood: the smallest that holds it, borders included."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import polars as pl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from openbeat.geography.locate import Locator, locate

Shapes = Callable[..., pl.DataFrame]
box = shapely.box


def points(*pairs: tuple[float, float]) -> pl.DataFrame:
    return pl.DataFrame(
        pairs, schema={"longitude": pl.Float64, "latitude": pl.Float64}, orient="row"
    )


def test_inside_outside_and_in_a_hole(shapes: Shapes) -> None:
    frame = shapes(("kent", "ring", box(0, 50, 3, 53).difference(box(1, 51, 2, 52))))
    found = locate(points((0.5, 50.5), (1.5, 51.5), (9, 50)), frame)
    assert found["neighbourhood_id"].to_list() == ["ring", None, None]
    assert found["area_force_id"].to_list() == ["kent", None, None]
    assert found["matches"].to_list() == [1, 0, 0]
    assert found.schema["matches"] == pl.UInt32


def test_the_smallest_of_several_wins_and_all_are_counted(shapes: Shapes) -> None:
    frame = shapes(
        ("avon", "all", box(0, 50, 3, 53)),
        ("kent", "child", box(1, 51, 2, 52)),
        ("kent", "inner", box(1.4, 51.4, 1.6, 51.6)),
    )
    found = locate(points((1.5, 51.5), (1.1, 51.1), (0.1, 50.1)), frame)
    assert found["neighbourhood_id"].to_list() == ["inner", "child", "all"]
    assert found["matches"].to_list() == [3, 2, 1]


def test_of_equal_areas_the_first_by_force_and_id_wins(shapes: Shapes) -> None:
    same = box(0, 50, 1, 51)
    frame = shapes(("kent", "a", same), ("essex", "z", same), ("essex", "b", same))
    for order in (frame, frame.reverse()):
        row = locate(points((0.5, 50.5)), order).row(0)
        assert row[2:] == ("essex", "b", 3)


def test_a_point_on_a_border_or_corner_is_inside_both(shapes: Shapes) -> None:
    frame = shapes(("kent", "w", box(0, 50, 1, 51)), ("kent", "e", box(1, 50, 2, 51)))
    found = locate(points((1, 50.5), (0, 50), (2, 51)), frame)
    assert found["matches"].to_list() == [2, 1, 1]


def test_other_columns_and_order_are_kept(shapes: Shapes) -> None:
    frame = shapes(("kent", "w", box(0, 50, 1, 51)))
    asked = points((5, 50), (0.5, 50.5), (-4, 50)).with_columns(id=pl.Series([3, 1, 2]))
    found = locate(asked, frame)
    assert found.select(asked.columns).equals(asked)
    assert found["matches"].to_list() == [0, 1, 0]


def test_no_points_and_no_shapes(shapes: Shapes) -> None:
    frame = shapes(("kent", "w", box(0, 50, 1, 51)))
    assert locate(points(), frame).height == 0
    none = locate(points((0.5, 50.5)), frame.head(0))
    assert none.row(0)[2:] == (None, None, 0)
    assert none.schema == locate(points((0.5, 50.5)), frame).schema


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_a_coordinate_that_is_none_is_refused(shapes: Shapes, value: float | None) -> None:
    asked = pl.DataFrame({"longitude": [0.5, value], "latitude": [50.5, 50.5]})
    with pytest.raises(ValueError, match="longitude"):
        locate(asked, shapes(("kent", "w", box(0, 50, 1, 51))))


def test_a_locator_can_be_asked_again_and_from_several_threads(shapes: Shapes) -> None:
    rows = [("kent", f"{x:02}", box(x / 9, 50, (x + 1) / 9, 51)) for x in range(90)]
    locator = Locator(shapes(*rows))
    asked = points(*((x / 9 + 0.05, 50.5) for x in range(90)))
    expected = [f"{x:02}" for x in range(90)]
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: locator.locate(asked), range(8)):
            assert found["neighbourhood_id"].to_list() == expected


_unit = st.integers(0, 20).map(lambda n: n / 2)
_size = st.integers(1, 10).map(float)


@st.composite
def _polygons(draw: st.DrawFn) -> shapely.Geometry:
    """Boxes, triangles, boxes with holes, two-part shapes: all valid, on a half-unit grid."""
    x, y, w, h = draw(_unit), draw(_unit), draw(_size), draw(_size)
    kind = draw(st.sampled_from(["box", "triangle", "hole", "parts"]))
    if kind == "triangle":
        return shapely.Polygon([(x, y), (x + w, y), (x, y + h)])
    if kind == "hole":
        return box(x, y, x + w, y + h).difference(box(x + w / 4, y + h / 4, x + w / 2, y + h / 2))
    if kind == "parts":
        return shapely.MultiPolygon([box(x, y, x + w, y + h), box(x + w + 1, y, x + w + 2, y + h)])
    return box(x, y, x + w, y + h)


_any_points = st.lists(st.tuples(_unit, _unit), unique=True, max_size=40)


@settings(max_examples=50, deadline=None)
@given(st.lists(_polygons(), max_size=8), _any_points, st.randoms(use_true_random=False))
def test_it_agrees_with_asking_every_shape(polygons, pairs, random) -> None:  # type: ignore[no-untyped-def]
    frame = pl.DataFrame(
        {
            "force_id": ["kent"] * len(polygons),
            "neighbourhood_id": [f"{n}" for n in range(len(polygons))],
            "geometry": [shapely.to_wkb(p) for p in polygons],
            "area_km2": [p.area for p in polygons],
        },
        schema={
            "force_id": pl.String,
            "neighbourhood_id": pl.String,
            "geometry": pl.Binary,
            "area_km2": pl.Float64,
        },
    )
    found = locate(points(*pairs), frame.sample(fraction=1, shuffle=True, seed=1))
    assert found.height == len(pairs)
    for (x, y), row in zip(pairs, found.rows(), strict=True):
        hits = [
            (polygon.area, f"{n}")
            for n, polygon in enumerate(polygons)
            if polygon.intersects(shapely.Point(x, y))
        ]
        assert row == (x, y, "kent" if hits else None, min(hits)[1] if hits else None, len(hits))
    shuffled = list(pairs)
    random.shuffle(shuffled)
    again = locate(points(*shuffled), frame)
    assert again.sort("longitude", "latitude").equals(found.sort("longitude", "latitude"))
