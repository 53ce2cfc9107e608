"""Small frames as the ingest leaves them: counts, coverage, neighbourhoods that served a month."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from openbeat.contract import Contract, broken_counts, check_schema, load_contracts
from openbeat.monthly.counts import DIMENSIONS, PLACE
from openbeat.policeuk.forces import load_forces

CONTRACTS = Path(__file__).parents[3] / "expectations" / "contracts"
RIGHT: Mapping[str, Mapping[str, Any]] = {
    "street": {"crime_type": "Burglary"},
    "outcomes": {"outcome_type": "Suspect charged", "outcome_group": "charged_or_court"},
    "stops": {
        "search_type": "Person search",
        "object_of_search": "Controlled drugs",
        "legislation": "Not recorded",
        "outcome": "Arrest",
        "outcome_group": "arrest",
        "linked_to_object": True,
    },
}
NUMBERS = ("rows", "counted", "quarantined", "repeats", "located")
PLACES = ("outside_boundary", "no_boundary", "no_location")


@pytest.fixture(scope="session")
def contracts() -> dict[str, Contract]:
    """Every contract, by table."""
    return load_contracts(CONTRACTS)


@pytest.fixture(scope="session")
def forces() -> pl.DataFrame:
    """The forces of the code list."""
    return load_forces()


@pytest.fixture(scope="session")
def counts() -> Callable[..., pl.DataFrame]:
    """Count rows: ``counts("street", (month, force, area or place, neighbourhood, n, {...}))``."""

    def make(dataset: str, *rows: tuple[Any, ...]) -> pl.DataFrame:
        records = []
        for month, force, area, neighbourhood, number, *changes in rows:
            inside = neighbourhood is not None
            records.append(
                {
                    "month": month,
                    "force_id": force,
                    "place": "neighbourhood" if inside else area,
                    "area_force_id": area if inside else None,
                    "neighbourhood_id": neighbourhood,
                    "count": number,
                    **RIGHT[dataset],
                    **(changes[0] if changes else {}),
                }
            )
        kinds = dict.fromkeys(DIMENSIONS[dataset], pl.String) | (
            {"linked_to_object": pl.Boolean} if dataset == "stops" else {}
        )
        schema = {"month": pl.String, **dict.fromkeys(PLACE, pl.String), **kinds, "count": pl.Int64}
        return pl.DataFrame(records, schema=schema)

    return make


@pytest.fixture(scope="session")
def covered() -> Callable[..., pl.DataFrame]:
    """Coverage rows: ``covered(("2025-06", "kent", "submitted"), dataset="street")``."""

    def make(*rows: tuple[str, str, str], dataset: str = "street") -> pl.DataFrame:
        return pl.DataFrame(
            [(month, force, dataset, status) for month, force, status in rows],
            schema=dict.fromkeys(("month", "force_id", "dataset", "coverage"), pl.String),
            orient="row",
        )

    return make


@pytest.fixture(scope="session")
def served() -> Callable[..., pl.DataFrame]:
    """Neighbourhoods: ``served(("2025-06", "kent", "A"))``, a fourth value being the shape."""

    def make(*rows: tuple[str, ...]) -> pl.DataFrame:
        return pl.DataFrame(
            [(m, f, n, f"Name of {n}", *(shape or [f"shape {n}"])) for m, f, n, *shape in rows],
            schema=dict.fromkeys(
                ("month", "force_id", "neighbourhood_id", "name", "shape_sha256"), pl.String
            ),
            orient="row",
        )

    return make


@pytest.fixture(scope="session")
def fits(contracts: Mapping[str, Contract]) -> Callable[[str, pl.DataFrame], None]:
    """Hold a table against its contract: schema, row rules that are critical, key."""

    def check(table: str, frame: pl.DataFrame) -> None:
        contract = contracts[table]
        check_schema(frame.select(contract.polars_schema().names()), contract)
        found = broken_counts(frame, contract, {"month": "2025-06"}).filter(
            (pl.col("severity") == "critical") & (pl.col("broken") > 0)
        )
        assert found.is_empty(), found
        assert not contract.key or frame.select(contract.key).is_unique().all()

    return check
