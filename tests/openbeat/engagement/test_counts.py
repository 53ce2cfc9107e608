"""The true counts that disclosure control starts from: who is behind each, and that they add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbeat import codelists
from openbeat.engagement.counts import CELL_KEY, COLUMNS
from tests.openbeat.engagement.published_rows import MONTHS, Row, tables

CHARACTERISTICS = codelists.codes("characteristics")
GROUPS = {
    row["code"]: row["group"] or row["code"]
    for row in codelists.load("reach_categories").iter_rows(named=True)
}


def reach(
    participation: Sequence[Row], events: Sequence[Row] = ({"event_id": "E1"},), **more: Any
) -> pl.DataFrame:
    made = tables({"participation": participation, "engagement_events": events}, **more)
    return made["engagement_counts"]


def form(event: str, category: str, count: int, **more: Any) -> Row:
    own = {"participation_id": f"{event}/{category}", "event_id": event, "category": category}
    return own | {"count": count} | more


def cells(table: pl.DataFrame, **where: Any) -> dict[str, tuple[int, int]]:
    """Item to value and people, of what is not zero."""
    found = table.filter(pl.col("value") > 0).filter(**where)
    return {
        item: (value, people)
        for item, value, people in found.select("item", "value", "people").rows()
    }


A = {"place_level": "neighbourhood", "neighbourhood_id": "A"}
FORCE = {"place_level": "force"}


def test_the_groups_of_a_characteristic_and_its_categories_in_the_force_alone() -> None:
    forms = [form("E1", "25_34", 3), form("E1", "35_44", 1), form("E1", "65_plus", 1)]
    table = reach(forms)
    assert cells(table, dimension="age", **A) == {
        "25_44": (4, 4),
        "65_plus": (1, 1),
        "not_known": (1, 1),
    }
    assert cells(table, dimension="age", **FORCE) == {
        "25_44": (4, 4),
        "25_34": (3, 3),
        "35_44": (1, 1),
        "65_plus": (1, 1),
        "not_known": (1, 1),
    }
    # Nobody was asked anything else.
    assert cells(table, dimension="sex", **A) == {"not_known": (6, 6)}


def test_not_saying_and_not_being_asked_is_not_known() -> None:
    said = [
        form("E1", "female", 2),
        form("E1", "prefer_not_to_say", 2),
        form("E1", "not_collected", 1),
    ]
    rows = [row | {"characteristic": "sex"} for row in said]
    assert cells(reach(rows), dimension="sex", **A) == {"female": (2, 2), "not_known": (4, 4)}


def test_the_forms_of_an_event_are_no_fewer_than_a_characteristic_has() -> None:
    unsaid = {"forms_returned": None}
    forms = [
        form("E1", "25_34", 7, **unsaid),
        form("E1", "female", 8, characteristic="sex", **unsaid),
    ]
    table = reach(forms)
    assert cells(table, dimension="all", measure="forms", **A) == {"all": (8, 8)}
    assert cells(table, dimension="age", **A) == {"25_44": (7, 7), "not_known": (1, 1)}


def test_the_people_behind_a_cell_are_the_most_that_one_event_has_in_it() -> None:
    events = [{"event_id": "E1"}, {"event_id": "E2", "attendance_total": 20}]
    table = reach([form("E1", "25_34", 3), form("E2", "25_34", 5)], events)
    assert cells(table, dimension="age", **A) == {"25_44": (8, 5), "not_known": (4, 3)}
    assert cells(table, measure="attendances", dimension="all", **A) == {"all": (32, 20)}
    assert cells(table, measure="no_form", dimension="all", **FORCE) == {"all": (20, 14)}


def test_every_place_with_an_event_has_every_group_zeros_too_and_no_other_place_has_any() -> None:
    table = reach([])
    groups = codelists.load("reach_categories").filter(pl.col("level") == "group").height - 1
    here = table.filter(measure="forms", place_level="neighbourhood")
    assert here.height == 1 + groups + len(CHARACTERISTICS)
    assert (here["value"] + here["people"]).sum() == 0
    assert set(table["neighbourhood_id"].drop_nulls()) == {"A"}
    assert set(table["place_level"]) == {"neighbourhood", "force"}
    assert table.columns == list(COLUMNS)
    assert table.equals(table.sort(CELL_KEY))


def test_attendances_come_from_the_log_of_events_first() -> None:
    rows = [form("E1", "25_34", 1, attendances=15), form("E2", "25_34", 1, attendances=15)]
    events = [{"event_id": "E1"}, {"event_id": "E2", "attendance_total": None}]
    table = reach(rows, events)
    assert cells(table, dimension="event") == {"E1": (12, 12), "E2": (15, 15)}
    assert cells(table, measure="attendances", dimension="all", **FORCE) == {"all": (27, 15)}


@pytest.mark.parametrize("missing", [None, 5])
def test_a_sum_of_attendances_of_which_one_is_not_known_is_not_there(missing: int | None) -> None:
    """Fewer attendances than forms are no number of attendances either."""
    rows = [form("E2", "25_34", 1, attendances=None)]
    events = [
        {"event_id": "E1"},
        {"event_id": "E2", "neighbourhood_id": "B", "attendance_total": missing},
    ]
    table = reach(rows, events)
    attended = table.filter(measure="attendances")
    assert attended.select("place_level", "neighbourhood_id", "item", "value").rows() == [
        ("neighbourhood", "A", "all", 12),
        ("neighbourhood", "A", "E1", 12),
    ]
    assert table.filter(measure="no_form")["neighbourhood_id"].to_list() == ["A"]


@pytest.mark.parametrize(
    ("event", "listed"),
    [({"target_groups": "victims"}, False), ({"community_type": "virtual"}, True)],
)
def test_communities_that_are_no_place_count_in_the_force_alone(event: Row, listed: bool) -> None:
    table = reach([form("E1", "25_34", 3)], [{"event_id": "E1", **event}])
    assert set(table["place_level"]) == {"unplaced", "force"}
    assert cells(table, dimension="age", item="25_34", **FORCE) == {"25_34": (3, 3)}
    own = table.filter(dimension="event")
    assert own.select("place_level", "item", "listed").rows() == [("unplaced", "E1", listed)]
    assert table.filter(pl.col("dimension") != "event")["listed"].all()


@pytest.mark.parametrize(
    "event",
    [
        {"status": "planned"},
        {"status": "cancelled"},
        {"start_at": "2025-08-01T12:00:00Z"},
        {"start_at": "2022-06-30T12:00:00Z"},
        {"handling": "internal"},
        {"findings": None},
        {"review": "not_reviewed"},
    ],
)
def test_events_that_are_not_published_as_held_reach_nobody(event: Row) -> None:
    assert reach([form("E1", "25_34", 3)], [{"event_id": "E1", **event}]).is_empty()


def test_a_quarter_that_the_window_cuts_is_not_counted() -> None:
    events = [
        {"event_id": "E1", "start_at": "2022-09-05T12:00:00Z"},
        {"event_id": "E2", "start_at": "2022-10-05T12:00:00Z"},
    ]
    queries = [
        {
            "received_at": event["start_at"],
            "reply_outcome": "answered",
            "meaningful_reply_at": event["start_at"],
        }
        for event in events
    ]
    made = tables({"engagement_events": events, "feedback": queries}, months=MONTHS[1:])
    for name in ("engagement_counts", "feedback_counts"):
        assert set(made[name]["period"]) == {"2022-Q4"}, name
    # The pages that stay inside have it, but no median of it can be published.
    times = made["feedback_times"].filter(place_level="force", theme="all")
    assert times.select("period", "received", "median_days_to_reply").rows() == [
        ("2022-Q3", 1, None),
        ("2022-Q4", 1, 0.0),
    ]
    made = tables({"engagement_events": events, "feedback": queries}, months=MONTHS)
    for name in ("engagement_counts", "feedback_counts", "feedback_times"):
        assert set(made[name]["period"]) == {"2022-Q3", "2022-Q4"}, name


def test_two_records_that_may_be_of_one_event_count_once() -> None:
    again = {"event_id": "E2", "possible_duplicate_of": "E1"}
    forms = [form("E1", "25_34", 3), form("E2", "25_34", 3)]
    table = reach(forms, [{"event_id": "E1"}, again])
    assert cells(table, dimension="age", **A)["25_44"] == (3, 3)
    assert cells(table, dimension="event") == {"E1": (12, 12)}
    # Where the other was only planned, this is the one that was held.
    table = reach(forms, [{"event_id": "E1", "status": "planned"}, again])
    assert cells(table, dimension="event") == {"E2": (12, 12)}


def test_participation_that_may_not_be_published_is_in_no_count() -> None:
    kept = form("E1", "65_plus", 2, handling="internal")
    table = reach([form("E1", "25_34", 3), kept])
    assert cells(table, dimension="age", **A) == {"25_44": (3, 3), "not_known": (3, 3)}


def test_every_category_of_the_forms_is_in_one_group_of_its_characteristic() -> None:
    reached = codelists.load("reach_categories")
    assert set(reached["characteristic"]) == {"all", "any", *CHARACTERISTICS}
    assert set(reached["level"]) == {"total", "group", "category"}
    groups = set(reached.filter(level="group").select("characteristic", "code").rows())
    parts = reached.filter(level="category")
    assert set(parts.select("characteristic", "group").rows()) <= groups
    assert reached.filter(level="group")["group"].null_count() == len(groups)
    asked = codelists.load("monitoring_categories").filter(pl.col("characteristic") != "any")
    found = asked.join(reached, on=["characteristic", "code"], how="left")
    assert found["level"].null_count() == 0
    wholes = {group for _, group in parts.select("characteristic", "group").rows()}
    assert wholes.isdisjoint(asked["code"])
    assert parts["group"].value_counts()["count"].min() > 1
    assert codelists.codes("reach_characteristics") == ("all", *CHARACTERISTICS)
    assert codelists.codes("summary_themes") == ("all", *codelists.codes("themes"))


def queries(*feedback: Row) -> pl.DataFrame:
    return tables({"feedback": feedback})["feedback_counts"]


def test_the_people_behind_a_count_of_messages_are_those_it_is_known_of() -> None:
    by = [{"contributor_ref": key} for key in ("a", "a", "b", None, None)]
    assert cells(queries(*by), dimension="all", measure="received", **A) == {"all": (5, 2)}
    assert cells(queries({}, {}), dimension="all", measure="received", **A) == {"all": (2, 1)}
    # One person may go by two keys in two logs.
    two = [{"contributor_ref": "a"}, {"contributor_ref": "b", "source": "other"}]
    assert cells(queries(*two), measure="received", **FORCE) == {"all": (2, 1), "burglary": (2, 1)}


def test_answered_and_not_answered_make_up_what_was_received() -> None:
    soon = {"reply_outcome": "answered", "meaningful_reply_at": "2025-03-05T12:00:00Z"}
    late = soon | {"meaningful_reply_at": "2025-03-08T12:00:00Z"}
    table = queries(soon, late, {})
    assert {
        measure: cells(table, measure=measure, dimension="all", **A)["all"][0]
        for measure in ("received", "answered_72h", "not_answered_72h")
    } == {"received": 3, "answered_72h": 1, "not_answered_72h": 2}


@pytest.mark.parametrize(
    "place", [{"neighbourhood_id": None}, {"neighbourhood_id": "Z"}, {"neighbourhood_known": "no"}]
)
def test_a_query_of_no_neighbourhood_that_the_force_had_is_of_the_force_alone(place: Row) -> None:
    table = queries(place)
    assert set(table["place_level"]) == {"force", "unplaced"}
    assert table["neighbourhood_id"].null_count() == table.height


def test_a_place_with_a_query_has_every_theme() -> None:
    here = queries({}).filter(place_level="neighbourhood", dimension="theme")
    assert set(here["item"]) == set(codelists.codes("themes"))
    assert here["value"].sum() == 1


CATEGORIES = codelists.load("monitoring_categories")
EVENTS = st.fixed_dictionaries(
    {
        "force_id": st.sampled_from(["kent", "essex"]),
        "neighbourhood_id": st.sampled_from(["A", "B", "E", None]),
        "start_at": st.sampled_from(["2025-03-04T18:30:00Z", "2025-05-04T18:30:00Z"]),
        "attendance_total": st.none() | st.integers(0, 30),
        "target_groups": st.sampled_from([None, None, "rural", "victims"]),
    }
)
FORMS = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from(CATEGORIES.rows()), st.integers(0, 9)), max_size=12
)
QUERIES = st.lists(
    st.fixed_dictionaries(
        {
            "neighbourhood_id": st.sampled_from(["A", "B", "Z", None]),
            "theme": st.sampled_from(["burglary", "noise", "youth"]),
            "reply_outcome": st.sampled_from(["answered", None]),
            "meaningful_reply_at": st.sampled_from([None, "2025-03-05T12:00:00Z"]),
            "contributor_ref": st.sampled_from([None, "a", "b", "c"]),
            "source": st.sampled_from(["one", "two"]),
        }
    ),
    max_size=8,
)


@settings(deadline=None, max_examples=50)
@given(st.lists(EVENTS, max_size=5), FORMS, QUERIES)
def test_sums_are_sums_and_nobody_is_counted_who_is_not_there(
    events: Sequence[Row],
    drawn: Sequence[tuple[int, tuple[str, str, str], int]],
    asked: Sequence[Row],
) -> None:
    forms = [
        form(f"E{n}", code, count, forms_returned=None)
        | {"characteristic": "sex" if kind == "any" else kind, "participation_id": str(number)}
        for number, (n, (code, kind, _), count) in enumerate(drawn)
    ]
    made = tables(
        {
            "engagement_events": [{**e, "event_id": f"E{n}"} for n, e in enumerate(events)],
            "participation": forms,
            "feedback": asked,
        }
    )
    for name in ("engagement_counts", "feedback_counts"):
        table = made[name]
        assert table.select(CELL_KEY).is_unique().all()
        assert table.null_count().select("value", "people", "listed").row(0) == (0, 0, 0)
        assert table.filter((pl.col("people") > pl.col("value")) | (pl.col("value") < 0)).is_empty()
        assert table.filter((pl.col("people") == 0) & (pl.col("value") > 0)).is_empty()
        _force_is_the_sum_of_its_places(table)
    _parts_add_up(made["engagement_counts"], made["feedback_counts"])
    attended = made["engagement_counts"].filter(measure="attendances", dimension="event")
    assert attended.height <= len(events)


def _values(table: pl.DataFrame, *by: str) -> Mapping[Any, int]:
    sums = table.group_by(by).agg(pl.col("value").sum())
    return {row[:-1]: row[-1] for row in sums.rows()}


def _force_is_the_sum_of_its_places(table: pl.DataFrame) -> None:
    """But for events, which are of places, and categories, which neighbourhoods do not have."""
    whole_groups = pl.col("item").replace(GROUPS) == pl.col("item")
    known = table.filter((pl.col("dimension") != "event") & whole_groups)
    key = ("measure", "period", "force_id", "dimension", "item")
    parts = _values(known.filter(pl.col("place_level") != "force"), *key)
    for name, value in _values(known.filter(place_level="force"), *key).items():
        assert parts[name] == value, name


def _parts_add_up(engagement: pl.DataFrame, feedback: pl.DataFrame) -> None:
    place = ("period", "place_level", "force_id", "neighbourhood_id")
    forms = engagement.filter(measure="forms")
    groups = forms.filter(pl.col("item").replace(GROUPS) == pl.col("item"), dimension="age")
    assert _values(groups, *place) == _values(forms.filter(dimension="all"), *place)
    placed = engagement.filter(pl.col("place_level") != "force")
    said = _values(placed.filter(measure="attendances", dimension="all"), *place)
    of_events = _values(placed.filter(dimension="event"), *place)
    with_forms = _values(
        placed.filter(pl.col("measure").is_in(["forms", "no_form"]), dimension="all"), *place
    )
    for name, value in said.items():
        assert of_events[name] == value == with_forms[name]
    every = _values(feedback.filter(measure="received", dimension="all"), *place)
    assert _values(feedback.filter(dimension="theme"), *place) == every
    answers = feedback.filter(pl.col("measure") != "received")
    assert _values(answers, *place) == every
