"""The workbooks of a release: which forces, which sheets, from the staged Parquet files.

Each table is read once, with the columns and rows that a workbook shows, and split by force.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import polars as pl

from openbeat.months import month_range
from openbeat.release.content import ReleaseContent
from openbeat.release.tables import FILE_NAME
from openbeat.release.workbook import months as by_month
from openbeat.release.workbook.book import Book, Sheet
from openbeat.release.workbook.cover import (
    book_title,
    columns_sheet,
    cover_parts,
    notes_sheet,
)
from openbeat.release.workbook.ods import write_ods
from openbeat.release.workbook.plan import (
    ASB,
    NOTES,
    PLACE_SHEETS,
    REPORTED_NOTES,
    ROW_SHEETS,
    SUMMARY_SHEETS,
    PlaceSheet,
)
from openbeat.release.workbook.rows import Scope, row_sheet, year_to
from openbeat.release.workbook.xlsx import write_xlsx

FOLDER: Final = "workbook"

_LAST: Final = 12
_NO_COVERAGE: Final = pl.DataFrame(
    schema={"month": pl.String, "coverage": pl.String, "dataset": pl.String}
)
Parts = Mapping[str, pl.DataFrame]
"""Force to its rows."""


def write_workbooks(content: ReleaseContent, staging: Path, release_id: str) -> Iterator[str]:
    """Write ``workbook/<force>.xlsx`` and ``.ods`` of every force that a table names.

    Args:
        content: What the release says; nothing is written where ``workbooks`` is off.
        staging: The release's folder, its ``tables/*.parquet`` written.
        release_id: Named on the covers, so that these files differ between two releases of the
            same content.

    Yields:
        The path of each file written, relative to the release.
    """
    if not content.workbooks:
        return
    source = _Source(content, staging)
    for force, name in source.forces():
        scope = source.scope(force, name)
        sheets = source.sheets(scope)
        if not sheets:
            continue
        book = Book(
            book_title(content, scope),
            content.publisher,
            content.as_of,
            cover_parts(content, scope, release_id),
            [notes_sheet(scope), columns_sheet(sheets, scope), *sheets],
        )
        (staging / FOLDER).mkdir(exist_ok=True)
        for suffix, write in (("xlsx", write_xlsx), ("ods", write_ods)):
            path = f"{FOLDER}/{force}.{suffix}"
            write(book, staging / path)
            yield path


class _Source:
    """The staged tables, as far as workbooks show them, split by force."""

    def __init__(self, content: ReleaseContent, staging: Path) -> None:
        self._content = content
        self._folder = staging / "tables"
        self._months = month_range(content.first_month, content.month)
        recent = self._months[-_LAST:]
        self._rows = {
            spec.name: self._split(
                self._scan(
                    spec.table, spec.keep and spec.keep(content.month, year_to(content.as_of))
                ),
                spec.force,
            )
            for spec in ROW_SHEETS
            if spec.table in content.tables
        }
        self._summary = self._split(self._scan("crime_summary"), "area_force_id")
        self._coverage = self._split(self._scan("coverage"), "force_id")
        self._reported = self._split(self._reports(), "force_id")
        self._counted = {
            spec.name: self._split(self._counts(spec, recent), "area_force_id")
            for spec in PLACE_SHEETS
        }

    def forces(self) -> list[tuple[str, str]]:
        """Every force that a shown table names, and its name, in order of the ids."""
        parts = [*self._rows.values(), self._reported]
        names: dict[str, str] = {}
        for frame in (frame for part in parts for frame in part.values()):
            if {"force_id", "force_name"} <= set(frame.columns):
                names.setdefault(frame["force_id"][0], frame["force_name"][0])
        ids = sorted({force for part in parts for force in part if FILE_NAME.fullmatch(force)})
        return [(force, names.get(force, force)) for force in ids]

    def scope(self, force: str, name: str) -> Scope:
        """What the book of a force is of."""
        specs = [spec for spec in ROW_SHEETS if spec.table in self._content.tables]
        counted = [spec for spec in PLACE_SHEETS if self._counted[spec.name]]
        summed = SUMMARY_SHEETS if self._summary else ()
        used = {note for spec in (*specs, *counted, *summed) for note in spec.notes}
        used |= set(REPORTED_NOTES) if self._reported else set()
        return Scope(
            force,
            name,
            self._months,
            self._content.as_of,
            self._content.codelists,
            [note for note in NOTES if note in used],
        )

    def sheets(self, scope: Scope) -> list[Sheet]:
        """The sheets of a force that have rows: figures of crime first, then engagement."""
        rows = {
            spec.name: row_sheet(spec, frame, self._content.contracts[spec.table], scope)
            for spec in ROW_SHEETS
            if (frame := self._rows.get(spec.name, {}).get(scope.force)) is not None
        }
        first = [rows.pop(name, None) for name in ("Latest_month",)]
        return [
            sheet
            for sheet in (*first, *self._month_sheets(scope), *rows.values())
            if sheet is not None
        ]

    def _month_sheets(self, scope: Scope) -> Iterator[Sheet | None]:
        summary = self._summary.get(scope.force)
        if summary is not None:
            for spec in SUMMARY_SHEETS:
                yield by_month.summary_sheet(spec, summary, scope)
            for place in PLACE_SHEETS:
                counts = self._counted[place.name].get(scope.force)
                if counts is not None:
                    held = by_month.PlaceCounts(
                        summary, counts, self._covered(scope.force, place.dataset)
                    )
                    contract = self._content.contracts[place.table]
                    yield by_month.place_sheet(place, contract.column(place.column), held, scope)
        reported = self._reported.get(scope.force)
        if reported is not None:
            yield by_month.reported_sheet(reported, self._covered(scope.force, "street"), scope)

    def _covered(self, force: str, dataset: str) -> pl.DataFrame:
        held = self._coverage.get(force, _NO_COVERAGE)
        return held.filter(pl.col("dataset") == dataset).select("month", "coverage")

    def _scan(self, table: str, keep: pl.Expr | None = None) -> pl.LazyFrame | None:
        """A staged table; None where the release has no such table."""
        if table not in self._content.tables:
            return None
        frame = pl.scan_parquet(self._folder / f"{table}.parquet", glob=False)
        return frame if keep is None else frame.filter(keep)

    def _counts(self, spec: PlaceSheet, months: Sequence[str]) -> pl.LazyFrame | None:
        """Sums by place over the forces that reported; a part not known makes the sum unknown."""
        frame = self._scan(spec.table, spec.keep)
        if frame is None:
            return None
        what = pl.col(spec.column).fill_null("Not recorded").alias("what")
        located = (pl.col("place") == "neighbourhood") & pl.col("month").is_in(months)
        return (
            frame.filter(located)
            .group_by("area_force_id", "neighbourhood_id", what, "month")
            .agg(pl.col("count").sum(), pl.col("count").has_nulls().alias("unknown"))
        )

    def _reports(self) -> pl.LazyFrame | None:
        """What each force reported, by where it was."""
        frame = self._scan("crime")
        if frame is None:
            return None
        inside = pl.col("place") == "neighbourhood"
        where = (
            pl.when(inside & (pl.col("area_force_id") == pl.col("force_id")))
            .then(pl.lit("own"))
            .when(inside)
            .then(pl.lit("other"))
            .when(pl.col("place") == "no_location")
            .then(pl.lit("without"))
            .otherwise(pl.lit("outside"))
        )
        is_crime = (pl.col("crime_type") != ASB).alias("is_crime")
        return frame.group_by(
            "force_id", "force_name", "month", where.alias("where"), is_crime
        ).agg(pl.col("count").sum())

    def _split(self, frame: pl.LazyFrame | None, force: str) -> Parts:
        """Rows by force, in the order they have; rows of no force are left out."""
        if frame is None:
            return {}
        rows = frame.filter(pl.col(force).is_not_null()).collect()
        parts = rows.partition_by(force, as_dict=True, maintain_order=True)
        return {str(key[0]): part for key, part in parts.items()}
