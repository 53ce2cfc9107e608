"""From a judged frame to what Dagster stores: checks, data version, and the kept results.

Two checks a table: ``critical`` stops what is downstream, ``warnings`` does not. What the rules
are belongs in the contracts, how they are judged in ``expectations``.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from openbeat.contract import Contract, load_contracts
from resources.lake import ALL, Lake, encode

CONTRACTS = Path(__file__).resolve().parent.parent / "expectations" / "contracts"
CRITICAL, WARNINGS = "critical", "warnings"
QUALITY = "quality"


@cache
def contracts() -> Mapping[str, Contract]:
    """Every table contract, by table."""
    return load_contracts(CONTRACTS)


def check_specs(*tables: str) -> list[dg.AssetCheckSpec]:
    """The two checks of each table's asset."""
    return [
        spec
        for table in tables
        for spec in (
            dg.AssetCheckSpec(
                CRITICAL,
                asset=table,
                blocking=True,
                description="Rules that stop what is downstream.",
            ),
            dg.AssetCheckSpec(WARNINGS, asset=table, description="Rules that are reported."),
        )
    ]


def judged(
    lake: Lake,
    table: str,
    frame: pl.DataFrame,
    month: str = ALL,
    *,
    strict: bool = False,
    **metadata: Any,
) -> dg.MaterializeResult:
    """Hold a frame against its contract, keep the results in the lake, and hand it on.

    Args:
        lake: Where the results are kept, as ``quality_<table>``.
        table: The table, asset and contract.
        frame: Its rows.
        month: The month, also the parameter ``month`` of rules.
        strict: Whether warnings stop what is downstream too.
        metadata: What else the asset records.
    """
    from expectations.validation import judge, results_frame  # loads Great Expectations

    contract = contracts()[table]
    results = judge(frame, contract, {"month": month})
    lake.write(f"{QUALITY}_{table}", results_frame(results, month), month)
    stored = encode(frame)
    checks = []
    stopping = ("critical", "warning") if strict else ("critical",)
    for name, severities in ((CRITICAL, stopping), (WARNINGS, ("warning", "info"))):
        rules = [r for r in results if r.severity in severities]
        broken = [r for r in rules if not r.success]
        checks.append(
            dg.AssetCheckResult(
                check_name=name,
                asset_key=table,
                passed=not broken,
                severity=(
                    dg.AssetCheckSeverity.ERROR if name == CRITICAL else dg.AssetCheckSeverity.WARN
                ),
                metadata={
                    "rules": len(rules),
                    "broken": dg.MetadataValue.json(
                        [{"rule": r.rule, "rows": r.broken, "sentence": r.sentence} for r in broken]
                    ),
                },
            )
        )
    return dg.MaterializeResult(
        asset_key=table,
        value=stored,
        data_version=dg.DataVersion(stored.sha256),
        check_results=checks,
        metadata=metadata,
    )


def unjudged(table: str, frame: pl.DataFrame, **metadata: Any) -> dg.MaterializeResult:
    """Hand on a table that has no contract of its own."""
    stored = encode(frame)
    return dg.MaterializeResult(
        asset_key=table,
        value=stored,
        data_version=dg.DataVersion(stored.sha256),
        metadata=metadata,
    )
