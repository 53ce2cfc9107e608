"""Shapes against each other: every pair is found and named for what it is."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import polars as pl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from openbeat.geography.overlaps import compare, duplicate_names, shared_areas

Shapes = Callable[..., pl.DataFrame]
box = shapely.box


def found(frame: pl.DataFrame) -> list[tuple[str, str, str]]:
    rows = compare(frame).select("kind", "neighbourhood_id", "other_neighbourhood_id").rows()
    return sorted(rows)


def test_neighbours_that_share_a_border_or_a_corner_are_clean(shapes: Shapes) -> None:
    rows = [("kent", f"n{x}{y}", box(x, y, x + 1, y + 1)) for x in range(3) for y in range(3)]
    assert found(shapes(*rows)) == []


def test_the_same_shape_under_two_ids(shapes: Shapes) -> None:
    frame = shapes(("kent", "187", box(0, 50, 1, 51)), ("kent", "179", box(0, 50, 1, 51.005)))
    assert found(frame) == [("duplicate_shape", "179", "187")]


def test_a_parent_beside_its_children(shapes: Shapes) -> None:
    frame = shapes(
        ("kent", "all", box(0, 50, 2, 51)),
        ("kent", "west", box(0, 50, 1, 51)),
        ("kent", "east", box(1, 50, 2, 51)),
    )
    assert found(frame) == [("parent", "all", "east"), ("parent", "all", "west")]
    assert compare(frame)["share"].to_list() == [1.0, 1.0]


def test_a_child_that_sticks_out_a_little_is_still_a_child(shapes: Shapes) -> None:
    out = shapes(("kent", "all", box(0, 50, 2, 51)), ("kent", "in", box(1, 50, 2.005, 51)))
    more = shapes(("kent", "all", box(0, 50, 2, 51)), ("kent", "in", box(1, 50, 2.02, 51)))
    assert found(out) == [("parent", "all", "in")]
    assert found(more) == [("overlap", "all", "in")]


def test_one_shape_within_another_forces_is_an_overlap_two_make_a_parent(
    shapes: Shapes,
) -> None:
    big = ("kent", "big", box(0, 50, 3, 51))
    a, b = ("essex", "a", box(0.1, 50.1, 1, 50.9)), ("essex", "b", box(1.1, 50.1, 2, 50.9))
    assert found(shapes(big, a)) == [("overlap", "a", "big")]
    assert found(shapes(big, a, b)) == [("parent", "big", "a"), ("parent", "big", "b")]


def test_an_overlap_counts_from_one_per_cent(shapes: Shapes) -> None:
    one = ("kent", "a", box(0, 50, 1, 51))
    assert found(shapes(one, ("kent", "b", box(0.991, 50, 1.991, 51)))) == []
    frame = shapes(one, ("kent", "b", box(0.985, 50, 1.985, 51)))
    assert found(frame) == [("overlap", "a", "b")]
    assert compare(frame)["share"][0] == pytest.approx(0.015)


def test_only_pairs_of_different_groups_are_compared_when_asked(shapes: Shapes) -> None:
    frame = shapes(*(("kent", n, box(0, 50, 1, 51)) for n in "abc"))
    assert compare(frame).height == 3
    assert compare(frame, np.array([0, 0, 1])).height == 2


def test_names_shared_within_a_force_are_listed(shapes: Shapes) -> None:
    frame = shapes(
        ("kent", "a", box(0, 50, 1, 51), "Town"),
        ("kent", "b", box(1, 50, 2, 51), "Town"),
        ("essex", "c", box(2, 50, 3, 51), "Town"),
    )
    rows = duplicate_names(frame).select("neighbourhood_id", "other_neighbourhood_id").rows()
    assert rows == [("b", "a")]


_edges = st.tuples(st.integers(0, 12), st.integers(1, 6))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(_edges, _edges), min_size=2, max_size=12))
def test_every_pair_that_shares_over_one_per_cent_is_found(
    sides: list[tuple[tuple[int, int], tuple[int, int]]],
) -> None:
    boxes = [box(x, y, x + w, y + h) for (x, w), (y, h) in sides]
    frame = pl.DataFrame({"geometry": [shapely.to_wkb(b) for b in boxes]})
    pairs = shared_areas(frame)
    got = {
        frozenset(map(int, pair)): round(float(share), 9)
        for *pair, share in zip(pairs.larger, pairs.smaller, pairs.of_smaller, strict=True)
    }
    expected = {}
    for a, b in combinations(range(len(boxes)), 2):
        share = boxes[a].intersection(boxes[b]).area / min(boxes[a].area, boxes[b].area)
        if share > 0.01:
            expected[frozenset((a, b))] = round(share, 9)
    assert got == expected
