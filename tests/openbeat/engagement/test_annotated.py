"""The annotated copy marks what is wrong, says how to mend it, and shows nothing restricted."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from openbeat.contract import load_contract
from openbeat.engagement.annotated import ROW, SAYS, annotated
from openbeat.engagement.cells import Rows
from openbeat.engagement.checking import check
from openbeat.engagement.examples import example_record
from openbeat.engagement.mapping import Mapping
from openbeat.engagement.settings import EngagementSettings

ISSUES = load_contract(
    Path(__file__).parents[3] / "expectations" / "contracts" / "conformed_issues.yaml"
)
SECRET = "Zanzibar"
RED, YELLOW = "00FFC7CE", "00FFEB9C"


def copy_of(*records: dict[str, str | None], ignore: list[str] | None = None) -> bytes:
    start = example_record("issues")
    full = [start | {"issue_id": f"I-{n}"} | record for n, record in enumerate(records)]
    names = dict.fromkeys(name for record in full for name in record)
    frame = pl.DataFrame(
        {name: pl.Series([r.get(name) for r in full], dtype=pl.String) for name in names}
    )
    lines = pl.int_range(5, frame.height + 5, dtype=pl.Int64, eager=True).alias("line")
    rows = Rows("log.csv", frame.insert_column(0, lines), "0" * 64, 1)
    mapping = Mapping.model_validate({"table": "issues", "ignore": ignore or []})
    found = check(rows, mapping, ISSUES, date(2025, 9, 1), EngagementSettings(), ["dorset"])
    return annotated(found)


def sheet_of(data: bytes) -> Worksheet:
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert isinstance(sheet, Worksheet)
    return sheet


def unzipped(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


def at(sheet: Worksheet, header: str, row: int) -> openpyxl.cell.cell.Cell:
    headers = [cell.value for cell in sheet[1]]
    cell = sheet.cell(row, headers.index(header) + 1)
    assert isinstance(cell, openpyxl.cell.cell.Cell)
    return cell


def test_a_bad_cell_is_red_and_its_comment_says_the_rule_and_the_mend() -> None:
    sheet = sheet_of(copy_of({}, {"theme": "nose", "reviewed_on": None}))
    bad = at(sheet, "theme", 3)
    assert (bad.value, bad.fill.fgColor.rgb) == ("nose", RED)
    assert bad.comment is not None
    assert "known_codes" in bad.comment.text
    assert "noise" in bad.comment.text
    assert at(sheet, "reviewed_on", 3).fill.fgColor.rgb == YELLOW
    assert at(sheet, "theme", 2).comment is None
    assert at(sheet, SAYS, 2).value is None
    says = str(at(sheet, SAYS, 3).value)
    assert says.index("Refused: theme: ") < says.index("Warning: reviewer_role")


def test_the_rows_are_theirs_and_the_row_in_their_file_is_told() -> None:
    sheet = sheet_of(copy_of({}, {}))
    assert [cell.value for cell in sheet[1]][-2:] == [ROW, SAYS]
    assert at(sheet, "issue_id", 3).value == "I-1"
    assert at(sheet, ROW, 3).value == 6


def test_nothing_restricted_is_anywhere_in_the_workbook() -> None:
    secrets = {
        c.name: f"{SECRET} {c.name}" for c in ISSUES.columns if c.restricted and not c.derived
    }
    personal = {"summary_public": f"{SECRET} lives at DT1 1AA"}
    ignored = {"Contact": f"{SECRET} Jones"}
    data = copy_of({}, {**secrets, **personal, **ignored}, ignore=["Contact"])
    assert SECRET.encode() not in unzipped(data)
    assert b"1AA" not in unzipped(data)
    sheet = sheet_of(data)
    assert at(sheet, "text", 3).value == "(restricted)"
    assert at(sheet, "Contact", 3).value == "(restricted)"
    assert at(sheet, "times_raised", 3).fill.fgColor.rgb == RED


def test_the_example_of_the_template_is_pointed_at() -> None:
    sheet = sheet_of(copy_of({"issue_id": "EXAMPLE-1"}))
    assert "never taken in" in str(at(sheet, SAYS, 2).value)


def test_what_looks_like_a_formula_stays_text() -> None:
    begins = ["=1+1", "+44", "-1", "@SUM(A1)", '=HYPERLINK("x")']
    data = copy_of(*({"owner_org": text} for text in begins), {"feedback_url": "=cmd|x"})
    assert b"<f>" not in unzipped(data)
    sheet = sheet_of(data)
    for row, text in enumerate(begins, start=2):
        cell = at(sheet, "owner_org", row)
        assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)


@settings(deadline=None, max_examples=25)
@given(st.text())
def test_any_text_can_be_copied(text: str) -> None:
    value = text.strip() or None
    sheet = sheet_of(copy_of({"owner_org": value}))
    assert sheet.max_row == 2


def test_a_text_longer_than_a_cell_is_cut() -> None:
    sheet = sheet_of(copy_of({"owner_org": "x" * 40_000}))
    assert len(str(at(sheet, "owner_org", 2).value)) == 32_000
