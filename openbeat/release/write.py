"""Write a whole release into an empty folder: every file of the tree, checksums last.

Only the order of things belongs here. A release is written aside, then verified (``integrity``)
and promoted (``promote``); nothing here touches a release that is already public.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from openbeat.errors import InputError
from openbeat.release.catalogue import write_catalogues
from openbeat.release.compatibility import check_compatible
from openbeat.release.content import Progress, ReleaseContent, parse_release_id
from openbeat.release.csvw import write_sidecars
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
    names_release,
    sums_text,
)
from openbeat.release.provenance import with_files
from openbeat.release.quality import write_quality
from openbeat.release.readme import LICENCE, licence_text, readme_text
from openbeat.release.redirects import write_redirects
from openbeat.release.revisions import CSV as REVISED
from openbeat.release.revisions import write_revisions
from openbeat.release.schemas import DICTIONARY, dictionary, write_schemas
from openbeat.release.tables import (
    FILE_NAME,
    GZIP_OVER,
    MAX_CSV_ROWS,
    TableFile,
    published_columns,
    write_csv,
    write_table,
)
from openbeat.release.workbook import write_workbooks

Written = Iterable[str | TableFile | GeoFile]
Pages = Callable[[Path, str, Mapping[str, int]], Iterable[str]]
"""Writes the website into a release: given its folder, its id and the bytes of what is written."""
PROVENANCE = "provenance.json"
ABSOLUTE = re.compile(r"(?:file://|~?/[^/\s]+/|[A-Za-z]:[\\/]|\\\\)")
LOGIN = re.compile(r"://[^/@\s]+:[^/@\s]+@")


class _Release:
    """What is written of a release so far.

    Attributes:
        files: Path to what is known of each file, in order of writing.
        sizes: Path to bytes and sha256.
    """

    def __init__(self, folder: Path, progress: Progress | None) -> None:
        self.folder = folder
        self.files: dict[str, TableFile | GeoFile | None] = {}
        self.sizes: dict[str, tuple[int, str]] = {}
        self._progress = progress

    def take(self, written: Written) -> None:
        """Write files, as each is asked for, and take note of them."""
        for file in written:
            path = file if isinstance(file, str) else file.path
            self.files[path] = None if isinstance(file, str) else file
            whole = self.folder / path
            self.sizes[path] = whole.stat().st_size, hash_file(whole)
            if self._progress:
                self._progress(path)

    def text(self, path: str, text: str) -> None:
        """Write one text file, and take note of it."""
        write_text(self.folder / path, text)
        self.take([path])

    @property
    def hashes(self) -> dict[str, str]:
        """Path to sha256."""
        return {path: sha256 for path, (_, sha256) in self.sizes.items()}


def write_release(
    content: ReleaseContent,
    staging: Path,
    release_id: str,
    progress: Progress | None = None,
    *,
    previous: Path | None = None,
    pages: Pages | None = None,
    max_csv_rows: int = MAX_CSV_ROWS,
    gzip_over: int = GZIP_OVER,
) -> None:
    """Write one release.

    The same content after the same release gives the same bytes, in any folder and on any day.

    Args:
        content: What the release says.
        staging: An empty folder, or none yet.
        release_id: The id it will be promoted under, from ``ReleaseStore.next_id``.
        progress: Called with the path of each file written.
        previous: The folder of the release before it; None for a first release.
        pages: Writes its website; None for none.
        max_csv_rows: The most rows of a single CSV; a longer table gets one CSV a force.
        gzip_over: The most bytes of a CSV that has no ``.csv.gz`` beside it.

    Raises:
        InputError: The content cannot be published as its contracts say (the message names the
            table and the column), its tables may not follow those of the release before, or the
            disk is full.
    """
    _check(content, staging, release_id)
    changes = check_compatible(content, previous, content.register)
    staging.mkdir(parents=True, exist_ok=True)
    release = _Release(staging, progress)
    with room_for(f"release {release_id}"):
        release.take(_tables(content, staging, max_csv_rows, gzip_over))
        release.take(_words(content, staging))
        release.take(write_quality(content, staging, previous))
        release.take(_statements(content, staging))
        release.take(write_sidecars(content, staging, dict(release.files)))
        made = {path: h for path, h in release.hashes.items() if not names_release(path)}
        release.text(PROVENANCE, json_text(with_files(content.provenance, made)))
        release.take(write_workbooks(content, staging, release_id))
        told = [change.sentence for change in changes]
        release.take(write_revisions(content, staging, release_id, previous, told))
        revised = {path: file for path, file in release.files.items() if path == REVISED}
        release.take(write_sidecars(content, staging, revised))
        bytes_of = {path: size for path, (size, _) in release.sizes.items()}
        release.text(README, readme_text(content, release_id, release.files, bytes_of))
        files, sizes = dict(release.files), dict(release.sizes)
        release.take(write_catalogues(content, staging, release_id, files, sizes))
        package = data_package(content, release_id, release.files, release.sizes)
        release.text(DESCRIPTOR, json_text(package, sort_keys=False))
        if pages is not None:
            release.take(pages(staging, release_id, bytes_of))
        write_text(staging / SUMS, sums_text(release.hashes))
        if progress:
            progress(SUMS)


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


def _tables(
    content: ReleaseContent, staging: Path, max_csv_rows: int, gzip_over: int
) -> Iterator[TableFile | GeoFile]:
    """Every table, and the shapes."""
    for name in sorted(content.tables):
        contract = content.contracts[name]
        yield from write_table(content.tables[name], contract, staging, max_csv_rows, gzip_over)
    if content.boundaries is not None:
        contract = content.contracts[GEO_TABLE]
        yield from write_geo(content.boundaries, contract, staging, content.month)


def _words(content: ReleaseContent, staging: Path) -> Iterator[str | TableFile]:
    """What the tables' codes, columns and names mean."""
    for name in sorted(content.codelists):
        path = f"codelists/{name}.csv"
        (staging / "codelists").mkdir(exist_ok=True)
        write_csv(content.codelists[name], staging / path)
        yield TableFile(path, content.codelists[name].height, None)
    words = dictionary(content)
    write_csv(words, staging / DICTIONARY)
    yield TableFile(DICTIONARY, words.height, None)
    yield from write_schemas(content, staging)
    yield write_redirects(content, staging, content.register)


def _statements(content: ReleaseContent, staging: Path) -> Iterator[str]:
    """What is said of the release as a whole, but for what names it."""
    texts = {LICENCE: licence_text(content)}
    if content.disclosure is not None:
        texts[DISCLOSURE] = json_text(content.disclosure)
        texts[DISCLOSURE_PAGE] = content.disclosure_page
    for path, text in texts.items():
        write_text(staging / path, text)
        yield path


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
