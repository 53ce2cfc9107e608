"""The suite that is published: one expectation a rule, the same text every time."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from expectations.suites import expectation, great_expectations, suite_json
from openbeat.contract import Contract, load_contract, load_contracts

FIXTURE = Path(__file__).parents[1] / "fixtures" / "incidents.yaml"
CONTRACTS = Path(__file__).parents[2] / "expectations" / "contracts"
MARCH = {"month": "2025-03"}


@pytest.fixture(scope="module")
def incidents() -> Contract:
    return load_contract(FIXTURE)


def test_the_suite_holds_one_expectation_a_rule(incidents: Contract) -> None:
    suite = json.loads(suite_json(incidents, MARCH))
    assert suite["name"] == "incidents"
    assert [
        (e["meta"]["rule"], e["severity"], e["description"]) for e in suite["expectations"]
    ] == [(rule.id, rule.severity, rule.sentence) for rule in incidents.all_rules()]


def test_the_suite_says_what_is_expected(incidents: Contract) -> None:
    suite = json.loads(suite_json(incidents, MARCH))
    asked = {e["meta"]["rule"]: (e["type"], e["kwargs"]) for e in suite["expectations"]}
    assert asked["right_month"] == (
        "expect_column_values_to_be_in_set",
        {"column": "month", "value_set": ["2025-03"]},
    )
    assert asked["id_shape"][1]["regex"] == r"\A(?:[0-9a-f]{4})\Z"
    assert asked["since_2010"][1]["min_value"] == "2010-12-01"
    assert asked["burglary_has_id"][1]["row_condition"]["parameter"] == ["Burglary"]


def test_the_suite_is_the_same_text_every_time(incidents: Contract) -> None:
    text = suite_json(incidents, MARCH)
    assert text == suite_json(load_contract(FIXTURE), MARCH)
    assert text.endswith("}\n")
    assert great_expectations().__version__ not in text
    assert '"id":' not in text


def test_a_missing_parameter_is_named(incidents: Contract) -> None:
    with pytest.raises(KeyError, match="month"):
        suite_json(incidents, {})


def test_the_mend_goes_along(incidents: Contract) -> None:
    rule = next(rule for rule in incidents.rules if rule.mend)
    assert expectation(rule, MARCH).meta == {"rule": rule.id, "mend": rule.mend}


def test_great_expectations_is_quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    great_expectations().get_context(mode="ephemeral")
    assert not caplog.records


@pytest.mark.parametrize("contract", load_contracts(CONTRACTS).values(), ids=lambda c: c.table)
def test_every_contract_of_the_project_makes_a_suite(contract: Contract) -> None:
    suite = json.loads(suite_json(contract, MARCH))
    assert len(suite["expectations"]) == len(contract.all_rules())
