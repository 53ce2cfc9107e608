"""The sample's files and its list of faults, read by nothing of openbeat's."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

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
