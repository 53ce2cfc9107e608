"""Reading one CSV member into text columns, exactly: header, encoding, every row accounted for.

Every line after the header that is not empty is one row, whole or ragged: police.uk's fields hold
no line ends, and taking one for part of a field would let a stray quote swallow the rows after it.
What the text means belongs in ``street``, ``outcomes`` and ``stops``.
"""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass

import polars as pl

from openbeat.policeuk.archive import MemberError

_PLACE = ("Longitude", "Latitude", "Location", "LSOA code", "LSOA name")
HEADERS: dict[str, tuple[str, ...]] = {
    "street": (
        *("Crime ID", "Month", "Reported by", "Falls within"),
        *_PLACE,
        *("Crime type", "Last outcome category", "Context"),
    ),
    "outcomes": ("Crime ID", "Month", "Reported by", "Falls within", *_PLACE, "Outcome type"),
    "stops": (
        *("Type", "Date", "Part of a policing operation", "Policing operation"),
        # Stops write latitude first, street and outcomes longitude first.
        *("Latitude", "Longitude", "Gender", "Age range"),
        *("Self-defined ethnicity", "Officer-defined ethnicity", "Legislation"),
        *("Object of search", "Outcome", "Outcome linked to object of search"),
        "Removal of more than just outer clothing",
    ),
}
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class RawMember:
    """The rows of a member as text.

    Attributes:
        frame: The header's columns as text (empty is null) and ``line`` (Int64), the row's
            line of the file, counting the header as 1.
        ragged: ``line`` and ``text`` of rows with too few or too many fields, or stray quotes.
        rows: How many lines after the header are not empty: those of ``frame`` and ``ragged``.
        sha256: Of the member's bytes.
    """

    frame: pl.DataFrame
    ragged: pl.DataFrame
    rows: int
    sha256: str


def parse_member(data: bytes, dataset: str, name: str) -> RawMember:
    """Parse a member; LF or CRLF line ends and a byte-order mark make no difference.

    Args:
        data: The member's bytes.
        dataset: ``street``, ``outcomes`` or ``stops``.
        name: The member's path, for messages.

    Raises:
        MemberError: Not UTF-8, or the header is not exactly the published one.
    """
    digest = hashlib.sha256(data).hexdigest()
    text = data.removeprefix(_BOM)
    _check_encoding(text, name)
    header = HEADERS[dataset]
    _check_header(text, header, name)
    frame = _read_fast(text, header)
    if frame is not None:
        return RawMember(frame, _ragged([]), frame.height, digest)
    frame, ragged = _read_by_line(text, header)
    return RawMember(frame, ragged, frame.height + ragged.height, digest)


def _check_encoding(text: bytes, name: str) -> None:
    at = text.find(b"\x00")  # UTF-16 in plain letters is valid UTF-8 but for these
    if at < 0:
        if text.isascii():
            return
        try:
            text.decode("utf-8")
            return
        except UnicodeDecodeError as error:
            at = error.start
    raise MemberError(
        "not UTF-8 text",
        file=name,
        row=text.count(b"\n", 0, at) + 1,
        value=f"byte 0x{text[at]:02x}",
        rule="member_encoding",
        mend="save the file as UTF-8 without changing anything else, or download it again.",
    )


def _check_header(text: bytes, header: tuple[str, ...], name: str) -> None:
    first = text.split(b"\n", 1)[0].rstrip(b"\r").decode("utf-8")
    if not first:
        raise MemberError(
            "the file is empty: not even a header",
            file=name,
            row=1,
            rule="member_header",
            mend="download the archive again.",
        )
    try:
        found = next(csv.reader([first], strict=True), [])
    except csv.Error:
        found = [first]
    if tuple(found) == header:
        return
    missing = [c for c in header if c not in found]
    extra = [c for c in found if c not in header]
    what = "; ".join(
        part
        for part in (
            f"missing {', '.join(missing)}" if missing else "",
            f"not known {', '.join(extra)[:200]}" if extra else "",
            "" if missing or extra else "the columns are in another order or doubled",
        )
        if part
    )
    raise MemberError(
        f"the header is not police.uk's: {what}",
        file=name,
        row=1,
        rule="member_header",
        mend=f"the header is exactly: {','.join(header)}",
    )


def _read_fast(text: bytes, header: tuple[str, ...]) -> pl.DataFrame | None:
    """Polars' own reader, or None where a row might be ragged and needs the slow way."""
    try:
        frame = pl.read_csv(io.BytesIO(text), infer_schema=False)
    except pl.exceptions.PolarsError:
        return None
    # Not one row a line: a quote that spans lines, or empty lines.
    if text.count(b"\n") + (not text.endswith(b"\n")) != frame.height + 1:
        return None
    inside = 0
    if b'"' in text:
        inside = _total(frame, header, ",")
        if b'""' in text:
            frame = frame.with_columns(
                pl.when(pl.col(c) != "").then(pl.col(c)).alias(c) for c in header
            )
    # Polars fills a short row with nulls; the number of commas betrays it.
    if text.count(b",") != (frame.height + 1) * (len(header) - 1) + inside:
        return None
    return frame.with_columns(pl.int_range(2, frame.height + 2, dtype=pl.Int64).alias("line"))


def _total(frame: pl.DataFrame, header: tuple[str, ...], what: str) -> int:
    counts = frame.select(
        pl.col(c).str.count_matches(what, literal=True).sum().cast(pl.Int64) for c in header
    )
    return int(counts.sum_horizontal()[0]) if frame.height else 0


def _read_by_line(text: bytes, header: tuple[str, ...]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Line by line, for a faulty member only: each row is either whole or ragged, none is lost."""
    good: list[list[str | None]] = []
    numbers: list[int] = []
    ragged: list[tuple[int, str]] = []
    for number, line in enumerate(text.decode("utf-8").split("\n")[1:], start=2):
        content = line.removesuffix("\r")
        if not content:
            continue
        try:
            fields = next(csv.reader([content], strict=True))
        except csv.Error:
            fields = []
        if len(fields) == len(header):
            good.append([field or None for field in fields])
            numbers.append(number)
        else:
            ragged.append((number, content))
    schema = dict.fromkeys(header, pl.String)
    frame = pl.DataFrame(good, schema=schema, orient="row")
    return frame.with_columns(pl.Series("line", numbers, dtype=pl.Int64)), _ragged(ragged)


def _ragged(rows: list[tuple[int, str]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"line": pl.Int64, "text": pl.String}, orient="row")
