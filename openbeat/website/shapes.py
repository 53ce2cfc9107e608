"""Today's neighbourhoods as shapes to draw: projected, and coarser for each wider view.

Only the preparing of shapes for display belongs here; the maps are drawn in ``maps``, and the
published shapes are untouched. Neighbours keep their common line: all shapes are simplified
together, as a coverage (Visvalingam-Whyatt in shapely). Where forces drew overlaps and gaps it is
no valid coverage; measured on real shapes shifted over each other, the method then adds none.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import polars as pl

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

Box = tuple[float, float, float, float]
"""West, north, east and south, in metres; south is the larger number, as on a screen."""
_METRES: Final = 111_195.0  # a degree of latitude on the sphere of mean radius
_VIEW: Final = 320
"""Pixels across a view of a neighbourhood with those around it: what is finer is not seen."""
_FINEST, _COARSER, _LEVELS = 2.0, 3.0, 5  # pixels of the smallest views; from level to level
_LEAST_ISLAND: Final = 0.0004
"""Of the area of a force: Lundy is just above it, rocks and mistakes of drawing are below."""
_COLUMNS: Final = {
    **dict.fromkeys(("force_id", "neighbourhood_id", "name", "valid_to"), pl.String),
    "geometry": pl.Binary,
}


class Shapes:
    """The shapes of today's neighbourhoods on a plane in metres, y down, at several levels.

    The plane is the sinusoidal projection about the middle of all shapes: areas are true, and
    angles nearly so at the size of a country.

    Attributes:
        keys: Force id and neighbourhood id of each shape, sorted.
        names: The name of each.
        levels: Arrays of geometries, finest first, each of one length with ``keys``.
        boxes: Array n x 4, see ``Box``.
    """

    def __init__(self, shapes: pl.DataFrame | None) -> None:
        """Prepare the shapes.

        Args:
            shapes: force_id, neighbourhood_id, name, valid_to, geometry (WKB, WGS84); only those
                that hold today (``valid_to`` null) are taken, and of several the last. None for
                no shapes.
        """
        import shapely

        if shapes is None:
            shapes = pl.DataFrame(schema=_COLUMNS)
        rows = (
            shapes.filter(pl.col("valid_to").is_null() & pl.col("geometry").is_not_null())
            .unique(["force_id", "neighbourhood_id"], keep="last", maintain_order=True)
            .sort("force_id", "neighbourhood_id")
        )
        whole = _projected(shapely.from_wkb(rows["geometry"].to_list()))
        drawable = ~(shapely.is_empty(whole) | shapely.is_missing(whole))
        rows, whole = rows.filter(pl.Series(drawable)), whole[drawable]
        self.keys: list[tuple[str, str]] = rows.select("force_id", "neighbourhood_id").rows()
        self.names: list[str] = rows["name"].fill_null("").to_list()
        self.boxes: Array = shapely.bounds(whole)
        self.levels: list[Array] = _levels(whole, self.boxes)
        self.place: dict[tuple[str, str], int] = {key: n for n, key in enumerate(self.keys)}
        self.vertices: list[Array] = [shapely.get_num_coordinates(g) for g in self.levels]

    @cached_property
    def of_force(self) -> dict[str, list[int]]:
        """Force id to the positions of its shapes."""
        found: dict[str, list[int]] = {}
        for n, (force_id, _id) in enumerate(self.keys):
            found.setdefault(force_id, []).append(n)
        return found

    @cached_property
    def tree(self) -> Any:
        """Finds the shapes in a box."""
        import shapely

        return shapely.STRtree(shapely.box(*self.boxes.T))

    @cached_property
    def forces(self) -> dict[str, Any]:
        """Force id to the outline of its neighbourhoods together, without holes."""
        import shapely

        geometries = self.level(list(range(len(self.keys))), _MOST_OF_ALL)
        return {
            force_id: _outline(geometries[places], shapely)
            for force_id, places in self.of_force.items()
        }

    def level(self, places: list[int], most: int) -> Array:
        """All shapes at the finest level at which those at some positions have few vertices.

        Args:
            places: Positions.
            most: Vertices in all; the coarsest level may have more.
        """
        chosen = next(
            (n for n, counts in enumerate(self.vertices) if counts[places].sum() <= most),
            len(self.levels) - 1,
        )
        return self.levels[chosen]


_MOST_OF_ALL: Final = 150_000


def _projected(geometries: Any) -> Array:
    import numpy as np
    import shapely

    if not len(geometries):
        return np.array([], dtype=object)
    west, _south, east, _north = shapely.total_bounds(geometries)
    middle = (west + east) / 2

    def plane(points: Array) -> Array:
        narrower = np.cos(np.radians(points[:, 1]))
        return np.column_stack(
            [(points[:, 0] - middle) * narrower * _METRES, -points[:, 1] * _METRES]
        )

    projected: Array = shapely.transform(np.asarray(geometries, dtype=object), plane)
    return projected


def _levels(whole: Array, boxes: Array) -> list[Array]:
    """The shapes, finest first: two pixels of the smallest views, then three times that, ..."""
    import numpy as np
    import shapely

    if not len(whole):
        return [whole]
    across = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    # A view is about twice as wide as what it shows; a twentieth of the views are smaller still.
    tolerance = max(float(np.quantile(across, 0.05)) * 2 / _VIEW * _FINEST, 1.0)
    levels = [shapely.coverage_simplify(whole, tolerance)]
    for _level in range(_LEVELS - 1):
        tolerance *= _COARSER
        levels.append(shapely.coverage_simplify(levels[-1], tolerance))
    return levels


def _outline(geometries: Array, shapely: Any) -> Any:
    """One shape of several that share lines, its holes filled."""
    if shapely.coverage_is_valid(geometries):
        merged = shapely.coverage_union_all(geometries)
    else:
        merged = shapely.union_all(shapely.make_valid(geometries))
    rings = shapely.get_exterior_ring(shapely.get_parts(merged))
    rings = rings[~shapely.is_missing(rings)]
    # A hole may hold islands of the same force: filled, it takes them in.
    filled = shapely.get_parts(shapely.union_all(shapely.make_valid(shapely.polygons(rings))))
    areas = shapely.area(filled)
    return shapely.multipolygons(filled[areas >= min(areas.sum() * _LEAST_ISLAND, areas.max())])
