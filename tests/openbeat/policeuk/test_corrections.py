"""The register of corrections: what it takes, what it does, and when it must be taken out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from openbeat.errors import InputError
from openbeat.policeuk.corrections import (
    Correction,
    load_corrections,
    partial_months,
    published_corrections,
    take_in_corrected,
)
from openbeat.policeuk.forces import load_forces
from openbeat.policeuk.intake import FILES, RawMonth, take_in
from openbeat.policeuk.members import HEADERS
from tests.openbeat.release.editions import contract

SHA = "a" * 64


def correction(**more: Any) -> Correction:
    given = {
        "id": "avon-test-rows",
        "force": "avon-and-somerset",
        "dataset": "street",
        "months": ["2025-05"],
        "kind": "exclude_rows",
        "where": {"Location": "On or near Test Street"},
        "reason": "Rows of a test were left in.",
        "reported": "2025-07-01",
        "guard": {"rows": 2},
    }
    return Correction.model_validate(given | more)


@pytest.fixture
def raw() -> RawMonth:
    """Four anti-social-behaviour rows of a force, two of them of a test."""
    places = ["On or near Test Street", "On or near High Street"] * 2
    blank = dict.fromkeys(HEADERS["street"], None)
    force = "Avon and Somerset Constabulary"
    rows = [
        {"force_id": "avon-and-somerset", "line": line, "repeat": False}
        | blank
        | {
            "Month": "2025-05",
            "Reported by": force,
            "Falls within": force,
            "Longitude": "-2.5",
            "Latitude": "51.4",
            "Location": place,
            "LSOA code": "E01014399",
            "Crime type": "Anti-social behaviour",
        }
        for line, place in enumerate(places, start=2)
    ]
    schema = {"force_id": pl.String, "line": pl.Int64, "repeat": pl.Boolean}
    frame = pl.DataFrame(rows, schema=schema | dict.fromkeys(HEADERS["street"], pl.String))
    file = {
        "force_id": "avon-and-somerset",
        "file": "f.csv",
        "state": "read",
        "rows": 4,
        "member_sha256": SHA,
    }
    text = {"force_id": pl.String, "line": pl.Int64, "text": pl.String}
    return RawMonth(frame, pl.DataFrame(schema=text), pl.DataFrame([file], schema=FILES))


def taken(raw: RawMonth, *corrections: Correction) -> tuple[pl.DataFrame, pl.DataFrame]:
    rules, forces = contract("conformed_street"), load_forces(None)
    done = take_in_corrected(raw, "street", "2025-05", rules, forces, None, corrections)
    return done.accepted, done.quarantine


def test_rows_set_aside_are_in_quarantine_with_the_corrections_name(raw: RawMonth) -> None:
    accepted, quarantine = taken(raw, correction())
    assert accepted["line"].to_list() == [3, 5]
    assert quarantine.select("line", "kind", "rule").rows() == [
        (line, "quarantined", "correction:avon-test-rows") for line in (2, 4)
    ]
    assert "Test Street" in quarantine["raw"][0]
    assert accepted.height + quarantine.height == raw.frame.height


def test_without_a_correction_of_the_month_nothing_is_different(raw: RawMonth) -> None:
    rules, forces = contract("conformed_street"), load_forces(None)
    plain = take_in(raw, "street", "2025-05", rules, forces, None)
    others = [correction(months=["2025-04"]), correction(id="b", force="wiltshire")]
    accepted, quarantine = taken(raw, *others)
    assert accepted.equals(plain.accepted)
    assert quarantine.equals(plain.quarantine)


def test_a_label_is_read_as_another(raw: RawMonth) -> None:
    given = {"kind": "replace_label", "column": "Crime type", "to": "Public order"}
    accepted, _ = taken(raw, correction(**given))
    assert accepted["crime_type"].to_list() == [
        *("Public order", "Anti-social behaviour", "Public order", "Anti-social behaviour")
    ]


@pytest.mark.parametrize(
    "guard",
    [{"rows": 3}, {"rows": 0}, {"member_sha256": "b" * 64}, {"rows": 2, "member_sha256": "b" * 64}],
)
def test_a_guard_that_fails_stops_the_run_and_says_what_to_do(
    raw: RawMonth, guard: dict[str, Any]
) -> None:
    with pytest.raises(InputError, match="avon-test-rows") as error:
        taken(raw, correction(guard=guard))
    assert error.value.rule == "correction_guard"
    assert "take the correction out" in str(error.value.mend)


def test_a_guard_that_holds_by_the_files_sum_lets_it_pass(raw: RawMonth) -> None:
    _, quarantine = taken(raw, correction(guard={"rows": 2, "member_sha256": SHA}))
    assert quarantine.height == 2


def test_the_months_that_are_marked_partial_are_those_of_that_kind_alone() -> None:
    mark = correction(kind="mark_partial", where={}, months=["2025-05", "2025-07"])
    assert partial_months([mark, correction()]) == {
        ("2025-05", "avon-and-somerset", "street"),
        ("2025-07", "avon-and-somerset", "street"),
    }


def test_a_partial_months_guard_is_the_rows_of_its_file(raw: RawMonth) -> None:
    mark = {"kind": "mark_partial", "where": {}}
    taken(raw, correction(**mark, guard={"rows": 4}))
    with pytest.raises(InputError, match="5 rows, and there are 4"):
        taken(raw, correction(**mark, guard={"rows": 5}))


def test_what_is_published_of_a_correction_does_not_say_which_rows() -> None:
    (said,) = published_corrections([correction()], ["2025-05"])
    assert "Test Street" not in str(said)
    assert said["reason"] == "Rows of a test were left in."
    assert published_corrections([correction()], ["2025-04"]) == []


def test_the_register_that_is_shipped_is_right_and_empty() -> None:
    assert load_corrections() == []


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"kind": "delete_rows"}, "kind"),
        ({"where": {"Location name": "x"}}, "no column 'Location name'"),
        ({"where": {}}, "needs where"),
        ({"kind": "mark_partial"}, "leave where out"),
        ({"kind": "replace_label"}, "needs both"),
        ({"column": "Location"}, "needs both"),
        ({"guard": {}}, "rows or member_sha256"),
        ({"months": ["2025-05", "2025-06"], "guard": {"member_sha256": SHA}}, "of one month"),
        ({"months": ["May"]}, "months"),
        ({"reason": ""}, "reason"),
    ],
)
def test_a_wrong_register_is_refused_with_its_line(
    tmp_path: Path, more: dict[str, Any], told: str
) -> None:
    entry = correction().model_dump(mode="json", exclude_none=True) | more
    path = tmp_path / "corrections.yaml"
    path.write_text(yaml.safe_dump({"corrections": [entry]}), encoding="utf-8")
    with pytest.raises(InputError, match=r"corrections\.yaml, line") as error:
        load_corrections(path)
    assert told in str(error.value)


def test_two_corrections_of_one_name_are_refused(tmp_path: Path) -> None:
    entry = correction().model_dump(mode="json", exclude_none=True)
    path = tmp_path / "corrections.yaml"
    path.write_text(yaml.safe_dump({"corrections": [entry, entry]}), encoding="utf-8")
    with pytest.raises(InputError, match="two corrections"):
        load_corrections(path)


@pytest.mark.parametrize("name", ["reason", "reference"])
def test_personal_data_in_what_is_published_is_refused_and_not_shown(
    tmp_path: Path, name: str
) -> None:
    text = "Reported by a.person@example.com, who saw it."
    entry = correction(**{name: text}).model_dump(mode="json", exclude_none=True)
    path = tmp_path / "corrections.yaml"
    path.write_text(yaml.safe_dump({"corrections": [entry]}), encoding="utf-8")
    with pytest.raises(InputError, match=f"{name} of avon-test-rows .*personal data") as error:
        load_corrections(path)
    assert (error.value.rule, error.value.file) == ("personal_data", "corrections.yaml")
    assert "example.com" not in str(error.value)
    (passed,) = load_corrections(path, [text])
    assert getattr(passed, name) == text
