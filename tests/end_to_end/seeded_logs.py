"""Logs with a mark in every cell that may not be shown, and a reader of everything a run leaves.

Not a test. Each restricted column has a mark of its own, and so has each free text that is
published only after a review, in records whose review does not cover it. Numbers are marked by
numbers from 907,001. Marks also lie in rows that break rules, that are ragged, that have no id or
one that was used before, so that quarantine, messages and judgements have something to hide.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from openbeat.contract import Contract

Row = dict[str, str]
WORD = re.compile(rb"Zq[a-z_]+[0-9]*qZ")
# Numbers that go together, so that some rows with marks are accepted.
NUMBERS = {
    "attendance_total": "907090",
    "first_time_attendees": "907012",
    "volunteers": "90713",
    "volunteer_hours": "9071.25",
    "adjustments_requested": "90716",
    "adjustments_provided": "90715",
    "count": "907021",
    "forms_returned": "907080",
    "attendances": "907085",
    "distinct_people": "907022",
    "times_raised": "907031",
    "treatment_quality": "907041",
    "outcome_satisfaction": "907042",
    "n_unweighted": "907051",
}
# With or without a comma or space between the thousands.
NUMBER = re.compile(
    "(?<![0-9A-Za-z.])(?:{})(?![0-9A-Za-z])".format(
        "|".join(re.sub(r"(?=\d{3}$|\d{3}\.)", "[, ]?", n) for n in NUMBERS.values())
    ).encode()
)
REVIEW = ("reviewer_role", "reviewed_on", "reviewed_sha256")
# A restricted text that makes a record go elsewhere, or be refused, is marked in few rows only.
RARE = {"complaint_ref": 5, "quote": 6}


def mark(table: str, column: str) -> str:
    """The word that marks the texts of a column."""
    return f"Zq{table}_{column}qZ"


def seed(log: Path, table: str, contract: Contract) -> set[str]:
    """Mark the log of a table, in place; gives the marks that are in it now."""
    with log.open(encoding="utf-8", newline="") as file:
        rows = [dict(row) for row in csv.DictReader(file)]
    secret = [c for c in contract.columns if c.restricted and not c.derived]
    numbers = [c.name for c in secret if c.type in ("integer", "number")]
    texts = [c.name for c in secret if c.name not in numbers]
    reviewed = [c.name for c in contract.columns if c.reviewed]
    assert set(numbers) <= NUMBERS.keys(), "a new restricted number needs a mark"
    header = list(dict.fromkeys([*rows[0], *texts, *numbers, *reviewed]))
    rows = [row for row in rows if None not in row.values()]  # the ragged one comes back below
    for n, row in enumerate(rows):
        row.update({name: row.get(name, "") for name in header})
        for name in texts:
            if n % 97 == RARE.get(name, n % 97):
                row[name] = f"{row[name]} {mark(table, name)}".strip()
        if n % 5 == 0:
            row.update({name: NUMBERS[name] for name in numbers})
        if n % 2 == 0 and row.get("already_public") != "yes":
            row.update({name: f"{row[name]} {mark(table, name)}".strip() for name in reviewed})
        if n % 10 == 0:
            row.update({name: "" for name in REVIEW if name in header})
        if row.get("quote"):
            row["consent_publish"] = "yes" if n % 2 else "no"
    rows += list(_broken(rows[0], table, contract, numbers, texts))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header)
    writer.writeheader()
    writer.writerows(rows)
    ragged = [rows[0][next(iter(header))] + "-ragged", *(mark(table, n) for n in texts)]
    text.write(",".join([*ragged, *["and, so on"] * len(header)]) + "\n")
    log.write_text(text.getvalue(), encoding="utf-8", newline="")
    return {*(NUMBERS[n] for n in numbers), *(mark(table, n) for n in (*texts, *reviewed))}


def _broken(
    row: Row, table: str, contract: Contract, numbers: list[str], texts: list[str]
) -> Iterator[Row]:
    """Rows that break a rule each, with marks in all that is restricted."""
    key = next(iter(row))
    marked = row | {n: mark(table, n) for n in texts if n not in RARE}
    for name in numbers:
        yield marked | {key: f"{row[key]}-word-{name}", name: mark(table, name)}
        yield marked | {key: f"{row[key]}-less-{name}", name: f"-{NUMBERS[name]}"}
    first = {name: NUMBERS[name] for name in numbers}
    if "first_time_attendees" in row:
        yield marked | first | {key: f"{row[key]}-newcomers", "first_time_attendees": "907099"}
    yield marked | first  # an id that was used before
    yield marked | first | {key: ""}
    dates = [c.name for c in contract.columns if c.type in ("date", "moment", "month")]
    for name in dates:
        if name in row:
            yield marked | first | {key: f"{row[key]}-{name}", name: "2025-02-31"}
    if "nature" in row:
        yield marked | first | {key: f"{row[key]}-routed", "nature": "crime_report"}
    if "deleted_reason" in row:
        yield marked | first | {key: f"{row[key]}-gone", "deleted_reason": "subject_request"}
    words = {c.name: mark(table, c.name) for c in contract.columns if c.reviewed}
    if words:  # each text in a row that says so little of it that a rule may be broken
        yield marked | first | words | {key: f"{row[key]}-words"}


def marks_in(data: bytes) -> set[str]:
    """The marks in some bytes, each as it was written into a log."""
    words = {found.decode() for found in WORD.findall(data)}
    return words | {re.sub(rb"[, ]", b"", n).decode() for n in NUMBER.findall(data)}


def left_behind(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Everything below a folder, by path: what is packed is unpacked, tables are told as text."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path.relative_to(folder).as_posix(), path.name.encode() + b"\n" + opened(path)


def opened(path: Path) -> bytes:
    """The content of a file in a form that can be searched."""
    data = path.read_bytes()
    if path.suffix == ".parquet":
        return "\n".join(map(repr, pl.read_parquet(io.BytesIO(data)).iter_rows())).encode()
    if path.suffix == ".db":
        return b"\n".join(_cells(path))
    if data[:2] == b"\x1f\x8b":
        return gzip.decompress(data)
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return b"\n".join(archive.read(name) for name in archive.namelist())
    return data


def _cells(database: Path) -> Iterator[bytes]:
    """Every cell of a SQLite file, unpacked where Dagster packs it."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        names = [
            n for (n,) in connection.execute("select name from sqlite_master where type='table'")
        ]
        for name in names:
            for row in connection.execute(f'select * from "{name}"'):
                for cell in row:
                    if isinstance(cell, bytes):
                        try:
                            yield zlib.decompress(cell)
                        except zlib.error:
                            yield cell
                    elif isinstance(cell, str):
                        yield cell.encode()
