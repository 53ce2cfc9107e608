"""Judgements: one a rule, masked where restricted, and never swallowed."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from expectations import validation
from expectations.validation import RuleResult, judge, results_frame
from openbeat.contract import Contract, load_contract

FIXTURE = Path(__file__).parents[1] / "fixtures" / "incidents.yaml"
MARCH = {"month": "2025-03"}


@pytest.fixture(scope="module")
def incidents() -> Contract:
    return load_contract(FIXTURE)


@pytest.fixture
def rows(incidents: Contract) -> pl.DataFrame:
    """Ten rows that keep every rule."""
    lines = list(range(2, 12))
    return pl.DataFrame(
        {
            "force_id": ["kent"] * 10,
            "line": lines,
            "month": ["2025-03"] * 10,
            "reported_by": ["kent"] * 10,
            "id": [f"{line:04x}" for line in lines],
            "type": ["Burglary", "Yes"] * 5,
            "longitude": [0.5] * 9 + [None],
            "happened": [date(2025, 3, 1)] * 10,
            "solved": [None, *[True] * 9],
        },
        schema=incidents.polars_schema(),
    )


def judged(frame: pl.DataFrame, contract: Contract) -> dict[str, RuleResult]:
    return {result.rule: result for result in judge(frame, contract, MARCH)}


def test_a_sound_table_keeps_every_rule(incidents: Contract, rows: pl.DataFrame) -> None:
    results = judge(rows, incidents, MARCH)
    assert [result.rule for result in results] == [rule.id for rule in incidents.all_rules()]
    assert all(result.success for result in results)
    assert {result.broken for result in results} == {0}
    assert {result.examples for result in results} == {()}


def test_a_broken_rule_says_how_often_and_shows_distinct_values(
    incidents: Contract, rows: pl.DataFrame
) -> None:
    wrong = ["A", "A", "B", "C", "D", "E", "F", "Burglary", "Yes", None]
    result = judged(rows.with_columns(type=pl.Series(wrong)), incidents)["known_type"]
    assert result == RuleResult(
        table="incidents",
        rule="known_type",
        kind="in_set",
        column="type",
        severity="critical",
        success=False,
        checked=10,
        broken=7,
        share=0.7,
        sentence="The type is known.",
        mend=None,
        examples=("A", "B", "C", "D", "E"),
    )


def test_severity_and_mend_are_those_of_the_contract(
    incidents: Contract, rows: pl.DataFrame
) -> None:
    results = judged(
        rows.with_columns(month=pl.lit("2025-02"), reported_by=pl.lit("btp"), longitude=4.5),
        incidents,
    )
    assert results["right_month"].severity == "critical"
    assert results["right_month"].mend == "Move the row to the file of its month."
    assert results["same_force"].severity == "info"
    assert results["same_force"].column == "force_id, reported_by"
    assert results["same_force"].examples == ("kent | btp",)
    assert results["in_britain"].severity == "warning"
    assert results["in_britain"].examples == ("4.5",)


def test_restricted_values_are_not_shown(incidents: Contract, rows: pl.DataFrame) -> None:
    secret = rows.with_columns(id=pl.lit("SECRET"))
    results = judge(secret, incidents, MARCH)
    assert next(r for r in results if r.rule == "id_shape").broken == 10
    assert "SECRET" not in repr(results)
    by_condition = judged(rows.with_columns(id=pl.lit(None, pl.String)), incidents)["unsolved"]
    assert by_condition.broken == 9
    assert by_condition.examples == ()


def test_restricted_values_are_not_shown_when_judging_fails(
    incidents: Contract, rows: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("about SECRET")

    monkeypatch.setattr(validation, "_validate", fail)
    results = judged(rows, incidents)
    assert {(r.success, r.severity) for r in results.values()} == {(False, "critical")}
    assert "SECRET" not in results["id_shape"].sentence
    assert "about SECRET" in results["same_force"].sentence


def test_a_repeated_key_is_found(incidents: Contract, rows: pl.DataFrame) -> None:
    result = judged(rows.with_columns(line=pl.Series([2, 2, 3, 3, 3, 7, 8, 9, 10, 11])), incidents)
    assert (result["key_unique"].broken, result["key_unique"].success) == (5, False)
    assert result["key_unique"].examples == ("kent | 2", "kent | 3")


def test_the_number_of_rows_is_judged(incidents: Contract, rows: pl.DataFrame) -> None:
    result = judged(rows.clear(), incidents)
    assert not result["not_empty"].success
    assert (result["not_empty"].checked, result["not_empty"].broken) == (1, 1)
    assert result["not_empty"].examples == ("0 rows",)
    assert all(r.success for name, r in result.items() if name != "not_empty")


def test_checked_counts_the_rows_of_the_condition(incidents: Contract, rows: pl.DataFrame) -> None:
    result = judged(rows, incidents)["burglary_has_id"]
    assert (result.checked, result.broken, result.share) == (5, 0, 0.0)


def test_what_cannot_be_judged_is_a_critical_failure(
    incidents: Contract, rows: pl.DataFrame
) -> None:
    results = judged(rows.drop("reported_by"), incidents)
    failed = results.pop("same_force")
    assert (failed.success, failed.severity) == (False, "critical")
    assert failed.sentence.startswith("Both forces are the same. This could not be judged:")
    assert "reported_by" in failed.sentence
    assert all(result.success for result in results.values())


def test_an_exception_inside_great_expectations_is_a_critical_failure(
    incidents: Contract, rows: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    from great_expectations.execution_engine import PandasExecutionEngine

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("no domain")

    monkeypatch.setattr(PandasExecutionEngine, "get_domain_records", fail)
    result = judged(rows, incidents)["same_force"]
    assert (result.success, result.severity) == (False, "critical")
    assert "no domain" in result.sentence


def test_results_are_kept_by_month(incidents: Contract, rows: pl.DataFrame) -> None:
    results = judge(rows.with_columns(type=pl.lit("A")), incidents, MARCH)
    kept = results_frame(results, "2025-03")
    assert kept["rule"].to_list() == sorted(result.rule for result in results)
    row = kept.row(by_predicate=pl.col("rule") == "known_type", named=True)
    assert row["month"] == "2025-03"
    assert row["examples"] == ["A"]
    assert row["share"] == 1.0
    empty = results_frame([], None)
    assert empty.schema == kept.schema
    assert results_frame(results, None)["month"].null_count() == len(results)
    assert kept.equals(results_frame(list(reversed(results)), "2025-03"))


def test_importing_the_modules_does_not_import_great_expectations() -> None:
    code = (
        "import sys, expectations.validation, expectations.suites;"
        "sys.exit('great_expectations' in sys.modules or 'pandas' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
