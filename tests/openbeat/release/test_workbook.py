"""A force's workbook: to the Analysis Function's rules, true to the release, the same as ODS."""

from __future__ import annotations

import dataclasses
import re
import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import fastexcel
import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from openbeat import codelists
from openbeat.contract import load_contracts
from openbeat.release.content import ReleaseContent
from openbeat.release.workbook import write_workbooks
from openbeat.release.workbook.book import Book, Column, Sheet, text_column
from openbeat.release.workbook.ods import write_ods
from openbeat.release.workbook.xlsx import write_xlsx

ROOT = Path(__file__).resolve().parents[3]
RELEASE = "2025-06-r1"
MONTHS = [*(f"2024-{m:02}" for m in range(7, 13)), *(f"2025-{m:02}" for m in range(1, 7))]
MISSING, PARTIAL, NEWEST = "2024-11", "2025-02", "2025-06"
FORCE = {"force_id": "wye", "force_name": "Wye Police"}
OTHER = {"force_id": "rail", "force_name": "Rail Police"}
A1 = {"place": "neighbourhood", "area_force_id": "wye", "neighbourhood_id": "A1"}
CONTRACTS = load_contracts(ROOT / "expectations" / "contracts")
TEXTS = ("=1+1", "Speeding\nin <b>Fern</b> & [link](http://x.example) $$a$$", "???", "سلام", "+44")
ODF = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"


def frame(table: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=CONTRACTS[table].polars_schema())


def coverage_of(month: str) -> str:
    return {MISSING: "missing", PARTIAL: "partial_suspected"}.get(month, "submitted")


def crime_rows() -> list[dict[str, Any]]:
    """Wye counts A1 by month and type; A2 exists from 2025-01; the rail police reports too."""
    rows = []
    for n, month in enumerate(MONTHS):
        state = {"month": month, "coverage": coverage_of(month), **FORCE}
        marked = {"count_status": "u"} if month == PARTIAL else {}
        if month != MISSING:
            rows += [
                {**state, **A1, **marked, "crime_type": "Burglary", "count": n},
                {**state, **A1, **marked, "crime_type": "Anti-social behaviour", "count": 7},
            ]
        if month >= "2025-01":
            unknown = {"count": None, "count_status": "x"} if month == PARTIAL else {"count": 0}
            rows.append(
                {**state, **A1, "neighbourhood_id": "A2", "crime_type": "Burglary", **unknown}
            )
    rail = {"month": NEWEST, "coverage": "submitted", **OTHER, **A1}
    return [*rows, {**rail, "crime_type": "Burglary", "count": 100}]


def summary_rows() -> list[dict[str, Any]]:
    rows = []
    for n, month in enumerate(MONTHS):
        state = {"month": month, "area_force_id": "wye", "coverage": coverage_of(month)}
        known: dict[str, Any] = {
            "crime_total": n + (100 if month == NEWEST else 0),
            "antisocial_behaviour": 7,
        }
        if month == MISSING:
            known = {"crime_total_status": "x", "antisocial_behaviour_status": "x"}
        if month == PARTIAL:
            known |= {"crime_total_status": "u", "antisocial_behaviour_status": "u"}
        rows.append({**state, "neighbourhood_id": "A1", "name": "Acorn", **known})
        if month >= "2025-01":
            lacking = {"crime_total": 0, "antisocial_behaviour": 0}
            if month == PARTIAL:
                lacking = {"crime_total_status": "x", "antisocial_behaviour_status": "x"}  # type: ignore[dict-item]
            rows.append({**state, "neighbourhood_id": "A2", "name": "=Beech", **lacking})
    return rows


def tables() -> dict[str, pl.DataFrame]:
    covered = [
        {"month": month, "dataset": dataset, "coverage": coverage_of(month), **force}
        for month in MONTHS
        for dataset in ("street", "outcomes", "stops")
        for force in (FORCE, OTHER)
    ]
    place = {
        "place_level": "neighbourhood",
        "neighbourhood_id": "A1",
        "neighbourhood_name": "Acorn",
    }
    issues: list[dict[str, Any]] = [
        {"issue_id": f"wye-I{n}", "raised_on": date(2025, 6, n + 1), "asked": text,
         "theme": "noise", "theme_label": "Noise", "status": "open", "closed": "no",
         **FORCE, **place}
        for n, text in enumerate(TEXTS)
    ]  # fmt: skip
    issues.append({**issues[0], "issue_id": "wye-I9", "asked": None, "asked_status": "c",
                   "raised_on": None, "place_level": "force", "neighbourhood_id": None,
                   "neighbourhood_name": None, "days_to_feedback_status": "x"})  # fmt: skip
    whole = {"period": "2025-Q1", "period_type": "quarter", "place_level": "force", **FORCE}
    reach: list[dict[str, Any]] = [
        {**whole, "characteristic": "age", "category": "under_25", "category_level": "group",
         "forms": 12, "forms_status": "p", "attendances_status": "z", "share": 0.25},
        {**whole, "characteristic": "age", "category": "25_44", "category_level": "group",
         "forms_status": "c", "attendances_status": "z", "share_status": "c"},
    ]  # fmt: skip
    return {
        "crime": frame("crime", crime_rows()),
        "crime_summary": frame("crime_summary", summary_rows()),
        "coverage": frame("coverage", covered),
        "you_said_we_did": frame("you_said_we_did", issues),
        "engagement_reach": frame("engagement_reach", reach),
    }


def write(content: ReleaseContent, folder: Path, release: str = RELEASE) -> list[str]:
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    for name, table in content.tables.items():
        table.lazy().sink_parquet(folder / "tables" / f"{name}.parquet")
    return list(write_workbooks(content, folder, release))


@pytest.fixture(scope="module")
def content() -> ReleaseContent:
    given = tables()
    return ReleaseContent(
        month=NEWEST,
        first_month=MONTHS[0],
        as_of=date(2025, 7, 31),
        tables=given,
        contracts={name: CONTRACTS[name] for name in given},
        codelists={name: codelists.load(name) for name in codelists.names()},
        notice="This data is made up.",
        contact={"name": "Open data team", "email": "data@wye.example"},
        base_url="https://data.wye.example/releases",
    )


@pytest.fixture(scope="module")
def folder(content: ReleaseContent, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("workbook")
    assert write(content, made) == [
        f"workbook/{f}.{e}" for f in ("rail", "wye") for e in ("xlsx", "ods")
    ]
    return made


@pytest.fixture(scope="module")
def book(folder: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(folder / "workbook" / "wye.xlsx")


def data_sheets(book: openpyxl.Workbook) -> list[Worksheet]:
    return [sheet for sheet in book.worksheets if sheet.title != "Cover"]


def rows_of(book: openpyxl.Workbook, name: str) -> list[dict[str, Any]]:
    """The table of a sheet, a mapping of headings to cells a row."""
    sheet = book[name]
    (table,) = sheet.tables.values()
    head, *rows = [[cell.value for cell in row] for row in sheet[table.ref]]
    return [dict(zip(head, row, strict=True)) for row in rows]


def above(book: openpyxl.Workbook, name: str) -> str:
    """What stands above a sheet's table."""
    sheet = book[name]
    (table,) = sheet.tables.values()
    first = sheet[table.ref][0][0].row
    return "\n".join(str(sheet.cell(row, 1).value) for row in range(1, first))


def test_each_sheet_is_titled_and_holds_one_marked_up_table_and_nothing_else(
    book: openpyxl.Workbook,
) -> None:
    assert [sheet.title for sheet in book.worksheets][:4] == [
        "Cover",
        "Contents",
        "Notes",
        "Columns",
    ]
    names = []
    for sheet in data_sheets(book):
        (table,) = sheet.tables.values()
        names.append(table.name)
        cells = sheet[table.ref]
        assert isinstance(sheet["A1"].value, str)
        assert table.headerRowCount == 1
        assert table.autoFilter is None
        headings = [cell.value for cell in cells[0]]
        assert all(headings)
        assert len({str(heading).lower() for heading in headings}) == len(headings)
        assert cells[-1][-1].row == sheet.max_row, "something stands below the table"
        assert cells[-1][-1].column == sheet.max_column
    assert len(set(names)) == len(names)


def test_nothing_is_merged_hidden_frozen_filtered_filled_or_in_another_font(
    book: openpyxl.Workbook,
) -> None:
    assert book.active is book.worksheets[0]
    for sheet in book.worksheets:
        assert not sheet.merged_cells.ranges
        assert sheet.sheet_state == "visible"
        assert sheet.freeze_panes is None
        assert sheet.auto_filter.ref is None
        assert sheet.sheet_view.selection[0].activeCell == "A1"
        assert not any(column.hidden for column in sheet.column_dimensions.values())
        assert not any(row.hidden for row in sheet.row_dimensions.values())
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    assert cell.font.name == "Arial"
                    assert (cell.font.sz or 0) >= 12
                    assert cell.fill.fill_type is None


def test_the_cover_says_what_when_whose_and_how_to_cite(book: openpyxl.Workbook) -> None:
    text = "\n".join(str(row[0]) for row in book["Cover"].iter_rows(values_only=True))
    for said in (
        *("Wye Police", RELEASE, "This data is made up.", "Jul 2024 to Jun 2025", "31 July 2025"),
        *("data@wye.example", "Open Government Licence", "Crown copyright and database right 2025"),
        *("How to cite", "release calendar", "not official statistics"),
    ):
        assert said in text


def test_the_contents_link_to_every_sheet(book: openpyxl.Workbook) -> None:
    sheet = book["Contents"]
    names = [row["Worksheet"] for row in rows_of(book, "Contents")]
    assert names == [sheet.title for sheet in book.worksheets[2:]]
    links = {
        str(cell.value): cell.hyperlink for row in sheet["A4:A99"] for cell in row if cell.value
    }
    assert all(link is not None and name in str(link.location) for name, link in links.items())


def test_every_shorthand_and_blank_is_explained_above_its_table(book: openpyxl.Workbook) -> None:
    used = set()
    for sheet in data_sheets(book)[2:]:
        said, cells = above(book, sheet.title), rows_of(book, sheet.title)
        texts = [
            str(value) for row in cells for value in [*row, *row.values()] if value is not None
        ]
        codes = {code for code in ("[c]", "[x]", "[z]", "[u]", "[p]", "[r]")
                 if any(text == code or text.endswith(f" {code}") for text in texts)}  # fmt: skip
        assert all(f"{code} = " in said for code in codes), sheet.title
        blank = any(value is None for row in cells for value in row.values())
        assert ("blank cell" in said) == blank, sheet.title
        used |= codes
    assert used == {"[c]", "[x]", "[z]", "[u]", "[p]"}


def test_every_note_referred_to_is_in_the_notes(book: openpyxl.Workbook) -> None:
    known = {row["Note"] for row in rows_of(book, "Notes")}
    for sheet in data_sheets(book)[2:]:
        if "Notes: " in (said := above(book, sheet.title)):
            assert set(re.findall(r"\[note \d+\]", said)) <= known


def test_a_neighbourhoods_figures_are_those_of_the_release(book: openpyxl.Workbook) -> None:
    published = {row["month"]: row for row in summary_rows() if row["neighbourhood_id"] == "A1"}
    (crimes,) = [r for r in rows_of(book, "Crime_by_month") if r["Neighbourhood id"] == "A1"]
    (burglary,) = [r for r in rows_of(book, "Crime_by_type") if r["Neighbourhood id"] == "A1"]
    for month, row in published.items():
        heading = f"{date.fromisoformat(month + '-01'):%b %Y}" + (
            " [u]" if month == PARTIAL else ""
        )
        expected = row.get("crime_total", "[x]")
        assert crimes[heading] == expected
        assert burglary[heading] == expected, "the types add up to the total, of every force"
    (latest,) = [r for r in rows_of(book, "Latest_month") if r["Neighbourhood id"] == "A1"]
    assert (latest["Crimes"], latest["Anti-social behaviour"]) == (111, 7)


def test_absence_is_not_zero(book: openpyxl.Workbook) -> None:
    (new,) = [r for r in rows_of(book, "Crime_by_type") if r["Neighbourhood id"] == "A2"]
    assert new["Jul 2024"] == "[z]", "it did not exist"
    assert new["Jan 2025"] == 0, "the force submitted the month"
    assert new["Feb 2025 [u]"] == "[x]", "what would be 0 in a partial month"
    assert new["12 months to Jun 2025"] == "[x]", "a sum of what is not known"
    missing = next(r for r in rows_of(book, "Reported_by_force") if r["Month"].month == 11)
    assert {missing["Crimes reported"], missing["Anti-social behaviour reported"]} == {"[x]"}


def test_a_partial_month_makes_no_zero_and_no_sum_of_twelve_months(
    content: ReleaseContent, tmp_path: Path
) -> None:
    """As ``crime_summary.crime_total_12m`` has it: only of months that were submitted whole."""
    anti_social = pl.col("crime_type") == "Anti-social behaviour"
    crime = content.tables["crime"].lazy().collect()
    crime = crime.filter(~((pl.col("month") == PARTIAL) & anti_social))
    said: dict[str, Any] = {}
    for state in ("partial_suspected", "submitted"):
        coverage = (
            content.tables["coverage"]
            .lazy()
            .with_columns(
                coverage=pl.when(pl.col("month") == PARTIAL)
                .then(pl.lit(state))
                .otherwise(pl.lit("submitted"))
            )
        )
        some = {**content.tables, "crime": crime, "coverage": coverage}
        write(dataclasses.replace(content, tables=some), tmp_path / state)
        book = openpyxl.load_workbook(tmp_path / state / "workbook" / "wye.xlsx")
        (row,) = [r for r in rows_of(book, "Crime_by_type") if r["Neighbourhood id"] == "A1"]
        (month,) = [r for r in rows_of(book, "Reported_by_force") if r["Month"].month == 2]
        said[state] = (
            row["12 months to Jun 2025"],
            month["Crimes reported"],
            month["Anti-social behaviour reported"],
            month["Marked figures"],
        )
    known = [n for n, month in enumerate(MONTHS) if month != MISSING]
    assert said["submitted"] == (sum(known) + 100, 7, 0, "none")
    assert said["partial_suspected"] == ("[x]", 7, "[x]", "all [u]")


def test_anti_social_behaviour_is_in_no_count_of_crimes(book: openpyxl.Workbook) -> None:
    assert {row["Crime type"] for row in rows_of(book, "Crime_by_type")} == {"Burglary"}
    newest = rows_of(book, "Reported_by_force")[0]
    assert (newest["Crimes reported"], newest["Anti-social behaviour reported"]) == (11, 7)


def test_a_number_kept_back_shows_its_code_and_a_marked_one_stays_a_number(
    book: openpyxl.Workbook,
) -> None:
    provisional, kept_back = rows_of(book, "Engagement_reach")
    assert (provisional["Forms"], provisional["Marked figures"]) == (12, "Forms [p]")
    assert (kept_back["Forms"], kept_back["Share of the forms"]) == ("[c]", "[c]")
    assert kept_back["Attendances"] == "[z]"


def test_no_text_runs_links_or_breaks_the_library(book: openpyxl.Workbook) -> None:
    rows = {row["Issue id"]: row for row in rows_of(book, "You_said_we_did")}
    assert [rows[f"wye-I{n}"]["You said"] for n in range(5)] == [
        *("1+1", "Speeding in <b>Fern</b> & [link] (http://x.example) $ $a$ $"),
        *(None, "Text: سلام", "44"),
    ]
    assert rows["wye-I9"]["You said"] == "[c]"
    assert rows["wye-I9"]["Neighbourhood"] == "Force level"
    for sheet in data_sheets(book)[1:]:
        for row in sheet.iter_rows():
            assert not any(cell.data_type == "f" or cell.hyperlink for cell in row)
            assert not any(str(cell.value).startswith("=") for cell in row)


def test_numbers_and_their_shorthand_stand_to_the_right(book: openpyxl.Workbook) -> None:
    for name in ("Latest_month", "Crime_by_month", "Crime_by_type", "Engagement_reach"):
        for row in book[name].iter_rows():
            for cell in row:
                if isinstance(cell.value, int | float) or cell.value in ("[x]", "[z]"):
                    assert cell.alignment.horizontal == "right", (name, cell.coordinate)


def test_the_document_says_its_title_language_and_a_date_that_stays(
    book: openpyxl.Workbook, folder: Path
) -> None:
    assert "Wye Police" in str(book.properties.title)
    assert (book.properties.creator, book.properties.language) == ("openbeat", "en-GB")
    assert str(book.properties.created) == "2025-07-31 00:00:00"
    with zipfile.ZipFile(folder / "workbook" / "wye.ods") as ods:
        meta = ods.read("meta.xml").decode()
    for said in ("Wye Police", "<dc:language>en-GB<", "<dc:date>2025-07-31T00:00:00<"):
        assert said in meta


def same_cells(xlsx: Path, ods: Path) -> None:
    """Both formats hold the same sheets with the same cells."""
    one, two = fastexcel.read_excel(xlsx), fastexcel.read_excel(ods)
    assert one.sheet_names == two.sheet_names
    for name in one.sheet_names:
        left, right = (
            book.load_sheet(name, header_row=None, dtypes="string")
            .to_polars()
            # Only one of the formats has days; in the other they are moments.
            .with_columns(pl.all().str.replace(r" 00:00:00$", ""))
            for book in (one, two)
        )
        assert left.equals(right), name


def test_the_ods_holds_the_same_as_the_xlsx(folder: Path) -> None:
    for force in ("wye", "rail"):
        same_cells(*(folder / "workbook" / f"{force}.{suffix}" for suffix in ("xlsx", "ods")))


def test_the_ods_marks_up_each_table_with_its_name_and_header_row(folder: Path) -> None:
    with zipfile.ZipFile(folder / "workbook" / "wye.ods") as ods:
        first = ods.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        body = ElementTree.fromstring(ods.read("content.xml"))
        for name in ods.namelist()[1:]:
            ElementTree.fromstring(ods.read(name))
    sheets = body.findall(f".//{ODF % 'table'}table")[1:]
    ranges = body.findall(f".//{ODF % 'table'}database-range")
    assert len(sheets) == len(ranges)
    for sheet, marked in zip(sheets, ranges, strict=True):
        assert len(sheet.findall(f"{ODF % 'table'}table-header-rows")) == 1
        start, end = marked.attrib[f"{ODF % 'table'}target-range-address"].split(":")
        above_it = list(sheet).index(sheet.find(f"{ODF % 'table'}table-header-rows"))  # type: ignore[arg-type]
        columns = len(sheet.findall(f"{ODF % 'table'}table-column"))
        assert start.endswith(f".A{above_it - columns + 1}")
        assert end.endswith(str(len(list(sheet.iter(f"{ODF % 'table'}table-row")))))


def test_the_same_content_gives_the_same_bytes(
    content: ReleaseContent, folder: Path, tmp_path: Path
) -> None:
    shuffled = {name: table.lazy().collect().reverse() for name, table in content.tables.items()}
    again = dataclasses.replace(content, tables=shuffled)
    for path in write(again, tmp_path):
        assert (tmp_path / path).read_bytes() == (folder / path).read_bytes(), path


def test_a_release_without_engagement_or_summary_has_workbooks_of_what_it_has(
    content: ReleaseContent, tmp_path: Path
) -> None:
    only: Mapping[str, Any] = {"coverage": content.tables["coverage"]}
    write(dataclasses.replace(content, tables=only), tmp_path)
    book = openpyxl.load_workbook(tmp_path / "workbook" / "wye.xlsx")
    assert book.sheetnames == ["Cover", "Contents", "Notes", "Columns", "Coverage"]
    assert "Engagement:" not in str([row[0].value for row in book["Cover"]])


@pytest.mark.parametrize("change", [{"workbooks": False}, {"tables": {}}])
def test_nothing_is_written_where_there_is_nothing_to_write(
    content: ReleaseContent, tmp_path: Path, change: dict[str, Any]
) -> None:
    assert write(dataclasses.replace(content, **change), tmp_path) == []
    assert not (tmp_path / "workbook").exists()


@settings(deadline=None, max_examples=12)
@given(
    texts=st.lists(st.text(max_size=30), min_size=1, max_size=6),
    numbers=st.lists(st.integers(-(10**9), 10**9) | st.none(), min_size=6, max_size=6),
)
def test_any_text_can_be_written_and_reads_the_same_in_both(
    texts: list[str], numbers: list[int | None], tmp_path_factory: pytest.TempPathFactory
) -> None:
    counts = pl.Series(numbers[: len(texts)], dtype=pl.Int64)
    missing = pl.Series([None if n is not None else "[x]" for n in counts], dtype=pl.String)
    ids = text_column("Row", [f"row {n}" for n in range(len(texts))])
    columns = [ids, text_column("Text", texts), Column("Count", "integer", counts, missing)]
    sheet = Sheet("Drawn", "Drawn", ["One table.", "[x] = not available"], columns)
    book = Book("Title", "Author", date(2025, 7, 31), {}, [sheet])
    folder = tmp_path_factory.mktemp("drawn")
    write_xlsx(book, folder / "a.xlsx")
    write_ods(book, folder / "a.ods")
    same_cells(folder / "a.xlsx", folder / "a.ods")
