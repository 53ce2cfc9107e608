"""Boundaries of any source, read into one shape, checked, mended in a working copy and cached.

Which source serves which month belongs in ``register``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

import numpy as np
import polars as pl
import shapely

from openbeat.errors import InputError
from openbeat.geography.kml import read_kml_zip
from openbeat.geography.overlaps import compare, duplicate_names
from openbeat.geography.repair import areas_km2, fingerprints, working_copies
from openbeat.geography.shapes import (
    FORCE_ID,
    ISSUES,
    KEY,
    RELEASE,
    SHAPES,
    BoundaryFile,
    RawShape,
    issue,
    issues_frame,
)

PARSER_VERSION = 1  # raise it when the same source would be read into other frames

__all__ = ["PARSER_VERSION", "BoundaryFile", "cached_boundaries", "read_boundaries"]


def read_boundaries(
    path: Path, *, release: str | None = None, force_id: str | None = None
) -> BoundaryFile:
    """Read one boundary source: police.uk's KML zip, GeoJSON or GeoPackage, told by content.

    Args:
        path: The file. A zip's name ``YYYY-MM.zip`` gives its release.
        release: ``YYYY-MM``, where it is known otherwise; without it GeoJSON and GeoPackage
            are undated.
        force_id: The force of a GeoJSON or GeoPackage that has no column for it.

    Returns:
        The shapes (WGS84, working copy) and what was found wrong with them.

    Raises:
        InputError: The file as a whole can't be used; see ``kml`` and ``vector``.
    """
    release = _release(path, release, force_id)
    frame, issues = _read(path, force_id)
    return BoundaryFile(path.name, release, _sha256(path), frame, issues)


def cached_boundaries(
    path: Path, cache_dir: Path, *, release: str | None = None, force_id: str | None = None
) -> BoundaryFile:
    """Like ``read_boundaries``, but what was read is kept and found again by the file's content.

    The cache holds two Parquet files and a list of their hashes for each source; each is
    written aside and moved into place, the list last. Whatever does not match its hash is
    read anew from the source.

    Args:
        path: As in ``read_boundaries``.
        cache_dir: Where the cache lies; made where it is not there.
        release: As in ``read_boundaries``.
        force_id: As in ``read_boundaries``.

    Raises:
        InputError: As ``read_boundaries``.
    """
    release = _release(path, release, force_id)
    digest = _sha256(path)
    stem = f"{digest}-v{PARSER_VERSION}" + (f"-{force_id}" if force_id else "")
    frames = _load(cache_dir, stem)
    if frames is None:
        frames = _read(path, force_id)
        _store(cache_dir, stem, frames)
    return BoundaryFile(path.name, release, digest, *frames)


def _release(path: Path, release: str | None, force_id: str | None) -> str | None:
    if not path.is_file():
        raise InputError("there is no such boundary file", file=path.name)
    if release is not None and not RELEASE.fullmatch(release):
        raise InputError("a boundary release is a month, YYYY-MM", file=path.name, value=release)
    if force_id is not None and not FORCE_ID.fullmatch(force_id):
        raise InputError("a force is named by its police.uk slug", value=force_id)
    if release is None and path.suffix == ".zip" and RELEASE.fullmatch(path.stem):
        return path.stem
    return release


def _read(path: Path, force_id: str | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    with path.open("rb") as source:
        start = source.read(64)
    if start.startswith(b"SQLite format 3") or start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        from openbeat.geography.vector import read_vector  # GDAL and pandas: 2 s to import

        shapes, issues = read_vector(path, force_id)
    elif start.startswith(b"PK") or path.suffix == ".zip":
        shapes, issues = read_kml_zip(path)
    else:
        raise InputError("is neither a zip of KML files nor GeoJSON nor GeoPackage", file=path.name)
    kept, more = _first_of_each(shapes)
    frame, faults = _measure(kept)
    issues += more + faults
    if frame.is_empty():
        raise InputError(
            f"holds no usable boundary ({len(issues)} faults"
            + (f", the first: {issues[0]['detail']})" if issues else ")"),
            file=path.name,
        )
    listed = pl.concat([issues_frame(issues), compare(frame), duplicate_names(frame)])
    return frame, listed.sort(list(ISSUES), maintain_order=True)


def _first_of_each(shapes: list[RawShape]) -> tuple[list[RawShape], list[dict[str, Any]]]:
    """The first shape of each force and id, in order of both; the others as issues."""
    kept: dict[tuple[str, str], RawShape] = {}
    issues = []
    for shape in shapes:
        key = (shape.force_id, shape.neighbourhood_id)
        if key in kept:
            issues.append(issue(*key, "duplicate_id", "there again; the first is kept"))
        else:
            kept[key] = shape
    return [kept[key] for key in sorted(kept)], issues


def _measure(shapes: list[RawShape]) -> tuple[pl.DataFrame, list[dict[str, Any]]]:
    """Working copies, areas and fingerprints as a frame; repairs and empty shapes as issues."""
    issues = [
        issue(s.force_id, s.neighbourhood_id, "empty", _both(s.note, "no area"))
        for s in shapes
        if s.geometry is None
    ]
    shapes = [s for s in shapes if s.geometry is not None]
    originals = np.array([s.geometry for s in shapes], dtype=object)
    copies, invalid = working_copies(originals)
    reasons = [_both(s.note, reason) for s, reason in zip(shapes, invalid, strict=True)]
    frame = pl.DataFrame(
        {
            "force_id": [s.force_id for s in shapes],
            "neighbourhood_id": [s.neighbourhood_id for s in shapes],
            "name": [s.name for s in shapes],
            "geometry": shapely.to_wkb(copies, byte_order=1).tolist(),
            "repaired": [reason is not None for reason in reasons],
            "repair_reason": reasons,
            "area_km2": areas_km2(copies),
            "shape_sha256": fingerprints(originals),
        },
        schema=SHAPES,
    )
    usable = pl.col("geometry").is_not_null() & (pl.col("area_km2") > 0)
    listed = (
        ("repaired", frame.filter(usable & pl.col("repaired"))),
        ("empty", frame.filter(~usable)),
    )
    for kind, part in listed:
        rows = part.select(*KEY, "repair_reason").iter_rows()
        issues += [issue(force, key, kind, reason) for force, key, reason in rows]
    return frame.filter(usable), issues


def _both(one: str | None, other: str | None) -> str | None:
    return "; ".join(text for text in (one, other) if text) or None


def _sha256(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _load(cache_dir: Path, stem: str) -> tuple[pl.DataFrame, pl.DataFrame] | None:
    """The cached frames, or None where they are not there or not whole."""
    try:
        hashes = json.loads((cache_dir / f"{stem}.json").read_text("utf-8"))
        frames = []
        for part, schema in (("shapes", SHAPES), ("issues", ISSUES)):
            path = cache_dir / f"{stem}-{part}.parquet"
            if _sha256(path) != hashes[part]:
                return None
            frame = pl.read_parquet(path, glob=False)
            if frame.schema != pl.Schema(schema):
                return None
            frames.append(frame)
    except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError):
        return None
    return frames[0], frames[1]


def _store(cache_dir: Path, stem: str, frames: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    cache_dir.mkdir(parents=True, exist_ok=True)
    hashes = {}
    for part, frame in zip(("shapes", "issues"), frames, strict=True):
        path = cache_dir / f"{stem}-{part}.parquet"
        # Coordinates hardly compress; level 1 keeps reading them back quick.
        _replace(path, partial(frame.write_parquet, compression_level=1))
        hashes[part] = _sha256(path)
    text = json.dumps(hashes, sort_keys=True)
    _replace(cache_dir / f"{stem}.json", lambda out: out.write(text.encode()))


def _replace(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    aside = path.with_name(f".{path.name}-{uuid4().hex}")  # two processes may write at once
    try:
        with aside.open("xb") as out:
            write(out)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
