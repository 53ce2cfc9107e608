"""Reading a sheet of a workbook (XLSX or ODS) into rows of text.

Cells that hold dates, times, numbers or booleans become the text that ``cells.text_of`` would give
them. Writing workbooks belongs elsewhere.
"""

from __future__ import annotations

import re
from typing import Any, Final

import polars as pl

from openbeat.engagement.cells import CELL_ERROR, LINE, named
from openbeat.errors import InputError

_OLD_OR_LOCKED: Final = bytes.fromhex("D0CF11E0A1B11AE1")
_DURATION: Final = re.compile(r"PT(\d+)H(\d+)M(\d+)", re.ASCII)
# What the reader makes of a date cell (XLSX with a space, ODS with a T), and of a time of day.
_DATED: Final = r"^\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}:\d{2}(?:\.\d+)?)?$"
_DAY: Final = r"^\d{4}-\d{2}-\d{2}$"
_MIDNIGHT: Final = r"^\d{4}-\d{2}-\d{2}(?:[ T]00:00:00(?:\.0+)?)?$"
_TIME_CELL: Final = r"^1899-12-31[ T]"


def read_workbook(data: bytes, file: str, sheet: str | None, header_line: int) -> pl.DataFrame:
    """Read one sheet.

    Args:
        data: The workbook.
        file: Its name, for messages.
        sheet: The sheet's name; the first by default.
        header_line: The line of the headers, the sheet's first being 1.

    Returns:
        ``line`` (true lines of the sheet) and their columns, all text. Rows that are blank are
        left out; a merged cell has its value in its first cell only. A cell with a formula that
        failed holds ``(error in the cell)``.

    Raises:
        InputError: It is no such workbook, is protected by a password or cut off, or the sheet or
            its header is not there.
    """
    cells = _cells(_open(data, file), file, sheet)
    if cells.height < header_line:
        raise InputError(
            "the sheet has no header" if cells.is_empty() else f"there is no line {header_line}",
            file=file,
            mend="look at sheet and header_line of the source.",
        )
    columns = [name for name in cells.columns if name != LINE]
    header = cells.select(columns).row(header_line - 1)
    body = cells.slice(header_line).with_columns(_dates(cells.slice(header_line), columns))
    return named(header, body, file)


def _open(data: bytes, file: str) -> Any:
    import fastexcel

    try:
        return fastexcel.read_excel(data)
    except fastexcel.FastExcelError as error:
        if data.startswith(_OLD_OR_LOCKED) or "assword" in str(error):
            raise InputError(
                "is protected by a password, or is a workbook of the old kind (.xls)",
                file=file,
                mend="save it without a password, as .xlsx or .ods.",
            ) from None
        raise _broken(file) from None


def _broken(file: str) -> InputError:
    return InputError(
        "cannot be read as a workbook",
        file=file,
        mend="copy it again, since it may have been cut off; or open it and save it as .xlsx.",
    )


def _cells(book: Any, file: str, sheet: str | None) -> pl.DataFrame:
    import fastexcel

    if sheet is not None and sheet not in book.sheet_names:
        raise InputError(
            f"there is no sheet {sheet!r}",
            file=file,
            mend=f"write one of {', '.join(book.sheet_names)} as sheet of the source.",
        )
    try:
        # Nothing may be guessed here: a column's type would depend on its first rows.
        loaded = book.load_sheet(
            0 if sheet is None else sheet, header_row=None, skip_rows=0, dtypes="string"
        )
        batch, errors = loaded.to_arrow_with_errors()
    except fastexcel.FastExcelError:
        raise _broken(file) from None
    if not batch.num_columns:
        return pl.DataFrame(schema={LINE: pl.Int64})
    cells = pl.DataFrame(pl.from_arrow(batch))
    if errors is not None:
        cells = _with_errors(cells, errors.errors)
    return cells.select(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(LINE), pl.all())


def _with_errors(cells: pl.DataFrame, errors: list[Any]) -> pl.DataFrame:
    """The cells the reader left empty, since they are of a type it does not make text of."""
    places: dict[int, dict[int, str]] = {}
    for error in errors:
        row, column = error.offset_position
        places.setdefault(column, {})[row] = _cell(error.detail)
    return cells.with_columns(
        cells.to_series(column).scatter(list(texts), list(texts.values()))
        for column, texts in places.items()
    )


def _cell(detail: str) -> str:
    """A time of an ODS sheet comes as a fault that tells the time; all else is a true fault."""
    time = _DURATION.search(detail)
    if time is None:
        return CELL_ERROR
    hours, minutes, seconds = time.groups()
    return f"{int(hours):02}:{minutes}" + ("" if seconds == "00" else f":{seconds}")


def _dates(body: pl.DataFrame, columns: list[str]) -> list[pl.Expr]:
    """Date cells as ISO text; without the time where all dates of the column are at midnight."""
    return [_date_column(body[name]) for name in columns if body[name].str.contains(_DATED).any()]


def _date_column(values: pl.Series) -> pl.Expr:
    text = pl.col(values.name)
    of_day = text.str.contains(_TIME_CELL)
    dates = values.filter(values.str.contains(_DATED) & ~values.str.contains(_TIME_CELL))
    with_time = not dates.str.contains(_MIDNIGHT).all()
    # Dates are fractions of days in a workbook, so a second may come a hair short.
    moment = (
        pl.when(text.str.contains(_DAY))
        .then(text + "T00:00:00")
        .otherwise(text.str.replace(" ", "T"))
        .str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="ms")
        .dt.round("1s")
    )
    time = moment.dt.strftime("%H:%M:%S").str.strip_suffix(":00")
    iso = moment.dt.strftime("%Y-%m-%dT%H:%M:%S" if with_time else "%Y-%m-%d")
    turned = pl.when(of_day).then(time).when(text.str.contains(_DATED)).then(iso)
    return pl.coalesce(turned, text).alias(values.name)
