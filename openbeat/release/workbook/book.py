"""What a workbook is, whatever the file format: a cover, and sheets of one table each.

Only the model belongs here, and what makes a value fit for a cell. How a sheet is filled is in
``rows`` and ``months``, how a book becomes a file in ``xlsx`` and ``ods``: both show the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Final, Literal

import polars as pl

Kind = Literal["text", "integer", "decimal", "share", "year", "date", "month"]
"""How a column's values are shown; of months, the column holds the first day."""

COVER: Final = "Cover"
CONTENTS: Final = "Contents"
LANGUAGE: Final = "en-GB"
SHOWN_INSTEAD: Final = ("c", "x", "z")
"""Statuses of which the cell shows the code, since there is no number (publishing.md, 2.2)."""
SHOWN_BESIDE: Final = ("u", "p", "r")
"""Statuses of which the number stays a number, and the code stands in another column."""
NUMBERS: Final = ("integer", "decimal", "share", "year")
MAX_TEXT: Final = 32_000
"""A cell of a spreadsheet holds 32,767 characters."""
CUT: Final = " [cut: the whole is in the CSV]"
WIDEST: Final = 60
"""Characters after which a column of a table of data wraps its texts."""
PAGE: Final = 100
"""The same where a table is all words."""
_FILLED: Final = 1.05
"""Characters of prose in Arial a character of width holds, with what wrapping leaves empty."""
_NARROWEST: Final = 13


@dataclass(frozen=True)
class Column:
    """One column of a sheet's table.

    Attributes:
        heading: Its cell in the header row, unique in the sheet.
        kind: How values are shown.
        values: The values; strings for text, dates for dates and months.
        codes: Shorthand such as ``[c]`` shown in place of the value, null elsewhere; None for none.
        meaning: What the column holds, for the sheet that lists all columns.
        name: Its name in the release's CSV; empty where it is of this sheet alone.
        widest: The most characters of its width; longer texts are wrapped.
        links: The sheet of the book that each text links to; None for none.
    """

    heading: str
    kind: Kind
    values: pl.Series
    codes: pl.Series | None = None
    meaning: str = ""
    name: str = ""
    widest: int = WIDEST
    links: Sequence[str] | None = None

    @property
    def cells(self) -> list[object]:
        """What the cells hold: number, date, text or code; None for a blank cell."""
        if self.codes is None:
            return self.values.to_list()
        held = zip(self.values.to_list(), self.codes.to_list(), strict=True)
        return [value if code is None else code for value, code in held]

    @property
    def blanks(self) -> bool:
        """Whether a cell is blank."""
        known = self.values.is_not_null()
        return not (known if self.codes is None else known | self.codes.is_not_null()).all()

    @property
    def width(self) -> int:
        """Width in characters: longest text, up to a width at which it is wrapped."""
        longest = max((len(word) for word in self.heading.split()), default=0)
        if self.kind == "text" and len(self.values):
            longest = max(longest, int(self.values.str.len_chars().max() or 0))  # type: ignore[arg-type]
        return min(max(longest + 2, _NARROWEST), self.widest)


@dataclass(frozen=True)
class Sheet:
    """One worksheet: a title, lines that explain it, and one table under them.

    Attributes:
        name: Its tab, at most 31 characters, unique in the book; also the table's name.
        title: What, where, when; cell A1.
        lines: The lines between title and table, in order.
        columns: The table, all of one length, which is not 0.
    """

    name: str
    title: str
    lines: Sequence[str]
    columns: Sequence[Column]

    @property
    def rows(self) -> int:
        """How many rows the table has under its header row."""
        return len(self.columns[0].values) if self.columns else 0

    def tall_rows(self) -> list[tuple[int, int]]:
        """Rows, from 0, that take more than one line, and how many lines they do."""
        texts = [c for c in self.columns if c.kind == "text" and c.width == c.widest]
        if not texts:
            return []
        lines = [
            (pl.lit(column.values).str.len_chars() / (column.width * _FILLED)).ceil().fill_null(1)
            for column in texts
        ]
        tall = pl.select(pl.max_horizontal(lines).cast(pl.Int64).alias("lines")).with_row_index()
        return tall.filter(pl.col("lines") > 1).rows()


@dataclass(frozen=True)
class Line:
    """A line of the cover, with an address where it is a link."""

    text: str
    url: str = ""


@dataclass(frozen=True)
class Book:
    """One workbook.

    Attributes:
        title: The cover's title and the document's.
        author: The document's author.
        created: The document's date; given, since a clock would change the bytes.
        parts: The cover: heading to its lines, in order.
        sheets: After the cover and in this order.
    """

    title: str
    author: str
    created: date
    parts: Mapping[str, Sequence[Line]]
    sheets: Sequence[Sheet] = field(default_factory=tuple)


def fit(text: pl.Expr, *, identifier: bool = False) -> pl.Expr:
    """Text made fit for a cell of either format.

    One line without control characters; no sign at its start that makes a spreadsheet run it; no
    mark-up of the library that writes XLSX; not longer than a cell holds. It refuses a cell
    without any Latin letter or digit: a text in another script is introduced by a word, one that
    holds no letter at all becomes blank.

    Args:
        text: A column of strings.
        identifier: Whether it holds ids, whose first signs are part of them.
    """
    plain = text.str.replace_all(r"[\p{C}\s]+", " ").str.strip_chars()
    if not identifier:
        plain = plain.str.replace(r"^[=+\-@\s]+", "")
    plain = plain.str.replace_all("](", "] (", literal=True).str.replace_all(
        "$$", "$ $", literal=True
    )
    long = plain.str.len_chars() > MAX_TEXT
    plain = pl.when(long).then(plain.str.slice(0, MAX_TEXT) + CUT).otherwise(plain)
    return (
        pl.when(plain.str.contains("[A-Za-z0-9]"))
        .then(plain)
        .when(plain.str.contains(r"[\p{L}\p{N}]"))
        .then(pl.lit("Text: ") + plain)
    )


@lru_cache(4096)  # the words of columns and notes are those of every book
def fit_text(text: str) -> str:
    """The same for one text; empty where nothing is left."""
    return pl.select(fit(pl.lit(text))).item() or ""


def code(status: str) -> str:
    """A status as a cell shows it: ``[c]``."""
    return f"[{status}]"


def text_column(heading: str, values: Sequence[str], *, widest: int = PAGE) -> Column:
    """A column of given texts."""
    series = pl.Series("v", values, pl.String)
    return Column(heading, "text", series.to_frame().select(fit(pl.col("v")))["v"], widest=widest)


def contents_sheet(book: Book) -> Sheet:
    """The sheet of contents: gptables writes it in an XLSX from the same words."""
    names = [sheet.name for sheet in book.sheets]
    where = Column("Worksheet", "text", pl.Series(names, dtype=pl.String), links=names)
    titles = text_column("What it holds", [sheet.title for sheet in book.sheets])
    line = "This worksheet contains one table: the worksheets that follow, with links."
    return Sheet(CONTENTS, "Contents", [line], [where, titles])
