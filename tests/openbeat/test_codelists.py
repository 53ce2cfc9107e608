"""The code lists that a release publishes are whole, without doubles, and fit one another."""

from __future__ import annotations

import polars as pl
import pytest

from openbeat import codelists


@pytest.mark.parametrize("name", codelists.names())
def test_a_list_has_a_code_on_every_line_once_and_no_stray_spaces(name: str) -> None:
    frame = codelists.load(name)
    codes = frame.to_series(0)
    assert codes.null_count() == 0
    assert codes.is_unique().all()
    assert frame.select(pl.all().str.strip_chars()).equals(frame)
    assert codelists.codes(name) == tuple(codes)


def test_a_list_that_is_not_there_says_which_are() -> None:
    with pytest.raises(KeyError, match=r"no code list 'crimes'; there are .*crime_types"):
        codelists.load("crimes")


def test_values_are_text_even_where_they_look_like_something_else() -> None:
    assert "False" in codelists.codes("stop_outcomes")
    assert codelists.codes("lsoa_vintages")[0] == "2011"


@pytest.mark.parametrize(
    ("name", "column", "other"),
    [
        ("outcome_types", "outcome_group", "outcome_groups"),
        ("stop_outcomes", "outcome_group", "stop_outcome_groups"),
    ],
)
def test_every_group_named_is_in_the_list_of_groups(name: str, column: str, other: str) -> None:
    assert set(codelists.load(name)[column]) == set(codelists.codes(other))


def test_crime_types_and_outcomes_have_an_api_code_each_of_their_own() -> None:
    for name in ("crime_types", "outcome_types"):
        code = codelists.load(name)["code"]
        assert code.null_count() == 0
        assert code.is_unique().all()


def test_only_anti_social_behaviour_is_not_crime() -> None:
    types = codelists.load("crime_types")
    assert types.filter(pl.col("is_crime") == "false")["crime_type"].to_list() == [
        "Anti-social behaviour"
    ]


def test_every_ethnicity_of_the_18_and_one_has_a_label_in_use() -> None:
    listed = codelists.load("ethnicities")
    current = listed.filter(pl.col("vocabulary") == "current")["ethnicity_code"]
    numbers = {"A": "12349", "B": "129", "M": "1239", "W": "12349", "O": "19", "N": "S"}
    codes = {letter + number for letter, those in numbers.items() for number in those}
    assert set(current) == codes
    assert set(listed["ethnicity_code"]) == codes
