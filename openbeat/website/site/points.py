"""The shapes of neighbourhoods cut into small squares, so that a browser can say where it is.

Only cutting and packing belong here; ``static/site.js`` asks which shape holds a point.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from openbeat.website.words import file_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

INDEX: Final = "index"
"""The file of a folder that says which others there are: none is asked for in vain."""
CELL: Final = 0.1
"""Degrees a side: about 7 by 11 km."""
REACH: Final = 0.01
"""Degrees that a file reaches beyond its cell, so that it knows what lies across the edge."""
TOLERANCE: Final = 50.0
"""Metres by which a border may be moved where it is made simpler."""
UNITS: Final = 10_000
"""Steps of coordinates in a degree: 11 m north, 7 m east."""
_METRES: Final = 111_195.0  # of a degree of latitude
_AREA: Final = 2  # dimensions
_SQUEEZE: Final = 0.6  # a degree of longitude for one of latitude, at 53 degrees north

Row = list[Any]


def cells(shapes: pl.DataFrame) -> Iterator[tuple[str, Any]]:
    """The shapes by cell.

    Args:
        shapes: Today's neighbourhoods: force_id, force_name, neighbourhood_id, name, stem,
            area_km2, geometry (WKB, WGS84).

    Yields:
        The name of a cell, its south-west corner in tenths of a degree (``-15_538``: 1.5 west,
        53.8 north), with its rows ``[name, force, path, rings]``, the smallest shape first, since
        it wins where several hold a point (``geography.locate``). A ring is ``x, y`` from that
        corner in 10,000ths of a degree and then steps, back to its first point; a point is inside
        where it crosses rings an odd number of times. Last ``index``: ``{"files": the cells}``.
    """
    import shapely

    ranked = shapes.sort("area_km2", "force_id", "neighbourhood_id", nulls_last=True)
    simple = _simplified(shapely.from_wkb(ranked["geometry"].to_numpy()))
    numbers, west, south = _touched(simple)
    boxes = shapely.box(
        west * CELL - REACH, south * CELL - REACH,
        (west + 1) * CELL + REACH, (south + 1) * CELL + REACH,
    )  # fmt: skip
    shapely.prepare(simple)
    pieces = shapely.intersection(simple[numbers], boxes)
    rows = ranked.select("name", "force_name", "force_id", "stem").rows()
    found: dict[tuple[int, int], list[Row]] = {}
    for number, east, north, piece in zip(
        numbers.tolist(), west.tolist(), south.tolist(), pieces, strict=True
    ):
        rings = _rings(piece, east * CELL, north * CELL)
        if rings:
            name, force_name, force_id, stem = rows[number]
            row = [name, force_name, f"{file_name(force_id)}/{stem}", rings]
            found.setdefault((east, north), []).append(row)
    for (east, north), held in sorted(found.items()):
        yield f"{east}_{north}", held
    yield INDEX, {"files": [f"{east}_{north}" for east, north in sorted(found)]}


def _simplified(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """The shapes with fewer points: as the crow flies, not in degrees, which are narrow here."""
    import shapely

    flat = shapely.transform(shapes, lambda xy: xy * (_SQUEEZE, 1.0))
    simple = shapely.simplify(flat, TOLERANCE / _METRES)
    result: NDArray[np.object_] = shapely.transform(simple, lambda xy: xy / (_SQUEEZE, 1.0))
    return result


def _touched(
    shapes: NDArray[np.object_],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Number of the shape, column and row of each cell that a shape's box touches."""
    import shapely

    reach = np.array([-REACH, -REACH, REACH, REACH])
    bounds = shapely.bounds(shapes).reshape(-1, 4) + reach
    corners = np.floor(bounds / CELL).astype(np.int64)
    wide = corners[:, 2] - corners[:, 0] + 1
    high = corners[:, 3] - corners[:, 1] + 1
    number = np.repeat(np.arange(len(shapes)), wide * high)
    first = np.repeat(np.cumsum(wide * high) - wide * high, wide * high)
    place = np.arange(len(number)) - first
    return (
        number,
        corners[number, 0] + place % wide[number],
        corners[number, 1] + place // wide[number],
    )


def _rings(piece: Any, west: float, south: float) -> list[list[int]]:
    """The rings of a piece, outer and inner alike; none where only a border touches the cell."""
    import shapely

    parts = shapely.get_parts(piece)
    rings = []
    for ring in shapely.get_rings(parts[shapely.get_dimensions(parts) == _AREA]):
        points = np.rint((shapely.get_coordinates(ring) - (west, south)) * UNITS).astype(np.int64)
        steps = np.diff(points, axis=0)
        steps = steps[steps.any(axis=1)]
        if len(steps) > 2:  # else a sliver that rounding closed
            rings.append([*points[0].tolist(), *steps.ravel().tolist()])
    return rings
