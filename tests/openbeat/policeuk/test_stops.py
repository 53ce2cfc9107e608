"""Stop and search rows: old and new words mean the same, and a stop stays in its file's month."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from openbeat import codelists
from openbeat.policeuk import vocabulary

Broken = Callable[..., dict[str, str]]
Conform = Callable[..., pl.DataFrame]
CRITICAL, WARNING, INFO = "critical", "warning", "info"


def test_a_right_row_breaks_no_rule(broken: Broken) -> None:
    assert broken("stops", {}) == {}


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({"date": ""}, {"t1_date": CRITICAL}),
        ({"date": "2025-06-14"}, {"t1_date": CRITICAL}),
        ({"date": "2025-06-14T13:05:00"}, {"t1_date": CRITICAL}),
        ({"date": "2025-06-31T13:05:00+00:00"}, {"t1_date": CRITICAL}),
        ({"date": "14/06/2025 13:05"}, {"t1_date": CRITICAL}),
        ({"date": "2025-06-14T13:05:00Z"}, {}),
        ({"date": "2025-06-14T14:05:00+01:00"}, {}),
        ({"date": "2025-05-31T22:59:59+00:00"}, {"t2_month": WARNING}),
        ({"date": "2025-05-31T23:00:00+00:00"}, {}),
        ({"date": "2025-06-30T23:00:00+00:00"}, {"t2_month": WARNING}),
        ({"type": "Dog search"}, {"t4_search_type": WARNING}),
        ({"gender": "M"}, {"t4_gender": WARNING}),
        ({"age_range": "18-25"}, {"t4_age": WARNING}),
        ({"officer_defined_ethnicity": "Martian"}, {"t4_officer_ethnicity": WARNING}),
        ({"legislation": "Magna Carta 1215 (section 39)"}, {"t4_legislation": WARNING}),
        ({"object_of_search": "Truth"}, {"t4_object": WARNING}),
        ({"outcome": "Knighted"}, {"t4_outcome": WARNING}),
        ({"self_defined_ethnicity": "Martian (M1)"}, {"t4_ethnicity": WARNING}),
        ({"part_of_a_policing_operation": "perhaps"}, {"t7_boolean": CRITICAL}),
        ({"outcome_linked_to_object_of_search": "yes"}, {"t7_boolean": CRITICAL}),
        ({"removal_of_more_than_just_outer_clothing": "2"}, {"t7_boolean": CRITICAL}),
        ({"type": "Vehicle search"}, {"t8_vehicle_gender": INFO}),
        ({"type": "Vehicle search", "gender": ""}, {}),
        (dict.fromkeys(("type", "gender", "age_range", "officer_defined_ethnicity"), ""), {}),
        (dict.fromkeys(("legislation", "object_of_search", "outcome"), ""), {}),
    ],
)
def test_each_rule_finds_its_row_and_no_other_does(
    broken: Broken, changes: dict[str, str], rules: dict[str, str]
) -> None:
    assert broken("stops", changes) == rules


def test_a_stop_of_the_last_summer_hour_before_stays_in_its_files_month(conform: Conform) -> None:
    typed = conform("stops", {"date": "2025-05-31T23:30:00+00:00"}, month="2025-06")
    assert typed.select("month", "searched_at", "local_month").row(0) == (
        *("2025-06", "2025-05-31T23:30:00Z", "2025-06"),
    )


def test_a_stop_dated_in_another_month_stays_in_its_files_month(conform: Conform) -> None:
    typed = conform("stops", {"date": "2025-04-02T10:00:00+00:00"}, month="2025-06")
    assert typed.select("month", "local_month").row(0) == ("2025-06", "2025-04")


@pytest.mark.parametrize(
    ("date", "at_midnight"),
    [
        ("2025-06-14T00:00:00+00:00", True),
        ("2025-06-13T23:00:00+00:00", True),  # midnight in London's summer
        ("2025-12-13T23:00:00+00:00", False),
        ("2025-12-14T00:00:00+00:00", True),
        ("2025-06-14T01:00:00+01:00", True),
        ("2025-06-14T00:00:01+00:00", False),
        ("2025-06-14T12:00:00+00:00", False),
    ],
)
def test_a_midnight_of_utc_or_of_london_is_a_time_not_held(
    conform: Conform, date: str, at_midnight: bool
) -> None:
    assert conform("stops", {"date": date})["at_midnight"].to_list() == [at_midnight]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("True", True), ("true", True), ("TRUE", True), ("1", True)),
        *(("False", False), ("false", False), ("0", False), ("", None)),
    ],
)
def test_yes_and_no_are_read_however_they_are_written(
    conform: Conform, text: str, value: bool | None
) -> None:
    names = {
        "linked_to_object": "outcome_linked_to_object_of_search",
        "more_than_outer_clothing": "removal_of_more_than_just_outer_clothing",
        "policing_operation": "part_of_a_policing_operation",
    }
    for column, key in names.items():
        assert conform("stops", {key: text})[column].to_list() == [value], column


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("Chinese or other ethnic group - Chinese (O1)", "A4"),
        ("Asian/Asian British - Chinese", "A4"),
        ("Other ethnic group - Arab", "O1"),
        ("Chinese or other ethnic group - Any other ethnic group (O9)", "O9"),
        ("Not Stated (NS)", "NS"),
        ("Other ethnic group - Not stated", "NS"),
        ("White - Roma", "W4"),
        ("White - White British (W1)", "W1"),
        ("Other ethnic group - Chinese (O1)", "Unrecognised"),
        ("", None),
    ],
)
def test_ethnicity_goes_by_the_whole_label_never_by_its_code_letter(
    conform: Conform, label: str, code: str | None
) -> None:
    assert conform("stops", {"self_defined_ethnicity": label})["ethnicity_code"].to_list() == [code]


@pytest.mark.parametrize(
    ("label", "outcome", "group"),
    [
        ("Arrest", "Arrest", "arrest"),
        ("Suspect arrested", "Arrest", "arrest"),
        ("Nothing found - no further action", "A no further action disposal", "no_further_action"),
        ("False", "A no further action disposal", "no_further_action"),
        ("Local resolution", "Community resolution", "out_of_court"),
        ("Suspect summonsed to court", "Summons / charged by post", "summons_or_charge"),
        ("Offender given penalty notice", "Penalty Notice for Disorder", "out_of_court"),
        ("", "Not recorded", "not_recorded"),
        ("Knighted", "Unrecognised", "unrecognised"),
    ],
)
def test_an_old_outcome_is_told_in_todays_words_and_a_blank_one_is_not_no_action(
    conform: Conform, label: str, outcome: str, group: str
) -> None:
    typed = conform("stops", {"outcome": label})
    assert typed.select("outcome", "outcome_group").row(0) == (outcome, group)


def test_every_outcome_of_the_list_has_one_group() -> None:
    listed = codelists.load("stop_outcomes")
    assert listed["label"].is_unique().all()
    assert (
        listed.group_by("outcome").agg(pl.col("outcome_group").n_unique())["outcome_group"].max()
        == 1
    )
    groups = set(codelists.codes("stop_outcome_groups"))
    assert set(listed["outcome_group"]) == groups


def test_powers_and_objects_are_known_or_kept_as_unrecognised(conform: Conform) -> None:
    typed = conform(
        "stops",
        {"legislation": "Environmental Protection Act 1990 (section 34B )"},
        {"legislation": "", "object_of_search": ""},
        {"legislation": "Magna Carta", "object_of_search": "Truth"},
    )
    columns = ("legislation", "object_of_search", "unknown_legislation", "unknown_object")
    assert typed.select(columns).rows() == [
        ("Environmental Protection Act 1990 (section 34B)", "Controlled drugs", None, None),
        ("Not recorded", "Not recorded", None, None),
        ("Unrecognised", "Unrecognised", "Magna Carta", "Truth"),
    ]


def test_a_type_of_search_is_known_or_kept_as_unrecognised(conform: Conform) -> None:
    labels = ["Person search", "Vehicle search", "Person and Vehicle search"]
    odd = ["Dog search", "person search", "Unrecognised"]
    typed = conform("stops", *({"type": label} for label in (*labels, *odd, "")))
    assert typed.select("search_type", "unknown_search_type").rows() == [
        *((label, None) for label in labels),
        *(("Unrecognised", label) for label in odd),
        (None, None),
    ]


def test_latitude_and_longitude_are_not_swapped_though_stops_write_them_the_other_way(
    conform: Conform,
) -> None:
    assert conform("stops", {}).select("longitude", "latitude").row(0) == (0.521, 51.273)
    assert conform("street", {}).select("longitude", "latitude").row(0) == (0.521, 51.273)


def test_a_label_called_unrecognised_is_itself_not_known() -> None:
    frame = pl.DataFrame({"label": ["Unrecognised", "Arrest", None]})
    for terms in (vocabulary.crime_type, vocabulary.outcome_type):
        assert frame.select(terms("label"))["label"][0] == "Unrecognised"
    outcomes = frame.select(vocabulary.stop_outcome("label"))["label"].to_list()
    assert outcomes == ["Unrecognised", "Arrest", "Not recorded"]
