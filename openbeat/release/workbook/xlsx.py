"""A book as XLSX, by gptables, to the Analysis Function's rules.

gptables lays out cover, contents and tables, marks the tables up and hides the grid lines. What it
leaves out is added here: document properties with a fixed date, the language, widths of columns.
"""

from __future__ import annotations

import copy
import io
import textwrap
import warnings
import zipfile
from datetime import datetime, time
from pathlib import Path
from typing import Any, Final

from openbeat.release.workbook.book import (
    CONTENTS,
    COVER,
    LANGUAGE,
    NUMBERS,
    Book,
    Kind,
    Line,
    Sheet,
    contents_sheet,
)

PARTS: Final = {
    "Introductory information": "intro",
    "About these data": "about",
    "Contact": "contact",
}
"""The headings that gptables gives a cover, and what it calls them."""
_CELL: Final = {"valign": "top", "indent": 1}
_DATA: Final = {**_CELL, "num_format": "#,##0"}
"""Of every cell of a table, since a format of some columns costs as much as writing them."""
_NUMBER_FORMATS: Final[dict[Kind, str]] = {
    "decimal": "#,##0.0",
    "share": "0%",
    "year": "0",
    "date": "d mmm yyyy",
    "month": "mmm yyyy",
}
_OPTIONS: Final = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,
}
_CORE: Final = "docProps/core.xml"
_CLOSE: Final = "</cp:coreProperties>"
# Widths are in characters of the workbook's default font, which is smaller than Arial 12.
_FONT: Final = 1.2
_COVER_WIDTH: Final = 100
_COVER_TEXT: Final = 105
_A4: Final = 9
_ROW: Final = 16.0
"""Points a line of Arial 12 takes."""
_TITLE_ROW: Final = 22.0
_FIXED: Final = (1980, 1, 1, 0, 0, 0)


def write_xlsx(book: Book, path: Path) -> None:
    """Write one workbook; the same book gives the same bytes.

    Args:
        book: The workbook.
        path: The file, in a folder that is there.
    """
    import gptables

    made = io.BytesIO()
    contents = contents_sheet(book)
    with warnings.catch_warnings():
        # It warns of blank cells, which each sheet explains, and of notes, which are a sheet; and
        # it calls what pandas 3 deprecates.
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        workbook = gptables.produce_workbook(
            made,
            {sheet.name: _gptable(sheet) for sheet in book.sheets},
            cover=gptables.Cover(book.title, width=_COVER_WIDTH, cover_label=COVER, **_parts(book)),
            theme=_theme(),
            contentsheet_label=CONTENTS,
            contentsheet_options={
                "title": contents.title,
                "instructions": contents.lines[0],
                "column_names": [column.heading for column in contents.columns],
                "table_name": "contents",
            },
            auto_width=False,
            workbook_options=_OPTIONS,
        )
    workbook.set_properties(
        {
            "title": book.title,
            "author": book.author,
            "created": datetime.combine(book.created, time()),
        }
    )
    _finish_cover(workbook.get_worksheet_by_name(COVER), book)
    for sheet in [contents, *book.sheets]:
        _finish(workbook.get_worksheet_by_name(sheet.name), sheet)
    workbook.close()
    _with_language(made, path)


def _gptable(sheet: Sheet) -> Any:
    import gptables
    import pandas as pd

    # A list of each column, so that no number becomes another type beside a text.
    frame = pd.DataFrame(
        {column.heading: pd.Series(column.cells, dtype=object) for column in sheet.columns}
    )
    return gptables.GPTable(
        table=frame,
        table_name=sheet.name.lower(),
        title=sheet.title,
        instructions=sheet.lines[0],
        legend=list(sheet.lines[1:]),
        index_columns={},
        additional_formatting=_formats(sheet),
    )


def _formats(sheet: Sheet) -> list[dict[str, Any]]:
    """What differs from the theme: how numbers look, and which stand to the right."""
    formats: dict[Kind, list[str]] = {}
    for column in sheet.columns:
        if column.kind in _NUMBER_FORMATS:
            formats.setdefault(column.kind, []).append(column.heading)
    found: list[dict[str, Any]] = [
        {"column": {"columns": names, "format": {"num_format": _NUMBER_FORMATS[kind]}}}
        for kind, names in formats.items()
    ]
    # gptables puts numbers to the right where it knows them: not in columns of shorthand alone, and
    # in none of the table where a heading bears shorthand.
    astray = any("[" in column.heading for column in sheet.columns)
    numbers = [c for c in sheet.columns if c.kind in NUMBERS and (astray or not c.values.count())]
    if numbers:
        names = [column.heading for column in numbers]
        found.append({"column": {"columns": names, "format": {"align": "right"}}})
    return found


def _theme() -> Any:
    """The theme of gptables, and cells that stand at the top of their row, a little apart."""
    from gptables import gptheme

    theme = copy.deepcopy(gptheme)
    theme.update_data_format(_DATA)
    theme.update_index_2_format(_CELL)
    theme.update_column_heading_format(_CELL)
    return theme


def _parts(book: Book) -> dict[str, list[str]]:
    return {PARTS[name]: [_marked_up(line) for line in lines] for name, lines in book.parts.items()}


def _marked_up(line: Line) -> str:
    return f"[{line.text}]({line.url})" if line.url else line.text


def _finish(worksheet: Any, sheet: Sheet) -> None:
    """Widths, and heights for texts that wrap; printed on A4, as wide as a page, with the header.

    Heights are given because not every program works them out. Ids that look like numbers get no
    green corners.
    """
    from xlsxwriter.utility import xl_range

    head = 1 + len(sheet.lines)
    _page(worksheet)
    worksheet.repeat_rows(head)
    worksheet.set_row(0, _TITLE_ROW)
    for number, column in enumerate(sheet.columns):
        worksheet.set_column(number, number, column.width * _FONT)
    tall = max(_wrapped(column.heading, column.width) for column in sheet.columns)
    worksheet.set_row(head, _ROW * tall)
    for row, lines in sheet.tall_rows():
        worksheet.set_row(head + 1 + row, _ROW * lines)
    area = xl_range(head + 1, 0, head + sheet.rows, len(sheet.columns) - 1)
    worksheet.ignore_errors({"number_stored_as_text": area})


def _finish_cover(worksheet: Any, book: Book) -> None:
    _page(worksheet)
    worksheet.set_row(0, _TITLE_ROW * _wrapped(book.title, _COVER_WIDTH * 3 // 4))
    row = 1
    for lines in book.parts.values():
        worksheet.set_row(row, _TITLE_ROW)
        for number, line in enumerate(lines, start=row + 1):
            worksheet.set_row(number, _ROW * _wrapped(line.text, _COVER_TEXT))
        row += 1 + len(lines)


def _page(worksheet: Any) -> None:
    worksheet.set_default_row(_ROW)
    worksheet.set_landscape()
    worksheet.set_paper(_A4)
    worksheet.fit_to_pages(1, 0)


def _wrapped(text: str, width: int) -> int:
    """How many lines a text takes at a width in characters."""
    return max(1, len(textwrap.wrap(text, width)))


def _with_language(made: io.BytesIO, path: Path) -> None:
    """Add the document's language, for which the library has no setting."""
    with (
        zipfile.ZipFile(made) as given,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in given.namelist():
            data = given.read(name)
            if name == _CORE:
                tag = f"<dc:language>{LANGUAGE}</dc:language>{_CLOSE}"
                data = data.replace(_CLOSE.encode(), tag.encode())
            target.writestr(zipfile.ZipInfo(name, _FIXED), data, zipfile.ZIP_DEFLATED)
