"""Mending polygons in a working copy, measuring them, and telling whether two are the same.

Only what is done to one shape at a time belongs here; shapes against each other: ``overlaps``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod

POLYGON, MULTIPOLYGON = 3, 6
WGS84 = Geod(ellps="WGS84")
_RING_MINIMUM = 4  # a closed ring: a triangle and its first point again


def close_ring(coordinates: NDArray[np.float64]) -> tuple[NDArray[np.float64] | None, str | None]:
    """A ring's points, closed.

    Args:
        coordinates: n x 2, longitude and latitude in degrees.

    Returns:
        The closed ring, or None where fewer than 4 points are left; and what was done, or None.
    """
    note = None
    if len(coordinates) and not np.array_equal(coordinates[0], coordinates[-1]):
        coordinates = np.concatenate([coordinates, coordinates[:1]])
        note = "unclosed ring closed"
    if len(coordinates) < _RING_MINIMUM:
        return None, "ring of fewer than 4 points left out"
    return coordinates, note


def combine(geometries: Iterable[Any]) -> Any:
    """The polygonal parts of some geometries as one Polygon or MultiPolygon; None if none."""
    parts = np.array([g for g in geometries if g is not None], dtype=object)
    for _ in range(2):  # collections may hold MultiPolygons, so twice
        parts = shapely.get_parts(parts)
    parts = parts[(shapely.get_type_id(parts) == POLYGON) & ~shapely.is_empty(parts)]
    if len(parts) == 0:
        return None
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def working_copies(originals: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Valid copies of polygons, and why each invalid one was repaired.

    Rings are mended by GEOS ``make_valid``, method "structure", which merges overlapping parts
    and keeps holes as holes; lines and points that fall out of it are left out.

    Args:
        originals: Polygons and MultiPolygons; not altered.

    Returns:
        The working copies (None where nothing with an area is left), and for each the reason
        it was invalid as GEOS words it, None where it was valid.
    """
    copies = originals.copy()
    reasons = np.full(len(originals), None, dtype=object)
    for n in np.flatnonzero(~shapely.is_valid(originals)):
        reasons[n] = shapely.is_valid_reason(originals[n])
        mended = shapely.make_valid(originals[n], method="structure", keep_collapsed=False)
        copies[n] = combine([mended])
    return copies, reasons


def areas_km2(geometries: NDArray[Any]) -> NDArray[np.float64]:
    """Geodesic areas on the WGS84 ellipsoid, in square kilometres, holes taken out.

    Args:
        geometries: Valid Polygons and MultiPolygons in degrees.
    """
    parts, owner = shapely.get_parts(geometries, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    is_hole = np.concatenate([[False], part[1:] == part[:-1]])[: len(rings)]
    points, ring = shapely.get_coordinates(rings, return_index=True)
    starts = np.searchsorted(ring, np.arange(1, len(rings)))
    measured = np.array(
        [
            abs(WGS84.polygon_area_perimeter(xy[:, 0], xy[:, 1])[0])
            for xy in (np.split(points, starts) if len(rings) else ())
        ]
    )
    signed = np.where(is_hole, -measured, measured)
    return np.bincount(owner[part], weights=signed, minlength=len(geometries)) / 1e6


def fingerprints(originals: NDArray[Any]) -> list[str]:
    """SHA-256 of each shape as given, to 6 decimals (about 0.1 m), whatever its vertex order.

    Rounding and normalising (ring start, direction, order of parts) make the same shape from
    two formats give the same fingerprint.
    """
    rounded = shapely.transform(originals, lambda xy: np.round(xy, 6) + 0.0)  # + 0.0: no -0.0
    wkb = shapely.to_wkb(shapely.normalize(rounded), byte_order=1, output_dimension=2)
    return [hashlib.sha256(value).hexdigest() for value in wkb]
