"""Dates, times, numbers and file names, as people and file systems meet them."""

from __future__ import annotations

import hashlib
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


def test_quarters_and_counts_of_people_read_as_people_write_them() -> None:
    assert words.quarter("2025-Q2") == "April to June 2025"
    assert words.quarter("2024-Q4", short=True) == "Oct–Dec 24"
    assert words.figure(1204, None) == "1,204"
    assert words.figure(0, None) == "0"
    assert words.figure(12, "p") == "12 (provisional)"
    assert words.figure(12, "r") == "12 (revised)"
    assert words.figure(None, "c") == "not shown"
    assert words.figure(None, "x") == "not available"
    assert words.percent(0.256, None) == "26%"
    assert words.percent(None, "c") == "not shown"
    assert words.why(None, "it is there") is None
    assert words.why("r", "it is there") is None
    assert words.why("x", "the log does not say") == "Not available: the log does not say."


IDS = st.text(min_size=1, max_size=12)


@given(st.lists(IDS, unique=True, min_size=2, max_size=20))
def test_no_two_ids_share_a_file_even_where_capitals_do_not_count(ids: list[str]) -> None:
    names = [words.file_name(i).casefold() for i in ids]
    assert len(set(names)) == len(ids)


LIKELY = ["NH01", "nh01", "NH 01", "NH-01", "index", "Index", "con", "-a", "a-", "a b", "a/b", ".."]


@given(st.lists(IDS | st.sampled_from(LIKELY), unique=True))
def test_no_two_ids_of_a_force_share_a_file(ids: list[str]) -> None:
    names = words.file_names(ids)
    assert list(names) == ids
    assert len({name.casefold() for name in names.values()}) == len(ids)
    for name in names.values():
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*", name)
        assert name.casefold() not in ("index", "keys", "compare", "con", "nul", "com1")


@given(st.lists(IDS | st.sampled_from(LIKELY), unique=True))
def test_the_file_of_an_id_does_not_depend_on_the_order_of_the_others(ids: list[str]) -> None:
    assert words.file_names(ids) == words.file_names(reversed(ids))


def test_an_id_can_be_read_in_the_name_of_its_file() -> None:
    ids = ["NH01", "YF 5", "Index", "compare", "é", "ab", "AB"]
    marks = {i: hashlib.sha256(i.encode()).hexdigest()[:6] for i in ids}
    assert words.file_names(ids) == {
        "NH01": "NH01",
        "YF 5": f"YF-5-{marks['YF 5']}",
        "Index": f"Index-{marks['Index']}",
        "compare": f"compare-{marks['compare']}",
        "é": marks["é"],
        "ab": f"ab-{marks['ab']}",
        "AB": f"AB-{marks['AB']}",
    }


def test_an_id_that_looks_like_the_name_made_for_another_does_not_take_its_file() -> None:
    made = words.file_names(["YF 5"])["YF 5"]
    names = words.file_names(["YF 5", made])
    assert names[made] == made
    assert names["YF 5"].startswith(made)
    assert names["YF 5"] != made


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


def test_a_number_in_a_text_says_where_the_release_holds_it() -> None:
    at = "crime_summary.crime_total@2025-07"
    assert words.datum(1204, at) == f'<data value="1204" data-of="{at}">1,204</data>'
    assert words.datum(2.0, at, "two") == f'<data value="2" data-of="{at}">two</data>'
    assert words.datum(None, at) == "not available"
    assert "<b>" not in words.datum(1, '"<b>', "<b>")


def test_a_cell_holds_the_plain_number_too_where_it_shows_another() -> None:
    assert words.td(103) == '<td class="n">103</td>'
    assert words.td(1204, "p") == '<td class="n" data-v="1204">1,204 (provisional)</td>'
    assert words.td(0.255, text="26%") == '<td class="n" data-v="0.255">26%</td>'
    assert words.td(None, "c") == '<td class="n gap">not shown</td>'


def test_sizes_of_files_read_as_people_write_them() -> None:
    assert words.size(1) == "1 byte"
    assert words.size(740) == "740 bytes"
    assert words.size(12_400) == "12 kB"
    assert words.size(999_900) == "1.0 MB"
    assert words.size(3_400_000) == "3.4 MB"


def test_a_name_that_is_taken_is_left_to_whoever_has_it() -> None:
    names = words.file_names(["NH01", "NH10"], taken=["nh01"])
    assert names["NH10"] == "NH10"
    assert names["NH01"].startswith("NH01-")
