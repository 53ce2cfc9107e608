"""Whether a release is whole: checksums, its content's digest, and every file against its words.

Only reading of a folder belongs here; zips and addresses are in ``remote``, signatures in
``signing``. ``SHA256SUMS`` is in the form of coreutils, so that ``sha256sum -c`` checks it too.
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
SIGNATURE = "SHA256SUMS.minisig"
"""Signs ``SHA256SUMS``, so it cannot be in it."""
NAMED = frozenset(
    {
        DESCRIPTOR, README, SUMS, SIGNATURE, "CHANGELOG.md", "REVISIONS.csv", "REVISIONS.parquet",
        "QUALITY.md", "catalog.jsonld", "data.json", "croissant.json", "dataset.jsonld",
    }
)  # fmt: skip
"""The files that name their release or the one before it, and so differ between equal releases."""
SITE_FOLDER = "site/"
"""The website. It is in ``SHA256SUMS``; ``datapackage.json`` describes data, not pages."""
NAMED_FOLDERS = ("workbook/", SITE_FOLDER)
"""The covers of the workbooks and the pages name their release too."""
SUM_LINE = re.compile(r"(?P<hash>[0-9a-f]{64})  (?P<path>[^\\\r\n]+)")
COLUMN_TYPES: Mapping[str, set[type[pl.DataType]]] = {
    "string": {pl.String},
    "yearmonth": {pl.String},
    "datetime": {pl.String},
    "integer": {pl.Int32, pl.Int64},  # older releases hold 64 bits
    "number": {pl.Float64},
    "boolean": {pl.Boolean},
    "date": {pl.Date},
}
ZIPPED_CSV = ".csv.gz"


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with a release.

    Attributes:
        path: The file, relative to the release.
        kind: ``missing``, ``extra``, ``hash``, ``bytes``, ``rows``, ``header``, ``unreadable``,
            ``undescribed``, ``malformed``, ``name`` (it is another release than it is called),
            ``pin`` (not the bytes that were published), ``unsigned``, ``signature`` or
            ``archive`` (of a zip).
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
    # By line feeds alone, and one at the end: whatever else is there was not written by us.
    *lines, rest = file.read_bytes().decode("utf-8", "replace").split("\n")
    found: dict[str, str] = {}
    for number, line in enumerate([*lines, *([rest] if rest or not lines else [])], start=1):
        match = SUM_LINE.fullmatch(line) if number <= len(lines) else None
        path = match["path"] if match else ""
        if match is None or (found and path <= next(reversed(found))) or not is_inside(path):
            raise InputError(
                "malformed line",
                file=SUMS,
                row=number,
                rule="<64 hex digits>  <path>, sorted by path, each path once",
            )
        found[path] = match["hash"]
    return found


def names_release(path: str) -> bool:
    """Whether a file names its release, or the one before, and so says nothing of its content."""
    return path in NAMED or path.startswith(NAMED_FOLDERS)


def content_digest(folder: Path) -> str:
    """One hash for what a release says, leaving out which release it is.

    Two releases with the same digest hold the same tables, shapes, lists, results and provenance.
    Hashes are taken from ``SHA256SUMS``, so ``verify`` first.

    Args:
        folder: A release.

    Returns:
        sha256, as hex digits, over the lines of all files that do not name the release.

    Raises:
        InputError: ``SHA256SUMS`` is missing or malformed.
    """
    hashes = {path: v for path, v in read_sums(folder).items() if not names_release(path)}
    return hashlib.sha256(sums_text(hashes).encode()).hexdigest()


def verify(folder: Path, *, name: str = "", sums_sha256: str = "") -> list[Problem]:
    """Find everything that is wrong with a release; files are read in pieces.

    Args:
        folder: A release.
        name: The id it is known by, where that is known: it must say the same itself.
        sums_sha256: What the sha256 of its ``SHA256SUMS`` was when it was published, if known.

    Returns:
        The problems, sorted; none where the release is whole.
    """
    try:
        hashes = read_sums(folder)
    except InputError as error:
        return [Problem(SUMS, "malformed", str(error))]
    except OSError as error:
        return [_unreadable(SUMS, error)]
    found = {*_check_sums(folder, hashes), *_check_descriptor(folder, hashes, name)}
    if sums_sha256 and hash_file(folder / SUMS) != sums_sha256:
        found.add(Problem(SUMS, "pin", "is not the one that was published under this name"))
    return sorted(found)


def _check_sums(folder: Path, hashes: Mapping[str, str]) -> Iterator[Problem]:
    present = set(files_of(folder))
    for path in sorted(present - set(hashes) - {SUMS, SIGNATURE}):
        yield Problem(path, "extra", f"is not in {SUMS}")
    for path in sorted(present & {*hashes, SUMS, SIGNATURE}):
        if (folder / path).is_symlink() or not (folder / path).is_file():
            yield Problem(path, "extra", "is no plain file; a release holds no others, no links")
        elif path in hashes:
            yield from _check_hash(folder, path, hashes[path])
    for path in sorted(set(hashes) - present):
        yield Problem(path, "missing", f"is in {SUMS}, but there is no such file")


def _check_hash(folder: Path, path: str, expected: str) -> Iterator[Problem]:
    try:
        if hash_file(folder / path) != expected:
            yield Problem(path, "hash", f"was altered: its sha256 is not the one in {SUMS}")
    except OSError as error:
        yield _unreadable(path, error)


def _unreadable(path: str, error: OSError) -> Problem:
    return Problem(path, "unreadable", f"cannot be read ({error.strerror or type(error).__name__})")


def _check_descriptor(folder: Path, hashes: Mapping[str, str], name: str) -> Iterator[Problem]:
    try:
        package = json.loads((folder / DESCRIPTOR).read_bytes())
        resources = {str(resource["path"]): resource for resource in package["resources"]}
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        yield Problem(DESCRIPTOR, "malformed", f"cannot be read: {type(error).__name__}")
        return
    if name and (called := package.get("release")) != name:
        yield Problem(DESCRIPTOR, "name", f"says that this is release {called}, not {name}")
    undescribed = set(hashes) - set(resources) - {DESCRIPTOR}
    for path in sorted(path for path in undescribed if not path.startswith(SITE_FOLDER)):
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
    if path.endswith((".csv", ZIPPED_CSV, ".parquet")):
        try:
            yield from _check_table(folder / path, path, resource)
        except (pl.exceptions.PolarsError, OSError) as error:
            yield Problem(path, "unreadable", f"cannot be read as a table: {type(error).__name__}")
        except (KeyError, TypeError, AttributeError):
            yield Problem(path, "malformed", f"{DESCRIPTOR} does not describe its columns")


def _check_table(file: Path, path: str, resource: Mapping[str, Any]) -> Iterator[Problem]:
    """Rows and columns of a file as described; a file that is described by neither passes."""
    if "schema" not in resource and "row_count" not in resource:
        return
    header, rows = _shape_of(file)
    if rows != (described := resource.get("row_count")):
        yield Problem(path, "rows", f"has {rows} rows, {DESCRIPTOR} says {described}")
    if "schema" in resource:
        difference = _header_difference(
            header, resource["schema"]["fields"], typed=path.endswith(".parquet")
        )
        if difference:
            yield Problem(path, "header", difference)


def _shape_of(path: Path) -> tuple[pl.Schema, int]:
    """Columns and rows of a table's file, without holding it."""
    scan = (
        pl.scan_parquet(path, glob=False)
        if path.suffix == ".parquet"
        else pl.scan_csv(path, infer_schema=False, glob=False)  # unpacks gzip as it reads
    )
    return scan.collect_schema(), int(scan.select(pl.len()).collect().item())


def _header_difference(header: pl.Schema, fields: list[dict[str, Any]], *, typed: bool) -> str:
    """What differs between a file's columns and its described fields; empty for nothing."""
    names = [field["name"] for field in fields]
    if header.names() != names:
        return f"has the columns {', '.join(header.names())}; described are {', '.join(names)}"
    if not typed:  # a CSV holds texts
        return ""
    wrong = [
        f["name"] for f in fields if header[f["name"]] not in COLUMN_TYPES.get(f["type"], set())
    ]
    return f"holds another type than described: {', '.join(wrong)}" if wrong else ""


def is_inside(path: str) -> bool:
    """Whether a path, as POSIX writes it, is a plain one that stays inside the release."""
    return path.isprintable() and not {"", ".", ".."} & set(path.split("/"))
