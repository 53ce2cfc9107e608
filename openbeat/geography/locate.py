"""Which neighbourhood each distinct point lies in.

Only point in polygon belongs here. What a point outside every neighbourhood means for a count
(``outside_boundary``, ``no_boundary``) belongs in ``openbeat.monthly``.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import numpy as np
import polars as pl
import shapely
from numpy.typing import NDArray

_SLICE = 64  # polygons a task: enough to keep threads busy, few enough to share evenly


class Locator:
    """Shapes made ready to be asked for points, once for all months they serve.

    GEOS indexes a polygon's edges at its first question and keeps the index, so the first
    ``locate`` is the slowest. Memory: about 40 bytes a vertex beside the geometries.

    Args:
        shapes: At least ``force_id, neighbourhood_id, geometry`` (valid WKB polygons in WGS84)
            and ``area_km2``; any order.

    Raises:
        ValueError: A geometry is null.
    """

    def __init__(self, shapes: pl.DataFrame) -> None:
        # In this order the first shape that holds a point is the one that wins.
        ranked = shapes.sort("area_km2", "force_id", "neighbourhood_id", nulls_last=True)
        if ranked["geometry"].null_count():
            raise ValueError("a shape has no geometry")
        self._keys = ranked.select("force_id", "neighbourhood_id")
        self._polygons = shapely.from_wkb(ranked["geometry"].to_numpy())
        self._boxes = shapely.bounds(self._polygons).reshape(-1, 4)
        self._lock = Lock()  # the lazily built indexes are not made for two threads at once
        shapely.prepare(self._polygons)

    def locate(self, points: pl.DataFrame) -> pl.DataFrame:
        """Find the neighbourhood of each point. See ``locate``."""
        rank, matches = self._search(points)
        found = pl.Series("rank", rank, dtype=pl.UInt32)
        found = found.set(found == len(self._keys), None)
        return points.with_columns(
            self._keys["force_id"].gather(found).alias("area_force_id"),
            self._keys["neighbourhood_id"].gather(found).alias("neighbourhood_id"),
            pl.Series("matches", matches, dtype=pl.UInt32),
        )

    def _search(self, points: pl.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rank of the winning shape a point (their number where none) and number of hits."""
        x, y = (_degrees(points, column) for column in ("longitude", "latitude"))
        order = np.argsort(x, kind="stable")
        x, y = x[order], y[order]
        first = np.searchsorted(x, self._boxes[:, 0], side="left")
        last = np.searchsorted(x, self._boxes[:, 2], side="right")

        def inside(number: int) -> NDArray[np.int64]:
            _, south, _, north = self._boxes[number]
            band = y[first[number] : last[number]]
            near: NDArray[np.int64] = (
                np.flatnonzero((band >= south) & (band <= north)) + first[number]
            )
            if len(near) == 0:
                return near
            hits: NDArray[np.bool_] = shapely.intersects_xy(
                self._polygons[number], x[near], y[near]
            )
            return near[hits]

        def task(start: int) -> list[NDArray[np.int64]]:
            return [inside(n) for n in range(start, min(start + _SLICE, len(self._polygons)))]

        with self._lock, ThreadPoolExecutor(os.cpu_count()) as pool:
            slices = pool.map(task, range(0, len(self._polygons), _SLICE))
            hits = [order[one] for some in slices for one in some]
        rank = np.full(len(x), len(self._polygons), dtype=np.int64)
        matches = np.zeros(len(x), dtype=np.int64)
        for number in range(
            len(hits) - 1, -1, -1
        ):  # backwards: the smallest shape has the last word
            rank[hits[number]] = number
            matches[hits[number]] += 1
        return rank, matches


def locate(points: pl.DataFrame, shapes: pl.DataFrame) -> pl.DataFrame:
    """Find the neighbourhood of each distinct point, among the shapes of every force.

    A point on a border is inside. Where several shapes hold a point the smallest wins
    (``area_km2``; then by force_id and neighbourhood_id): a child beside its parent, not the
    parent. Reckoned in WGS84 degrees, as the design says.

    Args:
        points: ``longitude, latitude`` (Float64 degrees, no null, best distinct); other
            columns are kept.
        shapes: As ``Locator``; to ask more than once, make a ``Locator`` and keep it.

    Returns:
        The same rows in the same order with ``area_force_id`` and ``neighbourhood_id`` (text,
        null where no shape holds the point) and ``matches`` (UInt32, how many do).

    Raises:
        ValueError: A coordinate is null or not a number, or a geometry is null.
    """
    return Locator(shapes).locate(points)


def _degrees(points: pl.DataFrame, column: str) -> NDArray[np.float64]:
    values = points[column].cast(pl.Float64).to_numpy()
    if points[column].null_count() or not np.isfinite(values).all():
        raise ValueError(f"{column} has a value that is not a number; locate only real points")
    return values
