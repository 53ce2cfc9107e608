"""Reading boundaries from GeoJSON and GeoPackage, in any coordinate system.

Only these formats and their columns belong here; police.uk's KML archive is in ``kml``.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from openbeat.errors import InputError
from openbeat.geography.repair import combine
from openbeat.geography.shapes import FORCE_ID, RawShape, issue

FORCE_COLUMNS = ("force", "force_id")
ID_COLUMNS = ("neighbourhood_id", "id", "code")
NAME_COLUMNS = ("name", "neighbourhood_name")


def read_vector(
    path: Path, force_id: str | None = None
) -> tuple[list[RawShape], list[dict[str, Any]]]:
    """Read every neighbourhood of a GeoJSON or GeoPackage file.

    Features of one file with the same force and id are parts of one shape, and are listed.

    Args:
        path: The file. GeoJSON that states no coordinate system is WGS84.
        force_id: The force, where the file has no column for it.

    Returns:
        The shapes, and an issue for each feature that can't be used or that was joined.

    Raises:
        InputError: It can't be read, has several layers with shapes, lacks a column, names a
            force that is no police.uk slug, or its coordinates can't be brought to WGS84.
    """
    layer = _layer(path)
    with warnings.catch_warnings():  # GDAL warns of open rings and repeated ids; both are listed
        warnings.simplefilter("ignore", RuntimeWarning)
        meta, _, wkb, columns = _attempt(path, pyogrio.raw.read, layer=layer, force_2d=True)
    fields = dict(zip((str(name) for name in meta["fields"]), columns, strict=True))
    ids = _texts(fields[_required(path, fields, ID_COLUMNS)])
    forces = _forces(path, fields, force_id, len(ids))
    name_column = _optional(fields, NAME_COLUMNS)
    names = _texts(fields[name_column]) if name_column else ids
    geometries, notes = _geometries(wkb)
    geometries = _to_wgs84(geometries, meta["crs"], path.name)
    return _shapes(forces, ids, names, geometries, notes)


def _attempt(path: Path, function: Any, **options: Any) -> Any:
    try:
        return function(path, **options)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise InputError(
            f"not a readable GeoJSON or GeoPackage ({str(error).replace(str(path), path.name)})",
            file=path.name,
        ) from error


def _layer(path: Path) -> str:
    """The one layer that has shapes."""
    found = [str(name) for name, kind in _attempt(path, pyogrio.list_layers) if kind is not None]
    if len(found) != 1:
        raise InputError(
            f"has {len(found)} layers with shapes ({', '.join(found) or 'none'}), one is needed",
            file=path.name,
            mend="Keep the layer of neighbourhoods in a file of its own.",
        )
    return found[0]


def _optional(fields: dict[str, Any], wanted: tuple[str, ...]) -> str | None:
    return next((name for name in wanted if name in fields), None)


def _required(path: Path, fields: dict[str, Any], wanted: tuple[str, ...]) -> str:
    found = _optional(fields, wanted)
    if found is None:
        raise InputError(
            f"needs a column {' or '.join(wanted)}; the file has {', '.join(fields) or 'none'}",
            file=path.name,
            mend=f"Rename the column to {wanted[0]}."
            + (" Or name the force in the settings." if wanted is FORCE_COLUMNS else ""),
        )
    return found


def _texts(values: NDArray[Any]) -> list[str | None]:
    """Cells as text; a whole number has no decimals (GDAL makes them floats beside a null)."""
    return [
        None
        if value is None or value != value
        else str(int(value))
        if isinstance(value, float) and value.is_integer()
        else str(value).strip() or None
        for value in values.tolist()
    ]


def _forces(
    path: Path, fields: dict[str, Any], force_id: str | None, rows: int
) -> list[str | None]:
    column = _optional(fields, FORCE_COLUMNS)
    if column is None and force_id is not None:
        return [force_id] * rows
    column = _required(path, fields, FORCE_COLUMNS)
    forces = _texts(fields[column])
    for row, value in enumerate(forces, start=1):
        if value is not None and not FORCE_ID.fullmatch(value):
            raise InputError(
                f"feature {row} names a force that is not a police.uk slug",
                file=path.name,
                column=column,
                value=value,
                mend="Use the slug, for example avon-and-somerset.",
            )
    return forces


def _geometries(wkb: NDArray[Any]) -> tuple[list[Any], list[str | None]]:
    """Shapely geometries, rings closed where they were not; and what was done."""
    strict = shapely.from_wkb(wkb, on_invalid="ignore")
    fixed = shapely.from_wkb(wkb, on_invalid="fix")
    notes = [
        "unclosed ring closed" if was is None and now is not None else None
        for was, now in zip(strict, fixed, strict=True)
    ]
    return [combine([geometry]) for geometry in fixed], notes


def _to_wgs84(geometries: list[Any], crs: str | None, file: str) -> list[Any]:
    if crs is None:
        raise InputError(
            "does not state its coordinate system", file=file, mend="Write it with its CRS."
        )
    try:
        system = CRS.from_user_input(crs)
    except CRSError as error:
        raise InputError("its coordinate system is not known", file=file, value=crs) from error
    array = np.array(geometries, dtype=object)
    if not system.equals(CRS.from_epsg(4326), ignore_axis_order=True):
        to_degrees = Transformer.from_crs(system, 4326, always_xy=True)
        array = shapely.transform(
            array, lambda xy: np.column_stack(to_degrees.transform(xy[:, 0], xy[:, 1]))
        )
    points = shapely.get_coordinates(array)
    if not (np.abs(points) <= (180.0, 90.0)).all():
        raise InputError(
            f"coordinates are not longitude and latitude in degrees, though it states {crs}",
            file=file,
            mend="State the coordinate system the file is really in.",
        )
    return list(array)


def _shapes(
    forces: list[str | None],
    ids: list[str | None],
    names: list[str | None],
    geometries: list[Any],
    notes: list[str | None],
) -> tuple[list[RawShape], list[dict[str, Any]]]:
    shapes: dict[tuple[str, str], RawShape] = {}
    issues: list[dict[str, Any]] = []
    rows = zip(forces, ids, names, geometries, notes, strict=True)
    for number, (force, key, name, geometry, note) in enumerate(rows, start=1):
        if force is None or key is None:
            issues.append(issue(force, key, "unreadable", f"feature {number}: no force or no id"))
            continue
        first = shapes.get((force, key))
        if first is None:
            shapes[force, key] = RawShape(force, key, name or key, geometry, note)
            continue
        shapes[force, key] = RawShape(
            force,
            key,
            first.name,
            combine([first.geometry, geometry]),
            first.note or note,
        )
        issues.append(
            issue(force, key, "duplicate_id", f"feature {number}: taken as a part of the first")
        )
    return list(shapes.values()), issues
