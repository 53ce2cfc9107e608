"""Judging a table by its contract: Great Expectations is the judge, this hands it the case.

Also the form in which judgements are kept. What a rule compiles to belongs in ``suites.py``, how
columns are converted in ``frames.py``, finding the rows that break a rule in ``openbeat``.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from expectations.frames import RuleFrames
from expectations.suites import expectation, great_expectations
from openbeat.contract import Contract, Rule, row_expression

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.core.batch_definition import BatchDefinition
    from great_expectations.expectations.expectation import Expectation

EXAMPLES_SHOWN: Final = 5
_RESULT_FORMAT: Final = {"result_format": "BASIC", "partial_unexpected_count": 0}
_RESULTS_SCHEMA: Final = pl.Schema(
    {
        "month": pl.String(),
        "table": pl.String(),
        "rule": pl.String(),
        "kind": pl.String(),
        "column": pl.String(),
        "severity": pl.String(),
        "success": pl.Boolean(),
        "checked": pl.Int64(),
        "broken": pl.Int64(),
        "share": pl.Float64(),
        "sentence": pl.String(),
        "mend": pl.String(),
        "examples": pl.List(pl.String()),
    }
)


@dataclass(frozen=True)
class RuleResult:
    """The judgement on one rule of one table.

    ``checked`` counts the rows the rule speaks about and ``broken`` those that break it; for
    ``row_count`` the table is the one thing checked. ``share`` is broken / checked, 0 where nothing
    is checked. ``examples`` are up to five distinct broken values (for ``row_count`` the count
    found), none where a column involved is restricted.
    """

    table: str
    rule: str
    kind: str
    column: str
    severity: str
    success: bool
    checked: int
    broken: int
    share: float
    sentence: str
    mend: str | None
    examples: tuple[str, ...]


def judge(
    frame: pl.DataFrame, contract: Contract, parameters: Mapping[str, str]
) -> list[RuleResult]:
    """Let Great Expectations judge a table by every rule of its contract.

    Args:
        frame: The table; columns that no rule involves may be missing or more.
        contract: Its contract.
        parameters: The run-time values that rules name, such as ``month``.

    Returns:
        One result a rule, in contract order. A rule that could not be judged (a column is missing,
        Great Expectations fails) is a critical failure that says why.
    """
    frames = RuleFrames(frame, contract)
    return [_judge_rule(frame, frames, contract, rule, parameters) for rule in contract.all_rules()]


def _judge_rule(
    frame: pl.DataFrame,
    frames: RuleFrames,
    contract: Contract,
    rule: Rule,
    parameters: Mapping[str, str],
) -> RuleResult:
    """Judge one rule; whatever goes wrong becomes a critical failure of that rule alone."""
    masked = any(contract.column(name).masked for name in rule.involved)
    result = partial(
        RuleResult,
        table=contract.table,
        rule=rule.id,
        kind=rule.kind,
        column=", ".join(rule.subjects),
        mend=rule.mend,
    )
    try:
        outcome = _validate(frames.for_rule(rule), expectation(rule, parameters))
        if rule.kind == "row_count":
            checked, broken = 1, int(not outcome.success)
        else:
            checked = int(frame.select(rule.checked()).item())
            broken = int(outcome.result["unexpected_count"])
        return result(
            severity=rule.severity,
            success=bool(outcome.success),
            checked=checked,
            broken=broken,
            share=broken / checked if checked else 0.0,
            sentence=rule.sentence,
            examples=() if masked or not broken else _examples(frame, rule, parameters),
        )
    except Exception as error:
        why = type(error).__name__ if masked else f"{type(error).__name__}: {error}"
        return result(
            severity="critical",
            success=False,
            checked=0,
            broken=0,
            share=0.0,
            sentence=f"{rule.sentence} This could not be judged: {why}",
            examples=(),
        )


class JudgementError(Exception):
    """Great Expectations could not judge a rule."""


def _validate(data: pd.DataFrame, asked: Expectation) -> ExpectationValidationResult:
    """Let Great Expectations validate one expectation.

    Raises:
        JudgementError: It failed; it catches its own exceptions and reports them by metric.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        batch = _batch_definition().get_batch({"dataframe": data})
        outcome = batch.validate(asked, result_format=_RESULT_FORMAT)
    raised = outcome.exception_info or {}
    for info in [raised, *(part for part in raised.values() if isinstance(part, dict))]:
        if info.get("raised_exception"):
            raise JudgementError(info.get("exception_message") or "Great Expectations failed")
    return outcome


@cache
def _batch_definition() -> BatchDefinition[Any]:
    """The one context of this process, in memory; a batch is whatever frame is handed over."""
    context = great_expectations().get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("openbeat").add_dataframe_asset("table")
    whole: BatchDefinition[Any] = asset.add_batch_definition_whole_dataframe("whole")
    return whole


def _examples(frame: pl.DataFrame, rule: Rule, parameters: Mapping[str, str]) -> tuple[str, ...]:
    """Up to five distinct broken values, as they come in the rows; several columns by `` | ``."""
    if rule.kind == "row_count":
        return (f"{frame.height} rows",)
    if rule.is_row_rule:
        broken = row_expression(rule, parameters).not_()
    else:
        broken = pl.struct(rule.subjects).is_duplicated()
        if len(rule.subjects) == 1:
            broken &= pl.col(rule.subjects).is_not_null()
    shown = pl.concat_str(
        [pl.col(name).cast(pl.String).fill_null("(empty)") for name in rule.subjects],
        separator=" | ",
    )
    values = frame.filter(broken).select(shown).to_series().unique(maintain_order=True)
    return tuple(values.head(EXAMPLES_SHOWN).to_list())


def results_frame(results: Sequence[RuleResult], month: str | None) -> pl.DataFrame:
    """Judgements as the table that the lake keeps by month and the quality report is made of.

    Args:
        results: Judgements, of one table or several.
        month: The month judged, ``YYYY-MM``; None where the tables have none.

    Returns:
        The fields of :class:`RuleResult` after ``month``, sorted by table and rule; the same
        columns and types where there are no results.
    """
    rows = [
        {**asdict(result), "month": month, "examples": list(result.examples)} for result in results
    ]
    return pl.DataFrame(rows, schema=_RESULTS_SCHEMA).sort("table", "rule", maintain_order=True)
