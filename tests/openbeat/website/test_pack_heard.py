"""What a reader of a pack relies on: who was heard, and why a number is not there."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from openbeat.contract import load_contract
from openbeat.website import words
from openbeat.website.packs.heard import COLUMNS
from openbeat.website.packs.keys import KEYS

CONTRACTS = Path(__file__).parents[3] / "expectations" / "contracts"
KEPT = (
    "Not shown: so few people that they could be recognised, or that others could be worked"
    " out from it."
)


@pytest.fixture
def heard(rows: Any, people: Any, write: Any) -> Any:
    """Packs with counts of people."""
    return write(rows.busy_tables() | people.heard_tables())


@pytest.mark.parametrize("table", sorted(COLUMNS))
def test_only_published_columns_are_read(table: str) -> None:
    contract = load_contract(CONTRACTS / f"{table}.yaml")
    assert set(COLUMNS[table]) <= {c.name for c in contract.columns if c.published}


def test_the_newest_published_quarters_of_the_force_are_shown_oldest_first(heard: Any) -> None:
    quarters = heard.data()["heard"]["quarters"]
    assert [q["period"] for q in quarters] == ["2024-Q3", "2024-Q4", "2025-Q1", "2025-Q2"]
    assert (quarters[-1]["attendances"], quarters[-1]["forms"]) == (87, 54)
    text = heard.page().text
    assert "Jul–Sep 24 Oct–Dec 24 Jan–Mar 25 Apr–Jun 25 Attendances at events" in text
    assert "Queries received 12 not shown 31 18 Answered within 72 hours 12 not shown 24" in text
    assert "Share answered within 72 hours 100% not shown 77% not shown" in text


def test_every_figure_that_is_not_shown_has_its_sentence(heard: Any) -> None:
    data, text = heard.data()["heard"], heard.page().text
    for quarter in data["quarters"]:
        for name in words.HEARD:
            assert (quarter[name] is None) is (quarter[f"{name}_why"] is not None)
    kept = {q["period"]: q for q in data["quarters"]}["2025-Q1"]
    assert kept["attendances_why"] == KEPT
    assert all(g["forms_why"] == KEPT for g in data["groups"] if g["forms_status"] == "c")
    assert data["notes"]
    for note in data["notes"]:
        assert text.count(note) == 1
    assert "Not available: of an event it is not logged how many came." in text


def test_what_was_not_logged_is_neither_0_nor_kept_back(heard: Any) -> None:
    first = heard.data()["heard"]["quarters"][0]
    assert (first["attendances"], first["attendances_status"]) == (None, "z")
    assert "Attendances at events none logged not available not shown 87" in heard.page().text
    other = heard.data("NB02")["heard"]
    assert {q["received_status"] for q in other["quarters"]} == {"z"}
    assert other["groups"] == []
    assert "None logged: no query is logged here for the quarter." in heard.page("NB02").text


def test_groups_are_of_the_newest_quarter_that_the_place_has(
    rows: Any, people: Any, write: Any
) -> None:
    given = people.heard_tables()
    older = {
        **given,
        "engagement_reach": given["engagement_reach"].filter(
            (pl.col("place_level") == "force") | (pl.col("period") != "2025-Q2")
        ),
    }
    packs = write(rows.tables() | older)
    assert {g["period"] for g in packs.data()["heard"]["groups"]} == {"2025-Q1"}
    assert "Forms by group, January to March 2025" in packs.page().text


def test_groups_are_listed_with_shares_and_those_not_shown_by_name(heard: Any) -> None:
    text = heard.page().text
    assert (
        "Age Under 25: 6 (11%); 25 to 44: 21 (39%); Not known: 0 ;"
        " not shown: 45 to 64 and 65 and over"
    ) in text
    assert "Religion or belief not shown" in text
    order = [g["characteristic"] for g in heard.data()["heard"]["groups"]]
    assert list(dict.fromkeys(order)) == ["age", "ethnicity", "religion_or_belief"]


def test_nothing_says_which_of_the_two_reasons_it_is(heard: Any) -> None:
    figures = heard.data()["heard"]
    kept = {g["forms_why"] for g in figures["groups"] if g["forms_status"] == "c"}
    kept |= {
        q[f"{name}_why"]
        for q in figures["quarters"]
        for name in words.HEARD
        if q[f"{name}_status"] == "c"
    }
    assert kept == {KEPT}


def test_no_table_and_empty_tables_say_that_nothing_is_published(
    rows: Any, people: Any, write: Any
) -> None:
    for given in ({}, people.counted()):
        packs = write(rows.busy_tables() | given)
        assert packs.data()["heard"] == {"quarters": [], "groups": [], "notes": []}
        for stem in ("NB01", "index"):
            assert "No number of people is published for this force yet." in packs.page(stem).text


def test_one_table_without_the_other_is_said_not_to_be_there(
    rows: Any, people: Any, write: Any
) -> None:
    events = people.counted(people.reach("2025-Q2", 87, 0, {"age": {"under_25": 0}}))
    packs = write(rows.tables() | events)
    (quarter,) = packs.data()["heard"]["quarters"]
    assert quarter["received_status"] == "x"
    text = packs.page().text
    assert "Not available: nothing of the force is published for the quarter." in text
    assert "No monitoring form came back from the events of April to June 2025" in text
    queries = people.counted((), people.answered("2025-Q2", 18, 12))
    (quarter,) = write(rows.tables() | queries).data()["heard"]["quarters"]
    assert (quarter["received"], quarter["forms_status"]) == (18, "x")


def test_the_whole_force_has_its_own_figures_and_its_newest_year(heard: Any) -> None:
    text = heard.page("index").text
    assert "In 2024: 1,622 attendances and 951 monitoring forms in the whole force." in text
    assert "Attendances at events 410 410 410 410" in text
    assert "1,622" not in heard.page().text


def test_a_figure_that_stands_though_records_changed_is_called_provisional(
    rows: Any, people: Any, write: Any
) -> None:
    given = people.heard_tables()
    newest = (pl.col("period") == "2025-Q2") & (pl.col("category") == "all")
    reach = given["engagement_reach"].with_columns(
        pl.when(newest)
        .then(pl.lit("p"))
        .otherwise(pl.col("attendances_status"))
        .alias("attendances_status")
    )
    text = write(rows.tables() | given | {"engagement_reach": reach}).page().text
    assert "not shown 87 (provisional)" in text
    assert "Provisional: a record was corrected" in text


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"attendances": 43}, "43 attendances."),
        ({"attendances": 1}, "1 attendance."),
        (
            {"attendances": None, "attendances_status": "c"},
            "How many came is not shown: so few people that they could be recognised,",
        ),
        (
            {"attendances": None, "attendances_status": "x"},
            "How many came is not published yet, or was logged too late for its quarter.",
        ),
        (
            {"attendances": None, "attendances_status": "x", "participants_recorded": "no"},
            "How many came was not recorded.",
        ),
    ],
)
def test_an_event_says_how_many_came_or_why_not(
    rows: Any, write: Any, values: Any, said: str
) -> None:
    text = write(rows.tables(engagement_events=[rows.event("EV-1", **values)])).page().text
    assert said in text


def test_every_event_of_the_list_says_how_many_came_or_that_it_is_not_shown(
    rows: Any, write: Any
) -> None:
    kept = {"attendances": None, "attendances_status": "c"}
    unknown = {"attendances": None, "attendances_status": "x", "participants_recorded": "no"}
    given = [{"attendances": 9}, {"attendances": 9}, {"attendances": 9}, {}, kept, unknown]
    events = [
        rows.event(f"EV-{n}", **values, event_date=date(2025, 6, 28 - n))
        for n, values in enumerate(given)
    ]
    text = write(rows.tables(engagement_events=events)).page().text
    assert "25 June 2025 43 attendances" in text
    assert "24 June 2025 attendances not shown" in text
    assert "23 June 2025 attendances not recorded" in text


def test_the_new_keys_say_that_an_attendance_is_not_a_person(heard: Any) -> None:
    assert "An attendance is not a person" in KEYS["heard"]
    assert "An attendance is not a person" in heard.page().text
    assert heard.data()["schema_version"] == "1.2.0"
