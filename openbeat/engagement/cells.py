"""Making text of what sources hold: typed columns to plain text, headers to names, blanks to null.

Every connector ends here, so a value reads the same whichever file or database it came from. What
a text means for a column of ours belongs in ``values``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from openbeat.errors import InputError

LINE: Final = "line"
CELL_ERROR: Final = "(error in the cell)"


def no_ragged() -> pl.DataFrame:
    """The frame of ragged rows where there is none: line, fields, header, all Int64."""
    return pl.DataFrame(schema={LINE: pl.Int64, "fields": pl.Int64, "header": pl.Int64})


@dataclass(frozen=True)
class Rows:
    """What a source delivered, as text.

    Attributes:
        name: What people see: the file's name or the database table; no path and no secret.
        frame: ``line`` (Int64, the row of the file, its first line being 1), then their columns,
            all String, trimmed, null where blank.
        sha256: Of the file's bytes, or of the content of what is no file.
        size: Bytes of the file, or of the content.
        ragged: ``line``, ``fields`` (how many it has) and ``header`` (how many that has) of rows
            with another number of fields than the header. They are in ``frame`` too, filled up or
            cut off.
    """

    name: str
    frame: pl.DataFrame
    sha256: str
    size: int
    ragged: pl.DataFrame = field(default_factory=no_ragged)


def text_of(values: pl.Series) -> pl.Series:
    """Typed values as text, the same text for the same value whatever it came in.

    Dates are ``YYYY-MM-DD``, moments ``YYYY-MM-DDTHH:MM:SS`` and end in Z where the zone is known,
    booleans ``yes`` and ``no``, whole numbers have no decimals, lists are joined by ``;``.
    """
    kind, name = values.dtype, values.name
    if kind == pl.Boolean:
        return values.replace_strict({True: "yes", False: "no"}, return_dtype=pl.String)
    if kind.is_float():
        text = values.fill_nan(None).cast(pl.String).str.strip_suffix(".0")
    elif isinstance(kind, pl.Datetime):
        aware = kind.time_zone is not None
        moments = values.dt.convert_time_zone("UTC") if aware else values
        text = moments.dt.strftime("%Y-%m-%dT%H:%M:%SZ" if aware else "%Y-%m-%dT%H:%M:%S")
    elif kind == pl.Time:
        text = values.dt.strftime("%H:%M:%S").str.strip_suffix(":00")
    elif kind == pl.Duration:
        text = values.dt.to_string("iso")
    elif isinstance(kind, pl.List | pl.Array):
        lists = values.cast(pl.List(pl.String))
        text = lists.list.join(";", ignore_nulls=True)
    elif isinstance(kind, pl.Struct):
        text = values.struct.json_encode()
    elif kind == pl.Binary:
        text = values.bin.encode("hex")
    else:
        text = values.cast(pl.String)
    return text.alias(name)


def named(
    headers: Sequence[str | None],
    cells: pl.DataFrame,
    file: str,
    keep: Sequence[int] | pl.Series = (),
) -> pl.DataFrame:
    """Give the columns of cells their headers, trim every cell, and drop rows that are all blank.

    Args:
        headers: What the header row holds, one for each column of ``cells``.
        cells: ``line`` and the columns of text in order, whatever they are called.
        file: For messages.
        keep: Lines that are kept even where they are blank under every header.

    Returns:
        ``line`` and their columns. A blank column without a header is left out; one that holds
        something is called ``unnamed after <the header on its left>``.

    Raises:
        InputError: No header at all, or one that is there twice.
    """
    trimmed = pl.all().exclude(LINE).str.strip_chars()
    cells = cells.with_columns(pl.when(trimmed != "").then(trimmed))
    columns = [name for name in cells.columns if name != LINE]
    tidy = [None if h is None else " ".join(h.split()) or None for h in headers]
    if not any(tidy):
        raise InputError(
            "there is no header",
            file=file,
            mend="put the names of the columns into the first line, or say where they are with "
            "header_line.",
        )
    names: dict[str, str] = {}
    for column, header in zip(columns, tidy, strict=True):
        if header is None and cells[column].null_count() == cells.height:
            continue
        name = header or _unnamed(list(names))
        if name in names:
            raise InputError(
                "the header is there twice",
                file=file,
                column=name,
                mend="give each column a name of its own.",
            )
        names[name] = column
    kept = cells.select(LINE, *(pl.col(column).alias(_safe(n)) for n, column in names.items()))
    filled = pl.any_horizontal(pl.all().exclude(LINE).is_not_null())
    return kept.filter(filled | pl.col(LINE).is_in(list(keep)))


def _safe(name: str) -> str:
    """Their own column called line must not take the place of ours."""
    return "their line" if name == LINE else name


def _unnamed(names: list[str]) -> str:
    return f"unnamed after {names[-1]}" if names else "unnamed at the start"
