"""One small sample for all tests of the generator, and readers that owe nothing to openbeat."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from openbeat.sample import generate

Rows = list[list[str]]


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the small sample with the default seed."""
    return generate(tmp_path_factory.mktemp("sample")).parent


@pytest.fixture(scope="session")
def rows(sample: Path) -> Callable[[str], Rows]:
    """Reads a member, given as a path through its zip, with the standard library."""

    @cache
    def read(path: str) -> Rows:
        archive, _, member = path.partition(".zip/")
        with zipfile.ZipFile(sample / f"{archive}.zip") as opened:
            content = opened.read(member)
        try:
            text = content.decode()
        except UnicodeDecodeError:
            text = content.decode("latin-1")
        return list(csv.reader(io.StringIO(text, newline="")))

    return read


@pytest.fixture(scope="session")
def faults(sample: Path) -> list[dict[str, Any]]:
    """What was planted."""
    entries: list[dict[str, Any]] = json.loads(
        (sample / "archives/FAULTS.json").read_text(encoding="utf-8")
    )
    return entries
