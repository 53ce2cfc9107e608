"""A contract is read with clear refusals, and gives schema and rules."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from openbeat.contract import Contract, load_contract, load_contracts
from openbeat.errors import InputError

FIXTURE = Path(__file__).parents[1] / "fixtures" / "incidents.yaml"
TEXT = FIXTURE.read_text(encoding="utf-8")


@pytest.fixture
def incidents() -> Contract:
    return load_contract(FIXTURE)


def test_schema_follows_the_columns(incidents: Contract) -> None:
    assert incidents.polars_schema() == pl.Schema(
        {
            "force_id": pl.String,
            "line": pl.Int64,
            "month": pl.String,
            "reported_by": pl.String,
            "id": pl.String,
            "type": pl.String,
            "longitude": pl.Float64,
            "happened": pl.Date,
            "solved": pl.Boolean,
        }
    )


def test_presence_comes_first_then_the_rules_as_written_then_the_key(incidents: Contract) -> None:
    rules = incidents.all_rules()
    assert [rule.id for rule in rules] == [
        "force_id_present",
        "line_present",
        "month_present",
        *[rule.id for rule in incidents.rules],
        "key_unique",
    ]
    assert {rule.severity for rule in rules if rule not in incidents.rules} == {"critical"}
    assert rules[-1].columns == ["force_id", "line"]
    assert [rule.id for rule in incidents.table_rules()] == ["not_empty", "key_unique"]
    assert len(incidents.row_rules()) == len(rules) - 2


def test_a_rule_written_out_takes_the_place_of_the_derived_one(tmp_path: Path) -> None:
    own = """\
  - {id: month_given, kind: not_null, column: month, severity: warning, sentence: Given.}
  - {id: one_each, kind: unique, columns: [line, force_id], severity: info, sentence: One.}
"""
    path = tmp_path / "incidents.yaml"
    path.write_text(TEXT + own, encoding="utf-8")
    ids = [rule.id for rule in load_contract(path).all_rules()]
    assert "month_present" not in ids
    assert "key_unique" not in ids
    assert "force_id_present" in ids


def test_a_conditional_presence_rule_does_not(incidents: Contract, tmp_path: Path) -> None:
    path = tmp_path / "incidents.yaml"
    path.write_text(
        TEXT.replace("{name: id, type: string,", "{name: id, type: string, nullable: false,")
    )
    assert "id_present" in [rule.id for rule in load_contract(path).all_rules()]


def test_labels_that_yaml_would_turn_into_booleans_or_dates_stay_text(incidents: Contract) -> None:
    by_id = {rule.id: rule for rule in incidents.rules}
    assert by_id["known_type"].values == ["Burglary", "Yes", "No"]
    assert by_id["since_2010"].minimum == "2010-12-01"
    assert incidents.schema_version == "1.0.0"


def test_column_by_name(incidents: Contract) -> None:
    assert incidents.column("longitude").unit == "degrees"
    with pytest.raises(KeyError):
        incidents.column("latitude")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("kind: equals", "kind: equal", "rules.kind: Input should be 'not_null'"),
        ("parameter: month", "value: 3", "3 is not of type month"),
        (
            "parameter: month",
            "pattern: x",
            "takes column and one of value and parameter; given: column, pattern",
        ),
        (
            "values: [Burglary",
            "codelist: no_such_list, values: [Burglary",
            "kind in_set takes column and one of",
        ),
        (
            'values: [Burglary, "Yes", No]',
            "codelist: no_such_list",
            "there is no code list 'no_such_list'",
        ),
        ("'[0-9a-f]{4}'", r"'\w+'", r"uses \w"),
        ("minimum: -9, maximum: 3", "minimum: 9, maximum: 3", "minimum 9 is above maximum 3"),
        ("minimum: 2010-12-01", "minimum: 2010-12", "'2010-12' is not of type date"),
        ("other: reported_by", "other: line", "have different types"),
        (
            "force_id, other: reported_by",
            "longitude, other: longitude",
            "same_as does not go with column longitude",
        ),
        (
            "column: happened, minimum",
            "column: hapened, minimum",
            "names 'hapened', which is not a column",
        ),
        (
            "when: {column: type, in: [Burglary]}",
            "when: {column: type, in: [Burglary], is_null: true}",
            "exactly one of is_null, in, not_in",
        ),
        (
            "when: {column: type, in: [Burglary]}",
            "when: {column: line, in: [Burglary]}",
            "need a column of text",
        ),
        ("id: same_force", "id: unsolved", "the rule id 'unsolved' is taken already"),
        ("{name: solved,", "{name: happened,", "column 'happened' is given twice"),
        (
            "key: [force_id, line]",
            "key: [force, line]",
            "the key names 'force', which is not a column",
        ),
        (
            "restricted: true",
            "restricted: true, published: true",
            "restricted, so it cannot be published",
        ),
        (
            "description: The day.",
            "description: The day., colour: red",
            "columns.colour: is not known here",
        ),
        (
            "minimum: 1, severity",
            "minimum: 1, when: {column: id, is_null: true}, severity",
            "takes no condition",
        ),
        ("type: boolean,", "type: boolean, type: string,", "type is given twice"),
    ],
)
def test_a_wrong_contract_names_file_and_line(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    line = TEXT[: TEXT.index(old)].count("\n") + 1
    path = tmp_path / "incidents.yaml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=re.escape(says)) as caught:
        load_contract(path)
    assert caught.value.file == "incidents.yaml"
    # A fault of a rule as a whole is told at the rule's first line.
    assert caught.value.row is not None
    assert line - 5 <= caught.value.row <= line


def test_a_file_is_named_after_its_table(tmp_path: Path) -> None:
    path = tmp_path / "crimes.yaml"
    path.write_text(TEXT, encoding="utf-8")
    with pytest.raises(InputError, match="incidents"):
        load_contract(path)


def test_a_folder_of_contracts_is_read_by_table(tmp_path: Path) -> None:
    for name in ("b", "a"):
        text = TEXT.replace("table: incidents", f"table: {name}")
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    contracts = load_contracts(tmp_path)
    assert list(contracts) == ["a", "b"]
    assert contracts["b"].table == "b"


def test_a_code_list_gives_the_values(tmp_path: Path) -> None:
    path = tmp_path / "incidents.yaml"
    changed = TEXT.replace('values: [Burglary, "Yes", No]', "codelist: crime_types")
    path.write_text(changed, encoding="utf-8")
    rule = next(rule for rule in load_contract(path).rules if rule.id == "known_type")
    assert "Burglary" in rule.allowed({})
