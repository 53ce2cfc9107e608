"""The code lists of engagement say what the guidance says, read well, and have a version."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from openbeat import codelists

# Name, version and hash of every list as it was when its version was given.
NOTED = Path(__file__).parents[2] / "fixtures" / "codelists.txt"
VERSIONS = "codelist_versions"


def labelled() -> list[str]:
    """The lists whose codes have labels."""
    return [name for name in codelists.names() if "label" in codelists.load(name).columns]


def test_every_theme_that_police_uk_knows_names_its_crime_type() -> None:
    named = codelists.load("themes")["crime_type"].drop_nulls()
    assert set(named) <= set(codelists.codes("crime_types"))
    published = codelists.load("crime_types").filter(pl.col("last_month").is_null())
    assert set(published["crime_type"]) - set(named) == {"Other crime", "Unrecognised"}


def test_the_sensitive_groups_are_those_that_appear_at_force_level_only() -> None:
    groups = codelists.load("target_groups")
    assert set(groups.filter(pl.col("sensitive") == "yes")["code"]) == {
        *("sex_workers", "gypsy_roma_traveller", "new_arrivals_migrants_refugees"),
        *("ex_offenders", "victims", "repeat_victims", "faith_group", "lgbt", "homeless"),
        *("care_experienced", "mental_health", "learning_disability"),
    }


def test_what_the_guidance_keeps_inside_is_marked_so() -> None:
    kinds = codelists.load("information_types")
    assert kinds.height == 6
    assert set(kinds.filter(pl.col("publishable") == "no")["code"]) == {
        *("tension", "threat_harm_risk", "incoming_outgoing", "critical_incident"),
    }


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("engagement_levels", "democratic_mandate intermediate_strategic neighbourhood"),
        ("participation_levels", "inform consult involve collaborate empower citizen_control"),
        (
            "engagement_focuses",
            "issue_or_incident neighbourhood service_delivery policing_strategy",
        ),
        ("statutory_bases", "s14_plan s14_precept s17 s34 none"),
        ("handling", "publishable internal restricted"),
        (
            "barriers",
            "social_exclusion location privacy_concern access low_confidence_in_police "
            "language cost time_of_day digital caring",
        ),
    ],
)
def test_a_list_of_the_guidance_is_whole_and_in_its_order(name: str, codes: str) -> None:
    assert codelists.codes(name) == tuple(codes.split())


def test_vulnerability_factors_fall_in_the_five_groups_of_the_guidance() -> None:
    counts = dict(codelists.load("vulnerability_factors")["factor_group"].value_counts().rows())
    assert counts == {
        "health_disability": 4,
        "equalities_discrimination": 6,
        "economic": 3,
        "personal": 7,
        "family": 6,
    }


def test_what_is_published_of_an_issue_is_its_status_or_that_nobody_answered() -> None:
    own, answers = codelists.load("issue_statuses"), codelists.load("answer_statuses")
    assert answers.head(own.height).equals(own)
    assert answers.tail(1).rows() == [("no_feedback_yet", "No feedback given yet", "no")]


def test_every_category_is_of_a_characteristic_and_not_said_differs_from_not_asked() -> None:
    categories = codelists.load("monitoring_categories")
    named = set(categories["characteristic"])
    assert named == {*codelists.codes("characteristics"), "any"}
    assert categories.filter(pl.col("characteristic") == "any")["code"].to_list() == [
        "prefer_not_to_say",
        "not_collected",
    ]
    assert categories.filter(pl.col("characteristic") == "ethnicity").height == 19


@pytest.mark.parametrize("name", labelled())
def test_labels_are_words_for_people(name: str) -> None:
    labels = codelists.load(name)["label"]
    assert labels.null_count() == 0
    assert labels.is_unique().all()
    assert labels.filter(labels.str.contains("_")).is_empty()
    if "status" not in codelists.load(name).columns:
        assert labels.filter(~labels.str.contains(r"^[A-Z0-9]|^police\.uk$")).is_empty()


@pytest.mark.parametrize("name", labelled())
def test_flags_are_yes_or_no(name: str) -> None:
    frame = codelists.load(name)
    flags = {"closed", "meaningful", "publishable", "sensitive", "is_meeting"} & set(frame.columns)
    for flag in flags:
        assert set(frame[flag]) == {"yes", "no"}


def test_every_list_has_a_version_and_no_list_changes_without_a_new_one() -> None:
    versions = codelists.load(VERSIONS)
    assert versions.columns == ["list", "version", "changed", "what"]
    names = [name for name in codelists.names() if name != VERSIONS]
    assert versions["list"].to_list() == names
    assert versions["version"].str.contains(r"^[1-9][0-9]*$").all()
    assert all(date.fromisoformat(day) for day in versions["changed"])
    assert versions["what"].null_count() == 0
    noted = {line.split()[0]: line for line in NOTED.read_text(encoding="utf-8").splitlines()}
    for name, version in versions.select("list", "version").iter_rows():
        digest = hashlib.sha256((codelists.FOLDER / f"{name}.csv").read_bytes()).hexdigest()
        assert noted.get(name) == f"{name} {version} {digest}", (
            f"{name} is not as noted: where it was published before, raise its version in "
            f"{VERSIONS}.csv and say what changed; then note it in {NOTED.name}: "
            f"{name} {version} {digest}"
        )
    assert set(noted) == set(names)
