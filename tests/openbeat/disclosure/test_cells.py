"""Cells and sums of a quarter: they add up, and what must be protected is."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbeat.disclosure.cells import CELL_KEY, COLUMNS, LinkedSet, kept_back, quarter_set
from openbeat.disclosure.policy import load_policy
from openbeat.disclosure.problem import SHARED, State
from tests.openbeat.disclosure.made import LEAVES, Event, counts, feedback
from tests.openbeat.engagement.published_rows import tables

POLICY = load_policy()
EVENTS = [
    Event("e1", "n1", 20, 30, {"under_18": 4, "18_24": 3, "65_plus": 12, "limited_a_lot": 2}),
    Event("e2", "n1", 3, 4, {"under_18": 3, "not_disabled": 3}),
    Event("e3", "n2", 12, 15, {"25_34": 12, "not_disabled": 12}),
    Event("e4", None, 6, 9, {"65_plus": 6}),
    Event("e5", None, 2, 7, {"65_plus": 1}, sensitive=True),
]


def cell(
    linked: LinkedSet,
    item: str,
    place: str | None = None,
    measure: str = "forms",
    level: str | None = None,
) -> dict[str, object]:
    """The one cell of an item (``age/under_25``, or ``all``) at a place, with its arrays."""
    dimension, _, name = item.rpartition("/")
    level = level or ("neighbourhood" if place else "force")
    rows = linked.cells.with_row_index("i").filter(
        (pl.col("measure") == measure)
        & (pl.col("dimension") == (dimension or "all"))
        & (pl.col("item") == name)
        & (pl.col("place_level") == level)
        & pl.col("neighbourhood_id").eq_missing(place)
    )
    found = rows.row(0, named=True)
    assert rows.height == 1
    return {
        **found,
        **{
            name: getattr(linked.problem, name)[found["i"]]
            for name in ("scope", "single", "high", "lower")
        },
    }


def adds_up(linked: LinkedSet) -> bool:
    return not (linked.problem.matrix() @ linked.problem.value).any()


def terms(linked: LinkedSet, index: int) -> list[set[int]]:
    """The cells of every sum that a cell is in."""
    p = linked.problem
    return [set(p.columns[p.rows == row].tolist()) for row in np.unique(p.rows[p.columns == index])]


def test_cells_are_in_the_order_of_the_problem() -> None:
    linked = quarter_set(counts(EVENTS), POLICY)
    assert linked.cells.schema == COLUMNS
    names = linked.cells.select(CELL_KEY)
    assert names.equals(names.sort(CELL_KEY, nulls_last=False))
    p = linked.problem
    for name in ("value", "state", "protect"):
        assert linked.cells[name].to_list() == getattr(p, name).tolist()
    kinds = {"value": "int64", "state": "int8", "scope": "int32", "rows": "int32"}
    kinds |= {"columns": "int32", "coefficients": "int64", "high": "int64", "lower": "int64"}
    assert {name: str(getattr(p, name).dtype) for name in kinds} == kinds


def test_every_sum_that_a_reader_knows_is_there() -> None:
    linked = quarter_set(counts(EVENTS), POLICY)
    assert adds_up(linked)

    def sums(one: dict[str, object], *parts: dict[str, object]) -> bool:
        return {one["i"], *(p["i"] for p in parts)} in terms(linked, one["i"])  # type: ignore[arg-type]

    force, n1 = cell(linked, "all"), cell(linked, "all", "n1")
    unplaced = cell(linked, "all", level="unplaced")
    assert sums(force, n1, cell(linked, "all", "n2"), unplaced)
    disability = [f"disability/{g}" for g in ("disabled", "not_disabled", "not_known")]
    assert sums(n1, *(cell(linked, g, "n1") for g in disability))
    young, young_n1 = cell(linked, "age/under_25"), cell(linked, "age/under_25", "n1")
    assert sums(
        young,
        young_n1,
        cell(linked, "age/under_25", "n2"),
        cell(linked, "age/under_25", level="unplaced"),
    )
    assert sums(young, cell(linked, "age/under_18"), cell(linked, "age/18_24"))
    came = cell(linked, "all", "n1", "attendances")
    assert sums(came, n1, cell(linked, "all", "n1", "no_form"))
    events = [cell(linked, f"event/{e}", "n1", "attendances") for e in ("e1", "e2")]
    assert sums(came, *events)
    assert [young["value"], young_n1["value"], came["value"]] == [10, 10, 34]


def test_categories_are_the_forces_alone_and_in_no_sum_of_places() -> None:
    linked = quarter_set(counts(EVENTS), POLICY)
    part = cell(linked, "age/under_18")
    (only,) = terms(linked, part["i"])  # type: ignore[arg-type]
    assert only == {part["i"], cell(linked, "age/18_24")["i"], cell(linked, "age/under_25")["i"]}
    assert linked.cells.filter(
        (pl.col("item") == "under_18") & (pl.col("place_level") != "force")
    ).is_empty()


def test_queries_are_the_sum_of_themes_and_of_answers() -> None:
    linked = quarter_set(
        feedback(
            {
                "n1": {"burglary": (7, 5), "drugs": (2, 2)},
                "n2": {"noise": (9, 0)},
                None: {"drugs": (1, 0)},
            }
        ),
        POLICY,
    )
    assert adds_up(linked)
    total = cell(linked, "all", "n1", "received")
    found = terms(linked, total["i"])  # type: ignore[arg-type]
    answers = [cell(linked, "all", "n1", m)["i"] for m in ("answered_72h", "not_answered_72h")]
    assert {total["i"], *answers} in found
    assert len(found) == 3  # of themes, of answers, of the force
    assert total["scope"] == SHARED
    theme = cell(linked, "theme/drugs", "n1", "received")
    assert theme["scope"] != cell(linked, "all", "n1", "answered_72h")["scope"] != SHARED
    # The number of contributors known is what counts: 9 queries of 3 people are too few.
    assert cell(linked, "theme/noise", "n2", "received")["reason"] == "primary"


def test_a_characteristic_is_a_table_and_totals_are_shared() -> None:
    linked = quarter_set(counts(EVENTS), POLICY)
    scope = {
        name: cell(linked, item, "n1", measure)["scope"]
        for name, item, measure in [
            ("total", "all", "forms"),
            ("age", "age/under_25", "forms"),
            ("disability", "disability/disabled", "forms"),
            ("came", "all", "attendances"),
            ("event", "event/e1", "attendances"),
            ("no_form", "all", "no_form"),
        ]
    }
    assert scope["total"] == SHARED
    assert scope["came"] == scope["event"] == scope["no_form"]
    assert len({scope["total"], scope["age"], scope["disability"], scope["came"]}) == 4
    assert cell(linked, "age/18_24")["scope"] == scope["age"]


def test_too_few_people_are_protected_by_the_largest_event_not_by_the_sum() -> None:
    linked = quarter_set(counts(EVENTS), POLICY)
    # 10 under 25, but 7 of them at one event at most: more than 5.
    assert cell(linked, "age/under_25", "n1")["reason"] is None
    assert cell(linked, "event/e2", "n1", "attendances")["reason"] == "primary"
    few = quarter_set(counts([Event(f"e{i}", "n1", 2, 2) for i in range(5)]), POLICY)
    regulars = cell(few, "all", "n1")
    assert (regulars["value"], regulars["people"], regulars["reason"]) == (10, 2, "primary")


def test_thresholds_are_higher_for_the_four_characteristics() -> None:
    events = [Event("e1", "n1", 40, 40, {"limited_a_lot": 9, "under_18": 9, "18_24": 22})]
    linked = quarter_set(counts(events), POLICY)
    disabled, young = cell(linked, "disability/disabled"), cell(linked, "age/under_18")
    assert (disabled["high"], disabled["protect"]) == (10, True)
    assert (young["high"], young["protect"]) == (5, False)


def test_nobody_is_not_protected() -> None:
    linked = quarter_set(counts([Event("e1", "n1", 0, 0)]), POLICY)
    assert not linked.problem.protect.any()


def test_everybody_known_of_one_group_is_protected_in_a_neighbourhood() -> None:
    linked = quarter_set(counts(EVENTS), POLICY)
    found = cell(linked, "disability/not_disabled", "n2")
    assert (found["value"], found["protect"], found["reason"]) == (12, True, "class")
    assert cell(linked, "age/25_44", "n2")["protect"] is False  # age is not one of the four
    assert cell(linked, "disability/not_disabled")["protect"] is False  # nor is the force
    alone = [Event("e1", "n1", 30, 30, {"not_disabled": 15})]  # and 15 said nothing
    assert cell(quarter_set(counts(alone), POLICY), "disability/not_disabled", "n1")["protect"]


def test_that_nobody_is_of_another_group_is_not_certain_either() -> None:
    linked = quarter_set(counts(EVENTS), POLICY)
    nobody = cell(linked, "disability/disabled", "n2")
    assert (nobody["value"], nobody["protect"], nobody["reason"]) == (0, True, "class")
    assert linked.problem.high[nobody["i"]] == 2  # type: ignore[call-overload]
    assert cell(linked, "age/65_plus", "n2")["protect"] is False


def test_few_people_in_no_neighbourhood_are_protected_though_no_table_has_them() -> None:
    few = [*EVENTS[:3], Event("e4", None, 6, 9, {"65_plus": 4}, sensitive=True)]
    linked = quarter_set(counts(few), POLICY)  # everybody can take a sum from a sum
    old = cell(linked, "age/65_plus", None, "forms", "unplaced")
    assert (old["state"], old["protect"], old["reason"]) == (State.HIDDEN, True, "primary")
    event = cell(linked, "event/e4", None, "attendances", "unplaced")
    assert (event["state"], event["protect"]) == (State.HIDDEN, True)  # 9, of a sensitive community
    assert (event["threshold"], event["value"]) == (10, 9)


def test_what_has_no_neighbourhood_and_is_not_sensitive_has_the_usual_threshold() -> None:
    few = [*EVENTS[:3], Event("e4", None, 6, 9, {"65_plus": 4})]
    linked = quarter_set(counts(few), POLICY)
    assert cell(linked, "age/65_plus", None, "forms", "unplaced")["protect"] is True
    assert cell(linked, "all", None, "forms", "unplaced")["protect"] is False


def test_what_no_table_has_is_hidden() -> None:
    linked = quarter_set(counts(EVENTS), POLICY)
    hidden = linked.cells.filter(pl.col("state") == State.HIDDEN)
    assert not hidden.filter(pl.col("measure") == "no_form")["protect"].any()
    names = hidden.select("measure", "place_level", "dimension").unique().rows()
    assert set(names) == {
        ("no_form", "force", "all"),
        ("no_form", "neighbourhood", "all"),
        ("no_form", "unplaced", "all"),
        ("forms", "unplaced", "all"),
        ("forms", "unplaced", "age"),
        ("forms", "unplaced", "disability"),
        ("attendances", "unplaced", "all"),
        ("attendances", "unplaced", "event"),
    }
    assert cell(linked, "event/e5", None, "attendances", "unplaced")["state"] == State.HIDDEN
    assert cell(linked, "event/e4", None, "attendances", "unplaced")["state"] == State.OPEN


def test_nothing_can_hide_in_events_that_everybody_sees_are_not_there() -> None:
    with_nothing = pl.concat(
        [
            counts(EVENTS[:3]),
            counts([Event("e9", None, 0, 0)]).filter(
                (pl.col("place_level") == "unplaced") & (pl.col("dimension") != "event")
            ),
        ]
    )
    linked = quarter_set(with_nothing, POLICY)
    assert linked.cells.filter(pl.col("place_level") == "unplaced").is_empty()
    assert adds_up(linked)


def test_who_stands_alone_behind_a_number_may_know_it() -> None:
    events = [
        Event("e1", "n1", 8, 8, {"under_18": 1, "65_plus": 7}),
        Event("e2", "n1", 1, 1, {"under_18": 1}),
    ]
    linked = quarter_set(counts(events), POLICY)
    assert cell(linked, "age/under_25", "n1")["single"]  # 2 attendances, maybe one person's
    assert not cell(linked, "age/65_plus", "n1")["single"]
    assert not cell(linked, "age/25_44", "n1")["single"]


def test_an_event_without_attendance_leaves_the_place_and_the_force_without_a_sum() -> None:
    linked = quarter_set(counts([*EVENTS, Event("e6", "n1", 5, None)]), POLICY)
    assert adds_up(linked)
    totals = linked.cells.filter(
        (pl.col("measure") == "attendances") & (pl.col("dimension") == "all")
    )
    assert totals.select("place_level", "neighbourhood_id").rows() == [
        ("neighbourhood", "n2"),
        ("unplaced", None),
    ]
    assert terms(linked, cell(linked, "event/e1", "n1", "attendances")["i"]) == []  # type: ignore[arg-type]


def test_one_neighbourhood_is_its_force() -> None:
    linked = quarter_set(counts(EVENTS[:2]), POLICY)
    one, force = cell(linked, "age/65_plus", "n1"), cell(linked, "age/65_plus")
    assert {one["i"], force["i"]} in terms(linked, force["i"])  # type: ignore[arg-type]


def test_a_quarter_without_events_is_a_set_without_cells() -> None:
    linked = quarter_set(counts([]), POLICY)
    assert linked.problem.size == 0
    assert linked.cells.schema == COLUMNS
    assert len(linked.problem.rows) == 0


def test_counts_that_do_not_add_up_are_a_mistake_that_tells_no_value() -> None:
    wrong = counts(EVENTS).with_columns(
        value=pl.when((pl.col("item") == "65_plus") & (pl.col("place_level") == "force"))
        .then(4711)
        .otherwise("value")
    )
    with pytest.raises(ValueError, match=r"2 of \d+ sums of the counts are wrong") as told:
        quarter_set(wrong, POLICY)
    assert "4711" not in str(told.value)


@pytest.mark.parametrize(
    "change",
    [
        pl.lit(None, pl.Int64).alias("value"),
        (pl.col("value") + 1).alias("people"),
        pl.lit(-1, pl.Int64).alias("people"),
        pl.lit("all").alias("item"),
    ],
)
def test_counts_that_make_no_sense_are_refused(change: pl.Expr) -> None:
    with pytest.raises(ValueError, match="twice, or its number and people"):
        quarter_set(counts(EVENTS).with_columns(change), POLICY)


def test_two_forces_are_never_solved_as_one() -> None:
    other = counts(EVENTS).with_columns(force_id=pl.lit("essex"))
    with pytest.raises(ValueError, match="more than one"):
        quarter_set(pl.concat([counts(EVENTS), other]), POLICY)


def test_less_is_shown_step_by_step() -> None:
    linked = quarter_set(counts(EVENTS), POLICY)
    force = kept_back(linked, "force")
    open_ = force.cells.filter(pl.col("state") == State.OPEN)
    assert open_["place_level"].unique().to_list() == ["force"]
    assert force.problem.state.tolist() == force.cells["state"].to_list()
    nothing = kept_back(linked, "none")
    assert not (nothing.problem.state == State.OPEN).any()
    hidden = linked.problem.state == State.HIDDEN
    assert ((nothing.problem.state == State.HIDDEN) == hidden).all()


@st.composite
def events(draw: st.DrawFn, periods: tuple[str, ...] = ("2025-Q1",)) -> list[Event]:
    """Any meetings, in few places, with any forms."""
    made = []
    for number in range(draw(st.integers(1, 6))):
        said = {
            draw(st.sampled_from(LEAVES[name])): draw(st.integers(0, 12)) for name in LEAVES
        } | ({"65_plus": draw(st.integers(0, 12))} if draw(st.booleans()) else {})
        said.pop("not_known", None)
        least = max(
            sum(n for item, n in said.items() if item in items) for items in LEAVES.values()
        )
        forms = least + draw(st.integers(0, 5))
        came = draw(st.none() | st.integers(0, 9))
        made.append(
            Event(
                f"e{number}",
                draw(st.sampled_from(["n1", "n2", "n3", None])),
                forms,
                None if came is None else forms + came,
                said,
                draw(st.sampled_from(periods)),
                draw(st.booleans()),
            )
        )
    return made


@given(events())
@settings(max_examples=40, deadline=None)
def test_whatever_was_counted_adds_up_and_is_the_same_in_any_order(made: list[Event]) -> None:
    rows = counts(made)
    linked = quarter_set(rows, POLICY)
    assert adds_up(linked)
    assert (linked.problem.value >= linked.problem.lower).all()
    beyond = linked.cells.filter(pl.col("protect") & (pl.col("state") == State.HIDDEN))
    assert (beyond["place_level"] == "unplaced").all()
    again = quarter_set(rows.reverse(), POLICY)
    assert again.cells.equals(linked.cells)
    for name in ("value", "scope", "rows", "columns", "coefficients", "high", "single"):
        assert getattr(again.problem, name).tolist() == getattr(linked.problem, name).tolist()


def test_the_counts_of_the_logs_are_taken_as_they_come() -> None:
    forms = [
        {"participation_id": "1", "event_id": "E1", "category": "25_34", "count": 3},
        {"participation_id": "2", "event_id": "E1", "category": "limited_a_lot", "count": 1},
        {"participation_id": "3", "event_id": "E2", "category": "limited_a_lot", "count": 2},
    ]
    asked = [{"feedback_id": f"F{n}", "theme": theme} for n, theme in enumerate(["drugs", "noise"])]
    made = tables(
        {
            "participation": forms,
            "engagement_events": [{"event_id": "E1"}, {"event_id": "E2"}],
            "feedback": asked,
        }
    )
    for name in ("engagement_counts", "feedback_counts"):
        rows = made[name]
        assert rows.height
        for (_, _), part in rows.group_by("force_id", "period"):
            linked = quarter_set(part, POLICY)
            assert adds_up(linked)
            assert linked.problem.protect.any()


def test_what_the_policy_does_not_show_is_kept_back() -> None:
    reach = POLICY.tables["engagement_reach"]
    assert reach.people is not None
    fewer = reach.people.model_copy(update={"dimensions": ["age"]})
    tables = POLICY.tables | {"engagement_reach": reach.model_copy(update={"people": fewer})}
    linked = quarter_set(counts(EVENTS), POLICY.model_copy(update={"tables": tables}))
    assert cell(linked, "disability/disabled", "n1")["state"] == State.KEPT
    assert cell(linked, "age/under_25", "n1")["state"] == State.OPEN
