"""The template of each table can be filled in at once, and its example is right by every rule."""

from __future__ import annotations

import io
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl import Workbook

from openbeat import codelists
from openbeat.contract import Contract, load_contract
from openbeat.engagement.checking import Checked, check, findings
from openbeat.engagement.connectors import read_rows
from openbeat.engagement.examples import EXAMPLES, example_record, id_column
from openbeat.engagement.settings import EngagementSettings, EngagementSource
from openbeat.engagement.tables import TABLES
from openbeat.engagement.template import columns_to_fill, template

CONTRACTS = Path(__file__).parents[3] / "expectations" / "contracts"


def contract_of(table: str) -> Contract:
    return load_contract(CONTRACTS / f"{TABLES[table].contract}.yaml")


def book_of(table: str) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(template(table, contract_of(table))))


def checked(path: Path, table: str) -> Checked:
    source = EngagementSource(name="log", table=table, path=path)
    rows = read_rows(source)
    today = date(2025, 9, 1)
    return check(rows, None, contract_of(table), today, EngagementSettings(), ["dorset"])


@pytest.mark.parametrize("table", TABLES)
def test_an_untouched_template_is_read_and_its_example_left_out(table: str, tmp_path: Path) -> None:
    path = tmp_path / "log.xlsx"
    path.write_bytes(template(table, contract_of(table)))
    found = checked(path, table)
    assert (found.examples, found.accepted, found.refused) == ([2], 0, [])


@pytest.mark.parametrize("table", TABLES)
def test_the_example_keeps_every_rule_once_it_has_an_id(table: str, tmp_path: Path) -> None:
    book = book_of(table)
    assert book["log"]["A1"].value == id_column(table)
    assert book["log"]["A2"].value == "EXAMPLE-1"
    book["log"]["A2"] = "MINE-1"
    book.save(tmp_path / "log.xlsx")
    found = checked(tmp_path / "log.xlsx", table)
    assert findings(found) == []
    assert found.accepted == 1


@pytest.mark.parametrize("table", TABLES)
def test_every_column_that_a_team_fills_in_is_there_and_explained(table: str) -> None:
    contract = contract_of(table)
    log = book_of(table)["log"]
    headers = [cell.value for cell in log[1]]
    assert set(headers) == {c.name for c in contract.columns if not c.derived}
    required = [not contract.column(str(name)).nullable for name in headers]
    assert required == sorted(required, reverse=True)
    for cell in log[1]:
        column = contract.column(str(cell.value))
        assert cell.comment is not None
        assert column.description in cell.comment.text
        assert ("Required." in cell.comment.text) is not column.nullable
        assert cell.font.bold is not column.nullable
    assert log.freeze_panes == "B2"


@pytest.mark.parametrize("table", TABLES)
def test_each_drop_down_offers_the_codes_of_its_list(table: str) -> None:
    book, contract = book_of(table), contract_of(table)
    log, offered = book["log"], {}
    for choice in log.data_validations.dataValidation:
        sheet, _, cells = choice.formula1.partition("!")
        codes = [row[0].value for row in book[sheet][cells.replace("$", "")]]
        header = log.cell(1, next(iter(choice.sqref.ranges)).min_col).value
        offered[header] = (codes, choice.showErrorMessage)
    wanted = {
        c.name: (list(codelists.codes(c.codelist or "yes_no")), not c.many)
        for c in contract.columns
        if not c.derived and (c.codelist or c.type == "boolean")
    }
    assert offered == wanted


def test_days_and_times_are_days_and_times() -> None:
    log = book_of("engagement_events")["log"]
    at = {cell.value: cell.column for cell in log[1]}
    start, told = log.cell(2, at["start_at"]), log.cell(2, at["advertised_on"])
    assert (start.value, start.number_format) == (datetime(2025, 6, 12, 18, 30), "yyyy-mm-dd hh:mm")
    assert (told.value, told.number_format) == (datetime(2025, 5, 22), "yyyy-mm-dd")
    assert log.column_dimensions[told.column_letter].number_format == "yyyy-mm-dd"


def test_the_notes_say_what_never_to_write_and_how_to_check() -> None:
    rows = book_of("issues")["notes"].iter_rows(values_only=True)
    notes = " ".join(str(value) for row in rows for value in row if value)
    for said in ("Never write", "postcode", "handling", "reviewer_role", "summary_public"):
        assert said in notes
    assert "openbeat check FILE --as issues" in notes


def test_the_id_comes_first_and_what_is_derived_is_left_out() -> None:
    names = [
        column.name for column in columns_to_fill("participation", contract_of("participation"))
    ]
    assert names[0] == "event_id"
    assert "participation_id" not in names


def test_examples_name_columns_that_are_there() -> None:
    assert set(EXAMPLES) == set(TABLES)
    for table in TABLES:
        ours = {c.name for c in contract_of(table).columns if not c.derived}
        assert set(example_record(table)) <= ours
