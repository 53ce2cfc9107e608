"""The one shape every boundary source is read into: the two frames, and what a reader hands over.

The words of the geography package belong here. Reading a format belongs in ``kml`` and
``vector``, mending in ``repair``, comparing shapes in ``overlaps``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

FORCE_ID = re.compile(r"[a-z]+(?:-[a-z]+)*")
RELEASE = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")

KEY = ["force_id", "neighbourhood_id"]

SHAPES: dict[str, pl.DataType] = {
    "force_id": pl.String(),
    "neighbourhood_id": pl.String(),
    "name": pl.String(),
    "geometry": pl.Binary(),
    "repaired": pl.Boolean(),
    "repair_reason": pl.String(),
    "area_km2": pl.Float64(),
    "shape_sha256": pl.String(),
}

ISSUES: dict[str, pl.DataType] = {
    "force_id": pl.String(),
    "neighbourhood_id": pl.String(),
    "kind": pl.String(),
    "other_force_id": pl.String(),
    "other_neighbourhood_id": pl.String(),
    "share": pl.Float64(),
    "detail": pl.String(),
}

KINDS = (
    "duplicate_id",
    "duplicate_name",
    "duplicate_shape",
    "empty",
    "overlap",
    "parent",
    "repaired",
    "unreadable",
)


@dataclass(frozen=True)
class RawShape:
    """One neighbourhood as a reader found it.

    Attributes:
        force_id: The police.uk slug.
        neighbourhood_id: The force's own id, case-sensitive.
        name: The name a person reads; the id where the source has none.
        geometry: A shapely Polygon or MultiPolygon in WGS84, as given; None where nothing
            polygonal was found.
        note: What had to be done to make a geometry of it at all (a ring closed or left out).
    """

    force_id: str
    neighbourhood_id: str
    name: str
    geometry: Any
    note: str | None = None


@dataclass(frozen=True)
class BoundaryFile:
    """One boundary source, read.

    Attributes:
        file: The source's file name.
        release: ``YYYY-MM``, or None for an undated file.
        sha256: SHA-256 of the source's bytes.
        frame: One row a neighbourhood, columns and types of ``SHAPES``, sorted by force_id and
            neighbourhood_id. ``geometry`` is WKB in WGS84, the repaired working copy.
        issues: What was found wrong or odd, columns and types of ``ISSUES``, kinds ``KINDS``.
    """

    file: str
    release: str | None
    sha256: str
    frame: pl.DataFrame
    issues: pl.DataFrame


def issue(
    force_id: str | None,
    neighbourhood_id: str | None,
    kind: str,
    detail: str | None = None,
    other: tuple[str, str] | None = None,
    share: float | None = None,
) -> dict[str, Any]:
    """One row of the issues frame, as a mapping."""
    return {
        "force_id": force_id,
        "neighbourhood_id": neighbourhood_id,
        "kind": kind,
        "other_force_id": other[0] if other else None,
        "other_neighbourhood_id": other[1] if other else None,
        "share": share,
        "detail": detail,
    }


def issues_frame(rows: Iterable[dict[str, Any]]) -> pl.DataFrame:
    """Issue rows as a frame of schema ``ISSUES``, in a stable order."""
    frame = pl.DataFrame(list(rows), schema=ISSUES, orient="row")
    return frame.sort(list(ISSUES), nulls_last=False, maintain_order=True)
