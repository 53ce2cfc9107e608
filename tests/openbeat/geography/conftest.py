"""Small boundaries to test with: boxes in degrees, as frames and as police.uk KML zips."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import shapely

from openbeat.geography.repair import areas_km2, fingerprints
from openbeat.geography.shapes import ISSUES, SHAPES, BoundaryFile

KML = (
    '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">'
    "<Document>{}</Document></kml>"
)


def _placemark(name: str, text: str, rings: list[str], description: str = "") -> str:
    shell, *holes = (f"<LinearRing><coordinates>{r}</coordinates></LinearRing>" for r in rings)
    inner = "".join(f"<innerBoundaryIs>{hole}</innerBoundaryIs>" for hole in holes)
    polygon = f"<Polygon><outerBoundaryIs>{shell}</outerBoundaryIs>{inner}</Polygon>"
    return (
        f"<Placemark><name>{name}</name><description>{description}</description>"
        f"{text}{polygon}</Placemark>"
    )


def _ring(west: float, south: float, east: float, north: float) -> str:
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return " ".join(f"{x:.6f},{y:.6f},0" for x, y in corners)


@pytest.fixture
def ring() -> Callable[..., str]:
    """KML coordinates of a box."""
    return _ring


@pytest.fixture
def kml() -> Callable[..., str]:
    """A KML document of one Placemark: ``kml(name, rings, description)``."""

    def make(name: str, rings: list[str], description: str = "") -> str:
        return KML.format(_placemark(name, "", rings, description))

    return make


@pytest.fixture
def kml_zip(tmp_path: Path) -> Callable[..., Path]:
    """Write a zip of members: ``kml_zip({path: text}, name)``."""

    def write(members: Mapping[str, str | bytes], name: str = "2025-03.zip") -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w") as archive:
            for member, text in members.items():
                archive.writestr(member, text)
        return path

    return write


@pytest.fixture
def shapes() -> Callable[..., pl.DataFrame]:
    """A shapes frame of ``(force, id, geometry)`` or ``(force, id, geometry, name)``."""

    def make(*rows: tuple[Any, ...]) -> pl.DataFrame:
        geometries = np.array([row[2] for row in rows], dtype=object)
        return pl.DataFrame(
            {
                "force_id": [row[0] for row in rows],
                "neighbourhood_id": [row[1] for row in rows],
                "name": [row[3] if len(row) > 3 else row[1] for row in rows],
                "geometry": shapely.to_wkb(geometries).tolist(),
                "repaired": [False] * len(rows),
                "repair_reason": [None] * len(rows),
                "area_km2": areas_km2(geometries),
                "shape_sha256": fingerprints(geometries),
            },
            schema=SHAPES,
        ).sort("force_id", "neighbourhood_id")

    return make


@pytest.fixture
def source(shapes: Callable[..., pl.DataFrame]) -> Callable[..., BoundaryFile]:
    """A boundary file in memory: ``source(release, *rows)``, without issues of its own."""

    def make(release: str | None, *rows: tuple[Any, ...], file: str = "f") -> BoundaryFile:
        return BoundaryFile(file, release, "0" * 64, shapes(*rows), pl.DataFrame(schema=ISSUES))

    return make
