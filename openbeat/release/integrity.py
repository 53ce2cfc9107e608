"""Whether a release is whole: checksums, its content's digest, and every file against its words.

Only reading belongs here. ``SHA256SUMS`` is in the form of coreutils, so that ``sha256sum -c``
checks it too.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from openbeat.errors import InputError
from openbeat.release.files import files_of

SUMS = "SHA256SUMS"
DESCRIPTOR = "datapackage.json"
README = "README.md"
DISCLOSURE = "disclosure.json"
DISCLOSURE_PAGE = "DISCLOSURE.md"
NAMED = frozenset({DESCRIPTOR, README, SUMS})
"""The files that say which release they belong to, and so differ between equal releases."""
SUM_LINE = re.compile(r"(?P<hash>[0-9a-f]{64})  (?P<path>[^\\\r\n]+)")
COLUMN_TYPES = {
    "string": pl.String,
    "yearmonth": pl.String,
    "datetime": pl.String,
    "integer": pl.Int64,
    "number": pl.Float64,
    "boolean": pl.Boolean,
    "date": pl.Date,
}


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with a release.

    Attributes:
        path: The file, relative to the release.
        kind: ``missing``, ``extra``, ``hash``, ``bytes``, ``rows``, ``header``, ``unreadable``,
            ``undescribed`` or ``malformed``.
        message: What is wrong, one sentence.
    """

    path: str
    kind: str
    message: str


def hash_file(path: Path) -> str:
    """The sha256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sums_text(hashes: Mapping[str, str]) -> str:
    """The text of ``SHA256SUMS``: a line a file, sorted by path."""
    return "".join(f"{hashes[path]}  {path}\n" for path in sorted(hashes))


def read_sums(folder: Path) -> dict[str, str]:
    """Read ``SHA256SUMS``.

    Args:
        folder: A release.

    Returns:
        Path to hash.

    Raises:
        InputError: It is missing, or a line is malformed, out of order or a repeat.
    """
    file = folder / SUMS
    if not file.is_file():
        raise InputError("a release has none", file=SUMS, mend="take the release again, whole")
    found: dict[str, str] = {}
    for number, line in enumerate(file.read_text("utf-8", "replace").splitlines(), start=1):
        match = SUM_LINE.fullmatch(line)
        path = match["path"] if match else ""
        if match is None or (found and path <= next(reversed(found))) or not _inside(path):
            raise InputError(
                "malformed line",
                file=SUMS,
                row=number,
                rule="<64 hex digits>  <path>, sorted by path, each path once",
            )
        found[path] = match["hash"]
    return found


def content_digest(folder: Path) -> str:
    """One hash for what a release says, leaving out which release it is.

    Two releases with the same digest hold the same tables, shapes, lists, results and provenance.
    Hashes are taken from ``SHA256SUMS``, so ``verify`` first.

    Args:
        folder: A release.

    Returns:
        sha256, as hex digits, over the lines of all files but README.md and datapackage.json.

    Raises:
        InputError: ``SHA256SUMS`` is missing or malformed.
    """
    hashes = {path: value for path, value in read_sums(folder).items() if path not in NAMED}
    return hashlib.sha256(sums_text(hashes).encode()).hexdigest()


def verify(folder: Path) -> list[Problem]:
    """Find everything that is wrong with a release; files are read in pieces.

    Args:
        folder: A release.

    Returns:
        The problems, sorted; none where the release is whole.
    """
    try:
        hashes = read_sums(folder)
    except InputError as error:
        return [Problem(SUMS, "malformed", str(error))]
    return sorted({*_check_sums(folder, hashes), *_check_descriptor(folder, hashes)})


def _check_sums(folder: Path, hashes: Mapping[str, str]) -> Iterator[Problem]:
    present = set(files_of(folder))
    for path in sorted(present - set(hashes) - {SUMS}):
        yield Problem(path, "extra", f"is not in {SUMS}")
    for path, expected in hashes.items():
        if path not in present:
            yield Problem(path, "missing", f"is in {SUMS}, but there is no such file")
        elif (folder / path).is_symlink():
            yield Problem(path, "extra", "is a link; a release holds plain files only")
        elif hash_file(folder / path) != expected:
            yield Problem(path, "hash", f"was altered: its sha256 is not the one in {SUMS}")


def _check_descriptor(folder: Path, hashes: Mapping[str, str]) -> Iterator[Problem]:
    try:
        package = json.loads((folder / DESCRIPTOR).read_bytes())
        resources = {resource["path"]: resource for resource in package["resources"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield Problem(DESCRIPTOR, "malformed", f"cannot be read: {type(error).__name__}")
        return
    for path in sorted(set(hashes) - set(resources) - {DESCRIPTOR}):
        yield Problem(path, "undescribed", f"is not in {DESCRIPTOR}")
    for path, resource in resources.items():
        if path not in hashes:
            yield Problem(path, "missing", f"is in {DESCRIPTOR}, but not in {SUMS}")
        elif (folder / path).is_file():
            yield from _check_resource(folder, path, resource, hashes[path])


def _check_resource(
    folder: Path, path: str, resource: Mapping[str, Any], expected: str
) -> Iterator[Problem]:
    if resource.get("bytes") != (size := (folder / path).stat().st_size):
        yield Problem(path, "bytes", f"has {size} bytes, {DESCRIPTOR} says {resource.get('bytes')}")
    if resource.get("hash") != f"sha256:{expected}":
        yield Problem(path, "hash", f"{DESCRIPTOR} and {SUMS} give different hashes")
    if "schema" not in resource:
        return
    try:
        header, rows = _shape_of(folder / path)
    except (pl.exceptions.PolarsError, OSError) as error:
        yield Problem(path, "unreadable", f"cannot be read as a table: {type(error).__name__}")
        return
    if rows != (described := resource.get("row_count")):
        yield Problem(path, "rows", f"has {rows} rows, {DESCRIPTOR} says {described}")
    if difference := _header_difference(header, resource["schema"]["fields"]):
        yield Problem(path, "header", difference)


def _shape_of(path: Path) -> tuple[pl.Schema, int]:
    """Columns and rows of a table's file, without holding it."""
    scan = (
        pl.scan_parquet(path, glob=False)
        if path.suffix == ".parquet"
        else pl.scan_csv(path, infer_schema=False, glob=False)
    )
    return scan.collect_schema(), int(scan.select(pl.len()).collect().item())


def _header_difference(header: pl.Schema, fields: list[dict[str, Any]]) -> str:
    """What differs between a file's columns and its described fields; empty for nothing."""
    names = [field["name"] for field in fields]
    if header.names() != names:
        return f"has the columns {', '.join(header.names())}; described are {', '.join(names)}"
    if set(header.dtypes()) == {pl.String}:  # a CSV, or a table of texts
        return ""
    wrong = [f["name"] for f in fields if header[f["name"]] != COLUMN_TYPES.get(f["type"])]
    return f"holds another type than described: {', '.join(wrong)}" if wrong else ""


def _inside(path: str) -> bool:
    """Whether a path stays inside the release."""
    return not path.startswith("/") and ".." not in path.split("/")
