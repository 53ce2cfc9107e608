"""Small releases to compare: tables, a descriptor and the provenance, without all else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from openbeat.contract import Contract, load_contract
from openbeat.release.tables import published_columns, published_frame

CONTRACTS = Path(__file__).parents[3] / "expectations" / "contracts"
MONTHS = ("2025-04", "2025-05", "2025-06")
FORCES = ("avon", "wye")
Tables = Mapping[str, pl.DataFrame]


def contract(table: str) -> Contract:
    return load_contract(CONTRACTS / f"{table}.yaml")


def whole(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with every published column of the contract: null where they say nothing."""
    schema = contract(table).polars_schema()
    names = [column.name for column in published_columns(contract(table))]
    return rows.select(
        (pl.col(name) if name in rows.columns else pl.lit(None)).cast(schema[name]).alias(name)
        for name in names
    )


def tables(months: tuple[str, ...] = MONTHS, **changes: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Crime, outcomes, their summary and coverage of two forces with two neighbourhoods each."""
    place = pl.DataFrame({"force_id": FORCES}).join(
        pl.DataFrame({"neighbourhood_id": ["N1", "N2"]}), how="cross"
    )
    by_month = pl.DataFrame({"month": months}).join(place, how="cross")
    counted = by_month.with_columns(
        *(pl.col("force_id").alias(name) for name in ("force_name", "area_force_id")),
        place=pl.lit("neighbourhood"),
        neighbourhood_name=pl.col("neighbourhood_id"),
        count=pl.lit(5),
        coverage=pl.lit("submitted"),
    )
    crime = counted.join(pl.DataFrame({"crime_type": ["Burglary", "Robbery"]}), how="cross")
    outcomes = counted.join(pl.DataFrame({"outcome_type": ["Charged", "Unsolved"]}), how="cross")
    summary = counted.with_columns(
        name=pl.col("neighbourhood_id"), crime_total=pl.lit(10), crime_total_12m=pl.lit(120)
    )
    datasets = pl.DataFrame({"dataset": ["street", "outcomes", "stops"]})
    coverage = (
        pl.DataFrame({"month": months})
        .join(pl.DataFrame({"force_id": FORCES}), how="cross")
        .join(datasets, how="cross")
        .with_columns(
            coverage=pl.lit("submitted"),
            rows=pl.lit(100),
            archive=pl.lit("a.zip"),
            member_sha256=pl.format("{}-{}-{}", "month", "force_id", "dataset"),
            boundary_release=pl.lit("2025-01"),
        )
    )
    made = {"crime": crime, "outcomes": outcomes, "crime_summary": summary, "coverage": coverage}
    return {name: whole(name, rows) for name, rows in (made | changes).items()}


def write_edition(
    folder: Path,
    made: Tables,
    *,
    months: tuple[str, ...] = MONTHS,
    provenance: Mapping[str, Any] | None = None,
) -> Path:
    """Write a release of those tables; its id is the folder's name."""
    (folder / "tables").mkdir(parents=True)
    resources = []
    for name, frame in made.items():
        rules = contract(name)
        published_frame(frame, rules).sink_parquet(folder / "tables" / f"{name}.parquet")
        resources.append({"path": f"tables/{name}.parquet", "schema": {"uniqueKeys": [rules.key]}})
    package = {
        "release": folder.name,
        "first_month": months[0],
        "month": months[-1],
        "as_of": "2025-07-31",
        "resources": resources,
    }
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    text = json.dumps({"code_version": "1"} | dict(provenance or {}))
    (folder / "provenance.json").write_text(text, encoding="utf-8")
    return folder


def at(**key: str) -> pl.Expr:
    """The rows of a key."""
    return pl.all_horizontal(pl.col(name) == value for name, value in key.items())


def put(frame: pl.DataFrame, where: pl.Expr, **values: object) -> pl.DataFrame:
    """The rows with other values where the condition holds."""
    return frame.with_columns(
        pl.when(where).then(pl.lit(value, frame.schema[name])).otherwise(name).alias(name)
        for name, value in values.items()
    )
