"""The neighbourhoods' shapes to GeoParquet, GeoPackage, GeoJSON and PMTiles.

Only the writing of shapes belongs here; how they are read, repaired and dated is in
``openbeat.geography``. geopandas and pyogrio take a second to import, so they are imported where
they are used.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from openbeat.errors import InputError
from openbeat.release.tables import fitting, published_frame

if TYPE_CHECKING:
    import geopandas as gpd

    from openbeat.contract import Contract

GEO_TABLE = "neighbourhoods"
GEOMETRY = "geometry"
CRS = "EPSG:4326"
MAX_VERTICES = 250_000
"""More vertices than this (some 6 MB of text) and the GeoJSON is simplified."""
TOLERANCES = {20: 0.0002, 50: 0.0005, 100: 0.001, 200: 0.002}
"""Metres, as people are told, to degrees: triangles smaller than this squared are flattened
(Visvalingam-Whyatt). The finest that brings the shapes under ``MAX_VERTICES`` is taken."""
GEOJSON = {"driver": "GeoJSON", "RFC7946": "YES", "COORDINATE_PRECISION": 6}
ZOOMS = (4, 10)
"""Of the tiles: from Great Britain on a page to a neighbourhood on a screen."""


@dataclass(frozen=True)
class GeoFile:
    """One file of shapes.

    Attributes:
        path: POSIX path inside the release.
        rows: Shapes in it.
        note: How its shapes relate to the working copy.
    """

    path: str
    rows: int
    note: str


def write_geo(
    boundaries: pl.DataFrame,
    contract: Contract,
    release: Path,
    month: str,
    max_vertices: int = MAX_VERTICES,
) -> list[GeoFile]:
    """Write ``geo/neighbourhoods``: GeoParquet 1.1, GeoPackage, GeoJSON (RFC 7946), PMTiles.

    The first two hold the shapes in full, the others are for display.

    Args:
        boundaries: The contract's published columns and ``geometry`` (WKB, WGS84 degrees).
        contract: The contract of ``neighbourhoods``.
        release: The folder of the release.
        month: The release's month; its first day is written into the GeoPackage, which asks for
            a time. The day a run is made would make each run's bytes another's.
        max_vertices: The most vertices that a GeoJSON holds unsimplified.

    Returns:
        The files written.

    Raises:
        InputError: A column is missing or mistyped, or a shape is missing.
    """
    shapes = _shapes(boundaries, contract)
    folder = release / "geo"
    folder.mkdir(parents=True, exist_ok=True)
    shapes.to_parquet(
        folder / f"{GEO_TABLE}.parquet",
        index=False,
        compression="zstd",
        schema_version="1.1.0",
        write_covering_bbox=True,
    )
    _write_geopackage(shapes, folder / f"{GEO_TABLE}.gpkg", month)
    simple, note = _for_display(shapes, max_vertices)
    _write(simple, folder / f"{GEO_TABLE}.geojson", **GEOJSON)
    _write_tiles(simple, folder / f"{GEO_TABLE}.pmtiles")
    full = "Full detail: the working copy in which points were located."
    tiles = "Vector tiles for web maps, simplified at each zoom: not to locate points."
    notes = {"parquet": full, "gpkg": full, "geojson": note, "pmtiles": tiles}
    return [GeoFile(f"geo/{GEO_TABLE}.{end}", len(shapes), text) for end, text in notes.items()]


def _shapes(boundaries: pl.DataFrame, contract: Contract) -> gpd.GeoDataFrame:
    """The shapes with their published attributes, in the contract's order."""
    import geopandas as gpd
    import pandas as pd

    if GEOMETRY not in boundaries.columns or boundaries[GEOMETRY].null_count():
        raise InputError("every published neighbourhood needs its shape", column=GEOMETRY)
    # One chunk: GDAL commits chunk by chunk, and the number of commits is in a GeoPackage's bytes.
    with fitting(boundaries, contract):
        frame = published_frame(boundaries, contract, extra=[GEOMETRY]).collect().rechunk()
    attributes, shapes = frame.drop(GEOMETRY), frame[GEOMETRY]
    return gpd.GeoDataFrame(
        attributes.to_arrow().to_pandas(types_mapper=pd.ArrowDtype),
        geometry=gpd.GeoSeries.from_wkb(shapes.to_list(), crs=CRS),
    )


def _write_geopackage(shapes: gpd.GeoDataFrame, path: Path, month: str) -> None:
    """Write a GeoPackage with the same bytes each time: GDAL's clock is pinned meanwhile."""
    import pyogrio

    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{month}-01T00:00:00.000Z"})
    try:
        _write(shapes, path, driver="GPKG", promote_to_multi=True)
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _for_display(shapes: gpd.GeoDataFrame, max_vertices: int) -> tuple[gpd.GeoDataFrame, str]:
    """The shapes, simplified where they are many, and what was done, in words."""
    simple, metres = _simplified(shapes.geometry.to_numpy(), max_vertices)
    if not metres:
        return shapes, "Full detail, coordinates rounded to 6 decimals."
    note = (
        f"Simplified for display by about {metres} m, coordinates rounded to 6 decimals:"
        " to locate points, use the GeoParquet or the GeoPackage."
    )
    return shapes.set_geometry(simple, crs=CRS), note


def _simplified(shapes: Any, max_vertices: int) -> tuple[Any, int]:
    """Shapes with fewer vertices, and by how many metres they are simplified; 0 for not at all.

    Neighbours keep their common line. Forces draw overlaps and gaps, and such a set is no coverage
    that the method is made for; but measured on real shapes, shifted over each other, it then adds
    no overlap and breaks no shape, where simplifying each shape on its own does.
    """
    import shapely

    if shapely.get_num_coordinates(shapes).sum() <= max_vertices:
        return shapes, 0
    simple, metres = shapes, 0
    for metres, degrees in TOLERANCES.items():  # noqa: B007, the last one counts
        simple = shapely.coverage_simplify(simple, degrees)
        if shapely.get_num_coordinates(simple).sum() <= max_vertices:
            break
    return [_polygons(shape) for shape in shapely.make_valid(simple)], metres


def _write_tiles(shapes: gpd.GeoDataFrame, path: Path) -> None:
    """Write PMTiles. GDAL names the tiles after their file unless told a name."""
    low, high = ZOOMS
    told = {"NAME": GEO_TABLE, "DESCRIPTION": GEO_TABLE, "MINZOOM": low, "MAXZOOM": high}
    _write(shapes, path, driver="PMTiles", **told)


def _polygons(shape: Any) -> Any:
    """The polygons of a repaired shape; lines and points that a repair leaves hold no area."""
    import shapely

    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    parts = shapely.get_parts(shapely.get_parts([shape]))
    return shapely.union_all(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON])


def _write(shapes: gpd.GeoDataFrame, path: Path, **options: Any) -> None:
    """Write through memory: GDAL does not tell when the disk fills up as it closes a file."""
    whole = BytesIO()
    shapes.to_file(whole, engine="pyogrio", layer=GEO_TABLE, use_arrow=True, **options)
    path.write_bytes(whole.getbuffer())
