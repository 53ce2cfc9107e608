"""Reading what a source delivers into rows of text: CSV, Parquet, and the way to the other kinds.

Workbooks are read in ``workbooks``, databases in ``databases``; what all have in common is in
``cells``. What the columns mean belongs in ``mapping``. Nothing here shows a value of a source.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import polars as pl

from openbeat.engagement.cells import LINE, Rows, named, no_ragged, text_of
from openbeat.engagement.databases import read_database
from openbeat.engagement.settings import EngagementSource
from openbeat.engagement.workbooks import read_workbook
from openbeat.errors import InputError

__all__ = ["ENDINGS", "Rows", "read_rows"]

ENDINGS: Final = (".csv", ".xlsx", ".ods", ".parquet")
# Rows of a CSV held as Python lists at a time; more of them set off full garbage collections.
_CHUNK: Final = 1_000
_FIELD_LIMIT: Final = 16 * 1024**2


def read_rows(
    source: EngagementSource, captured: Callable[[str], pl.DataFrame] | None = None
) -> Rows:
    """Read all rows of a source.

    Args:
        source: Where they are.
        captured: Gives what was captured for a table; needed for a source of that kind.

    Returns:
        The rows as text, ragged ones among them; rows that are all blank are left out.

    Raises:
        InputError: What is there cannot be read.
        SourceUnreachableError: The database cannot be reached.
    """
    if source.capture:
        if captured is None:
            raise TypeError("a captured source needs to be given what was captured")
        return _captured(captured(source.table))
    if source.url_env is not None:
        frame, name = read_database(source)
        return _of_content(name, frame)
    if source.path is None:
        raise TypeError("a source has a path, a database or a capture")
    return _read_file(source, source.path)


def _read_file(source: EngagementSource, path: Path) -> Rows:
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise InputError(
            f"a file ending in {ending or 'nothing'} cannot be read",
            file=path.name,
            mend=f"save it as one of {', '.join(ENDINGS)}.",
        )
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror}",
            file=path.name,
            mend=f"look at the path of source {source.name!r}.",
        ) from None
    if not data:
        raise InputError("is empty: not even a header", file=path.name)
    ragged = no_ragged()
    if ending == ".csv":
        frame, ragged = _read_csv(data, source, path.name)
    elif ending == ".parquet":
        frame = _read_parquet(data, path.name)
    else:
        frame = read_workbook(data, path.name, source.sheet, source.header_line)
    return Rows(path.name, frame, hashlib.sha256(data).hexdigest(), len(data), ragged)


def _of_content(name: str, frame: pl.DataFrame) -> Rows:
    """Rows that come from no file: their hash is that of their content as CSV."""
    data = frame.drop(LINE).write_csv().encode()
    return Rows(name, frame, hashlib.sha256(data).hexdigest(), len(data))


def _captured(frame: pl.DataFrame) -> Rows:
    columns = [column for column in frame.columns if column != LINE]
    cells = frame.select(pl.int_range(2, pl.len() + 2, dtype=pl.Int64).alias(LINE), *columns)
    return _of_content("police.uk", named(columns, cells, "police.uk"))


def _read_parquet(data: bytes, file: str) -> pl.DataFrame:
    try:
        frame = pl.read_parquet(io.BytesIO(data))
    except (pl.exceptions.PolarsError, OSError):
        raise InputError(
            "cannot be read as Parquet",
            file=file,
            mend="write or copy it again; it may have been cut off.",
        ) from None
    texts = [text_of(frame.to_series(n)).alias(f"c{n}") for n in range(frame.width)]
    lines = pl.int_range(2, frame.height + 2, dtype=pl.Int64, eager=True).alias(LINE)
    return named(frame.columns, pl.DataFrame([lines, *texts]), file)


def _read_csv(
    data: bytes, source: EngagementSource, file: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows, and which are ragged: blank fields beyond the header do not count."""
    text = _Text(data, _codec(data, source.encoding, file), source.separator, file)
    records = _records(text, source.header_line)
    _, header = next(records, (0, []))
    width = len(header)
    names = [f"c{n}" for n in range(width)]
    schema = {LINE: pl.Int64} | dict.fromkeys(names, pl.String)
    parts, ragged = [pl.DataFrame(schema=schema)], []
    while chunk := list(islice(records, _CHUNK)):
        for at, (line, fields) in enumerate(chunk):
            if len(fields) != width:
                if any(f.strip() for f in (fields if len(fields) < width else fields[width:])):
                    ragged.append((line, len(fields), width))
                chunk[at] = (line, (fields + [""] * width)[:width])
        lines, rows = zip(*chunk, strict=True)
        columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
        parts.append(pl.DataFrame({LINE: list(lines), **columns}, schema=schema))
    found = pl.DataFrame(ragged, schema=no_ragged().schema, orient="row")
    return named(header, pl.concat(parts, rechunk=True), file, keep=found[LINE]), found


@dataclass(frozen=True)
class _Text:
    """A CSV that is decoded as it is read, since its whole text would take four times its size."""

    data: bytes
    codec: str
    separator: str
    file: str

    def from_line(self, line: int) -> Iterator[str]:
        lines = io.TextIOWrapper(io.BytesIO(self.data), encoding=self.codec, newline="")
        return islice(lines, line - 1, None)


def _records(text: _Text, first: int) -> Iterator[tuple[int, list[str]]]:
    """Each record that is not an empty line, with the line it begins on."""
    csv.field_size_limit(_FIELD_LIMIT)
    reader = csv.reader(text.from_line(first), delimiter=text.separator)
    line = last = first
    try:
        for fields in reader:
            if fields:
                yield line, fields
                last = line
            line = first + reader.line_num
    except csv.Error:
        raise InputError(
            "is not CSV: a field is too long",
            file=text.file,
            row=line,
            mend="look for a quotation mark that is never closed.",
        ) from None
    _refuse_open_quote(text, last)


def _refuse_open_quote(text: _Text, last: int) -> None:
    """A quotation mark that is never closed would swallow all rows after it without a word."""
    reader = csv.reader(text.from_line(last), delimiter=text.separator, strict=True)
    try:
        for _ in reader:
            pass
    except csv.Error as error:
        if "end of data" in str(error):
            raise InputError(
                "a quotation mark is opened and never closed",
                file=text.file,
                row=last,
                mend='close it, or write a quotation mark that is part of a text twice ("").',
            ) from None


def _codec(data: bytes, encoding: str, file: str) -> str:
    """The codec that decodes all of the data; a byte-order mark of UTF-8 is passed over."""
    try:
        codec = codecs.lookup(encoding).name
        text = data.decode(codec)
    except LookupError:
        raise InputError(
            f"there is no encoding {encoding!r}",
            file=file,
            mend="write utf-8, cp1252 (Windows) or another one that Python knows.",
        ) from None
    except UnicodeDecodeError as error:
        at, reason = error.start, "cp1252 is usual for files from Windows"
    else:
        at, reason = text.find("\x00"), "utf-16 is what this looks like"
        if at < 0:
            return "utf-8-sig" if codec == "utf-8" else codec
    raise InputError(
        f"is not {encoding} text",
        file=file,
        row=data.count(b"\n", 0, at) + 1,
        mend=f"name its encoding in the source ({reason}), or save it as UTF-8.",
    )
