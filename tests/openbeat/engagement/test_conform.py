"""What can be read becomes a value of its type; what cannot is told by row, column and value."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbeat import codelists
from openbeat.contract import Column, Contract, load_contract
from openbeat.engagement.conform import cell_faults, conform
from openbeat.engagement.tables import TABLES
from openbeat.engagement.values import canonical

FOLDER = Path(__file__).parents[3] / "expectations" / "contracts"
THEMES = codelists.codes("themes")


def contract(*columns: dict[str, Any]) -> Contract:
    return Contract(
        table="conformed_issues",
        title="Small",
        description="Small.",
        layer="conformed",
        schema_version="1.0.0",
        columns=[Column(**({"type": "string", "description": "d"} | c)) for c in columns],
    )


def read(column: dict[str, Any], *texts: str | None) -> list[Any]:
    """What texts become; what cannot be read is ``unreadable`` or ``unknown``."""
    text = pl.DataFrame({"x": texts}, schema={"x": pl.String})
    done = conform(text, contract({"name": "x"} | column)).rows(named=True)
    return [
        "unreadable" if row["unreadable"] else "unknown" if row["unknown_codes"] else row["x"]
        for row in done
    ]


@pytest.mark.parametrize(
    ("kind", "texts", "values"),
    [
        ("integer", ["3", "3.0", "1,234", "-4", "+5", None], [3, 3, 1234, -4, 5, None]),
        ("integer", ["3.5", "1e3", "12,34", "9" * 20, "three"], ["unreadable"] * 5),
        ("number", ["2.50", "1,234.5", "£12", ".5", "-0", "1e3"], [2.5, 1234.5, 12, 0.5, 0, 1000]),
        ("number", ["1e999", "NaN", "inf", "2 hours", "."], ["unreadable"] * 5),
        ("boolean", ["yes", "NO", "TRUE", "1", "0"], [True, False, True, True, False]),
        ("boolean", ["f", "perhaps"], ["unreadable"] * 2),
        ("date", ["2025-07-01", "2025-07-01T23:30Z"], [date(2025, 7, 1), date(2025, 7, 2)]),
        ("date", ["01/07/2025", "2025-02-30", "0025-07-01", "2025-7-1"], ["unreadable"] * 4),
        ("month", ["2025-07", "2025-07-31"], ["2025-07"] * 2),
        ("month", ["2025-13", "July"], ["unreadable"] * 2),
        ("moment", ["2025-07-01", "2025-07-01T24:00", "19:30"], ["unreadable"] * 3),
    ],
)
def test_a_value_is_read_as_its_type(kind: str, texts: list[str | None], values: list[Any]) -> None:
    assert read({"type": kind}, *texts) == values


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-07-01T19:30", "2025-07-01T18:30:00Z"),
        ("2025-01-01 19:30:05", "2025-01-01T19:30:05Z"),
        ("2025-07-01T19:30:00Z", "2025-07-01T19:30:00Z"),
        ("2025-07-01T19:30+01:00", "2025-07-01T18:30:00Z"),
        ("2025-07-01T19:30:00.25-0530", "2025-07-02T01:00:00Z"),
        ("2025-10-26T00:30", "2025-10-25T23:30:00Z"),
        ("2025-10-26T01:30", "2025-10-26T00:30:00Z"),  # of the two, the earlier
        ("2025-10-26T02:30", "2025-10-26T02:30:00Z"),
        ("2025-03-30T01:30", "unreadable"),  # the hour that London skips
        ("2025-03-30T01:30Z", "2025-03-30T01:30:00Z"),
    ],
)
def test_a_moment_without_an_offset_is_of_londons_clock(text: str, moment: str) -> None:
    assert read({"type": "moment"}, text) == [moment]


def test_codes_are_known_by_code_or_label_in_any_case() -> None:
    theme = {"codelist": "themes"}
    assert read(theme, "noise", "NOISE", "Anti-social behaviour", "asb general", None, "nois") == [
        *("noise", "noise", "asb_general", "asb_general", None, "unknown")
    ]
    assert read({"codelist": "yes_no"}, "Y", "TRUE", "no", "perhaps") == [
        *("yes", "yes", "no", "unknown")
    ]


def test_several_values_are_sorted_and_each_is_checked() -> None:
    themes = {"codelist": "themes", "many": True}
    assert read(themes, "Noise; burglary;;noise ", "noise;nois") == ["burglary;noise", "unknown"]
    assert read({"many": True}, " b;a ; b") == ["a;b"]


def test_all_that_cannot_be_read_in_a_row_is_named() -> None:
    table = contract(
        {"name": "a", "type": "date"},
        {"name": "b", "codelist": "themes"},
        {"name": "c", "type": "integer"},
        {"name": "d", "codelist": "channels"},
        {"name": "e", "derived": True},
    )
    text = pl.DataFrame(
        {
            "line": [2, 3],
            "a": ["x", "2025-07-01"],
            "b": ["x", "noise"],
            "c": ["x", None],
            "d": ["x", None],
            "source": ["log", "log"],
        }
    )
    done = conform(text, table)
    assert done.rows(named=True) == [
        {
            "line": 2,
            "a": None,
            "b": "x",
            "c": None,
            "d": "x",
            "source": "log",
            "unreadable": "a; c",
            "unknown_codes": "b; d",
        },
        {
            "line": 3,
            "a": date(2025, 7, 1),
            "b": "noise",
            "c": None,
            "d": None,
            "source": "log",
            "unreadable": None,
            "unknown_codes": None,
        },
    ]


def test_a_cell_that_cannot_be_read_is_told_with_the_nearest_codes() -> None:
    table = contract(
        {"name": "a", "type": "date"},
        {"name": "b", "codelist": "themes", "many": True},
        {"name": "c", "codelist": "themes"},
    )
    text = pl.DataFrame(
        {
            "line": [2, 3],
            "a": ["2025-07-01", "1 July"],
            "b": ["noise;Burglry", None],
            "c": [None, "(5 fields instead of 9)"],
        }
    )
    first, second, third = cell_faults(text, table).rows(named=True)
    assert {k: first[k] for k in ("line", "column", "value", "rule")} == {
        "line": 2,
        "column": "b",
        "value": "noise;Burglry",
        "rule": "known_codes",
    }
    assert first["message"] == "is no code of the list themes"
    assert "burglary" in first["mend"]
    assert (second["line"], second["column"], second["rule"]) == (3, "a", "readable")
    assert "YYYY-MM-DD" in second["mend"]
    assert second["mend"].endswith("or say in the mapping how it is written (date_format).")
    assert "fields" in third["message"]


@pytest.mark.parametrize(
    ("column", "value", "mend"),
    [
        (
            {"type": "moment"},
            "1/7/25 19:00",
            r"in the mapping how .*\(date_format, moment_format\)\.",
        ),
        ({"type": "month"}, "July", r"in the mapping how .*\(date_format, month_format\)\."),
        ({"type": "integer"}, "few", r"^write a whole number, such as 12\.$"),
        ({"codelist": "themes"}, "TENSION", "^see the code list themes, or say"),
        ({"codelist": "themes"}, "Speding", "^write road_safety_speeding, or say"),
        ({"codelist": "information_types"}, "Community tension", "^write tension or"),
        (
            {"codelist": "handling"},
            "secret",
            "^write publishable or internal or restricted, or say",
        ),
    ],
)
def test_the_mend_is_of_use(column: dict[str, str], value: str, mend: str) -> None:
    text = pl.DataFrame({"line": [2], "a": [value]})
    assert re.search(mend, cell_faults(text, contract({"name": "a"} | column))["mend"].item())


def test_a_restricted_value_is_told_by_nobody() -> None:
    table = contract(
        {"name": "a", "type": "integer", "restricted": True},
        {"name": "b", "codelist": "themes", "restricted": True},
    )
    text = pl.DataFrame({"line": [2], "a": ["s3cret"], "b": ["burglrys3cret"]})
    faults = cell_faults(text, table)
    assert faults["value"].to_list() == ["(restricted)"] * 2
    assert "s3cret" not in str(faults.to_dicts())
    assert "write burglary" not in str(faults.to_dicts())


CONTRACTS = {
    name: load_contract(FOLDER / f"{table.contract}.yaml") for name, table in TABLES.items()
}


@pytest.mark.parametrize("name", sorted(CONTRACTS))
def test_every_table_is_conformed_to_the_types_of_its_contract(name: str) -> None:
    table = CONTRACTS[name]
    delivered = [column for column in table.columns if not column.derived]
    text = pl.DataFrame(
        {"line": [2, 3]} | {column.name: [None, "¬"] for column in delivered},
        schema_overrides={column.name: pl.String for column in delivered},
    )
    done = conform(text, table)
    schema = table.polars_schema()
    assert all(done.schema[column.name] == schema[column.name] for column in delivered)
    told = (done["unreadable"][1] or "").split("; ") + (done["unknown_codes"][1] or "").split("; ")
    wanted = {c.name for c in delivered if c.codelist or c.type != "string"}
    assert set(filter(None, told)) == wanted
    assert set(cell_faults(text, table)["column"]) == wanted


LONDON = ZoneInfo("Europe/London")
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "integer": st.integers(-(2**62), 2**62),
    "number": st.floats(-1e15, 1e15).map(lambda value: value + 0.0),
    "boolean": st.booleans(),
    "date": st.dates(date(1900, 1, 1), date(2199, 12, 31)),
    "moment": st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)),
}


def written(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, date) else str(value)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_what_was_read_is_read_the_same_again(data: st.DataObject) -> None:
    for kind, values in VALUES.items():
        column = Column(name="x", type=kind, description="d")  # type: ignore[arg-type]
        texts = [written(value) for value in data.draw(st.lists(values, max_size=4))]
        frame = pl.DataFrame({"x": texts}, schema={"x": pl.String})
        again = canonical(pl.col("x"), column).alias("x")
        once = frame.select(again)
        assert once.select(again).equals(once)
        table = contract({"name": "x", "type": kind})
        assert conform(frame, table).equals(conform(once, table)) or once["x"].has_nulls()


@settings(deadline=None)
@given(st.lists(VALUES["integer"]), st.lists(VALUES["number"]), st.lists(VALUES["date"]))
def test_a_value_comes_back_as_it_was_written(
    integers: list[int], numbers: list[float], dates: list[date]
) -> None:
    assert read({"type": "integer"}, *map(written, integers)) == integers
    assert read({"type": "number"}, *map(written, numbers)) == numbers
    assert read({"type": "date"}, *map(written, dates)) == dates


@settings(deadline=None)
@given(VALUES["moment"])
def test_a_moment_of_london_is_the_one_that_python_knows(local: datetime) -> None:
    local = local.replace(microsecond=0)
    aware = local.replace(tzinfo=LONDON)
    utc = aware.astimezone(ZoneInfo("UTC"))
    there = utc.astimezone(LONDON).replace(tzinfo=None) == local
    wanted = utc.strftime("%Y-%m-%dT%H:%M:%SZ") if there else "unreadable"
    assert read({"type": "moment"}, local.isoformat()) == [wanted]


@settings(deadline=None)
@given(st.lists(st.none() | st.sampled_from([*THEMES, "x", " ", ";"]) | st.text(max_size=4)))
def test_no_row_is_lost(texts: list[str | None]) -> None:
    table = contract({"name": "x", "codelist": "themes", "many": True})
    frame = pl.DataFrame(
        {"line": range(len(texts)), "x": texts}, schema={"line": pl.Int64, "x": pl.String}
    )
    done = conform(frame, table)
    assert done["line"].to_list() == list(range(len(texts)))
    bad = done.filter(pl.col("unknown_codes").is_not_null())["line"].to_list()
    assert cell_faults(frame, table)["line"].to_list() == bad
