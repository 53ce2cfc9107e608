"""Great Expectations suites made from contracts: one expectation a rule.

This is the Great Expectations side of the rule kinds; the Polars side is in ``openbeat/rules.py``.
Handing over the data and reading the judgement belong in ``validation.py``. Great Expectations
takes seconds to import, so it is imported inside functions only.
"""

from __future__ import annotations

import json
import logging
import os
import warnings
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from openbeat.contract import Condition, Contract, Rule
from openbeat.patterns import portable

if TYPE_CHECKING:
    from types import ModuleType

    from great_expectations.expectations.expectation import Expectation


@cache
def great_expectations() -> ModuleType:
    """Import Great Expectations once, quietly, with its telemetry off."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations as gx
        import great_expectations.expectations
        import great_expectations.expectations.row_conditions
        from great_expectations.execution_engine import pandas_execution_engine

    # It turns the warnings of the whole process into log lines when imported; give them back.
    logging.captureWarnings(False)
    for name in ("great_expectations", "great_expectations.data_context.types.base"):
        logging.getLogger(name).setLevel(logging.ERROR)
    # It would hash every frame below this many bytes, twice, for a fingerprint nobody reads;
    # on a month of crimes that took longer than the judging.
    pandas_execution_engine.HASH_THRESHOLD = 0
    return gx


def expectation(rule: Rule, parameters: Mapping[str, str]) -> Expectation:
    """Compile a rule to a Great Expectations expectation.

    Args:
        rule: A rule of any kind.
        parameters: The run-time values that rules name, such as ``month``.

    Returns:
        The expectation, with the rule's severity, its sentence as description, and its id and how
        to mend it in ``meta``.

    Raises:
        KeyError: A parameter that the rule needs is missing.
    """
    name, arguments = _name_and_arguments(rule, parameters)
    if rule.when is not None:
        arguments["row_condition"] = _row_condition(rule.when)
    make = getattr(great_expectations().expectations, name)
    compiled: Expectation = make(
        **arguments,
        severity=rule.severity,
        description=rule.sentence,
        meta={"rule": rule.id} | ({"mend": rule.mend} if rule.mend else {}),
    )
    return compiled


def _name_and_arguments(rule: Rule, parameters: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """The expectation for the rule's kind, and its own arguments."""
    column = {"column": rule.column}
    bounds = {"min_value": _bound(rule.minimum), "max_value": _bound(rule.maximum)}
    match rule.kind:
        case "not_null":
            return "ExpectColumnValuesToNotBeNull", column
        case "is_null":
            return "ExpectColumnValuesToBeNull", column
        case "matches":
            regex = rf"\A{portable(rule.pattern or '')}\Z"
            return "ExpectColumnValuesToMatchRegex", column | {"regex": regex}
        case "between":
            return "ExpectColumnValuesToBeBetween", column | bounds
        case "same_as":
            return "ExpectColumnPairValuesToBeEqual", {
                "column_A": rule.column,
                "column_B": rule.other,
                "ignore_row_if": "both_values_are_missing",
            }
        case "unique" if len(rule.subjects) == 1:
            return "ExpectColumnValuesToBeUnique", {"column": rule.subjects[0]}
        case "unique":
            return "ExpectCompoundColumnsToBeUnique", {
                "column_list": rule.columns,
                "ignore_row_if": "never",
            }
        case "row_count":
            return "ExpectTableRowCountToBeBetween", bounds
        case "in_set" | "equals":
            return "ExpectColumnValuesToBeInSet", column | {"value_set": rule.allowed(parameters)}


def _bound(value: float | str | None) -> float | str | None:
    """A bound as Great Expectations takes it; a month is its first day, for it compares no text."""
    return f"{value}-01" if isinstance(value, str) and len(value) == len("YYYY-MM") else value


def _row_condition(when: Condition) -> Any:
    """The condition of a rule; ``not_in`` also needs a value, as on the Polars side."""
    column = great_expectations().expectations.row_conditions.Column(when.column)
    if when.is_null is not None:
        return column.is_null() if when.is_null else column.is_not_null()
    if when.in_ is not None:
        return column.is_in(when.in_)
    return column.is_not_null() & column.is_not_in(when.not_in)


def suite_json(contract: Contract, parameters: Mapping[str, str]) -> str:
    """The suite of a contract as JSON for publication: the same rules give the same text.

    Args:
        contract: The table's contract.
        parameters: The run-time values that rules name, such as ``month``.

    Returns:
        JSON with sorted keys, holding no id, version or time of a run; ends with a line feed.

    Raises:
        KeyError: A parameter that a rule needs is missing.
    """
    expectations = []
    for rule in contract.all_rules():
        written = expectation(rule, parameters).configuration.to_json_dict()
        written.pop("id", None)
        expectations.append(written)
    suite = {
        "name": contract.table,
        "meta": {"schema_version": contract.schema_version, "title": contract.title},
        "expectations": expectations,
    }
    return json.dumps(suite, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
