"""Counting the sample's logs by hand, and comparing what lakes hold. Not a test."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import polars as pl

# When a log was delivered, and what was routed, is the clock's.
CLOCK = ("captured_at", "delivered_at", "routed_at")
CODELISTS = Path(__file__).parents[2] / "config/codelists"


def codes(name: str, column: str, value: str) -> set[str]:
    """The codes of a list that have a value in a column."""
    with (CODELISTS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return {next(iter(row.values())) for row in csv.DictReader(file) if row[column] == value}


def kept(lake: Path) -> dict[str, Any]:
    """What a lake holds by file: its bytes, or its content where the clock has a part in it.

    What the last run would have published is no part of it.
    """
    found: dict[str, Any] = {}
    for path in sorted(path for path in lake.rglob("*") if path.is_file()):
        name = path.relative_to(lake).as_posix()
        if name.startswith("disclosure_pending/"):
            continue
        found[name] = path.read_bytes()
        if path.suffix == ".json" and name.startswith("raw_logs_"):
            found[name] = json.loads(found[name]) | dict.fromkeys(CLOCK)
        elif path.suffix == ".parquet" and {*CLOCK} & {*pl.read_parquet_schema(path)}:
            frame = pl.read_parquet(path).drop(CLOCK, strict=False)
            found[name] = frame.schema, frame.rows()
    return found
