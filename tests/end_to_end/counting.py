"""Counting the sample's logs by hand: what the tests of engagement share. Not a test."""

from __future__ import annotations

import csv
from pathlib import Path

CODELISTS = Path(__file__).parents[2] / "config/codelists"


def codes(name: str, column: str, value: str) -> set[str]:
    """The codes of a list that have a value in a column."""
    with (CODELISTS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return {next(iter(row.values())) for row in csv.DictReader(file) if row[column] == value}
