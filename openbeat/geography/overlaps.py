"""Shapes against each other: duplicates, parents beside their children, overlaps, shared names.

Only what compares neighbourhoods of one boundary release belongs here; how neighbourhoods
follow one another from release to release belongs in ``register``.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

from openbeat.geography.shapes import ISSUES, KEY, issue, issues_frame

OVERLAP_SHARE = 0.01  # domain rule N4: more than 1 % of the smaller one
WITHIN_SHARE = 0.99

_Ints = NDArray[np.int64]
_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pairs:
    """Pairs of shapes that share area.

    Attributes:
        larger: Row of the larger shape of each pair.
        smaller: Row of the smaller; for equal areas the one later in the frame.
        of_smaller: Share of the smaller's area that lies in the larger, 0 to 1.
        of_larger: Share of the larger's area that lies in the smaller, 0 to 1.
    """

    larger: _Ints
    smaller: _Ints
    of_smaller: _Floats
    of_larger: _Floats


def compare(frame: pl.DataFrame, groups: NDArray[Any] | None = None) -> pl.DataFrame:
    """Find shapes that coincide, contain or overlap one another.

    * ``duplicate_shape``: each covers 99 % or more of the other.
    * ``parent``: the larger holds 99 % or more of the smaller, and either both are of one force
      or the larger holds two or more so. One row a child; ``other`` is the child.
    * ``overlap``: any other pair sharing more than 1 % of the smaller one's area.

    ``share`` is the share of the smaller one's area. Shares are ratios of areas in square
    degrees: exact enough for shapes this small at one latitude (an error under 1 % of the share
    for a shape 50 km from north to south).

    Args:
        frame: Shapes, as ``shapes.SHAPES``, valid geometries.
        groups: One label a row; only pairs with different labels are compared. None: all.

    Returns:
        An issues frame, as ``shapes.ISSUES``.
    """
    pairs = shared_areas(frame, groups)
    keys = list(frame.select(KEY).iter_rows())
    forces = frame["force_id"].to_numpy()
    twin = (pairs.of_smaller >= WITHIN_SHARE) & (pairs.of_larger >= WITHIN_SHARE)
    within = (pairs.of_smaller >= WITHIN_SHARE) & ~twin
    children = np.bincount(pairs.larger[within], minlength=len(keys))
    same_force = forces[pairs.larger] == forces[pairs.smaller]
    parent = within & (same_force | (children[pairs.larger] > 1))
    overlap = ~twin & ~parent & (pairs.of_smaller > OVERLAP_SHARE)
    rows = []
    for kind, chosen in (("duplicate_shape", twin), ("parent", parent), ("overlap", overlap)):
        for n in np.flatnonzero(chosen):
            one, other = keys[pairs.larger[n]], keys[pairs.smaller[n]]
            if kind != "parent" and other < one:
                one, other = other, one
            share = round(float(pairs.of_smaller[n]), 6)
            rows.append(issue(one[0], one[1], kind, None, other, share))
    return issues_frame(rows)


def shared_areas(frame: pl.DataFrame, groups: NDArray[Any] | None = None) -> Pairs:
    """All pairs of shapes whose interiors meet, with the shares they have in common.

    Args:
        frame: Shapes, as ``shapes.SHAPES``.
        groups: As in ``compare``.
    """
    geometries = shapely.from_wkb(frame["geometry"].to_numpy())
    areas = shapely.area(geometries)
    left, right = shapely.STRtree(geometries).query(geometries)
    keep = left < right
    if groups is not None:
        keep &= groups[left] != groups[right]
    left, right = left[keep], right[keep]
    keep = _box_shares(geometries, areas, left, right) > OVERLAP_SHARE
    left, right = left[keep], right[keep]
    # Most neighbours only share a border: asking whether interiors meet is three times cheaper
    # than cutting the shapes.
    keep = _in_threads(_interiors_meet, geometries[left], geometries[right]).astype(bool)
    left, right = left[keep], right[keep]
    common = _in_threads(_common_area, geometries[left], geometries[right]).astype(float)
    swap = areas[right] > areas[left]
    larger, smaller = np.where(swap, right, left), np.where(swap, left, right)
    return Pairs(larger, smaller, common / areas[smaller], common / areas[larger])


def duplicate_names(frame: pl.DataFrame) -> pl.DataFrame:
    """Neighbourhoods of one force that bear the same name (domain rule N2), as an issues frame.

    One row for each after the first; ``other`` is the first by id.
    """
    first = pl.col("neighbourhood_id").first().over("force_id", "name")
    return (
        frame.sort(KEY)
        .with_columns(other_neighbourhood_id=first)
        .filter(pl.col("neighbourhood_id") != pl.col("other_neighbourhood_id"))
        .select(
            *KEY,
            kind=pl.lit("duplicate_name"),
            other_force_id=pl.col("force_id"),
            other_neighbourhood_id=pl.col("other_neighbourhood_id"),
            share=pl.lit(None, pl.Float64),
            detail=pl.col("name"),
        )
        .cast(pl.Schema(ISSUES))
    )


def _box_shares(geometries: NDArray[Any], areas: _Floats, left: _Ints, right: _Ints) -> _Floats:
    """An upper bound of the share of the smaller: what the two bounding boxes have in common."""
    boxes = shapely.bounds(geometries)
    low = np.maximum(boxes[left, :2], boxes[right, :2])
    high = np.minimum(boxes[left, 2:], boxes[right, 2:])
    shares: _Floats = (high - low).prod(axis=1) / np.minimum(areas[left], areas[right])
    return shares


def _interiors_meet(left: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
    meets: NDArray[Any] = shapely.relate_pattern(left, right, "T********")
    return meets


def _common_area(left: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
    area: NDArray[Any] = shapely.area(shapely.intersection(left, right))
    return area


def _in_threads(function: Any, left: NDArray[Any], right: NDArray[Any]) -> NDArray[Any]:
    """Apply a function to slices of two arrays in threads (shapely lets go of the GIL)."""
    if len(left) == 0:
        return np.empty(0)
    slices = np.array_split(np.arange(len(left)), min(len(left), 64))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return np.concatenate(list(pool.map(lambda n: function(left[n], right[n]), slices)))
