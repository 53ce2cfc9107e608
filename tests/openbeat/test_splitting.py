"""Splitting keeps every row, in order, and says which rule broke; schemas are checked exactly."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from openbeat.contract import Contract, broken_counts, check_schema, load_contract, split
from openbeat.errors import InputError

FIXTURE = Path(__file__).parents[1] / "fixtures" / "incidents.yaml"
MARCH = {"month": "2025-03"}


@pytest.fixture(scope="module")
def incidents() -> Contract:
    return load_contract(FIXTURE)


@pytest.fixture
def rows(incidents: Contract) -> pl.DataFrame:
    columns = ["force_id", "line", "month", "type", "id", "longitude", "happened"]
    data = [
        ("kent", 2, "2025-03", "Burglary", "00ff", 0.5, date(2025, 3, 1)),
        ("kent", 3, "2025-02", "Arson", None, 0.5, None),
        (None, 4, "2025-03", "Yes", "XYZ", 99.0, date(2009, 1, 1)),
        ("kent", 5, "2025-03", None, None, 99.0, None),
        ("kent", 6, "2025-03", "Burglary", None, None, None),
    ]
    schema = incidents.polars_schema()
    frame = pl.DataFrame(data, schema={name: schema[name] for name in columns}, orient="row")
    return frame.with_columns(reported_by="force_id", solved=pl.lit(None, pl.Boolean)).select(
        schema.names()
    )


def test_broken_rows_name_their_rules(incidents: Contract, rows: pl.DataFrame) -> None:
    accepted, rejected = split(rows, incidents, MARCH)
    assert accepted.equals(rows.filter(pl.col("line").is_in([2, 5])))
    assert rejected.drop("rule", "rules", "column").equals(
        rows.filter(pl.col("line").is_in([3, 4, 6]))
    )
    assert rejected.select("rule", "rules", "column").rows() == [
        ("right_month", "right_month; known_type", "month"),
        ("force_id_present", "force_id_present; id_shape; since_2010", "force_id"),
        ("burglary_has_id", "burglary_has_id", "id"),
    ]


def test_columns_beyond_the_contract_come_along(incidents: Contract, rows: pl.DataFrame) -> None:
    given = rows.with_columns(file=pl.lit("a.csv"))
    accepted, rejected = split(given, incidents, MARCH)
    assert set(accepted["file"]) == set(rejected["file"]) == {"a.csv"}


def test_an_empty_frame_splits_into_two(incidents: Contract, rows: pl.DataFrame) -> None:
    accepted, rejected = split(rows.clear(), incidents, MARCH)
    assert accepted.schema == rows.schema
    assert rejected.schema == pl.Schema(
        rows.schema | {"rule": pl.String(), "rules": pl.String(), "column": pl.String()}
    )
    assert (accepted.height, rejected.height) == (0, 0)


def test_without_critical_rules_all_is_accepted(incidents: Contract, rows: pl.DataFrame) -> None:
    lax = incidents.model_copy(
        update={
            "rules": [],
            "columns": [c.model_copy(update={"nullable": True}) for c in incidents.columns],
        }
    )
    accepted, rejected = split(rows, lax, MARCH)
    assert accepted.equals(rows)
    assert rejected.is_empty()
    assert rejected.columns[-3:] == ["rule", "rules", "column"]
    assert broken_counts(rows, lax, MARCH).is_empty()


def test_a_frame_that_was_split_is_not_split_again(incidents: Contract, rows: pl.DataFrame) -> None:
    with pytest.raises(ValueError, match="already has rule"):
        split(rows.with_columns(rule=pl.lit("x")), incidents, MARCH)


def test_counts_of_every_severity(incidents: Contract, rows: pl.DataFrame) -> None:
    counts = {row[0]: row[1:] for row in broken_counts(rows, incidents, MARCH).rows()}
    assert list(counts) == [rule.id for rule in incidents.row_rules()]
    assert counts["in_britain"] == ("warning", 5, 2)
    assert counts["right_month"] == ("critical", 5, 1)
    assert counts["burglary_has_id"] == ("critical", 2, 1)
    assert counts["unsolved"] == ("warning", 3, 0)


def test_counts_of_an_empty_frame_are_nought(incidents: Contract, rows: pl.DataFrame) -> None:
    counts = broken_counts(rows.clear(), incidents, MARCH)
    assert counts["checked"].to_list() == counts["broken"].to_list() == [0] * counts.height


def test_the_schema_is_checked_by_name_and_type(incidents: Contract, rows: pl.DataFrame) -> None:
    check_schema(rows.select(reversed(rows.columns)), incidents)
    wrong = rows.drop("id").with_columns(pl.col("line").cast(pl.Int32), colour=pl.lit(1))
    with pytest.raises(InputError) as caught:
        check_schema(wrong, incidents)
    assert "id is missing" in caught.value.message
    assert "colour is not in the contract" in caught.value.message
    assert "line is Int32, not Int64" in caught.value.message
