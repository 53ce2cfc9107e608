"""Packs written from made-up published tables, and what the tests of this folder share."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from openbeat import codelists
from openbeat.engagement.settings import Contact
from openbeat.website.packs import write_packs

CODELISTS = {name: codelists.load(name) for name in codelists.names()}
CONTACT = Contact(
    name="Harbour neighbourhood team",
    url="https://www.northshire.example/harbour",
    email="harbour@northshire.example",
)


def _beside(name: str) -> Any:
    """A module of this folder, which is no package."""
    path = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"website_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


ROWS = _beside("rows")
PEOPLE = _beside("people")
PAGE = _beside("html_check").Page


@pytest.fixture(scope="session")
def rows() -> Any:
    """The module that makes published rows."""
    return ROWS


@pytest.fixture(scope="session")
def people() -> Any:
    """The module that makes published counts of people."""
    return PEOPLE


@pytest.fixture(scope="session")
def read_page() -> Callable[[str], Any]:
    """Takes a page apart; its ``faults`` are what a validator would say."""
    return PAGE


@dataclass(frozen=True)
class Written:
    """The packs of one release."""

    folder: Path
    count: int

    def page(self, stem: str = "NB01", force: str = "northshire") -> Any:
        """A page, taken apart; it has no faults."""
        page = PAGE((self.folder / force / f"{stem}.html").read_text("utf-8"))
        assert page.faults == []
        return page

    def data(self, stem: str = "NB01", force: str = "northshire") -> Any:
        """The JSON of a pack."""
        return json.loads((self.folder / force / f"{stem}.json").read_text("utf-8"))

    def calendar(self, stem: str = "NB01", force: str = "northshire") -> Path:
        """Where the calendar of a pack lies."""
        return self.folder / force / f"{stem}.ics"


Write = Callable[[Mapping[str, pl.DataFrame]], Written]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes the packs of these tables, into the same folder each time."""

    def write(tables: Mapping[str, pl.DataFrame]) -> Written:
        folder = tmp_path / "2025-06-r1.packs"
        count = write_packs(
            tables,
            folder,
            release_id="2025-06-r1",
            month=ROWS.MONTH,
            as_of=ROWS.AS_OF,
            publisher="Northshire open data",
            notice="Sample data: made up.",
            contacts={ROWS.FORCE: CONTACT},
            codelists=CODELISTS,
        )
        return Written(folder, count)

    return write


@pytest.fixture
def busy(write: Write) -> Written:
    """A neighbourhood with something of everything, and one of which only crime is known."""
    return write(ROWS.busy_tables() | PEOPLE.heard_tables())


@pytest.fixture(scope="session")
def lists() -> Mapping[str, pl.DataFrame]:
    """Every code list."""
    return CODELISTS
