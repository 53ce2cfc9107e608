"""Writing the made-up logs: CSV, a workbook, Parquet, and mappings in YAML; the same bytes always.

What the files look like is in ``engagement_columns`` and ``engagement_layouts``, what they hold in
the other modules.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from openbeat.sample.bundle import EPOCH, bundle
from openbeat.sample.engagement_columns import DAYS, ID_COLUMNS
from openbeat.sample.engagement_layouts import Sheet

WORKBOOK_LEVEL = 6
CODED_SEVERAL = ("topics",)
MAPPED = "# How this log's columns and codes become openbeat's; see docs/engagement.md.\n"
_MODIFIED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def write_csv(frame: pl.DataFrame, path: Path) -> None:
    """Write a log in our own layout."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.write_csv(path)


def append_line(path: Path, line: str) -> None:
    """Add a line as it is."""
    with path.open("a", encoding="utf-8", newline="") as file:
        file.write(line + "\n")


def theirs(frame: pl.DataFrame, sheet: Sheet, prefix: str) -> pl.DataFrame:
    """Turn a log in our layout into theirs: headers, codes, dates, minutes, ids without prefix.

    A value that cannot be turned, because it was planted wrong, stays.
    """
    columns = []
    for ours, header in sheet.columns.items():
        text = pl.col(ours)
        if ours in ID_COLUMNS:
            text = text.str.strip_prefix(prefix)
        if codes := sheet.codes.get(ours):
            text = _coded(text, codes, several=ours in CODED_SEVERAL)
        if ours in DAYS:
            text = text.str.replace(r"^(\d{4})-(\d\d)-(\d\d)$", "$3/$2/$1")
        if ours.endswith("_at"):
            text = text.str.replace(r"^(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d):\d\d$", "$3/$2/$1 $4")
        if ours in ("month", "planned_month"):
            text = text.str.replace(r"^(\d{4})-(\d\d)$", "$2/$1")
        if ours == "hours":
            text = (text.cast(pl.Float64) * 60).round().cast(pl.Int64).cast(pl.String)
        columns.append(text.alias(header))
    return frame.select(columns)


def _coded(text: pl.Expr, codes: Mapping[str, str], *, several: bool) -> pl.Expr:
    if not several:
        return text.replace(codes)
    return text.str.split(";").list.eval(pl.element().replace(codes)).list.join(", ")


def mapping(
    table: str, sheet: Sheet, prefix: str, constants: Mapping[str, str]
) -> dict[str, object]:
    """The mapping that undoes ``theirs``."""
    columns: dict[str, object] = {}
    for ours, header in sheet.columns.items():
        told: dict[str, object] = {"from": header}
        if ours in ID_COLUMNS:
            told["prefix"] = prefix
        if ours in CODED_SEVERAL:
            told["separator"] = ","
        if ours == "hours":
            told["multiply"] = "1/60"
        if codes := sheet.codes.get(ours):
            told["codes"] = {theirs: code for code, theirs in codes.items()}
        columns[ours] = header if len(told) == 1 else told
    formats = {
        "date_format": "%d/%m/%Y",
        "month_format": "%m/%Y",
        "moment_format": "%d/%m/%Y %H:%M",
    }
    return {"table": table, "columns": columns, "constants": dict(constants), **formats}


def write_mapping(told: Mapping[str, object], path: Path) -> None:
    """Write a mapping as YAML."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(dict(told), sort_keys=False, allow_unicode=True, width=100)
    path.write_text(MAPPED + text, encoding="utf-8", newline="\n")


def write_list(frame: pl.DataFrame, sheet: Sheet, path: Path) -> None:
    """Write the council's list: lines above the headers, semicolons, Windows' encoding."""
    path.parent.mkdir(parents=True, exist_ok=True)
    above = "".join(f"{line}\n" for line in sheet.lines)
    text = above + frame.write_csv(separator=";")
    path.write_bytes(text.replace("\n", "\r\n").encode("cp1252"))


def write_workbook(sheets: Sequence[tuple[Sheet, pl.DataFrame]], path: Path) -> None:
    """Write a workbook: whole numbers as numbers, everything else as text, no clock in it."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    for sheet, frame in sheets:
        tab = book.create_sheet(sheet.name)
        for line in sheet.lines:
            tab.append([line])
        tab.append(frame.columns)
        for row in frame.iter_rows():
            tab.append([_cell(value) for value in row])
    content = io.BytesIO()
    book.save(content)
    stamp = datetime(*EPOCH).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(content) as written, bundle(path, WORKBOOK_LEVEL) as archive:
        for name in written.namelist():
            archive.add(name, _MODIFIED.sub(rb"\g<1>" + stamp, written.read(name)))


def _cell(value: Any) -> Any:
    return int(value) if isinstance(value, str) and re.fullmatch(r"\d{1,6}", value) else value


def write_survey(frame: pl.DataFrame, path: Path) -> None:
    """Write the survey's estimates as Parquet, with dates and numbers as such."""
    path.parent.mkdir(parents=True, exist_ok=True)
    days, whole = ("period_start", "period_end"), ("n_unweighted",)
    numbers = ("estimate", "ci_low", "ci_high")
    frame.with_columns(
        *(pl.col(name).str.to_date() for name in days),
        *(pl.col(name).cast(pl.Int64) for name in whole),
        *(pl.col(name).cast(pl.Float64) for name in numbers),
    ).write_parquet(path, compression="zstd", statistics=False)
