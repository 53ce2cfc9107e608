"""The annotated copy of a checked log: their own rows, with the cells marked that break a rule.

It may be sent on to whoever keeps the log, so restricted values are masked in it. What is marked
is found by ``marks`` and ``checking``.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import polars as pl

from openbeat.engagement.cells import LINE
from openbeat.engagement.checking import Checked
from openbeat.engagement.marks import shown
from openbeat.errors import InputError

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

SAYS: Final = "openbeat says"
ROW: Final = "row in your file"
_MOST_ROWS: Final = 1_048_575
_MOST_TEXT: Final = 32_000  # A cell holds 32,767 characters.
_MOST_COMMENTS: Final = 3_000  # More make a workbook slow to open; the last column tells all.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_NO_XML: Final = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{fffe}\x{ffff}]"
_FILLS: Final[Mapping[str, str]] = {"critical": "FFC7CE", "warning": "FFEB9C"}
_WORDS: Final[Mapping[str, str]] = {
    "critical": "Refused",
    "warning": "Warning",
    "info": "Note",
}


class _Mark(NamedTuple):
    """What one cell is marked with."""

    severity: str
    text: str


def annotated(checked: Checked) -> bytes:
    """An XLSX copy of the rows of a checked log.

    Args:
        checked: What the check found.

    Returns:
        The workbook: their headers and rows, all text; cells that break a critical rule filled
        red, a warning yellow, each with the rule and how to mend it in a comment (on the first
        3,000; the last columns tell all); then ``row in your file`` and ``openbeat says``.
        Restricted values, and columns that nothing is made from, read ``(restricted)``. Text that
        a spreadsheet could take for a formula is kept text.

    Raises:
        InputError: There are more rows than a sheet holds.
    """
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    frame = checked.rows.frame
    if frame.height > _MOST_ROWS:
        raise InputError(
            f"has {frame.height:,} rows, and a sheet holds {_MOST_ROWS:,}",
            file=checked.rows.name,
            mend="check it without --annotate, or in parts.",
        )
    book = Workbook(write_only=True)
    sheet = book.create_sheet("checked")
    headers = [name for name in frame.columns if name != LINE]
    sheet.freeze_panes = "A2"
    for number, name in enumerate([*headers, ROW], start=1):
        sheet.column_dimensions[get_column_letter(number)].width = min(40, max(12, len(name) + 3))
    sheet.column_dimensions[get_column_letter(len(headers) + 2)].width = 100
    writer = _Writer(sheet, headers)
    writer.head()
    marks, says = _cell_marks(checked.marks), _row_says(checked)
    shown_rows = shown(frame, checked.sources, checked.contract, checked.rows.ragged[LINE])
    values = shown_rows.with_columns(
        pl.col(headers).str.replace_all(_NO_XML, " ").str.slice(0, _MOST_TEXT)
    )
    for line, *cells in values.iter_rows():
        writer.row(line, cells, marks.get(line, {}), says.get(line))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _told(severity: pl.Expr, message: pl.Expr, rule: pl.Expr, mend: pl.Expr) -> pl.Expr:
    """A mark in words."""
    word = severity.replace_strict(_WORDS)
    hint = pl.when(mend.is_not_null()).then(pl.lit(" Mend: ") + mend).otherwise(pl.lit(""))
    return word + pl.lit(": ") + message + pl.lit(" [") + rule + pl.lit("]") + hint


_TOLD: Final = ("severity", "message", "rule", "mend")


def _order() -> pl.Expr:
    """The severity as a number, the worst first."""
    return pl.col("severity").replace_strict({name: n for n, name in enumerate(_WORDS)})


def _cell_marks(marks: pl.DataFrame) -> dict[int, dict[str, _Mark]]:
    """By line and column of theirs: the worst severity, and all that is said."""
    cells = (
        marks.with_columns(text=_told(*(pl.col(name) for name in _TOLD)))
        .explode("columns", empty_as_null=True)
        .drop_nulls("columns")
        .group_by("line", "columns", maintain_order=True)
        .agg(
            _order().min(),
            pl.col("text").unique(maintain_order=True).str.join("\n"),
        )
    )
    found: dict[int, dict[str, _Mark]] = {}
    for line, column, worst, text in cells.iter_rows():
        found.setdefault(line, {})[column] = _Mark(list(_WORDS)[worst], text)
    return found


def _row_says(checked: Checked) -> dict[int, str]:
    """By line: all that is said of the row, with the columns it is said of."""
    where = pl.col("columns").list.join(", ")
    named = pl.when(where != "").then(where + pl.lit(": ")).otherwise(pl.lit(""))
    told = checked.marks.with_columns(
        message=named + pl.col("message"),
    ).select("line", text=_told(*(pl.col(name) for name in _TOLD)), order=_order())
    worst_first = told.sort("order", maintain_order=True)
    rows = worst_first.group_by("line", maintain_order=True).agg(pl.col("text").str.join("\n"))
    example = "The template's example: never taken in. Write over it."
    return dict(rows.iter_rows()) | dict.fromkeys(checked.examples, example)


class _Writer:
    """Writes one row after another; cells that need no mark are plain values, which is quicker."""

    def __init__(self, sheet: WriteOnlyWorksheet, headers: Sequence[str]) -> None:
        from openpyxl.styles import Font, PatternFill

        self._sheet = sheet
        self._headers = headers
        self._fills = {k: PatternFill("solid", fgColor=v) for k, v in _FILLS.items()}
        self._bold = Font(bold=True)
        self._comments = 0

    def head(self) -> None:
        row = []
        for name in [*self._headers, ROW, SAYS]:
            cell = self._text(name)
            cell.font = self._bold
            row.append(cell)
        self._sheet.append(row)

    def row(
        self, line: int, values: Sequence[str | None], marks: Mapping[str, _Mark], says: str | None
    ) -> None:
        cells: list[Any] = list(values)
        for at, (name, value) in enumerate(zip(self._headers, values, strict=True)):
            mark = marks.get(name)
            if mark is not None:
                cells[at] = self._marked(value, mark)
            elif value is not None and value.startswith(_FORMULA):
                cells[at] = self._text(value)
        said = None if says is None else self._text(says[:_MOST_TEXT])
        self._sheet.append([*cells, line, said])

    def _marked(self, value: str | None, mark: _Mark) -> Cell:
        from openpyxl.comments import Comment

        cell = self._text(value)
        if mark.severity in self._fills:
            cell.fill = self._fills[mark.severity]
        if self._comments < _MOST_COMMENTS:
            self._comments += 1
            cell.comment = Comment(mark.text, "openbeat", width=320, height=120)
        return cell

    def _text(self, value: str | None) -> Cell:
        """A cell of text, whatever the text begins with."""
        from openpyxl.cell import WriteOnlyCell

        cell = WriteOnlyCell(self._sheet, value)
        if value is not None:
            cell.data_type = "s"
            cell.quotePrefix = value.startswith(_FORMULA)
        return cell
