"""Street rows: each rule of the contract finds its row and no other, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl
import pytest

from openbeat.contract import Contract
from openbeat.geography.lsoa import LsoaLookup
from openbeat.policeuk.vocabulary import crime_types_of

Broken = Callable[..., dict[str, str]]
Conform = Callable[..., pl.DataFrame]
CRITICAL, WARNING, INFO = "critical", "warning", "info"
ASB = {"crime_type": "Anti-social behaviour", "crime_id": "", "last_outcome_category": ""}


@pytest.mark.parametrize("changes", [{}, ASB, {"longitude": "", "latitude": "", "lsoa_code": ""}])
def test_a_right_row_breaks_no_rule(broken: Broken, changes: dict[str, str]) -> None:
    assert broken("street", changes) == {}


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({"month": "2025-05"}, {"s1_month": CRITICAL}),
        ({"month": "June 2025"}, {"s1_month": CRITICAL}),
        ({"month": ""}, {"month_present": CRITICAL}),
        ({"crime_type": ""}, {"crime_type_present": CRITICAL}),
        ({"crime_type": "Time travel"}, {"s2_known_crime_type": WARNING}),
        ({"crime_type": "burglary"}, {"s2_known_crime_type": WARNING}),
        ({"crime_type": "Violent crime"}, {"s2_crime_type_of_period": WARNING}),
        (ASB | {"crime_id": "a" * 64}, {"s3_asb_without_id": CRITICAL}),
        (
            ASB | {"last_outcome_category": "Suspect charged"},
            {"s3_asb_without_outcome": CRITICAL},
        ),
        (
            ASB | {"last_outcome_category": "Unheard of"},
            {"s3_asb_without_outcome": CRITICAL, "s6_known_outcome": WARNING},
        ),
        ({"crime_id": ""}, {"s4_crime_with_id": WARNING}),
        ({"crime_id": "A" * 64}, {"s4_id_form": WARNING}),
        ({"crime_id": "a" * 63}, {"s4_id_form": WARNING}),
        ({"last_outcome_category": ""}, {}),
        ({"last_outcome_category": "Unheard of"}, {"s6_known_outcome": WARNING}),
        ({"lsoa_code": ""}, {"s9_point_without_lsoa": INFO}),
        ({"longitude": "", "latitude": ""}, {"s9_lsoa_without_point": WARNING}),
        ({"lsoa_code": "E0102400"}, {"s10_lsoa_form": WARNING, "s10_lsoa_known": WARNING}),
        ({"lsoa_code": "S01000001"}, {"s10_lsoa_form": WARNING, "s10_lsoa_known": WARNING}),
        ({"reported_by": "Essex Police"}, {"s12_force_name": WARNING}),
        ({"falls_within": ""}, {"s12_force_name": WARNING}),
        ({"context": "news"}, {"s13_context": WARNING}),
        ({"location": "High Street"}, {"s15_location": WARNING}),
        ({"location": "On or near "}, {}),
        ({"location": "No Location"}, {}),
    ],
)
def test_each_rule_finds_its_row_and_no_other_does(
    broken: Broken, changes: dict[str, str], rules: dict[str, str]
) -> None:
    assert broken("street", changes) == rules


@pytest.mark.parametrize("dataset", ["street", "outcomes", "stops"])
@pytest.mark.parametrize(
    ("longitude", "latitude", "rules"),
    [
        ("east", "51.2", {"readable_numbers", "s7_longitude"}),
        ("0.5", "51,2", {"readable_numbers", "s7_latitude"}),
        ("east", "north", {"readable_numbers"}),
        ("NaN", "51.2", {"readable_numbers", "s8_longitude"}),
        ("0.5", "inf", {"readable_numbers", "s8_latitude"}),
        ("", "51.2", {"s7_longitude"}),
        ("0.5", "", {"s7_latitude"}),
        ("51.273", "0.521", {"s8_longitude", "s8_latitude"}),
        ("0.5", "0", {"s8_latitude"}),
        ("-9.000001", "51", {"s8_longitude"}),
        ("3.000001", "51", {"s8_longitude"}),
        ("0", "48.999999", {"s8_latitude"}),
        ("0", "61.000001", {"s8_latitude"}),
        ("-9", "49", set()),
        ("3", "61", set()),
        ("0", "51.2", set()),
        ("0", "0", set()),
        ("0.000000", "-0.0", set()),
        ("", "", set()),
    ],
)
def test_a_row_whose_coordinates_cannot_be_trusted_is_refused(
    broken: Broken, dataset: str, longitude: str, latitude: str, rules: set[str]
) -> None:
    lsoa = {} if dataset == "stops" else {"lsoa_code": ""}
    found = broken(dataset, {"longitude": longitude, "latitude": latitude} | lsoa)
    assert {rule for rule, severity in found.items() if severity == CRITICAL} == rules


def test_coordinates_of_zero_are_no_place(conform: Conform) -> None:
    points = [("0", "0"), ("0.0", "51.2"), ("0", ""), ("", "0"), ("", "")]
    typed = conform("street", *({"longitude": x, "latitude": y} for x, y in points))
    assert typed.select("longitude", "latitude").rows() == [
        *((None, None), (0.0, 51.2), (0.0, None), (None, 0.0), (None, None))
    ]


def test_an_id_of_northern_ireland_need_not_be_a_hash(broken: Broken) -> None:
    name = "Police Service of Northern Ireland"
    own = {"reported_by": name, "falls_within": name, "crime_id": "12345"}
    assert broken("street", own, force="northern-ireland") == {}
    assert broken("street", {"crime_id": "12345"}) == {"s4_id_form": WARNING}


def test_british_transport_police_need_not_give_ids(broken: Broken) -> None:
    name = "British Transport Police"
    given = {"crime_id": "", "reported_by": name, "falls_within": name}
    assert broken("street", given, force="btp") == {}


def test_an_id_of_northern_ireland_holds_for_its_month_only(conform: Conform) -> None:
    def key(force: str, month: str) -> str | None:
        changes: dict[str, str | None] = {"crime_id": "12345", "month": month}
        found: str | None = conform("street", changes, force=force, month=month)["crime_key"][0]
        return found

    assert key("northern-ireland", "2025-06") == "2025-06:12345"
    assert key("northern-ireland", "2025-07") == "2025-07:12345"
    assert key("kent", "2025-06") == key("kent", "2025-07") == "12345"


def test_a_row_without_an_id_has_no_key(conform: Conform) -> None:
    for force in ("kent", "northern-ireland"):
        assert conform("street", {"crime_id": ""}, force=force)["crime_key"][0] is None


def test_a_repeated_id_is_told_and_never_refuses_a_row(contracts: Mapping[str, Contract]) -> None:
    (rule,) = (r for r in contracts["conformed_street"].table_rules() if r.columns == ["crime_key"])
    assert rule.severity == INFO


@pytest.mark.parametrize(
    ("month", "number", "among", "not_among"),
    [
        ("2010-12", 6, "Violent crime", "Drugs"),
        ("2011-08", 6, "Violent crime", "Shoplifting"),
        ("2011-09", 11, "Public disorder and weapons", "Public order"),
        ("2013-04", 11, "Violent crime", "Bicycle theft"),
        ("2013-05", 14, "Violence and sexual offences", "Violent crime"),
        ("2025-06", 14, "Theft from the person", "Public disorder and weapons"),
    ],
)
def test_the_crime_types_are_those_of_the_period(
    broken: Broken, month: str, number: int, among: str, not_among: str
) -> None:
    types = crime_types_of(month)
    assert len(types) == len(set(types)) == number
    assert broken("street", {"crime_type": among}, month=month) == {}
    assert broken("street", {"crime_type": not_among}, month=month) == {
        "s2_crime_type_of_period": WARNING
    }


def test_an_unknown_label_keeps_its_row_and_its_words(conform: Conform) -> None:
    typed = conform("street", {"crime_type": "Time travel", "last_outcome_category": "Unheard of"})
    assert typed.select(
        *("crime_type", "unknown_crime_type", "crime_type_outside_period"),
        *("last_outcome", "last_outcome_group", "unknown_outcome"),
    ).rows() == [
        ("Unrecognised", "Time travel", None, "Unrecognised", "unrecognised", "Unheard of")
    ]


def test_a_force_nobody_knows_has_no_right_name(broken: Broken) -> None:
    assert broken("street", {}, force="ankh-morpork") == {"s12_force_name": WARNING}


def test_rows_come_out_one_for_one_and_in_order(conform: Conform, lookup: LsoaLookup) -> None:
    codes = ["E01033900", "", "E01000010", "E01000001", "E01000001", "nonsense"]
    for known in (None, lookup):
        typed = conform("street", *({"lsoa_code": code} for code in codes), lookup=known)
        assert typed["lsoa_code"].to_list() == [code or None for code in codes]
        assert typed["line"].to_list() == [2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    ("code", "without", "with_lookup"),
    [
        ("E01000001", ("both", None), ("both", "E01000001")),
        ("E01000010", ("both", None), ("2011", None)),  # split: no single answer
        ("E01000020", ("both", None), ("2011", "E01033900")),  # merged
        ("E01033800", ("2021", "E01033800"), ("2021", "E01033800")),
        ("E01033768", ("both", None), ("none", None)),
        ("E01033769", ("2021", "E01033769"), ("none", None)),
        ("W01001959", ("2021", "W01001959"), ("none", None)),
        ("E0103380", ("none", None), ("none", None)),
        ("", ("none", None), ("none", None)),
    ],
)
def test_each_lsoa_code_has_a_vintage_and_where_there_is_one_answer_its_code_of_2021(
    conform: Conform,
    lookup: LsoaLookup,
    code: str,
    without: tuple[str, str | None],
    with_lookup: tuple[str, str | None],
) -> None:
    columns = ("lsoa_vintage", "lsoa21_code")
    assert conform("street", {"lsoa_code": code}).select(columns).row(0) == without
    typed = conform("street", {"lsoa_code": code}, lookup=lookup)
    assert typed.select(columns).row(0) == with_lookup


@pytest.mark.parametrize("dataset", ["street", "outcomes", "stops"])
def test_the_columns_are_those_of_the_contract(
    conform: Conform, contracts: Mapping[str, Contract], lookup: LsoaLookup, dataset: str
) -> None:
    expected = contracts[f"conformed_{dataset}"].polars_schema()
    for rows in ([], [{}], [{}, {"longitude": "", "latitude": ""}]):
        assert dict(conform(dataset, *rows, lookup=lookup).schema) == dict(expected)
