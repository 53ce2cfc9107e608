"""What a team relies on when it points openbeat at the file or database it keeps its log in."""

from __future__ import annotations

import hashlib
import io
import tempfile
from collections.abc import Callable
from csv import QUOTE_ALL
from csv import writer as csv_writer
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbeat.engagement.connectors import Rows, read_rows
from openbeat.engagement.settings import EngagementSource
from openbeat.errors import InputError

WriteOds = Callable[[Path, dict[str, Any]], Path]


def source(path: Path | None = None, **others: Any) -> EngagementSource:
    return EngagementSource(name="log", table="issues", path=path, **others)


def csv(folder: Path, text: str | bytes, **others: Any) -> Rows:
    path = folder / "log.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_rows(source(path, **others))


def told(rows: Rows) -> list[dict[str, Any]]:
    return rows.frame.to_dicts()


def test_a_csv_is_read_as_it_stands(tmp_path: Path) -> None:
    rows = csv(tmp_path, 'Ref,Said\r\n007, "x" \r\n\r\n8,"a, b\r\nc"\r\n ,\r\n9,\r\n')
    assert told(rows) == [
        {"line": 2, "Ref": "007", "Said": '"x"'},
        {"line": 4, "Ref": "8", "Said": "a, b\r\nc"},
        {"line": 7, "Ref": "9", "Said": None},
    ]
    assert rows.name == "log.csv"
    assert rows.ragged.is_empty()
    data = (tmp_path / "log.csv").read_bytes()
    assert (rows.sha256, rows.size) == (hashlib.sha256(data).hexdigest(), len(data))


@pytest.mark.parametrize(
    ("encoding", "written"),
    [("utf-8", "utf-8-sig"), ("utf-8", "utf-8"), ("cp1252", "cp1252"), ("utf-16", "utf-16")],
)
def test_a_csv_may_be_in_any_encoding_that_the_source_names(
    tmp_path: Path, encoding: str, written: str
) -> None:
    rows = csv(tmp_path, "Ref;Said\n1;Café £5\n".encode(written), encoding=encoding, separator=";")
    assert told(rows) == [{"line": 2, "Ref": "1", "Said": "Café £5"}]


def test_what_stands_above_the_header_is_passed_over_and_lines_stay_true(tmp_path: Path) -> None:
    rows = csv(tmp_path, 'Log of "the beat\n\nRef,Said\n1,x\n', header_line=3)
    assert told(rows) == [{"line": 4, "Ref": "1", "Said": "x"}]


def test_a_ragged_row_is_kept_and_told_and_does_not_stop_the_rest(tmp_path: Path) -> None:
    rows = csv(tmp_path, "a,b,c\n1,2,3\n4,5\n6,7,8,9\n10,11,12,,\n")
    assert rows.frame["line"].to_list() == [2, 3, 4, 5]
    assert rows.ragged.to_dicts() == [
        {"line": 3, "fields": 2, "header": 3},
        {"line": 4, "fields": 4, "header": 3},
    ]


def test_a_header_alone_is_a_log_without_records(tmp_path: Path) -> None:
    rows = csv(tmp_path, "Ref,Said\n")
    assert rows.frame.schema == {"line": pl.Int64, "Ref": pl.String, "Said": pl.String}
    assert rows.frame.is_empty()


@pytest.mark.parametrize(
    ("content", "others", "words"),
    [
        (b"", {}, "is empty"),
        (b"\n\n", {}, "there is no header"),
        (b"Ref\n1\n", {"header_line": 9}, "there is no header"),
        (b"Ref, Ref \n1,2\n", {}, "column Ref: the header is there twice"),
        (b"Ref\nabc\nCaf\xe9\n", {}, "line 3: is not utf-8 text"),
        ("Ref\n1\n".encode("utf-16-le"), {}, "line 1: is not utf-8 text"),
        (b"Ref\n1\n", {"encoding": "latin-99"}, "there is no encoding 'latin-99'"),
        (b'a,b\n1,2\n3,"4\n5,6\n', {}, "line 3: a quotation mark is opened and never closed"),
        (b'a,b\n1,"' + b"x" * (17 * 1024**2), {}, "a field is too long"),
    ],
)
def test_a_csv_that_cannot_be_read_is_refused_with_what_to_mend(
    tmp_path: Path, content: bytes, others: dict[str, Any], words: str
) -> None:
    with pytest.raises(InputError) as error:
        csv(tmp_path, content, **others)
    assert words in str(error.value)
    assert "log.csv" in str(error.value)
    assert str(tmp_path) not in str(error.value)


def test_a_column_without_a_header_is_named_after_its_neighbour(tmp_path: Path) -> None:
    rows = csv(tmp_path, "Ref,,line,\n1,x,y,\n")
    assert told(rows) == [{"line": 2, "Ref": "1", "unnamed after Ref": "x", "their line": "y"}]


FIELD = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.just("\n"), max_size=8)


@settings(deadline=None)
@given(st.lists(st.lists(FIELD, max_size=5), max_size=8))
def test_no_row_of_a_csv_is_lost(rows: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    writer = csv_writer(text, quoting=QUOTE_ALL)
    writer.writerows([["a", "b", "c"], *rows])
    with tempfile.TemporaryDirectory() as folder:
        read = csv(Path(folder), text.getvalue())
    kept = [row for row in rows if any(field.strip() for field in row)]
    assert read.frame.height == len(kept)
    odd = [row for row in kept if len(row) < 3 or any(field.strip() for field in row[3:])]
    assert read.ragged["fields"].to_list() == [len(row) for row in odd]


BOOK = [
    ["Log of the beat"],
    [],
    ["Ref", "Day", "When", "At", "Hours", "Count", "Open", "Said"],
    ["007", date(2025, 7, 1), datetime(2025, 7, 1, 8, 20), time(19, 30), 2.5, 3, True, " a  b "],
    [],
    [8, date(2025, 12, 1), datetime(2025, 7, 2), time(8, 20, 5), 3.0, 1200, False, None],
]
READ = [
    {
        "line": 4,
        "Ref": "007",
        "Day": "2025-07-01",
        "When": "2025-07-01T08:20:00",
        "At": "19:30",
        "Hours": "2.5",
        "Count": "3",
        "Open": "true",
        "Said": "a  b",
    },
    {
        "line": 6,
        "Ref": "8",
        "Day": "2025-12-01",
        "When": "2025-07-02T00:00:00",
        "At": "08:20:05",
        "Hours": "3",
        "Count": "1200",
        "Open": "false",
        "Said": None,
    },
]


@pytest.fixture(params=["xlsx", "ods"])
def book(request: pytest.FixtureRequest, tmp_path: Path, write_ods: WriteOds) -> Path:
    """The same log on the second sheet of a workbook of either kind."""
    path = tmp_path / f"log.{request.param}"
    if request.param == "ods":
        return write_ods(path, {"Notes": [["x"]], "Log": BOOK})
    import openpyxl

    workbook = openpyxl.Workbook()
    workbook.active.append(["x"])
    sheet = workbook.create_sheet("Log")
    for row in BOOK:
        sheet.append(row)
    workbook.save(path)
    return path


def test_a_sheet_of_a_workbook_is_read_as_people_see_it(book: Path) -> None:
    rows = read_rows(source(book, sheet="Log", header_line=3))
    assert told(rows) == READ
    assert rows.sha256 == hashlib.sha256(book.read_bytes()).hexdigest()


def test_the_first_sheet_is_read_where_none_is_named(book: Path) -> None:
    assert read_rows(source(book)).frame.columns == ["line", "x"]


def test_a_sheet_that_is_not_there_is_refused_with_those_that_are(book: Path) -> None:
    with pytest.raises(InputError, match=r"no sheet 'Logg' Mend: write one of (Notes|Sheet), Log "):
        read_rows(source(book, sheet="Logg"))


def test_a_header_line_below_the_sheet_is_refused(book: Path) -> None:
    with pytest.raises(InputError, match=r"there is no line 99.*header_line"):
        read_rows(source(book, sheet="Log", header_line=99))


@pytest.mark.parametrize("left", [0, 100, 0.5])
def test_a_workbook_that_was_cut_off_is_refused(book: Path, left: float) -> None:
    data = book.read_bytes()
    book.write_bytes(data[: int(left * len(data)) if left < 1 else int(left)])
    with pytest.raises(InputError, match=r"is empty|cannot be read as a workbook"):
        read_rows(source(book))


def test_a_workbook_with_a_password_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "log.xlsx"
    path.write_bytes(bytes.fromhex("D0CF11E0A1B11AE1") + bytes(4096))
    with pytest.raises(InputError, match=r"protected by a password.*save it without"):
        read_rows(source(path))


def test_merged_cells_blank_rows_and_failed_formulas_lose_no_row(tmp_path: Path) -> None:
    import openpyxl

    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in (["Ref", "Said"], ["July", None], [], ["1", "#N/A"], ["2", "  "]):
        sheet.append(row)
    sheet["B4"].data_type = "e"
    sheet.merge_cells("A2:B2")
    workbook.save(tmp_path / "log.xlsx")
    assert told(read_rows(source(tmp_path / "log.xlsx"))) == [
        {"line": 2, "Ref": "July", "Said": None},
        {"line": 4, "Ref": "1", "Said": "(error in the cell)"},
        {"line": 5, "Ref": "2", "Said": None},
    ]


def test_a_blank_sheet_has_no_header(tmp_path: Path, write_ods: WriteOds) -> None:
    with pytest.raises(InputError, match="no header"):
        read_rows(source(write_ods(tmp_path / "log.ods", {"Log": []})))


def test_types_of_parquet_become_text(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    pl.DataFrame(
        {
            "whole": [1],
            "part": [2.0],
            "money": [Decimal("1.50")],
            "day": [date(2025, 7, 1)],
            "at": [datetime(2025, 7, 1, 19, 30)],
            "sent": pl.Series([datetime(2025, 7, 1, 19, 30, tzinfo=UTC)]).dt.convert_time_zone(
                "Europe/London"
            ),
            "open": [True],
            "groups": [["b", "a"]],
            "kind": pl.Series(["x"], dtype=pl.Categorical),
            "lost": pl.Series([float("nan")]),
            "none": pl.Series([None], dtype=pl.Null),
        }
    ).write_parquet(path)
    assert told(read_rows(source(path))) == [
        {
            "line": 2,
            "whole": "1",
            "part": "2",
            "money": "1.50",
            "day": "2025-07-01",
            "at": "2025-07-01T19:30:00",
            "sent": "2025-07-01T19:30:00Z",
            "open": "yes",
            "groups": "b;a",
            "kind": "x",
            "lost": None,
            "none": None,
        }
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("log.parquet", "cannot be read as Parquet"),
        ("log.docx", "a file ending in .docx cannot be read.*xlsx"),
        ("nothing.csv", "cannot be read: No such file"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, name: str, words: str) -> None:
    for other in ("log.parquet", "log.docx"):
        (tmp_path / other).write_bytes(b"PAR1")
    with pytest.raises(InputError, match=words) as error:
        read_rows(source(tmp_path / name))
    assert str(tmp_path) not in str(error.value)


def test_what_was_captured_is_read_by_its_table() -> None:
    asked: list[str] = []

    def captured(table: str) -> pl.DataFrame:
        asked.append(table)
        return pl.DataFrame({"issue": [" Speeding ", None], "priority_id": ["p-1", "p-2"]})

    log = EngagementSource(name="police-uk", table="priorities", capture=True)
    rows = read_rows(log, captured)
    assert asked == ["priorities"]
    assert told(rows) == [
        {"line": 2, "issue": "Speeding", "priority_id": "p-1"},
        {"line": 3, "issue": None, "priority_id": "p-2"},
    ]
    assert read_rows(log, captured).sha256 == rows.sha256
