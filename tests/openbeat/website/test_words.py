"""Dates, times, numbers and file names, as people and file systems meet them."""

from __future__ import annotations

import re
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbeat.website import words


def test_dates_and_numbers_read_as_people_write_them() -> None:
    assert words.day(date(2025, 7, 14)) == "14 July 2025"
    assert words.day("2025-07-14") == "14 July 2025"
    assert words.month("2025-06") == "June 2025"
    assert words.number(1234567) == "1,234,567"
    assert words.number(5.5) == "5.5"
    assert words.number(2.0) == "2"
    assert words.number(None) == "not available"


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("2025-07-14T18:00:00Z", "2025-07-14T19:30:00Z", "Monday 14 July 2025, 7pm to 8:30pm"),
        ("2025-01-14T18:00:00Z", None, "Tuesday 14 January 2025, 6pm"),
        # An hour before midnight in summer's UTC is the next day in London.
        ("2025-06-30T23:30:00Z", None, "Tuesday 1 July 2025, 12:30am"),
        (
            "2025-10-26T00:30:00Z",
            "2025-10-26T01:30:00Z",
            "Sunday 26 October 2025, 1:30am to 1:30am",
        ),
        ("2025-07-14T11:00:00Z", "2025-07-14T11:00:00Z", "Monday 14 July 2025, midday"),
        (
            "2025-07-14T20:00:00Z",
            "2025-07-15T08:00:00Z",
            "Monday 14 July 2025, 9pm to Tuesday 15 July 2025, 9am",
        ),
    ],
)
def test_times_are_london_s(start: str, end: str | None, said: str) -> None:
    assert words.when(start, end) == said


IDS = st.text(min_size=1, max_size=12)


@given(st.lists(IDS, unique=True, min_size=2, max_size=20))
def test_no_two_ids_share_a_file_even_where_capitals_do_not_count(ids: list[str]) -> None:
    names = [words.file_name(i).casefold() for i in ids]
    assert len(set(names)) == len(ids)


@given(st.lists(IDS | st.sampled_from(["NH01", "nh01", "index", "Index"]), unique=True))
def test_no_two_ids_of_a_force_share_a_file(ids: list[str]) -> None:
    names = words.file_names(ids)
    assert list(names) == ids
    assert len({name.casefold() for name in names.values()}) == len(ids)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", name) for name in names.values())


def test_an_id_that_is_a_good_name_is_its_file_s() -> None:
    assert words.file_names(["NH01", "Index", "a b"]) == {
        "NH01": "NH01",
        "Index": words.file_name("Index"),
        "a b": words.file_name("a b"),
    }


@given(IDS)
def test_a_file_name_is_safe_anywhere(identifier: str) -> None:
    name = words.file_name(identifier)
    assert re.fullmatch(r"[a-z0-9_-]+", name)
    assert name not in ("index", "keys", "con", "nul", "com1")


@pytest.mark.parametrize("identifier", ["index", "con", "..", "/", "A/B", "com1", "keys"])
def test_a_file_name_takes_no_name_that_means_something(identifier: str) -> None:
    name = words.file_name(identifier)
    assert re.fullmatch(r"[a-z0-9_-]+", name)
    assert name != identifier


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//example.org",
        "https://example.org/ x",
        'https://example.org/"onclick="x',
        "https://example.org/\nx",
        "",
        None,
    ],
)
def test_only_web_addresses_are_linked(address: str | None) -> None:
    assert words.web_address(address) is None


def test_labels_of_codes_many_in_a_cell_and_unknown_ones() -> None:
    lists = {"kinds": pl.DataFrame({"code": ["a", "b"], "label": ["Apple", "Bean"]})}
    frame = pl.DataFrame({"kind": ["a", "a;b", "z", None]})
    made = words.labelled(frame, {"kind": "kinds"}, lists)
    assert made["kind_label"].to_list() == ["Apple", "Apple, Bean", "z", None]


def test_values_are_listed_as_a_sentence_would() -> None:
    assert words.listed([]) == ""
    assert words.listed(["a"]) == "a"
    assert words.listed(["a", "b", "c"]) == "a, b and c"
