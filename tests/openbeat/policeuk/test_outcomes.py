"""Outcome rows: each rule finds its row; both spellings are one; old court results are told."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from openbeat import codelists

Broken = Callable[..., dict[str, str]]
Conform = Callable[..., pl.DataFrame]
CRITICAL, WARNING = "critical", "warning"


def test_a_right_row_breaks_no_rule(broken: Broken) -> None:
    assert broken("outcomes", {}) == {}


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({"month": "2025-07"}, {"s1_month": CRITICAL}),
        ({"month": ""}, {"month_present": CRITICAL}),
        ({"outcome_type": ""}, {"outcome_type_present": CRITICAL}),
        ({"outcome_type": "Unheard of"}, {"o2_known_outcome": WARNING}),
        ({"crime_id": ""}, {"o3_id": CRITICAL}),
        ({"outcome_type": "Offender fined"}, {"o8_court": WARNING}),
        ({"outcome_type": "Awaiting court outcome"}, {}),
        ({"reported_by": "Essex Police"}, {"s12_force_name": WARNING}),
        ({"lsoa_code": "E0102400"}, {"s10_lsoa_form": WARNING, "s10_lsoa_known": WARNING}),
        ({"longitude": "", "latitude": ""}, {"s9_lsoa_without_point": WARNING}),
    ],
)
def test_each_rule_finds_its_row_and_no_other_does(
    broken: Broken, changes: dict[str, str], rules: dict[str, str]
) -> None:
    assert broken("outcomes", changes) == rules


@pytest.mark.parametrize(("month", "rules"), [("2019-06", {}), ("2019-07", {"o8_court": WARNING})])
def test_court_results_are_expected_until_june_2019(
    broken: Broken, month: str, rules: dict[str, str]
) -> None:
    assert broken("outcomes", {"outcome_type": "Offender sent to prison"}, month=month) == rules


@pytest.mark.parametrize(
    ("force", "name"),
    [
        ("btp", "British Transport Police"),
        ("northern-ireland", "Police Service of Northern Ireland"),
    ],
)
def test_outcomes_of_a_force_that_supplies_none_are_told(
    broken: Broken, force: str, name: str
) -> None:
    own = {"reported_by": name, "falls_within": name}
    assert broken("outcomes", own, force=force) == {"o7_force": WARNING}


def test_both_spellings_of_the_penalty_notice_are_one_outcome(conform: Conform) -> None:
    labels = ("Offender given penalty notice", "Offender given a penalty notice")
    typed = conform("outcomes", *({"outcome_type": label} for label in labels))
    assert typed["outcome_type"].to_list() == ["Offender given penalty notice"] * 2
    assert typed["outcome_group"].to_list() == ["out_of_court"] * 2
    assert typed["unknown_outcome"].null_count() == 2
    street = conform("street", *({"last_outcome_category": label} for label in labels))
    assert street["last_outcome"].to_list() == ["Offender given penalty notice"] * 2


def test_all_28_outcomes_are_known_and_grouped(conform: Conform) -> None:
    known = codelists.load("outcome_types").filter(pl.col("outcome_type") != "Unrecognised")
    assert known.height == 28
    typed = conform("outcomes", *({"outcome_type": label} for label in known["outcome_type"]))
    assert typed["outcome_type"].equals(known["outcome_type"])
    assert typed["outcome_group"].equals(known["outcome_group"])


def test_an_unknown_outcome_keeps_its_row_and_its_words(conform: Conform) -> None:
    typed = conform("outcomes", {"outcome_type": "Unheard of"})
    assert typed.select("outcome_type", "outcome_group", "unknown_outcome").rows() == [
        ("Unrecognised", "unrecognised", "Unheard of")
    ]


def test_an_outcome_belongs_to_its_own_crime(conform: Conform) -> None:
    typed = conform("outcomes", {"crime_id": "7"}, force="northern-ireland", month="2025-06")
    assert typed["crime_key"].to_list() == ["2025-06:7"]
