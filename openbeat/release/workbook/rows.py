"""Sheets that show rows of a published table: codes in words, statuses as shorthand in the cells.

How any sheet is explained above its table is here too. Which tables and columns is in ``plan``,
tables with a column a month are in ``months``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

import polars as pl

from openbeat.release.workbook.book import (
    NUMBERS,
    SHOWN_BESIDE,
    SHOWN_INSTEAD,
    Column,
    Kind,
    Sheet,
    code,
    fit,
    fit_text,
)
from openbeat.release.workbook.plan import MAX_ROWS, NOTES, RowSheet, heading
from openbeat.website import words

if TYPE_CHECKING:
    from openbeat.contract import Column as ContractColumn
    from openbeat.contract import Contract

LONDON: Final = "Europe/London"
FORCE_LEVEL: Final = "Force level"
"""What stands for the neighbourhood in a row that is of the force only."""
MARKS: Final = "Marked figures"
MARKS_MEANING: Final = (
    "Which numbers of the row bear [u], [p] or [r], which are explained above the table; none where"
    " none does."
)
_SHARE: Final = "share of 1"


@dataclass(frozen=True)
class Scope:
    """What a book is of, and the words for codes.

    Attributes:
        force: Id of the force.
        name: Its name.
        months: The months of the release, oldest first.
        as_of: The day engagement is covered up to.
        codelists: Code list name to its frame.
        notes: Ids of the notes of the book, in their order: the first is note 1.
    """

    force: str
    name: str
    months: Sequence[str]
    as_of: date
    codelists: Mapping[str, pl.DataFrame]
    notes: Sequence[str] = tuple(NOTES)

    @property
    def year(self) -> Sequence[str]:
        """The last twelve months, or as many as there are."""
        return self.months[-12:]

    @property
    def since(self) -> str:
        """The first of the twelve months that end with the month of ``as_of``."""
        return year_to(self.as_of)

    def labels(self, codelist: str | None) -> dict[str, str]:
        """Code to label; empty where the list has no labels or the release no such list."""
        frame = self.codelists.get(codelist or "")
        if frame is None or "label" not in frame.columns:
            return {}
        return dict(frame.select(frame.columns[0], "label").drop_nulls().iter_rows())


def year_to(day: date) -> str:
    """The first of the twelve months that end with a day's month: ``2024-08``."""
    number = day.year * 12 + day.month - 12
    return f"{number // 12:04}-{number % 12 + 1:02}"


def month_name(month: str) -> str:
    """A month as a heading: ``Jul 2025``."""
    return f"{words.month(month)[:3]} {month[:4]}"


def row_sheet(
    spec: RowSheet, frame: pl.DataFrame, contract: Contract, scope: Scope
) -> Sheet | None:
    """One sheet of a table's rows.

    Args:
        spec: Which.
        frame: The force's rows of the published table.
        contract: The table's contract.
        scope: The force, the months, the words.

    Returns:
        The sheet; None where it would have no row.
    """
    if spec.keep is not None:
        frame = frame.filter(spec.keep(scope.months[-1], scope.since))
    if frame.is_empty():
        return None
    known = {column.name: column for column in contract.columns}
    order = [known[name] for name in spec.order if name in frame.columns and name in known]
    if order:
        places = [_place(column, scope) for column in order]
        backwards = [column.name in spec.newest_first for column in order]
        frame = frame.sort(places, descending=backwards, nulls_last=True, maintain_order=True)
    shown = frame.head(MAX_ROWS)
    names = [name for name in spec.columns if name in frame.columns and name in known]
    columns = [_column(known[name], shown, spec, scope) for name in names]
    if (marks := _marks(shown, spec, names)) is not None:
        columns.append(marks)
    named = {
        "force": scope.name,
        "month": month_name(scope.months[-1]),
        "since": month_name(scope.months[0]),
        "as_of": words.day(scope.as_of),
    }
    said = [spec.line] if spec.line else []
    if frame.height > MAX_ROWS:
        said.append(f"The first {MAX_ROWS:,} of {frame.height:,} rows.")
    return sheet_of(spec.name, spec.title.format(**named), columns, scope, said, spec)


def sheet_of(
    name: str,
    title: str,
    columns: Sequence[Column],
    scope: Scope,
    said: Iterable[str],
    source: RowSheet | None = None,
    *,
    table: str = "",
    notes: Sequence[str] = (),
) -> Sheet:
    """Put the lines above a table: layout, blanks, shorthand, where the whole is, notes.

    Args:
        name: The sheet's.
        title: Its title.
        columns: Its table.
        scope: For the labels of the statuses and the numbers of the notes.
        said: Sentences on this table.
        source: The plan the table and the notes are of, if any.
        table: The published table, where there is no plan.
        notes: Ids of the notes, where there is no plan.
    """
    table = source.table if source else table
    notes = source.notes if source else notes
    first = "This worksheet contains one table."
    if any(column.blanks for column in columns):
        first += " A blank cell means that nothing is recorded."
    lines = [first, *said]
    if used := _shorthand(columns):
        meant = scope.labels("value_statuses")
        meanings = "; ".join(f"{code(s)} = {meant.get(s, s)}" for s in used)
        lines.append(f"Shorthand in this table: {meanings}.")
    if table:
        lines.append(f"The whole table is tables/{table} in the release, as CSV and Parquet.")
    if numbers := [scope.notes.index(note) + 1 for note in notes if note in scope.notes]:
        lines.append("Notes: " + " ".join(f"[note {number}]" for number in sorted(numbers)))
    return Sheet(name, fit_text(title), [fit_text(line) for line in lines], list(columns))


def _shorthand(columns: Sequence[Column]) -> list[str]:
    """The statuses that the table, or a heading of it, holds."""
    found: set[str] = set()
    for column in columns:
        if column.codes is not None:
            found.update(column.codes.drop_nulls().unique().to_list())
        found.update(code(status) for status in SHOWN_BESIDE if code(status) in column.heading)
        if column.heading == MARKS:
            marks = column.values.str.extract_all(r"\[[a-z]\]").explode().drop_nulls()
            found.update(marks.unique().to_list())
    return [status for status in (*SHOWN_INSTEAD, *SHOWN_BESIDE) if code(status) in found]


def _place(column: ContractColumn, scope: Scope) -> pl.Expr:
    """Where a row stands: codes in the order of their list, all else by value."""
    codes = list(scope.labels(column.codelist))
    if not codes or column.many:
        return pl.col(column.name)
    return pl.col(column.name).replace_strict(
        codes, range(len(codes)), default=len(codes), return_dtype=pl.Int64
    )


def _column(column: ContractColumn, frame: pl.DataFrame, spec: RowSheet, scope: Scope) -> Column:
    """One column as people read it."""
    kind = _kind(column)
    shown = frame.select(_shown(column, kind, frame, scope).alias("v"))["v"]
    status = _status(column.name, frame, spec)
    codes = None
    if status is not None or kind in NUMBERS:
        given = pl.lit(None, pl.String) if status is None else pl.col(status)
        instead = pl.when(given.is_in(SHOWN_INSTEAD)).then("[" + given + "]")
        # A number that is not there says so, whatever its table leaves open.
        gone = pl.lit("[x]") if kind in NUMBERS else pl.lit(None, pl.String)
        missing = pl.when(pl.col(column.name).is_null()).then(gone)
        codes = frame.select(pl.coalesce(instead, missing).alias("c"))["c"]
        if not codes.is_not_null().any():
            codes = None
    return Column(
        heading(column.name), kind, shown, codes, fit_text(column.description), column.name
    )


def _status(name: str, frame: pl.DataFrame, spec: RowSheet) -> str | None:
    if f"{name}_status" in frame.columns:
        return f"{name}_status"
    return spec.row_status if frame.schema[name].is_numeric() else None


def _kind(column: ContractColumn) -> Kind:
    if column.type == "integer":
        return "integer" if column.unit else "year"
    if column.type == "number":
        return "share" if column.unit == _SHARE else "decimal"
    return {"date": "date", "month": "month"}.get(column.type, "text")  # type: ignore[return-value]


def _shown(column: ContractColumn, kind: Kind, frame: pl.DataFrame, scope: Scope) -> pl.Expr:
    """The values of a column in their kind: labels for codes, days for months, local times."""
    value = pl.col(column.name)
    if kind in (*NUMBERS, "date"):
        return value
    if kind == "month":
        return (value + "-01").str.to_date(strict=False)
    if column.type == "moment":
        moment = value.str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_zone="UTC", strict=False)
        return moment.dt.convert_time_zone(LONDON).dt.strftime("%Y-%m-%d %H:%M")
    if column.type == "boolean":
        value = pl.when(value).then(pl.lit("Yes")).when(~value).then(pl.lit("No"))
    elif known := scope.labels(column.codelist):
        parts = value.str.split(";").list.eval(pl.element().str.strip_chars().replace(known))
        value = parts.list.join("; ") if column.many else value.replace(known)
    elif column.name == "neighbourhood_name":
        value = value.fill_null(FORCE_LEVEL)
    return fit(value, identifier=column.name.endswith("_id"))


def _marks(frame: pl.DataFrame, spec: RowSheet, names: Sequence[str]) -> Column | None:
    """Which numbers of each row are kept but marked; None where the table has no such marks."""
    found = {
        name: f"{name}_status"
        for name in names
        if f"{name}_status" in frame.columns and frame.schema[name].is_numeric()
    }
    parts = [
        pl.when(pl.col(status).is_in(SHOWN_BESIDE)).then(
            pl.lit(f"{heading(name)} ") + "[" + pl.col(status) + "]"
        )
        for name, status in found.items()
    ]
    if not parts:
        return None
    texts = frame.select(pl.concat_str(parts, separator="; ", ignore_nulls=True).alias("m"))["m"]
    said = texts.set(texts == "", "none")
    if not spec.marks and (said == "none").all():
        return None
    return Column(MARKS, "text", said, None, MARKS_MEANING)
