"""A small release with every kind of file, shared by these tests."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
import shapely

from openbeat import codelists
from openbeat.contract import Column, Contract
from openbeat.release.content import ReleaseContent
from openbeat.release.promote import ReleaseStore
from openbeat.release.write import write_release
from openbeat.rules import Rule
from tests.openbeat.release.faults import MONTH, stage

NOW = datetime(2025, 8, 1, 9, 30, tzinfo=UTC)


def column(name: str, kind: str = "string", **more: object) -> Column:
    return Column.model_validate(
        {"name": name, "type": kind, "description": f"What {name} means.", "published": True} | more
    )


def counts_contract(**more: object) -> Contract:
    """A published table of counts with a restricted column and one that is not published."""
    given: dict[str, object] = {
        "table": "sightings",
        "title": "Sightings",
        "description": "Sightings by month, force and place.",
        "layer": "release",
        "published": True,
        "schema_version": "1.0.0",
        "key": ["month", "force_id", "place", "neighbourhood_id"],
        "columns": [
            column("month", "month", nullable=False),
            column("force_id", nullable=False),
            column("force_name", nullable=False),
            column("place", nullable=False, codelist="places"),
            column("neighbourhood_id"),
            column("count", "integer", unit="sightings"),
            column("count_status"),
            column("rate", "number"),
            column("checked_on", "date"),
            column("whole", "boolean"),
            column("reported_by", published=False, restricted=True),
        ],
        "rules": [
            Rule(id="place_known", kind="in_set", column="place", codelist="places",
                 severity="critical", sentence="The place is one of the list."),
            Rule(id="count_positive", kind="between", column="count", minimum=0,
                 severity="critical", sentence="A count is not negative."),
            Rule(id="rate_low", kind="between", column="rate", maximum=1,
                 severity="warning", sentence="A rate is low."),
            Rule(id="force_form", kind="matches", column="force_id", pattern="[a-z-]+",
                 severity="critical", sentence="A force id is a slug."),
        ],
    }  # fmt: skip
    return Contract.model_validate(given | more)


def counts_frame() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "reported_by": ["J. Secret"] * 4,
            "month": ["2025-06", "2025-05", "2025-06", "2025-06"],
            "force_id": ["wye", "avon", "avon", "avon"],
            "force_name": ['The "Wye"', "Avon, and Co", "Avon, and Co", "Avon, and Co"],
            "place": ["no_location", "neighbourhood", "neighbourhood", "neighbourhood"],
            "neighbourhood_id": [None, "A1", "A2", "a1"],
            "count": [3, 0, None, 5],
            "count_status": [None, "", "x", None],
            "rate": [0.1 + 0.2, -0.0, None, 1e-7],
            "checked_on": [date(2025, 7, 1), None, None, date(2025, 7, 2)],
            "whole": [True, None, False, True],
            "unknown_to_the_contract": [1, 2, 3, 4],
        }
    )


def places_contract() -> Contract:
    return Contract(
        table="neighbourhoods",
        title="Neighbourhoods",
        description="Neighbourhoods and the months they served.",
        layer="release",
        published=True,
        schema_version="1.0.0",
        key=["force_id", "neighbourhood_id"],
        columns=[
            column("force_id", nullable=False),
            column("neighbourhood_id", nullable=False),
            column("name", nullable=False),
            column("population", "integer"),
            column("area_km2", "number", nullable=False),
        ],
    )


def boundaries() -> pl.DataFrame:
    two_parts = shapely.union(shapely.box(-2, 51, -1.9, 51.1), shapely.box(-1.8, 51, -1.7, 51.1))
    shapes = [shapely.box(-1.2345678912, 51.5, -1.2, 51.6), two_parts]
    return pl.DataFrame(
        {
            "force_id": ["wye", "avon"],
            "neighbourhood_id": ["W/1 <x>", "A1"],
            "name": ["Afon Gŵy", "=Town"],
            "population": [None, 1200],
            "area_km2": [1.5, 2.25],
            "geometry": [shapely.to_wkb(shape) for shape in shapes],
        }
    )


@pytest.fixture(scope="session")
def content() -> ReleaseContent:
    shapes = boundaries()
    return ReleaseContent(
        month="2025-06",
        first_month="2025-05",
        as_of=date(2025, 7, 31),
        tables={"sightings": counts_frame().lazy(), "neighbourhoods": shapes.drop("geometry")},
        contracts={"sightings": counts_contract(), "neighbourhoods": places_contract()},
        boundaries=shapes,
        codelists={"places": codelists.load("places")},
        quality=[{"table": "sightings", "rule": "rate_low", "success": True}],
        provenance={"code_version": "0.1.0", "inputs": [{"name": "a.zip", "on": date(2025, 7, 1)}]},
        notice="Made-up data.",
    )


@pytest.fixture(scope="session")
def changed(content: ReleaseContent) -> ReleaseContent:
    """The same release with one more fact in it, and without shapes, which are slow to write."""
    return dataclasses.replace(content, provenance={"code_version": "0.2.0"})


@pytest.fixture(scope="session")
def master(content: ReleaseContent, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("master") / "release"
    write_release(content, folder, "2025-06-r1")
    return folder


@pytest.fixture
def release(master: Path, tmp_path: Path) -> Path:
    """A written release of one's own, to spoil."""
    return Path(shutil.copytree(master, tmp_path / "release"))


@pytest.fixture
def clock() -> Callable[[], datetime]:
    return lambda: NOW


@pytest.fixture(scope="session")
def written(
    content: ReleaseContent,
    changed: ReleaseContent,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Releases written aside, without shapes to be quick: contents a, b, c for r1, r2, r3."""
    root = tmp_path_factory.mktemp("written")
    tables = {"sightings": content.tables["sightings"]}
    for number in (1, 2, 3):
        for name, version in (("a", "1"), ("b", "2"), ("c", "3")):
            some = dataclasses.replace(
                changed, tables=tables, boundaries=None, provenance={"code_version": version}
            )
            write_release(some, root / f"{name}{number}", f"{MONTH}-r{number}")
    return root


@pytest.fixture
def store(tmp_path: Path, written: Path, clock: Callable[[], datetime]) -> ReleaseStore:
    """A store with one release, content a."""
    store = ReleaseStore(tmp_path / "releases")
    store.publish(stage(store, written, "a1"), MONTH, clock)
    return store
