"""The history of what police.uk showed, and the tables made of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openbeat.codelists import load
from openbeat.contract import load_contracts
from openbeat.policeuk.captured import (
    FIELDS,
    SCHEMAS,
    TEAMS,
    captured_rows,
    empty,
    merged,
    shown,
    teams_frame,
)

CONTRACTS = Path(__file__).parents[3] / "expectations" / "contracts"
D1, D2, D3 = date(2025, 6, 1), date(2025, 6, 8), date(2025, 6, 15)
Shown = list[tuple[str, Mapping[str, Any]]]


def priority(issue: str = "Cars racing", action: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "issue": issue,
        "issue_date": "2025-05-01",
        "action": action,
        "action_date": None,
    } | more


def event(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Beat surgery",
        "type": "meeting",
        "start_at": "2025-06-20T17:30:00Z",
        "end_at": None,
        "description": "Come and tell us what matters.",
        "venue": "Library, High Street",
    } | changes


def place(url: str | None = "https://example.org/c01", **changes: Any) -> dict[str, Any]:
    nothing: dict[str, Any] = dict.fromkeys(FIELDS["neighbourhoods"])
    return nothing | {"name": "Leake", "url_force": url} | changes


def polled(
    kind: str, rows: Shown, day: date, held: pl.DataFrame | None = None, *, only: str | None = None
) -> pl.DataFrame:
    """A day of polling C01 and C02, or ``only`` one of them."""
    places = [only] if only else ["C01", "C02"]
    answered = pl.DataFrame({"force_id": ["kent"] * len(places), "neighbourhood_id": places})
    return merged(empty(kind) if held is None else held, shown(kind, "kent", rows), answered, day)


def days(history: pl.DataFrame) -> list[tuple[date, date, date | None]]:
    return history.select("first_seen", "last_seen", "missing_since").rows()


def frames(**histories: pl.DataFrame) -> dict[str, pl.DataFrame]:
    return {kind: empty(kind) for kind in FIELDS} | histories


def test_an_item_is_one_row_from_the_first_to_the_last_day_it_is_shown() -> None:
    history = polled("priorities", [("C01", priority())], D1)
    history = polled("priorities", [("C01", priority())], D2, history)
    assert days(history) == [(D1, D2, None)]
    gone = polled("priorities", [], D3, history)
    assert days(gone) == [(D1, D2, D3)]
    assert days(polled("priorities", [], date(2025, 7, 1), gone)) == [(D1, D2, D3)]
    back = polled("priorities", [("C01", priority())], date(2025, 7, 1), gone)
    assert days(back) == [(D1, date(2025, 7, 1), None)]


def test_a_changed_text_is_a_new_row() -> None:
    history = polled("priorities", [("C01", priority())], D1)
    history = polled("priorities", [("C01", priority(action="Patrols"))], D2, history)
    assert history["action"].to_list() == [None, "Patrols"]
    assert days(history) == [(D1, D1, D2), (D2, D2, None)]


def test_the_same_text_of_two_neighbourhoods_is_two_rows_and_twice_in_one_is_one() -> None:
    rows = [("C01", priority()), ("C02", priority()), ("C02", priority())]
    assert polled("priorities", rows, D1)["neighbourhood_id"].to_list() == ["C01", "C02"]


def test_nothing_is_missed_where_nobody_answered() -> None:
    history = polled("events", [("C01", event()), ("C02", event())], D1)
    history = polled("events", [], D2, history, only="C02")
    assert days(history) == [(D1, D1, None), (D1, D1, D2)]


_SHOWN = st.lists(st.tuples(st.sampled_from(["C01", "C02"]), st.sampled_from("abc")), max_size=5)


@given(st.lists(st.tuples(st.integers(0, 2), _SHOWN), max_size=6))
def test_a_second_polling_of_a_day_changes_nothing_and_no_item_is_ever_lost(
    polls: list[tuple[int, list[tuple[str, str]]]],
) -> None:
    history, day, ever = empty("priorities"), D1, set()
    for later, items in polls:
        day += timedelta(days=later)
        rows: Shown = [(where, priority(issue)) for where, issue in items]
        before = {(f, n, i): d for f, n, i, d in _firsts(history)}
        history = polled("priorities", rows, day, history)
        assert polled("priorities", rows, day, history).equals(history)
        assert history.schema == SCHEMAS["priorities"]
        ever |= set(items)
        assert set(history.select("neighbourhood_id", "issue").rows()) == ever
        current = history.filter(pl.col("missing_since").is_null())
        assert set(current.select("neighbourhood_id", "issue").rows()) == set(items)
        after = {(f, n, i): d for f, n, i, d in _firsts(history)}
        assert before.items() <= after.items()
        assert history.filter(pl.col("first_seen") > pl.col("last_seen")).is_empty()


def _firsts(history: pl.DataFrame) -> list[tuple[Any, ...]]:
    return history.select("force_id", "neighbourhood_id", "item", "first_seen").rows()


def test_a_clock_put_back_loses_no_day() -> None:
    history = polled("priorities", [("C01", priority())], D2)
    assert days(polled("priorities", [("C01", priority())], D1, history)) == [(D1, D2, None)]


def test_a_priority_is_one_row_with_its_newest_action_over_all_its_days() -> None:
    history = polled("priorities", [("C01", priority())], D1)
    acted = priority(action="Patrols", action_date="2025-06-05")
    history = polled("priorities", [("C01", acted), ("C02", priority())], D2, history)
    rows = captured_rows(frames(priorities=history), "priorities")
    assert rows["line"].to_list() == [1, 2]
    first = rows.row(0, named=True)
    assert first["priority_id"].startswith("policeuk-")
    assert len(first["priority_id"]) == len("policeuk-") + 12
    assert first | {"line": 0, "priority_id": ""} == {
        "line": 0,
        "priority_id": "",
        "force_id": "kent",
        "neighbourhood_id": "C01",
        "issue": "Cars racing",
        "issue_date": "2025-05-01",
        "action": "Patrols",
        "action_date": "2025-06-05",
        "closed_on": None,
        "first_seen": "2025-06-01",
        "last_seen": "2025-06-08",
        "already_public": "yes",
        "handling": "publishable",
    }


def test_a_priority_that_is_shown_no_more_was_closed_that_day_until_it_is_shown_again() -> None:
    history = polled("priorities", [("C01", priority())], D1)
    acted = polled("priorities", [("C01", priority(action="Patrols"))], D2, history)
    gone = polled("priorities", [("C01", priority("Noise"))], D2, history)
    back = polled("priorities", [("C01", priority())], D3, gone)
    closed = [
        captured_rows(frames(priorities=held), "priorities")
        .filter(issue="Cars racing")["closed_on"]
        .to_list()
        for held in (acted, gone, back)
    ]
    assert closed == [[None], ["2025-06-08"], [None]]


def test_of_two_actions_shown_at_once_the_later_counts() -> None:
    rows = [
        ("C01", priority(action="Later", action_date="2025-06-05")),
        ("C01", priority(action="Earlier", action_date="2025-05-05")),
        ("C01", priority()),
    ]
    made = captured_rows(frames(priorities=polled("priorities", rows, D1)), "priorities")
    assert made["action"].to_list() == ["Later"]


def test_ids_stay_the_same_from_day_to_day_and_differ_by_place_and_issue_date() -> None:
    rows: Shown = [
        ("C01", priority()),
        ("C02", priority()),
        ("C01", priority(issue_date="2025-05-02")),
        ("C01", priority("Noise")),
    ]
    history = polled("priorities", rows, D1)
    before = captured_rows(frames(priorities=history), "priorities")["priority_id"].to_list()
    history = polled("priorities", rows, D2, history)
    after = captured_rows(frames(priorities=history), "priorities")["priority_id"].to_list()
    assert before == after
    assert len(set(before)) == 4


def captured_event(*polls: tuple[date, Shown]) -> pl.DataFrame:
    history, places = empty("events"), empty("neighbourhoods")
    for day, rows in polls:
        history = polled("events", rows, day, history)
        places = polled("neighbourhoods", [("C01", place()), ("C02", place(None))], day, places)
    forces = pl.DataFrame({"force_id": ["kent"], "name": ["Kent Police"], "supplies": [""]})
    return captured_rows(frames(events=history, neighbourhoods=places), "engagement_events", forces)


def test_an_event_has_what_its_contract_requires() -> None:
    [row] = captured_event((D1, []), (D2, [("C01", event())])).rows(named=True)
    texts = "Beat surgery\nCome and tell us what matters.\nLibrary, High Street\n\n"
    assert row.pop("event_id").startswith("policeuk-")
    assert row == {
        "line": 1,
        "force_id": "kent",
        "neighbourhood_id": "C01",
        "organiser_org": "Kent Police",
        "community_type": "geographic",
        "engagement_level": "neighbourhood",
        "participation_level": "inform",
        "method": "surgery_or_drop_in",
        "title": "Beat surgery",
        "purpose": "Come and tell us what matters.",
        "status": "planned",
        "start_at": "2025-06-20T17:30:00Z",
        "end_at": None,
        "venue_public": "Library, High Street",
        "info_url": "https://example.org/c01",
        "advertised_on": "2025-06-08",
        "advert_channels": "police_uk",
        "handling": "publishable",
        "reviewer_role": "police.uk",
        "reviewed_on": "2025-06-08",
        "reviewed_sha256": hashlib.sha256(texts.encode()).hexdigest(),
    }


@pytest.mark.parametrize("table", ["priorities", "engagement_events"])
def test_every_column_is_one_the_contract_takes_and_every_code_is_in_its_list(table: str) -> None:
    contract = load_contracts(CONTRACTS)[f"conformed_{table}"]
    rows = {
        "engagement_events": captured_event((D1, [("C01", event())])),
        "priorities": captured_rows(
            frames(priorities=polled("priorities", [("C01", priority())], D1)), "priorities"
        ),
    }[table]
    taken = {column.name: column for column in contract.columns if not column.derived}
    assert rows.columns[0] == "line"
    assert set(rows.columns[1:]) <= set(taken)
    assert set(rows.dtypes[1:]) == {pl.String}
    required = {name for name, column in taken.items() if not column.nullable}
    assert required <= set(rows.columns)
    assert rows.select(pl.col(*required).null_count()).sum_horizontal().item() == 0
    for name in rows.columns[1:]:
        if taken[name].codelist:
            assert set(rows[name].drop_nulls()) <= set(load(taken[name].codelist).to_series(0))


def test_what_stood_there_on_the_first_day_was_advertised_nobody_knows_when() -> None:
    rows = captured_event((D1, [("C01", event())]), (D2, [("C01", event())]))
    assert rows["advertised_on"].to_list() == [None]


def test_a_changed_description_is_the_same_event_with_a_review_of_its_own() -> None:
    changed = event(description="Now with the council's wardens.")
    [before] = captured_event((D1, [("C01", event())])).rows(named=True)
    [after] = captured_event((D1, [("C01", event())]), (D2, [("C01", changed)])).rows(named=True)
    assert after["event_id"] == before["event_id"]
    assert after["purpose"] == "Now with the council's wardens."
    assert after["status"] == "planned"
    assert (before["reviewed_on"], after["reviewed_on"]) == ("2025-06-01", "2025-06-08")
    assert after["reviewed_sha256"] != before["reviewed_sha256"]


def test_an_event_that_is_gone_before_its_day_is_no_coming_event() -> None:
    rows = captured_event((D1, [("C01", event())]), (D2, []))
    assert rows["status"].to_list() == ["cancelled"]
    back = captured_event((D1, [("C01", event())]), (D2, []), (D3, [("C01", event())]))
    assert back["status"].to_list() == ["planned"]


@pytest.mark.parametrize("day", [date(2025, 6, 20), date(2025, 6, 21)])
def test_an_event_that_is_gone_from_its_day_on_has_taken_its_course(day: date) -> None:
    rows = captured_event((D1, [("C01", event())]), (day, []))
    assert rows["status"].to_list() == ["planned"]


def test_an_event_at_another_venue_takes_the_place_of_the_one_before() -> None:
    moved = event(venue="Town Hall")
    rows = captured_event((D1, [("C01", event())]), (D2, [("C01", moved)]))
    assert rows.select("venue_public", "status").rows() == [("Town Hall", "planned")]


def test_two_venues_shown_at_once_are_two_events() -> None:
    rows = captured_event((D1, [("C01", event()), ("C01", event(venue="Town Hall"))]))
    assert rows["event_id"].n_unique() == 2


@pytest.mark.parametrize(
    ("title", "kind", "method"),
    [
        ("Beat surgery", "meeting", "surgery_or_drop_in"),
        ("Coffee with a cop", None, "surgery_or_drop_in"),
        ("PACT", "meeting", "ward_or_beat_panel"),
        ("Ward panel meeting", None, "ward_or_beat_panel"),
        ("Have your say", "Meeting", "public_meeting"),
        ("Meeting on Zoom", "meeting", "online_meeting"),
        ("Community walkabout", None, "walkabout_or_environmental_audit"),
        ("Bike marking", None, "other"),
        (None, None, "other"),
    ],
)
def test_the_method_is_guessed_from_what_the_event_is_called(
    title: str | None, kind: str | None, method: str
) -> None:
    rows = captured_event((D1, [("C01", event(title=title, type=kind))]))
    assert rows["method"].to_list() == [method]


@pytest.mark.parametrize(
    ("description", "title", "purpose"),
    [
        ("Talk to us at length", "Surgery", "Talk to us at length"),
        ("desc1", "Aikman Avenue beat surgery", "Aikman Avenue beat surgery"),
        (None, "Aikman Avenue beat surgery", "Aikman Avenue beat surgery"),
        ("desc1", "Surgery", None),
    ],
)
def test_the_purpose_is_the_description_or_the_title_if_long_enough(
    description: str | None, title: str, purpose: str | None
) -> None:
    rows = captured_event((D1, [("C01", event(description=description, title=title))]))
    assert rows["purpose"].to_list() == [purpose]


def test_an_event_without_a_time_is_handed_on_for_the_intake_to_find() -> None:
    rows = captured_event((D1, [("C01", event(start_at=None)), ("C02", event(start_at="soon"))]))
    assert rows.select("start_at", "status").rows() == [(None, "planned"), ("soon", "planned")]


def test_the_organiser_is_the_force_by_its_id_where_no_name_is_known() -> None:
    history = polled("events", [("C01", event())], D1)
    rows = captured_rows(frames(events=history), "engagement_events")
    assert rows.select("organiser_org", "info_url").rows() == [("kent", None)]


@pytest.mark.parametrize("table", ["priorities", "engagement_events"])
def test_nothing_captured_gives_no_rows_with_all_columns(table: str) -> None:
    rows = captured_rows(frames(), table)
    assert rows.is_empty()
    assert set(rows.dtypes[1:]) == {pl.String}
    assert rows.schema["line"] == pl.Int64


def test_teams_are_as_last_seen_with_the_forces_page() -> None:
    history = polled("teams", [("C01", {"named_officers": 3}), ("C02", {"named_officers": 0})], D1)
    history = polled(
        "teams", [("C01", {"named_officers": 4}), ("C02", {"named_officers": 0})], D2, history
    )
    # A second time on the same day, and what was three once is three again.
    history = polled(
        "teams", [("C01", {"named_officers": 3}), ("C02", {"named_officers": 0})], D2, history
    )
    places = polled("neighbourhoods", [("C01", place(None)), ("C02", place(None))], D1)
    places = polled("neighbourhoods", [("C01", place()), ("C02", place(None))], D2, places)
    teams = teams_frame(frames(teams=history, neighbourhoods=places))
    assert teams.schema == TEAMS
    assert teams.rows() == [
        ("kent", "C01", 3, "https://example.org/c01", D2),
        ("kent", "C02", 0, None, D2),
    ]
    assert teams_frame(frames()).schema == TEAMS
