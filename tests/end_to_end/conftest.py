"""The sample's files and its list of faults, read by nothing of openbeat's."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
import yaml

FILE_WORD = {"street": "street", "outcomes": "outcomes", "stops": "stop-and-search"}


@dataclass(frozen=True)
class Raw:
    """One file of the archive that should serve it.

    Attributes:
        archive: The archive's name.
        header: Its columns.
        rows: Its rows, as text.
        utf8: Whether it is UTF-8.
    """

    archive: str
    header: list[str]
    rows: list[dict[str, str]]
    utf8: bool


@pytest.fixture(scope="session")
def raw(small: Path) -> dict[tuple[str, str, str], Raw]:
    """Every file that should be used, by month, force and dataset: the newer archive's wins."""
    found: dict[tuple[str, str, str], Raw] = {}
    for name in ("2025-06.zip", "2025-07.zip"):
        with zipfile.ZipFile(small / "archives" / name) as archive:
            for member in archive.namelist():
                found[_slot(member)] = _read(name, archive.read(member))
    return found


def _slot(member: str) -> tuple[str, str, str]:
    month = member[:7]
    rest = member.removeprefix(f"{month}/{month}-").removesuffix(".csv")
    (dataset,) = [name for name, word in FILE_WORD.items() if rest.endswith(word)]
    return month, rest.removesuffix(f"-{FILE_WORD[dataset]}"), dataset


def _read(archive: str, data: bytes) -> Raw:
    try:
        text, utf8 = data.decode(), True
    except UnicodeDecodeError:
        text, utf8 = data.decode("latin-1"), False
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    return Raw(archive, header, [dict(zip(header, row, strict=True)) for row in rows], utf8)


@pytest.fixture(scope="session")
def faults(small: Path, raw: dict[tuple[str, str, str], Raw]) -> list[dict[str, Any]]:
    """What was planted in the archives' files that should be used; ``slot`` names the file.

    A file that an archive does not have is in the list too, if no archive has it.
    """
    listed: list[dict[str, Any]] = json.loads((small / "archives/FAULTS.json").read_bytes())
    found = []
    for fault in listed:
        place, archive, *member = fault["file"].split("/")
        if place == "archives" and archive != "2013-05.zip":
            slot = _slot("/".join(member))
            if slot not in raw or raw[slot].archive == archive:
                found.append(fault | {"slot": slot})
    return found


@dataclass(frozen=True)
class Log:
    """One log of engagement, as its settings name it.

    Attributes:
        table: The table it delivers.
        file: Its file below the sample's folder, and the sheet of a workbook as if it were one.
        rows: By the line of the file: the cells under their own headers.
    """

    table: str
    file: str
    rows: dict[int, dict[str, Any]]


@pytest.fixture(scope="session")
def logs(small: Path) -> dict[str, Log]:
    """Every log of the sample, by the name of its source."""
    settings = yaml.safe_load((small / "openbeat.yaml").read_text("utf-8"))
    return {s["name"]: _log(small, s) for s in settings["engagement"]["sources"]}


def _log(folder: Path, source: dict[str, Any]) -> Log:
    path, first = folder / source["path"], source.get("header_line", 1)
    if path.suffix == ".csv":
        lines = _csv_lines(path, source)
    elif path.suffix == ".xlsx":
        sheet = _workbook(path)[source["sheet"]]
        lines = enumerate(sheet.iter_rows(values_only=True), start=1)
    else:
        frame = pl.read_parquet(path)
        lines = enumerate([tuple(frame.columns), *frame.rows()], start=1)
    told = {n: list(cells) for n, cells in lines if n >= first and any(cells)}
    header = [str(cell) for cell in told.pop(first)]
    file = "/".join([source["path"], *filter(None, [source.get("sheet")])])
    rows = {n: dict(zip(header, cells, strict=False)) for n, cells in told.items()}
    return Log(source["table"], file, rows)


@cache
def _workbook(path: Path) -> Any:
    return openpyxl.load_workbook(path, read_only=True)


def _csv_lines(path: Path, source: dict[str, Any]) -> Iterator[tuple[int, Any]]:
    text = path.read_text(source.get("encoding", "utf-8"))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=source.get("separator", ","))
    for cells in reader:
        yield reader.line_num, cells


@pytest.fixture(scope="session")
def log_faults(small: Path, logs: dict[str, Log]) -> list[dict[str, Any]]:
    """What was planted in the logs; ``source`` names the log, ``lines`` are all of its lines."""
    listed: list[dict[str, Any]] = json.loads((small / "logs/FAULTS.json").read_bytes())
    names = {log.file: name for name, log in logs.items()}
    return [
        fault
        | {
            "source": names[fault["file"]],
            "table": logs[names[fault["file"]]].table,
            "lines": [fault["line"] + n for n in range(fault["count"])] if fault["line"] else [],
        }
        for fault in listed
    ]


@pytest.fixture(scope="session")
def sound(logs: dict[str, Log], log_faults: list[dict[str, Any]]) -> Any:
    """Rows of a log that are not planted to be withheld, refused or routed, in order."""
    gone = {
        (fault["source"], line)
        for fault in log_faults
        for line in fault["lines"]
        if fault.get("expected", "published") != "published"
    }
    return lambda source: [
        row for line, row in logs[source].rows.items() if (source, line) not in gone
    ]


@pytest.fixture(scope="session")
def planted(logs: dict[str, Log], log_faults: list[dict[str, Any]]) -> Any:
    """The rows of a kind of fault."""
    return lambda *ids: [
        logs[fault["source"]].rows[line]
        for fault in log_faults
        if fault["id"] in ids
        for line in fault["lines"]
    ]
