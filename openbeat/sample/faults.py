"""The list of what is wrong with the sample on purpose, and the means to plant it.

A file on its way into an archive, the log of faults and single edits belong here; which faults are
planted where is in ``row_faults`` and ``file_faults`` (archives), ``shapes`` (boundaries) and
``engagement_cases`` (logs).
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import polars as pl

from openbeat.sample import words
from openbeat.sample.country import Force
from openbeat.sample.crime import Book

Cells = Mapping[str, str | None]


@dataclass(frozen=True)
class Fault:
    """One thing planted.

    Attributes:
        id: What kind of fault; the same kind may be planted in several files.
        file: The file, with a zip written as if it were a folder.
        line: Its line, the header being 1; ``None`` where it is the whole file or many rows.
        count: Rows (or shapes) concerned.
        what: The fault in words.
        record: The id of the record, in engagement logs.
        expected: What must become of that record, a code of ``record_dispositions``.
        reason: The rule that refuses it, why it is withheld, or as what it is routed.
        rule: The rule that warns of it.
    """

    id: str
    file: str
    line: int | None
    count: int
    what: str
    record: str = ""
    expected: str = ""
    reason: str = ""
    rule: str = ""


@dataclass
class Log:
    """Faults as they are planted."""

    entries: list[Fault] = field(default_factory=list)

    def add(
        self,
        fault_id: str,
        file: str,
        what: str,
        *,
        line: int | None = None,
        count: int = 1,
        **about: str,
    ) -> None:
        """Note one fault; ``about`` is what a `Fault` says of a record."""
        self.entries.append(Fault(fault_id, file, line, count, what, **about))

    def write(self, folder: Path, about: str) -> None:
        """Write ``FAULTS.md`` for people and ``FAULTS.json`` for tests."""
        entries = sorted(self.entries, key=lambda fault: (fault.file, fault.line or 0, fault.id))
        told = [{k: v for k, v in asdict(fault).items() if v != ""} for fault in entries]
        text = json.dumps(told, indent=1, ensure_ascii=False)
        (folder / "FAULTS.json").write_text(text + "\n", encoding="utf-8", newline="\n")
        lines = [
            "# What is wrong with these files, on purpose",
            "",
            f"{about} A zip is written here as if it were a folder. Lines count the header as 1.",
            "",
        ]
        for fault in entries:
            where = f"line {fault.line}" if fault.line else f"{fault.count} in the file"
            end = " ".join(part for part in (fault.expected, fault.reason or fault.rule) if part)
            end = f" ({end})" if end else ""
            lines.append(f"- `{fault.id}` {fault.file}, {where}: {fault.what}{end}")
        (folder / "FAULTS.md").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


@dataclass
class Member:
    """One CSV file on its way into an archive.

    Attributes:
        book: The country and its crimes.
        force: Whose file.
        month: Of which month.
        dataset: ``street``, ``outcomes`` or ``stops``.
        as_of: The archive's month.
        frame: The rows, all text.
        newline: Line end.
        encoding: Of the text.
    """

    book: Book
    force: Force
    month: str
    dataset: str
    as_of: str
    frame: pl.DataFrame
    newline: str = "\n"
    encoding: str = "utf-8"

    @property
    def name(self) -> str:
        """The member's path inside the archive."""
        return member_name(self.force.slug, self.month, self.dataset)

    @property
    def path(self) -> str:
        """The member's path inside the sample, as the log of faults writes it."""
        return f"archives/{self.as_of}.zip/{self.name}"

    def change(self, row: int, cells: Cells) -> int:
        """Put other values in one row; gives its line."""
        here = pl.int_range(pl.len()) == row
        self.frame = self.frame.with_columns(
            pl.when(here).then(pl.lit(value, pl.String)).otherwise(pl.col(name)).alias(name)
            for name, value in cells.items()
        )
        return row + 2

    def append(self, rows: Sequence[int], cells: Cells) -> int:
        """Add copies of rows, with other values in them, at the end; gives the first one's line."""
        copies = self.frame[list(rows)].with_columns(
            pl.lit(value, pl.String).alias(name) for name, value in cells.items()
        )
        return self.extend(copies)

    def extend(self, rows: pl.DataFrame) -> int:
        """Add rows at the end; gives the first one's line."""
        line = self.frame.height + 2
        self.frame = pl.concat([self.frame, rows])
        return line

    def pool(self, condition: pl.Expr) -> list[int]:
        """The numbers of the rows where a condition holds."""
        return self.frame.select(pl.arg_where(condition)).to_series().to_list()

    def content(self) -> bytes:
        """The file's bytes."""
        buffer = io.BytesIO()
        self.frame.write_csv(buffer, line_terminator=self.newline)
        if self.encoding == "utf-8":
            return buffer.getvalue()
        return buffer.getvalue().decode().encode(self.encoding)


def member_name(slug: str, month: str, dataset: str) -> str:
    """A member's path inside an archive: ``2025-06/2025-06-northmere-street.csv``."""
    return f"{month}/{month}-{slug}-{words.FILE_WORD[dataset]}.csv"
