"""Years and revisions: what is published stays, and no difference gives anybody away."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbeat.disclosure.cells import (
    CELL_KEY,
    DIFFERENCE,
    LinkedSet,
    quarter_set,
    revision_set,
    year_set,
)
from openbeat.disclosure.policy import load_policy
from openbeat.disclosure.problem import SHARED, UNBOUNDED, State
from tests.openbeat.disclosure.made import Event, counts
from tests.openbeat.disclosure.test_cells import adds_up, events, terms

POLICY = load_policy()
QUARTERS = tuple(f"2025-Q{n}" for n in range(1, 5))
YEAR = [
    Event(f"{quarter}e{n}", f"n{n}", 20 + n, 30 + n, {"65_plus": 6, "not_disabled": 11}, quarter)
    for quarter in QUARTERS
    for n in (1, 2)
]


def frozen(rows: pl.DataFrame) -> list[pl.DataFrame]:
    """The quarters of some counts, all of it published but for what is protected."""
    found = []
    for period in sorted(rows["period"].unique()):
        cells = quarter_set(rows.filter(pl.col("period") == period), POLICY).cells
        open_ = pl.col("state") == State.OPEN
        state = (
            pl.when(open_ & pl.col("protect"))
            .then(int(State.KEPT))
            .when(open_)
            .then(int(State.FACT))
            .otherwise("state")
        )
        found.append(cells.with_columns(state=state.cast(pl.Int8)))
    return found


def of(linked: LinkedSet, **names: object) -> pl.DataFrame:
    """Cells by columns that have these values."""
    rows = linked.cells.with_row_index("i")
    return rows.filter([pl.col(name).eq_missing(value) for name, value in names.items()])


FORMS = {"measure": "forms", "dimension": "all", "item": "all"}


def test_a_year_is_the_sum_of_its_quarters_at_force_level() -> None:
    linked = year_set(frozen(counts(YEAR)), "2025", POLICY)
    assert adds_up(linked)
    year = of(linked, period="2025")
    assert year["place_level"].unique().to_list() == ["force"]
    assert year["state"].unique().to_list() == [State.OPEN]
    assert set(year["measure"]) == {"forms", "attendances"}
    total = of(linked, period="2025", **FORMS).row(0, named=True)
    assert (total["value"], total["people"]) == (4 * 43, 22)
    quarters = of(linked, place_level="force", **FORMS).filter(pl.col("period") != "2025")
    assert terms(linked, total["i"]) == [{total["i"], *quarters["i"]}]
    aged = of(linked, period="2025", dimension="age", item="65_plus").row(0, named=True)
    scope = linked.problem.scope
    ages = of(linked, dimension="age")["i"].to_numpy()
    assert set(scope[ages]) == {scope[aged["i"]]}
    assert scope[total["i"]] == SHARED


def test_a_year_leaves_its_quarters_as_they_were_published() -> None:
    quarters = frozen(counts(YEAR))
    linked = year_set(quarters, "2025", POLICY)
    before = pl.concat(quarters).sort(CELL_KEY, nulls_last=False)
    assert linked.cells.filter(pl.col("period") != "2025").equals(
        before.with_columns(pl.col("protect"))
    )


def test_a_quarter_without_rows_is_nothing_in_its_year() -> None:
    rows = counts([e for e in YEAR if e.period != "2025-Q3"])
    linked = year_set(frozen(rows), "2025", POLICY)
    assert of(linked, period="2025", **FORMS)["value"].item() == 3 * 43


def test_a_year_has_no_number_that_a_quarter_lacks() -> None:
    linked = year_set(
        frozen(counts([*YEAR, Event("x", "n1", 5, None, {}, "2025-Q2")])), "2025", POLICY
    )
    assert set(of(linked, period="2025")["measure"]) == {"forms"}


def test_quarters_of_another_year_are_refused() -> None:
    quarters = frozen(counts(YEAR))
    with pytest.raises(ValueError, match="another year"):
        year_set(quarters, "2024", POLICY)
    with pytest.raises(ValueError, match="twice"):
        year_set([*quarters, quarters[0]], "2025", POLICY)


def whole(quarters: list[pl.DataFrame]) -> pl.DataFrame:
    """Quarters and their year, published."""
    cells = year_set(quarters, "2025", POLICY).cells
    fact = pl.when(pl.col("state") == State.OPEN).then(int(State.FACT)).otherwise("state")
    return cells.with_columns(state=fact.cast(pl.Int8))


def lineage(*pairs: tuple[str, str]) -> pl.DataFrame:
    return pl.DataFrame(pairs, schema=["older_id", "newer_id"], orient="row")


def test_a_year_that_did_not_change_has_nothing_to_revise() -> None:
    old = whole(frozen(counts(YEAR)))
    linked = revision_set(old, counts(YEAR), None, POLICY)
    assert linked.cells.equals(old)
    assert adds_up(linked)


def test_one_late_form_changes_its_place_its_force_and_its_year_and_nothing_else() -> None:
    late = [
        Event(e.event_id, e.neighbourhood, e.forms + 1, e.attendances, e.said, e.period)
        if e.event_id == "2025-Q2e1"
        else e
        for e in YEAR
    ]
    old = whole(frozen(counts(YEAR)))
    linked = revision_set(old, counts(late), None, POLICY)
    assert adds_up(linked)
    changed = of(linked, edition=2, measure="forms")
    assert set(changed.select("period", "place_level", "item").rows()) == {
        (period, level, item)
        for period, level in [
            ("2025", "force"),
            ("2025-Q2", "force"),
            ("2025-Q2", "neighbourhood"),
        ]
        for item in ("all", "not_known")
    }
    assert set(of(linked, edition=2)["measure"]) == {"forms", "no_form"}  # 1 fewer without
    differences = of(linked, edition=DIFFERENCE)
    assert differences["value"].to_list() == [1] * 9  # all, and not known twice, at each
    assert differences["protect"].all()
    assert differences["reason"].unique().to_list() == ["difference"]
    p = linked.problem
    there = differences["i"].to_numpy()
    assert (p.lower[there] == UNBOUNDED).all()
    assert (p.state[there] == State.HIDDEN).all()
    assert sorted(set(p.high[there])) == [5, 10]
    assert (p.scope == SHARED).all()
    old_one, new_one = (
        of(linked, edition=n, period="2025-Q2", neighbourhood_id="n1", **FORMS)["i"].item()
        for n in (1, 2)
    )
    d = of(linked, edition=0, period="2025-Q2", neighbourhood_id="n1", **FORMS)["i"].item()
    assert {old_one, new_one, d} in terms(linked, d)


def test_a_difference_is_told_so_that_it_is_above_nothing() -> None:
    fewer = [
        Event(e.event_id, e.neighbourhood, e.forms - 2, e.attendances, e.said, e.period)
        if e.event_id == "2025-Q2e1"
        else e
        for e in YEAR
    ]
    linked = revision_set(whole(frozen(counts(YEAR))), counts(fewer), None, POLICY)
    assert adds_up(linked)
    assert of(linked, edition=DIFFERENCE)["value"].unique().to_list() == [2]


def test_a_large_difference_is_protected_too_as_it_may_be_one_person() -> None:
    more = [*YEAR, Event("late", "n1", 40, 60, {"65_plus": 15, "not_disabled": 20}, "2025-Q1")]
    linked = revision_set(whole(frozen(counts(YEAR))), counts(more), None, POLICY)
    assert adds_up(linked)
    assert of(linked, edition=DIFFERENCE)["protect"].all()
    late = of(linked, item="late")  # nothing of it was published before
    assert late["edition"].to_list() == [2]
    assert late["state"].to_list() == [State.OPEN]


def test_what_was_kept_back_stays_kept_back_in_a_revision() -> None:
    old = whole(frozen(counts([*YEAR, Event("few", "n3", 3, 3, {}, "2025-Q1")])))
    many = counts([*YEAR, Event("few", "n3", 30, 30, {}, "2025-Q1")])
    linked = revision_set(old, many, None, POLICY)
    new = of(linked, edition=2, neighbourhood_id="n3", **FORMS).row(0, named=True)
    assert (new["value"], new["state"], new["protect"]) == (30, State.KEPT, False)
    first = of(linked, edition=1, neighbourhood_id="n3", **FORMS).row(0, named=True)
    assert (first["value"], first["state"], first["protect"]) == (3, State.KEPT, True)


def test_a_neighbourhood_that_became_two_is_compared_with_both() -> None:
    split = [
        Event(
            e.event_id,
            {"n1": "n1a" if e.period < "2025-Q3" else "n1b"}.get(e.neighbourhood or "", "n2"),
            e.forms,
            e.attendances,
            e.said,
            e.period,
        )
        for e in YEAR
    ]
    split.append(Event("late", "n1b", 2, 2, {}, "2025-Q1"))
    old = whole(frozen(counts(YEAR)))
    linked = revision_set(old, counts(split), lineage(("n1", "n1a"), ("n1", "n1b")), POLICY)
    assert adds_up(linked)
    first = of(linked, edition=1, period="2025-Q1", neighbourhood_id="n1", **FORMS)["i"].item()
    new = of(linked, edition=2, period="2025-Q1", place_level="neighbourhood", **FORMS)
    assert new["neighbourhood_id"].to_list() == ["n1a", "n1b"]
    between = of(linked, edition=0, period="2025-Q1", place_level="neighbourhood", **FORMS)
    assert between["neighbourhood_id"].to_list() == ["n1a+n1b"]
    assert (between["value"].item(), between["protect"].item()) == (2, True)
    assert {first, *new["i"], between["i"].item()} in terms(linked, first)
    # Nothing was late in the second quarter: both editions are equal, and everybody may know.
    before = of(linked, edition=1, period="2025-Q2", neighbourhood_id="n1", **FORMS)["i"].item()
    after = of(linked, edition=2, period="2025-Q2", neighbourhood_id="n1a", **FORMS)["i"].item()
    assert {before, after} in terms(linked, before)
    # An event is itself, wherever it now is.
    event = of(linked, item="2025-Q1e1")
    assert event["edition"].to_list() == [1, 2]
    assert set(event["i"]) in terms(linked, event["i"][0])


def test_an_attendance_known_too_late_is_compared_with_nothing() -> None:
    old = [*YEAR, Event("x", "n1", 5, None, {}, "2025-Q2")]
    new = [*YEAR, Event("x", "n1", 5, 9, {}, "2025-Q2")]
    linked = revision_set(whole(frozen(counts(old))), counts(new), None, POLICY)
    assert adds_up(linked)
    assert of(linked, edition=DIFFERENCE).is_empty()
    total = of(linked, measure="attendances", dimension="all", period="2025-Q2")
    assert set(total.filter(pl.col("place_level") == "force")["edition"]) == {2}


@given(events(QUARTERS), events(QUARTERS), st.booleans())
@settings(max_examples=25, deadline=None)
def test_any_two_editions_add_up(first: list[Event], second: list[Event], moved: bool) -> None:
    old, new = counts(first), counts(second)
    cells = pl.concat(frozen(old))
    pairs = lineage(("n1", "n1"), ("n1", "n2"), ("n3", "n4")) if moved else None
    year = whole(frozen(old))
    for before in (cells, year):
        linked = revision_set(before, new, pairs, POLICY)
        assert adds_up(linked)
        p = linked.problem
        assert (p.value >= p.lower).all()
        assert not (p.protect & (p.state == State.FACT)).any()
        assert linked.cells.select(*CELL_KEY, "edition").is_unique().all()
        again = revision_set(before.reverse(), new.reverse(), pairs, POLICY)
        assert again.cells.equals(linked.cells)
        for name in ("rows", "columns", "coefficients"):
            assert np.array_equal(getattr(again.problem, name), getattr(p, name))
