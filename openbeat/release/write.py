"""Write a whole release into an empty folder: every file of the tree, checksums last.

Only the order of things belongs here. A release is written aside, then verified (``integrity``)
and promoted (``promote``); nothing here touches a release that is already public.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from openbeat.errors import InputError
from openbeat.release.content import Progress, ReleaseContent, parse_release_id
from openbeat.release.descriptors import data_package
from openbeat.release.files import room_for, write_text
from openbeat.release.geo import GEO_TABLE, GeoFile, write_geo
from openbeat.release.integrity import (
    DESCRIPTOR,
    DISCLOSURE,
    DISCLOSURE_PAGE,
    README,
    SUMS,
    hash_file,
    sums_text,
)
from openbeat.release.readme import readme_text
from openbeat.release.schemas import DICTIONARY, dictionary
from openbeat.release.tables import (
    FILE_NAME,
    MAX_CSV_ROWS,
    TableFile,
    published_columns,
    write_csv,
    write_table,
)

Files = dict[str, TableFile | GeoFile | None]
ABSOLUTE = re.compile(r"(?:file://|~?/[^/\s]+/|[A-Za-z]:[\\/]|\\\\)")
LOGIN = re.compile(r"://[^/@\s]+:[^/@\s]+@")


def write_release(
    content: ReleaseContent,
    staging: Path,
    release_id: str,
    progress: Progress | None = None,
    *,
    max_csv_rows: int = MAX_CSV_ROWS,
) -> None:
    """Write one release.

    The same content gives the same bytes, in any folder and on any day.

    Args:
        content: What the release says.
        staging: An empty folder, or none yet.
        release_id: The id it will be promoted under, from ``ReleaseStore.next_id``.
        progress: Called with the path of each file written.
        max_csv_rows: The most rows of a single CSV; a longer table gets one CSV a force.

    Raises:
        InputError: The content cannot be published as its contracts say (the message names the
            table and the column), or the disk is full.
    """
    _check(content, staging, release_id)
    tell = progress or (lambda _path: None)
    staging.mkdir(parents=True, exist_ok=True)
    files: Files = {}
    with room_for(f"release {release_id}"):
        for path, file in _write_content(content, staging, max_csv_rows):
            files[path] = file
            tell(path)
        write_text(staging / README, readme_text(content, release_id, files.values()))
        files[README] = None
        sizes = {path: _size(staging / path) for path in files}
        package = data_package(content, release_id, files, sizes)
        write_text(staging / DESCRIPTOR, json_text(package, sort_keys=False))
        hashes = {path: sha256 for path, (_, sha256) in sizes.items()}
        hashes[DESCRIPTOR] = hash_file(staging / DESCRIPTOR)
        write_text(staging / SUMS, sums_text(hashes))
    for path in (README, DESCRIPTOR, SUMS):
        tell(path)


def json_text(value: Any, *, sort_keys: bool = True) -> str:
    """JSON that is the same each time and that people can read; dates as ISO text.

    Raises:
        TypeError: A value is of no type that JSON has.
        ValueError: A number is not finite.
    """
    text = json.dumps(
        value,
        indent=2,
        ensure_ascii=False,
        allow_nan=False,
        sort_keys=sort_keys,
        default=_json_value,
    )
    return text + "\n"


def _json_value(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no JSON value")


def _write_content(
    content: ReleaseContent, staging: Path, max_csv_rows: int
) -> Iterator[tuple[str, TableFile | GeoFile | None]]:
    """Write every file that does not name the release, yielding each."""
    for name in sorted(content.tables):
        written = write_table(content.tables[name], content.contracts[name], staging, max_csv_rows)
        yield from ((file.path, file) for file in written)
    if content.boundaries is not None:
        contract = content.contracts[GEO_TABLE]
        shapes = write_geo(content.boundaries, contract, staging, content.month)
        yield from ((file.path, file) for file in shapes)
    for name in sorted(content.codelists):
        path = f"codelists/{name}.csv"
        (staging / "codelists").mkdir(exist_ok=True)
        write_csv(content.codelists[name], staging / path)
        yield path, TableFile(path, content.codelists[name].height, None)
    words = dictionary(content)
    write_csv(words, staging / DICTIONARY)
    yield DICTIONARY, TableFile(DICTIONARY, words.height, None)
    for path, value in (("quality.json", content.quality), ("provenance.json", content.provenance)):
        write_text(staging / path, json_text(value))
        yield path, None
    if content.disclosure is not None:
        write_text(staging / DISCLOSURE, json_text(content.disclosure))
        yield DISCLOSURE, None
        write_text(staging / DISCLOSURE_PAGE, content.disclosure_page)
        yield DISCLOSURE_PAGE, None


def _size(path: Path) -> tuple[int, str]:
    return path.stat().st_size, hash_file(path)


def _check(content: ReleaseContent, staging: Path, release_id: str) -> None:
    """Refuse what would fail halfway, or must not be published, before anything is written."""
    month, _ = parse_release_id(release_id)
    if month != content.month:
        raise InputError(
            f"release {release_id} cannot hold the month {content.month}",
            mend="ask the store for the next id of that month",
        )
    if staging.exists() and (not staging.is_dir() or any(staging.iterdir())):
        raise InputError(
            "a release is written into an empty folder", file=staging.name, mend="empty it first"
        )
    needed = [*content.tables, *([] if content.boundaries is None else [GEO_TABLE])]
    for table in needed:
        if table not in content.contracts or content.contracts[table].table != table:
            raise InputError(f"table {table} has no contract", mend="give its contract")
        published_columns(content.contracts[table])
        _check_codelists(content, table)
    for name in [*content.tables, *content.codelists]:
        if not FILE_NAME.fullmatch(name):
            raise InputError("not a name for a published file", value=name)
    _check_harmless(content.provenance, "provenance")
    _check_harmless(content.disclosure, "disclosure")


def _check_codelists(content: ReleaseContent, table: str) -> None:
    """A code list that a published table names must be published with it."""
    contract = content.contracts[table]
    published = {column.name for column in published_columns(contract)}
    named = {c.codelist for c in contract.columns if c.published}
    named |= {rule.codelist for rule in contract.rules if rule.column in published}
    if missing := sorted(name for name in named if name and name not in content.codelists):
        raise InputError(
            f"table {table} names code lists that the release does not hold: {', '.join(missing)}",
            mend="add them to the release's code lists",
        )


def _check_harmless(value: object, where: str) -> None:
    """Refuse a machine's path or a log-in where a release would publish it."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _check_harmless(key, where)
            _check_harmless(inner, f"{where}.{key}")
    elif isinstance(value, list | tuple):
        for inner in value:
            _check_harmless(inner, where)
    elif isinstance(value, Path) or (
        isinstance(value, str) and (ABSOLUTE.match(value) or LOGIN.search(value))
    ):
        raise InputError(
            f"{where} holds a machine's path or a log-in",  # the value itself is not repeated
            rule="a release names no path outside itself and nothing secret",
            mend="give the file's name and hash instead",
        )
