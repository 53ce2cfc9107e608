"""From a judged frame to what Dagster stores: checks, data version, and the kept results.

Two checks a table: ``critical`` stops what is downstream, ``warnings`` does not. What the rules
are belongs in the contracts, how they are judged in ``expectations``.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import dagster as dg
import polars as pl

from openbeat.contract import Contract, load_contracts
from openbeat.errors import InputError
from resources.lake import ALL, Lake, encode
from resources.sources import CONTRACTS

if TYPE_CHECKING:
    from expectations.validation import RuleResult

CRITICAL, WARNINGS = "critical", "warnings"
QUALITY = "quality"
JUDGED = "judged"


@cache
def contracts() -> Mapping[str, Contract]:
    """Every table contract, by table."""
    return load_contracts(CONTRACTS)


def stopping(*, strict: bool) -> tuple[str, ...]:
    """The severities that stop what is downstream."""
    return ("critical", "warning") if strict else ("critical",)


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


def outs(tables: Sequence[str]) -> dict[str, dg.AssetOut]:
    """What an asset of several tables gives, described as in their contracts."""
    return {
        table: dg.AssetOut(dagster_type=dg.Any, description=contracts()[table].description)
        for table in tables
    }


def judged(
    lake: Lake,
    table: str,
    frame: pl.DataFrame,
    month: str = ALL,
    *,
    strict: bool = False,
    more: Sequence["RuleResult"] = (),
    **metadata: Any,
) -> dg.MaterializeResult:
    """Hold a frame against its contract, keep the results in the lake, and hand it on.

    Args:
        lake: Where the results are kept, as ``quality_<table>``.
        table: The table, asset and contract.
        frame: Its rows.
        month: The month, also the parameter ``month`` of rules.
        strict: Whether warnings stop what is downstream too.
        more: Judgements of other judges, kept with these.
        metadata: What else the asset records.
    """
    from expectations.validation import judge, results_frame  # loads Great Expectations

    contract = contracts()[table]
    results = [*judge(frame, contract, {"month": month}), *more]
    lake.write(f"{QUALITY}_{table}", results_frame(results, month), month)
    stored = encode(frame)
    lake.write_json(JUDGED, f"{table}-{month}", {"sha256": stored.sha256})
    checks = []
    for name, severities in ((CRITICAL, stopping(strict=strict)), (WARNINGS, ("warning", "info"))):
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


def broken_rules(
    lake: Lake, tables: Sequence[str], months: Sequence[str], severities: Sequence[str]
) -> list[str]:
    """The rules of the severities that do not hold, a line each, from what the lake keeps."""
    lines = []
    for table in tables:
        results = lake.read_months(f"{QUALITY}_{table}", months)
        if results.is_empty():
            continue
        broken = results.filter(pl.col("severity").is_in(severities) & ~pl.col("success"))
        lines += [
            f"{month} {table} {rule}: {sentence} ({rows:,} rows)"
            for month, rule, sentence, rows in broken.sort("month", "rule")
            .select("month", "rule", "sentence", "broken")
            .iter_rows()
        ]
    return lines


def require_judged(
    lake: Lake, tables: Sequence[str], month: str, *, stored_as: str, strict: bool = False
) -> None:
    """Refuse to go on with tables that broke a rule, or are not the ones that were judged.

    Checks stop what is downstream in the same Dagster run only; a step can be run by itself.

    Args:
        lake: Holds the tables, the results and the hashes of what was judged.
        tables: The tables.
        month: The month they were judged for.
        stored_as: The month they are stored under, or ``ALL``.
        strict: Whether warnings stop too.

    Raises:
        InputError: Names the table, or the rules.
    """
    for table in tables:
        record = lake.read_json(JUDGED, f"{table}-{month}")
        if record is None or record["sha256"] != lake.sha256(table, stored_as):
            raise InputError(
                f"the table {table} is not the one that was checked for {month}",
                rule="judged_tables",
                mend="run the whole job again, not this step alone.",
            )
    broken = broken_rules(lake, tables, [month], stopping(strict=strict))
    if broken:
        raise InputError(
            "rules do not hold: " + "; ".join(broken),
            rule="judged_tables",
            mend="mend what they name, then run the whole job again.",
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
