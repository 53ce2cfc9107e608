"""What a team relies on when it says in YAML how its log becomes ours, and where it goes wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbeat.contract import Column, Contract, load_contract
from openbeat.engagement.cells import Rows, no_ragged
from openbeat.engagement.mapping import (
    Mapping,
    load_mapping,
    to_canonical,
    without_ignored,
)
from openbeat.engagement.tables import TABLES
from openbeat.errors import InputError

FOLDER = Path(__file__).parents[3] / "expectations" / "contracts"
EXAMPLE = """\
table: issues
columns:
  issue_id: {from: Ref, prefix: opcc-}
  raised_on: {from: "Date raised", date_format: "%d/%m/%Y"}
  theme: {from: Topic, codes: {"Anti social behaviour": asb_general, Burg: burglary, None: }}
  status: Status
  target_groups: {from: Groups, separator: ",", codes: {Pensioners: older_65plus}}
constants: {force_id: northmere, handling: publishable}
defaults: {information_type: problems_priorities, theme: noise}
ignore: [Officer name, Comments]
"""


@pytest.fixture(scope="module")
def contracts() -> dict[str, Contract]:
    return {t.name: load_contract(FOLDER / f"{t.contract}.yaml") for t in TABLES.values()}


@pytest.fixture
def issues(contracts: dict[str, Contract]) -> Contract:
    return contracts["issues"]


def rows(**columns: list[str | None]) -> Rows:
    count = len(next(iter(columns.values()), []))
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    lines = pl.int_range(2, count + 2, dtype=pl.Int64, eager=True).alias("line")
    return Rows("log.csv", frame.insert_column(0, lines), "", 0)


def load(folder: Path, text: str, contract: Contract) -> Mapping:
    path = folder / "mapping.yaml"
    path.write_text(text)
    return load_mapping(path, contract)


def small(*columns: dict[str, Any]) -> Contract:
    """A contract named issues with columns of its own, since a mapping needs a table of ours."""
    return Contract(
        table="conformed_issues",
        title="Small",
        description="Small.",
        layer="conformed",
        schema_version="1.0.0",
        columns=[Column(**({"type": "string", "description": "d"} | c)) for c in columns],
    )


def one(column: dict[str, Any], way: dict[str, Any], value: str | None, **general: str) -> Any:
    """What becomes of one value."""
    mapping = Mapping.model_validate(
        {"table": "issues", "columns": {"x": {"from": "Theirs"} | way}, **general}
    )
    frame = to_canonical(rows(Theirs=[value]), mapping, small({"name": "x"} | column))
    return frame["x"].item()


def test_a_log_in_another_layout_becomes_ours(tmp_path: Path, issues: Contract) -> None:
    theirs = rows(
        **{
            "Ref": ["7", "8", "9"],
            "DATE RAISED": ["01/07/2025", "2025-07-02", "next week"],
            "Topic": ["anti-social BEHAVIOUR", "Burg", "none"],
            "Status": ["Action taken", "open", "who knows"],
            "Groups": ["Pensioners, Under 18,Pensioners", None, "Martians"],
            "Officer name": ["A", "B", "C"],
            "Comments": ["x", "y", "z"],
            "Summary public": ["Cars race at night.", None, None],
        }
    )
    frame = to_canonical(theirs, load(tmp_path, EXAMPLE, issues), issues)
    delivered = [column.name for column in issues.columns if not column.derived]
    assert frame.columns == ["line", *delivered]
    assert set(frame.schema.values()) == {pl.Int64(), pl.String()}
    names = ["issue_id", "raised_on", "theme", "status", "target_groups", "summary_public"]
    assert frame.select("line", *names).rows() == [
        (
            *(2, "opcc-7", "2025-07-01", "asb_general", "action_taken"),
            *("older_65plus;young_under18", "Cars race at night."),
        ),
        (3, "opcc-8", "2025-07-02", "burglary", "open", None, None),
        (4, "opcc-9", "next week", "noise", "who knows", "Martians", None),
    ]
    assert frame["force_id"].unique().to_list() == ["northmere"]
    assert frame["information_type"].unique().to_list() == ["problems_priorities"]


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (("table: issues", "table: feedback"), 1, "a mapping of feedback, not of issues"),
        (("  status:", "  stauts:"), 6, "stauts: is no column of this table Mend: write status"),
        (("  status:", "  closed:"), 6, "closed: is worked out by openbeat"),
        (("Burg: burglary", "Burg: burglry"), 5, "'burglry' is no value of theme.*burglary"),
        (("prefix: opcc-", "prefiks: opcc-"), 3, "prefiks: is not known here"),
        (("%d/%m/%Y", "%d/%m"), 4, "'%d/%m' does not tell a whole date.*such as '%d/%m/%Y'"),
        (("%d/%m/%Y", "%Q"), 4, "'%Q' does not tell a whole date"),
        (("publishable}", "public}"), 8, "'public' is no value of handling"),
        (("{information_type", "{handling: internal, information_type"), 8, "elsewhere too"),
        (("problems_priorities,", "chatter,"), 9, "'chatter' is no value of information_type"),
        (("prefix: opcc-", "multiply: 2"), 3, "multiply: issue_id is no number"),
        (("prefix: opcc-", "multiply: 1/0"), 3, "a factor is a number"),
        (("prefix: opcc-", 'separator: ","'), 3, "issue_id takes one value only"),
        (("prefix: opcc-", 'date_format: "%Y"'), 3, "issue_id is no date"),
        (("Burg: burglary", "anti-social-behaviour: noise"), 5, "given twice with different"),
        (("table: issues", "table: issues\ntimezone: Europe/Londn"), 2, "no time zone"),
        (("table: issues", 'table: issues\nmoment_format: "%d/%m/%Y"'), 2, "a whole moment"),
        (("ignore: [Officer name, Comments]", "ignore: 3"), 10, "valid list"),
        (
            ("table: issues", "table: issues\nmoment_formt: x"),
            2,
            "formt: .* there is moment_format$",
        ),
        (("Burg: burglary", "Burg: TENSION"), 5, "'TENSION' is no value.*see the code list themes"),
        (("problems_priorities,", "Community tension,"), 9, "write tension"),
        (("publishable}", "SECRET}"), 8, "write publishable or internal or restricted"),
    ],
)
def test_a_wrong_mapping_is_refused_with_its_line(
    tmp_path: Path, issues: Contract, change: tuple[str, str], line: int, words: str
) -> None:
    assert change[0] in EXAMPLE
    with pytest.raises(InputError, match=words) as error:
        load(tmp_path, EXAMPLE.replace(*change, 1), issues)
    assert error.value.row == line
    assert error.value.file == "mapping.yaml"


def test_a_column_the_file_lacks_is_refused_with_the_nearest(
    tmp_path: Path, issues: Contract
) -> None:
    mapping = load(tmp_path, EXAMPLE, issues)
    theirs = rows(Reference=["1"], Date=["1"], Topics=["1"], Status=["1"], Groups=["1"])
    with pytest.raises(InputError, match="takes issue_id from a column that is not there") as error:
        to_canonical(theirs, mapping, issues)
    assert (error.value.column, error.value.file) == ("Ref", "log.csv")
    assert "Reference" in str(error.value)


def test_a_column_of_theirs_is_taken_or_ignored_but_never_overlooked(issues: Contract) -> None:
    with pytest.raises(InputError, match=r"nearest of ours are .*raised_on.*ignore") as error:
        to_canonical(rows(**{"Issue ID": ["1"], "Raised": ["1"]}), None, issues)
    assert error.value.column == "Raised"
    with pytest.raises(InputError, match="openbeat works it out itself"):
        to_canonical(rows(**{"Issue ID": ["1"], "month": ["1"]}), None, issues)


def test_a_header_that_is_a_row_of_values_is_refused_without_showing_them(
    tmp_path: Path, issues: Contract
) -> None:
    theirs = rows(**{"Ann Example": ["x"], "07700 900123": ["x"]})
    for mapping in (None, load(tmp_path, EXAMPLE, issues)):
        with pytest.raises(InputError, match="header_line") as error:
            to_canonical(theirs, mapping, issues)
        assert "Ann" not in str(error.value)
        assert "07700" not in str(error.value)


@pytest.mark.parametrize("ignore", ["*", ["officer NAME", "Note"]])
def test_what_is_ignored_is_not_kept(ignore: str | list[str]) -> None:
    mapping = Mapping.model_validate({"table": "issues", "columns": {"a": "A"}, "ignore": ignore})
    contract = small({"name": "a"}, {"name": "b"})
    theirs = rows(
        **{"A": ["1", "2"], "Officer name": ["x", "y"], "b": ["3", "x"], "Note": ["", ""]}
    )
    ragged = pl.DataFrame({"line": [3], "fields": [5], "header": [4]})
    kept = without_ignored(Rows("log.csv", theirs.frame, "hash", 9, ragged), mapping, contract)
    assert kept.frame.columns == ["line", "A", "b"]
    assert kept.frame.rows() == [(2, "1", "3"), (3, None, None)]
    assert (kept.sha256, kept.size, kept.ragged.height) == ("hash", 9, 1)


def test_where_nothing_is_ignored_all_is_kept() -> None:
    theirs = rows(a=["1"])
    assert without_ignored(theirs, None, small({"name": "a"})) is theirs


@pytest.mark.parametrize(
    ("way", "repeats"),
    [
        ({}, "opcc-1"),
        ({"from": "Same as"}, "opcc-1"),
        ({"prefix": "x-"}, "x-1"),
        ({"prefix": ""}, "1"),
    ],
)
def test_a_repeat_names_an_issue_of_the_same_prefix(
    issues: Contract, way: dict[str, str], repeats: str
) -> None:
    told: dict[str, Any] = {"issue_id": {"prefix": "opcc-"}}
    if way:
        told["duplicate_of"] = way
    needed = [c.name for c in issues.columns if not (c.nullable or c.derived)]
    theirs = rows(**{name: ["2"] for name in needed}, **{way.get("from", "duplicate_of"): ["1"]})
    mapping = Mapping.model_validate({"table": "issues", "columns": told})
    frame = to_canonical(theirs, mapping, issues)
    assert frame.select("issue_id", "duplicate_of", "event_id").row(0) == ("opcc-2", repeats, None)


def test_all_columns_that_are_not_told_may_be_ignored() -> None:
    mapping = Mapping.model_validate({"table": "issues", "ignore": "*"})
    frame = to_canonical(rows(A=["1"], More=["2"]), mapping, small({"name": "a"}))
    assert frame.rows() == [(2, "1")]


def test_a_column_that_every_row_needs_must_come_from_somewhere(issues: Contract) -> None:
    with pytest.raises(InputError, match="nothing gives force_id, which every row needs"):
        to_canonical(rows(**{"Issue ID": ["1"]}), None, issues)


def test_headers_that_are_ours_need_no_mapping() -> None:
    contract = small({"name": "force_id"}, {"name": "raised_on", "type": "date"})
    frame = to_canonical(rows(**{"Raised-On": ["2025-07-01"], "FORCE ID": ["x"]}), None, contract)
    assert frame.rows() == [(2, "x", "2025-07-01")]


def test_a_column_of_our_name_that_is_taken_for_another_is_not_taken_twice() -> None:
    mapping = Mapping.model_validate({"table": "issues", "columns": {"a": "b"}})
    frame = to_canonical(rows(b=["1"]), mapping, small({"name": "a"}, {"name": "b"}))
    assert frame.rows() == [(2, "1", None)]


def test_several_columns_are_joined() -> None:
    mapping = Mapping.model_validate(
        {
            "table": "issues",
            "columns": {"at": {"from": ["Day", "Time"]}},
            "moment_format": "%d/%m/%Y %H:%M",
        }
    )
    theirs = rows(Day=["01/07/2025", "2025-07-01", None], Time=["19:30", "08:20:05", None])
    frame = to_canonical(theirs, mapping, small({"name": "at", "type": "moment"}))
    assert frame["at"].to_list() == ["2025-07-01T18:30:00Z", "2025-07-01T07:20:05Z", None]


@pytest.mark.parametrize(
    ("kind", "way", "value", "wanted"),
    [
        ("date", {"date_format": "%d %B %Y"}, "1 July 2025", "2025-07-01"),
        ("date", {"date_format": "%d/%m/%y"}, "1/7/25", "2025-07-01"),
        ("date", {"date_format": "%d/%m/%Y"}, "1/7/25", "1/7/25"),
        ("date", {"date_format": "%d/%m/%Y"}, "30/02/2025", "30/02/2025"),
        ("date", {"date_format": "%d/%m/%Y"}, "2025-07-01T00:00:00", "2025-07-01"),
        ("month", {"date_format": "%b %Y"}, "Jul 2025", "2025-07"),
        ("month", {"date_format": "%d/%m/%Y"}, "01/07/2025", "2025-07"),
        ("moment", {"date_format": "%d/%m/%Y %H:%M"}, "26/10/2025 01:30", "2025-10-26T00:30:00Z"),
        # An hour that London skips is left for conform to tell.
        ("moment", {"date_format": "%d/%m/%Y %H:%M"}, "30/03/2025 01:30", "30/03/2025 01:30"),
        (
            "moment",
            {"date_format": "%d/%m/%Y %H:%M %z"},
            "01/07/2025 19:30 +0200",
            "2025-07-01T17:30:00Z",
        ),
        ("number", {"multiply": "1/60"}, "1,090", "18.166667"),
        ("number", {"multiply": 1000}, "2.5", "2500"),
        ("integer", {"multiply": 2}, "3", "6"),
        ("number", {"multiply": 2}, "a few", "a few"),
        ("boolean", {"codes": {"Virtual": True, "Hall": False}}, "virtual", "yes"),
        ("string", {"codes": {"1": "one"}, "prefix": "n-"}, "1", "n-one"),
        ("string", {"prefix": "n-"}, None, None),
    ],
)
def test_a_value_is_turned(kind: str, way: dict[str, Any], value: str | None, wanted: Any) -> None:
    assert one({"type": kind}, way, value) == wanted


def test_moments_may_be_of_another_zone() -> None:
    value = one({"type": "moment"}, {}, "2025-07-01 19:30", timezone="Europe/Paris")
    assert value == "2025-07-01T17:30:00Z"


def test_codes_of_several_values_in_one_cell() -> None:
    column = {"many": True, "codelist": "themes"}
    way = {"separator": "/", "codes": {"Break-ins": "burglary", "none": None}}
    assert one(column, way, "break ins / Noise/None") == "burglary;noise"
    assert one(column, way, "none") is None


def test_a_ragged_row_keeps_its_id_and_nothing_that_may_have_shifted(
    contracts: dict[str, Contract],
) -> None:
    for contract in contracts.values():
        ours = [c.name for c in contract.columns if not c.derived]
        theirs = rows(**{name: ["x", "y"] for name in ours})
        ragged = pl.DataFrame([(3, 5, 9)], schema=no_ragged().schema, orient="row")
        frame = to_canonical(Rows(theirs.name, theirs.frame, "", 0, ragged), None, contract)
        kept = {name: value for name, value in frame.row(1, named=True).items() if value}
        (note,) = [name for name, value in kept.items() if value == "(5 fields instead of 9)"]
        assert set(kept) == {"line", *set(contract.key).intersection(ours), note}
        assert not contract.column(note).restricted
        assert frame.row(0)[1] == "x"


CELL = st.none() | st.text(st.characters(codec="utf-8"), max_size=6).map(str.strip).map(
    lambda text: text or None
)


@settings(deadline=None)
@given(st.lists(st.tuples(CELL, CELL, CELL, CELL), max_size=6))
def test_no_row_is_lost_and_text_stays_text(cells: list[tuple[str | None, ...]]) -> None:
    contract = small(
        {"name": "a"},
        {"name": "b", "type": "date"},
        {"name": "c", "codelist": "themes", "many": True},
        {"name": "d", "type": "number"},
    )
    mapping = Mapping.model_validate(
        {
            "table": "issues",
            "columns": {"c": {"separator": ",", "codes": {"x": "noise"}}, "d": {"multiply": 2}},
            "date_format": "%d/%m/%Y",
        }
    )
    theirs = rows(**{name: [row[n] for row in cells] for n, name in enumerate("abcd")})
    frame = to_canonical(theirs, mapping, contract)
    assert frame["line"].to_list() == theirs.frame["line"].to_list()
    assert frame["a"].to_list() == theirs.frame["a"].to_list()
