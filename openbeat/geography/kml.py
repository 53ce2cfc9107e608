"""Reading police.uk's boundary archive: a zip of ``<force>/<neighbourhood-id>.kml``.

The zip's safety and the KML's quirks belong here. What is done with the shapes afterwards,
and other formats, do not.
"""

from __future__ import annotations

import html
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import numpy as np
import shapely
from numpy.typing import NDArray

from openbeat.errors import InputError
from openbeat.geography.repair import close_ring, combine
from openbeat.geography.shapes import FORCE_ID, RawShape, issue

MEMBER = re.compile(r"(?:\d{4}-\d\d/)?(?P<force>[^/]+)/(?P<id>[^/]+)\.kml", re.IGNORECASE)
MEMBER_LIMIT = 100_000_000  # bytes unpacked; the largest real neighbourhood is under 2 MB
TOTAL_LIMIT = 4_000_000_000

_LAYOUT = "The archive of boundaries holds <force>/<neighbourhood-id>.kml, nothing else."
_TAG = re.compile(r"<[^>]*>")
_ENTITY = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)(\w+;)?")


def read_kml_zip(path: Path) -> tuple[list[RawShape], list[dict[str, Any]]]:
    """Read every neighbourhood of a zip of KML files, without unpacking it to disk.

    Args:
        path: The zip.

    Returns:
        The shapes in the archive's order, and an issue for each member that can't be read.

    Raises:
        InputError: The zip as a whole can't be trusted: not a zip, truncated, encrypted, a
            path that escapes, a member twice, too large, or without any KML file.
    """
    shapes: list[RawShape] = []
    issues: list[dict[str, Any]] = []
    try:
        with zipfile.ZipFile(path) as archive:
            members = _members(archive, path.name)
            for member in members:
                try:
                    shapes.append(_read_member(archive, member))
                except _UnreadableError as fault:
                    issues.append(issue(*_identity(member.filename), "unreadable", fault.detail))
    except zipfile.BadZipFile as error:
        raise InputError(
            "not a zip file, or cut short", file=path.name, mend="Fetch the archive again."
        ) from error
    return shapes, issues


class _UnreadableError(Exception):
    """One member can't be read; the others can."""

    def __init__(self, member: str, reason: str) -> None:
        self.detail = f"{member}: {reason}"
        super().__init__(self.detail)


def _members(archive: zipfile.ZipFile, file: str) -> list[zipfile.ZipInfo]:
    members = [info for info in archive.infolist() if not info.is_dir()]
    seen: set[str] = set()
    for info in members:
        name = info.filename
        if name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/"):
            raise InputError("a member's path leads out of the archive", file=file, value=name)
        if info.flag_bits & 1:
            raise InputError("a member is encrypted", file=file, value=name)
        if name in seen:
            raise InputError("a member is there twice", file=file, value=name)
        if info.file_size > MEMBER_LIMIT:
            raise InputError(
                f"a member expands beyond {MEMBER_LIMIT:,} bytes", file=file, value=name
            )
        seen.add(name)
    if sum(info.file_size for info in members) > TOTAL_LIMIT:
        raise InputError(f"the archive expands beyond {TOTAL_LIMIT:,} bytes", file=file)
    if not any(MEMBER.fullmatch(info.filename) for info in members):
        raise InputError("holds no <force>/<neighbourhood-id>.kml", file=file, mend=_LAYOUT)
    return members


def _identity(member: str) -> tuple[str | None, str | None]:
    """Force and neighbourhood id of a member's path; ids may be percent- or HTML-encoded."""
    match = MEMBER.fullmatch(member)
    if match is None or not FORCE_ID.fullmatch(match["force"]):
        return None, None
    return match["force"], html.unescape(unquote(match["id"]))


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> RawShape:
    force_id, neighbourhood_id = _identity(member.filename)
    if force_id is None or neighbourhood_id is None:
        raise _UnreadableError(member.filename, "not <force>/<neighbourhood-id>.kml")
    try:
        root = _parse(archive.read(member))
        polygons, notes = _polygons(root)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise _UnreadableError(member.filename, f"damaged in the zip ({error})") from error
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise _UnreadableError(member.filename, str(error)) from error
    name = _name(root, neighbourhood_id)
    return RawShape(
        force_id, neighbourhood_id, name, combine(polygons), "; ".join(sorted(notes)) or None
    )


def _parse(data: bytes) -> ElementTree.Element:
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise ValueError("a document type declaration is not allowed in KML")
    try:
        return ElementTree.fromstring(data)
    except ElementTree.ParseError:
        # Names typed into a web form carry bare ampersands and HTML's own entities.
        return ElementTree.fromstring(_ENTITY.sub(rb"&amp;\1", data))


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _find(element: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    return (child for child in element.iter() if _local(child) == name)


def _polygons(root: ElementTree.Element) -> tuple[list[Any], set[str]]:
    """Every Polygon of every Placemark, with its holes."""
    polygons: list[Any] = []
    notes: set[str] = set()
    for element in _find(root, "Polygon"):
        shells = _rings(element, "outerBoundaryIs", notes)
        holes = _rings(element, "innerBoundaryIs", notes)
        polygons += [shapely.polygons(shell, holes=holes or None) for shell in shells]
    return polygons, notes


def _rings(polygon: ElementTree.Element, side: str, notes: set[str]) -> list[Any]:
    rings = []
    for boundary in _find(polygon, side):
        for element in _find(boundary, "coordinates"):
            ring, note = close_ring(_coordinates(element.text or ""))
            if note:
                notes.add(note)
            if ring is not None:
                rings.append(shapely.linearrings(ring))
    return rings


def _coordinates(text: str) -> NDArray[np.float64]:
    """Points of a KML coordinates text: ``lon,lat[,alt]`` apart by any white space."""
    first = text.split(None, 1)
    if not first:
        return np.empty((0, 2))
    width = first[0].count(",") + 1
    values = np.array(text.replace(",", " ").split(), dtype=np.float64)
    if (
        width not in (2, 3)
        or len(values) % width
        or text.count(",") * width != len(values) * (width - 1)
    ):
        raise ValueError("coordinates are not all lon,lat or all lon,lat,alt")
    points = values.reshape(-1, width)[:, :2]
    if not (np.abs(points) <= (180.0, 90.0)).all():  # also false for NaN
        raise ValueError("a coordinate is not a longitude and latitude in degrees")
    return points


def _name(root: ElementTree.Element, neighbourhood_id: str) -> str:
    """The name a person reads: in ``name``, or in ``description`` where ``name`` is the id."""
    placemark = next(_find(root, "Placemark"), root)
    texts = {
        tag: _clean(" ".join("".join(e.itertext()) for e in placemark if _local(e) == tag))
        for tag in ("name", "description")
    }
    if texts["name"] and texts["name"] != neighbourhood_id:
        return texts["name"]
    return texts["description"] or neighbourhood_id


def _clean(text: str) -> str:
    """Text without HTML: entities unescaped, tags stripped, white space folded."""
    return " ".join(html.unescape(_TAG.sub(" ", html.unescape(text))).split())
