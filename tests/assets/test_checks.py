"""How judgements become Dagster checks, and what of them the lake keeps."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from assets.checks import check_specs, contracts, judged, unjudged
from expectations.validation import RuleResult
from resources.lake import Lake, encode

FRAME = pl.DataFrame({"month": ["2025-06"], "rows": [7]})
RIGHT = RuleResult(
    table="ledger",
    rule="t0_right",
    kind="not_null",
    column="rows",
    severity="critical",
    success=True,
    checked=1,
    broken=0,
    share=0.0,
    sentence="Every file has a number of rows.",
    mend=None,
    examples=(),
)


def broken(severity: str) -> RuleResult:
    return dataclasses.replace(
        RIGHT, rule="t1_broken", severity=severity, success=False, broken=1, share=1.0
    )


def outcome(
    results: list[RuleResult],
    lake: Lake,
    monkeypatch: pytest.MonkeyPatch,
    *,
    strict: bool = False,
) -> dg.MaterializeResult:
    monkeypatch.setattr("expectations.validation.judge", lambda *_arguments: results)
    return judged(lake, "ledger", FRAME, "2025-06", strict=strict, quarantine=2)


@pytest.mark.parametrize(
    ("severity", "strict", "passed"),
    [
        ("critical", False, {"critical": False, "warnings": True}),
        ("warning", False, {"critical": True, "warnings": False}),
        ("warning", True, {"critical": False, "warnings": False}),
        ("info", True, {"critical": True, "warnings": False}),
    ],
)
def test_severity_decides_which_check_fails(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    severity: str,
    strict: bool,
    passed: dict[str, bool],
) -> None:
    made = outcome([RIGHT, broken(severity)], Lake(str(tmp_path)), monkeypatch, strict=strict)
    checks = {check.check_name: check for check in made.check_results}
    assert {name: check.passed for name, check in checks.items()} == passed
    assert checks["critical"].severity == dg.AssetCheckSeverity.ERROR
    assert checks["warnings"].severity == dg.AssetCheckSeverity.WARN
    for check in checks.values():
        listed = [rule["rule"] for rule in check.metadata["broken"].value]
        assert listed == ([] if check.passed else ["t1_broken"])


def test_results_are_kept_by_month(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = Lake(str(tmp_path))
    outcome([RIGHT, broken("warning")], lake, monkeypatch)
    kept = lake.read("quality_ledger", "2025-06")
    assert kept.select("month", "rule", "success", "broken").rows() == [
        ("2025-06", "t0_right", True, 0),
        ("2025-06", "t1_broken", False, 1),
    ]


def test_the_hash_of_what_is_stored_is_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = outcome([RIGHT], Lake(str(tmp_path)), monkeypatch)
    assert made.data_version == dg.DataVersion(encode(FRAME).sha256)
    assert made.value.data == encode(FRAME).data
    assert made.metadata == {"quarantine": 2}
    assert unjudged("points", FRAME).data_version == made.data_version


def test_every_table_has_two_checks_of_which_one_blocks() -> None:
    specs = [
        (spec.asset_key.to_user_string(), spec.name, spec.blocking)
        for spec in check_specs("a", "b")
    ]
    assert specs == [
        ("a", "critical", True),
        ("a", "warnings", False),
        ("b", "critical", True),
        ("b", "warnings", False),
    ]


def test_every_contract_can_be_loaded_and_names_its_file() -> None:
    assert {"crime", "ledger", "reconciliation"} <= set(contracts())
    assert all(contract.table == table for table, contract in contracts().items())
