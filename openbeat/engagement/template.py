"""The workbook that ``openbeat template`` writes, with which a team without a system can start.

One sheet to fill in, one of notes, one of the codes. Everything in it comes from the contract of
its table and from ``examples``. Reading workbooks belongs in ``workbooks``; the annotated copy of
a checked file in ``annotated``.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from openbeat import codelists
from openbeat.engagement.examples import EXAMPLE, example_record, id_column
from openbeat.engagement.tables import TABLES

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

    from openbeat.contract import Column, Contract

SHEET: Final = "log"
_CODES: Final = "codes"
_LAST_ROW: Final = 10_000  # Down to here cells have their format and drop-down list.
_FORMATS: Final = {
    "date": "yyyy-mm-dd",
    "moment": "yyyy-mm-dd hh:mm",
    "integer": "0",
    "number": "0.##",
    "string": "@",
    "month": "@",
    "boolean": "@",
}
_WRITTEN: Final = {
    "date": "a day, written 2025-06-30",
    "moment": "day and time, written 2025-06-30 18:00; London's time",
    "month": "a month, written 2025-06",
    "integer": "a whole number, without words or units",
    "number": "a number, without words or units",
    "boolean": "yes or no",
    "string": "text",
}
# A required header is dark and bold; its comment and the notes say so in words.
_REQUIRED_FILL: Final = "1F4E79"
_OPTIONAL_FILL: Final = "D9E1F2"


def columns_to_fill(table: str, contract: Contract) -> list[Column]:
    """The columns of a template: the id, then those that are required, then the others.

    Args:
        table: The table's name.
        contract: Its contract; derived columns are left out.
    """
    columns = [column for column in contract.columns if not column.derived]
    first = id_column(table)
    return sorted(columns, key=lambda column: (column.name != first, column.nullable))


def template(table: str, contract: Contract) -> bytes:
    """The XLSX to fill in for a table.

    Args:
        table: The table's name.
        contract: Its contract.

    Returns:
        The workbook: ``log`` with headers, drop-down lists and an example row, ``notes``, and
        ``codes`` with the code lists of the table.
    """
    from openpyxl import Workbook

    columns = columns_to_fill(table, contract)
    book = Workbook()
    log = book.active
    assert log is not None
    log.title = SHEET
    _headers(log, columns, table)
    _example(log, columns, table)
    ranges = _codes(book, [column.codelist for column in columns])
    _cells(log, columns, ranges)
    _notes(book, table, contract, columns)
    book.move_sheet(_CODES, offset=1)
    book.properties.creator = "openbeat"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _headers(log: Worksheet, columns: Sequence[Column], table: str) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    example = example_record(table)
    for number, column in enumerate(columns, start=1):
        cell = log.cell(1, number, column.name)
        required = not column.nullable
        cell.font = Font(bold=required, color="FFFFFF" if required else "000000")
        cell.fill = PatternFill("solid", fgColor=_REQUIRED_FILL if required else _OPTIONAL_FILL)
        cell.alignment = Alignment(vertical="center")
        text = help_text(column, example.get(column.name))
        cell.comment = Comment(text, "openbeat", width=320, height=40 + 18 * _lines(text))
        log.column_dimensions[get_column_letter(number)].width = _width(column)
    log.row_dimensions[1].height = 24
    log.freeze_panes = "B2"
    log.auto_filter.ref = f"A1:{get_column_letter(len(columns))}1"


def help_text(column: Column, example: str | None) -> str:
    """What to write in a column: description, whether it is required, the form, an example."""
    lines = [column.description, "Required." if not column.nullable else "May be left empty."]
    if column.codelist is not None:
        lines.append(f"Write a code of the list {column.codelist} (sheet codes).")
    else:
        lines.append(f"Write {_WRITTEN[column.type]}.")
    if column.many:
        lines.append(
            "Several: put ; between them, as in a;b. A drop-down offers one; write the rest."
        )
    if column.restricted:
        lines.append("Kept inside; never published.")
    shown = example or (codelists.codes(column.codelist)[0] if column.codelist else None)
    if shown is not None:
        lines.append(f"Example: {shown.replace('T', ' ') if column.type == 'moment' else shown}")
    return "\n".join(lines)


def _lines(text: str) -> int:
    return sum(1 + len(line) // 46 for line in text.split("\n"))


def _width(column: Column) -> float:
    by_type = {"date": 13, "moment": 18, "month": 10, "integer": 10, "number": 10, "boolean": 9}
    least = len(column.name) + 5
    return max(least, by_type.get(column.type, 22 if column.codelist else 26))


def _example(log: Worksheet, columns: Sequence[Column], table: str) -> None:
    """The example in row 2, in italics and grey; a comment says what becomes of it."""
    from openpyxl.comments import Comment
    from openpyxl.styles import Font

    example = example_record(table)
    for number, column in enumerate(columns, start=1):
        text = example.get(column.name)
        cell = log.cell(2, number)
        cell.number_format = _FORMATS[column.type]
        if text is not None:
            cell.value = _typed(column, text)
            cell.font = Font(italic=True, color="7F7F7F")
    note = f"An example: write over it. A record whose id begins with {EXAMPLE} is never taken in."
    log.cell(2, 1).comment = Comment(note, "openbeat", width=280, height=70)


def _typed(column: Column, text: str) -> str | int | float | date | datetime:
    """The text as a spreadsheet holds it."""
    match column.type:
        case "date":
            return date.fromisoformat(text)
        case "moment":
            return datetime.fromisoformat(text)
        case "integer":
            return int(text)
        case "number":
            return float(text)
        case _:
            return text


def _codes(book: Workbook, names: Sequence[str | None]) -> dict[str, str]:
    """The code lists side by side, code and label each; returns where the codes of each are."""
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(_CODES)
    wanted = dict.fromkeys([*(name for name in names if name is not None), "yes_no"])
    ranges: dict[str, str] = {}
    for at, name in enumerate(wanted):
        rows = codelists.load(name)
        code, label = at * 2 + 1, at * 2 + 2
        sheet.cell(1, code, name).font = Font(bold=True)
        sheet.cell(1, label, "meaning").font = Font(bold=True)
        meanings = rows["label"] if "label" in rows.columns else rows.to_series(1)
        for row, (value, meaning) in enumerate(zip(rows.to_series(0), meanings, strict=True), 2):
            sheet.cell(row, code, value)
            sheet.cell(row, label, meaning)
        letter = get_column_letter(code)
        sheet.column_dimensions[letter].width = 26
        sheet.column_dimensions[get_column_letter(label)].width = 34
        ranges[name] = f"{_CODES}!${letter}$2:${letter}${rows.height + 1}"
    sheet.freeze_panes = "A2"
    return ranges


def _cells(log: Worksheet, columns: Sequence[Column], ranges: dict[str, str]) -> None:
    """Formats of whole columns, and the drop-down lists."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    for number, column in enumerate(columns, start=1):
        letter = get_column_letter(number)
        log.column_dimensions[letter].number_format = _FORMATS[column.type]
        name = "yes_no" if column.type == "boolean" else column.codelist
        if name is None:
            continue
        choice = DataValidation(type="list", formula1=ranges[name], allow_blank=True)
        # A list would refuse several codes in one cell, so there it only advises.
        choice.showErrorMessage = not column.many
        choice.errorTitle = column.name
        choice.error = f"Choose one of the list; the codes are explained on the sheet {_CODES}."
        choice.add(f"{letter}2:{letter}{_LAST_ROW}")
        log.add_data_validation(choice)


def _notes(book: Workbook, table: str, contract: Contract, columns: Sequence[Column]) -> None:
    from openpyxl.styles import Alignment, Font

    sheet = book.create_sheet("notes")
    sheet.column_dimensions["A"].width = 28
    sheet.column_dimensions["B"].width = 90
    sheet.column_dimensions["C"].width = 12
    for row, (head, text) in enumerate(_advice(table, contract), start=1):
        sheet.cell(row, 1, head).font = Font(bold=True)
        sheet.cell(row, 2, text).alignment = Alignment(wrap_text=True, vertical="top")
        sheet.cell(row, 1).alignment = Alignment(vertical="top")
    start = sheet.max_row + 2
    for number, head in enumerate(("column", "what it holds", "required"), start=1):
        sheet.cell(start, number, head).font = Font(bold=True)
    for row, column in enumerate(columns, start=start + 1):
        sheet.cell(row, 1, column.name)
        text = help_text(column, None).replace("\n", " ")
        cell: Cell = sheet.cell(row, 2, text)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.cell(row, 3, "no" if column.nullable else "yes")


def _advice(table: str, contract: Contract) -> list[tuple[str, str]]:
    """What somebody must know who fills it in."""
    texts = TABLES[table].texts
    advice = [
        (contract.title, contract.description),
        (
            "How to fill it in",
            f"Write into the sheet {SHEET}, one row a record, from row 2 on; write over the "
            "example. Leave the headers as they are. Dark headers are required. Point at a header "
            "to see what belongs there.",
        ),
        (
            "Ids",
            f"Give each record an id of its own and keep it for good: a record that changes keeps "
            f"its id, and its row is changed. Ids beginning with {EXAMPLE} are never taken in. "
            "An id holds no name and no number of a person, crime or incident.",
        ),
        (
            "To withdraw a record",
            "Write the reason into deleted_reason; the record then leaves what is published.",
        ),
        (
            "handling",
            "publishable: may be published after review. internal: counts in your own pages only. "
            "restricted: nobody but those who handle it. When in doubt, internal.",
        ),
    ]
    if texts:
        advice.append(
            (
                "Texts for the public",
                f"{', '.join(texts)}: these are published word for word. Never write there: a "
                "name, an address or postcode, a phone number or e-mail address of a person, a "
                "registration plate, a date of birth, a crime or incident number, a collar "
                "number, somebody's health, faith, origin or offences, or numbers of people.",
            )
        )
        advice.append(
            (
                "Review",
                "Somebody else reads those texts before they are published, and writes a role "
                "(not a name) into reviewer_role and the day into reviewed_on. A text that is "
                "changed afterwards needs a new review. Leave reviewed_sha256 empty.",
            )
        )
    advice.append(
        (
            "Not for this log",
            "A crime report, a safeguarding concern, intelligence or a formal complaint goes to "
            "whoever must act, the same day. What is marked as such here is passed on and goes no "
            "further.",
        )
    )
    advice.append(
        (
            "Before you hand it in",
            f"openbeat check FILE --as {table}   says what is wrong, in which row, and how to "
            "mend it.",
        )
    )
    return advice
