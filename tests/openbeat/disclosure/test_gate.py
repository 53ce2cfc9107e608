"""The gate: a quarter goes through once, proved, and stays; what cannot be proved does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from openbeat.disclosure import deciding, gate
from openbeat.disclosure.attacker import attack
from openbeat.disclosure.cells import CELL_KEY
from openbeat.disclosure.certified import protected, unproved
from openbeat.disclosure.gate import Gated
from openbeat.disclosure.memory import Memory, components
from openbeat.disclosure.policy import SHIPPED, Policy, load_policy
from openbeat.disclosure.problem import NotCertifiedError, Problem, State
from openbeat.errors import InputError
from tests.openbeat.disclosure.made import Event
from tests.openbeat.disclosure.through import (
    AFTER_Q1,
    AFTER_Q2,
    AFTER_YEAR,
    ASKED,
    DUE,
    POLICY,
    QUARTERS,
    cell,
    events,
    tables,
    through,
)

FORMS = {"measure": "forms", "dimension": "all", "item": "all"}
OF_FORCE = {"place_level": "force", "neighbourhood_id": None}


@pytest.fixture(scope="module")
def first() -> Gated:
    """The first quarter, published."""
    return through(events(*QUARTERS[:2]), AFTER_Q1, messages={"2025-Q1": ASKED})


@pytest.fixture(scope="module")
def year() -> Gated:
    """Four quarters and their year, published one after the other."""
    memory = Memory()
    for n, day in enumerate((AFTER_Q1, AFTER_Q2, date(2025, 10, 31), AFTER_YEAR)):
        gated = through(events(*QUARTERS[: n + 1]), day, memory)
        memory = gated.whole
    return gated


def rounded_policy(folder: Path) -> Policy:
    text = SHIPPED.read_text("utf-8").replace("method: suppression", "method: rounding")
    (folder / "own.yaml").write_text(text, "utf-8")
    return load_policy(folder / "own.yaml")


def withstands(gated: Gated) -> bool:
    made = tables(gated)
    report = attack(
        {name: made[name] for name in ("engagement_reach", "feedback_summary")},
        gated.whole.ledger,
        POLICY.as_published(),
        protected=protected(gated.whole),
    )
    return report.ok


@pytest.mark.parametrize(("day", "quarters"), [(2, []), (3, ["2025-Q1"])])
def test_a_quarter_is_published_when_it_is_over_and_its_queries_are_due(
    day: int, quarters: list[str]
) -> None:
    gated = through(events("2025-Q1", "2025-Q2"), date(2025, 3, 31) + timedelta(day))
    assert gated.periods == quarters
    assert gated.new.ledger["period"].unique().to_list() == quarters


def test_what_is_published_is_proved_and_withstands_the_attack(first: Gated) -> None:
    assert unproved(first.whole, POLICY.rounding_base) == []
    assert withstands(first)


def test_few_people_are_kept_back_and_many_are_shown(first: Gated) -> None:
    assert cell(first, **FORMS, neighbourhood_id="n3")["value"].to_list() == [None]
    assert cell(first, dimension="event", item="2025-Q1-d")["status"].to_list() == ["c"]
    assert cell(first, **FORMS, neighbourhood_id="n1")["value"].to_list() == [43]
    assert cell(first, **FORMS, **OF_FORCE)["value"].to_list() == [87]


def test_hidden_places_are_in_no_ledger(first: Gated) -> None:
    rows = cell(first, place_level="unplaced")
    assert rows["dimension"].unique().to_list() == ["event"]
    assert cell(first, measure="no_form").is_empty()


def test_late_records_change_nothing_that_was_published(first: Gated) -> None:
    late = [*events(*QUARTERS[:2]), Event("late", "n1", 40, 50, {"65_plus": 20}, "2025-Q1")]
    again = through(late, AFTER_Q1, first.whole, {"2025-Q1": ASKED})
    assert again.new.solved.is_empty()
    assert_frame_equal(again.whole.ledger, first.whole.ledger)
    assert cell(again, item="late").is_empty()


def test_a_set_keeps_its_method_for_all_time(first: Gated) -> None:
    other = first.whole.ledger.with_columns(method=pl.lit("rounding"))
    with pytest.raises(InputError, match="by rounding before"):
        through(events("2025-Q2"), AFTER_Q2, replace(first.whole, ledger=other))


def test_a_settled_quarter_is_not_solved_again(
    first: Gated, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "solve", None)
    through(events(*QUARTERS[:2]), AFTER_Q1, first.whole, {"2025-Q1": ASKED})


def test_the_same_counts_give_the_same_worlds_and_rows(first: Gated) -> None:
    again = through(events(*QUARTERS[:2]), AFTER_Q1, messages={"2025-Q1": ASKED})
    for name in ("ledger", "cells", "sums", "worlds", "solved"):
        assert_frame_equal(getattr(again.new, name), getattr(first.new, name))


def test_a_log_that_comes_late_for_a_whole_quarter_is_published_when_it_comes() -> None:
    before = through(events("2025-Q2"), AFTER_Q2)
    after = through(events("2025-Q1", "2025-Q2"), AFTER_Q2, before.whole)
    assert after.new.ledger["period"].unique().to_list() == ["2025-Q1"]


def test_a_year_comes_with_its_fourth_quarter_and_nothing_before_moves(year: Gated) -> None:
    assert "2025" in year.periods
    total = cell(year, period="2025", **FORMS, **OF_FORCE)
    assert total["value"].to_list() == [4 * 87]
    assert unproved(year.whole, POLICY.rounding_base) == []
    assert withstands(year)


def test_a_median_is_shown_only_beside_ten_queries_answered_in_time(first: Gated) -> None:
    summary = tables(first)["feedback_summary"].filter(pl.col("theme") == "all")
    shown = summary.filter(pl.col("median_days_to_reply").is_not_null())
    assert shown["median_days_to_reply"].unique().to_list() == [1.5]
    assert (shown["answered_72h"] >= gate.MEDIAN_OF).all()
    assert summary.height > shown.height


def revised(year: Gated, *more: Event) -> Gated:
    return through([*events(*QUARTERS), *more], DUE, year.whole)


def test_a_year_is_revised_once_when_that_is_due(year: Gated) -> None:
    more = Event("late", "n1", 40, 50, {"65_plus": 20, "not_disabled": 20}, "2025-Q1")
    early = through([*events(*QUARTERS), more], DUE - timedelta(1), year.whole)
    assert early.new.solved.is_empty()
    done = revised(year, more)
    assert unproved(done.whole, POLICY.rounding_base) == []
    reach = tables(done)["engagement_reach"].filter(
        (pl.col("place_level") == "force") & (pl.col("characteristic") == "all")
    )
    found = dict(reach.select("period", "forms_status").rows())
    assert set(found) == {*QUARTERS, "2025"}
    assert found["2025-Q2"] is None
    assert found["2025-Q1"] in ("r", "c", "p")
    again = through([*events(*QUARTERS), more], DUE + timedelta(31), done.whole)
    assert again.new.solved.is_empty()


def test_a_revision_of_a_few_people_gives_nobody_away(year: Gated) -> None:
    done = revised(year, Event("late", "n1", 2, 2, {"65_plus": 1}, "2025-Q1"))
    assert unproved(done.whole, POLICY.rounding_base) == []
    both = cell(done, period="2025-Q1", **FORMS, **OF_FORCE)["value"].to_list()
    assert both[0] == 87
    assert 89 not in both


def test_a_revision_that_cannot_be_proved_leaves_what_was_shown_as_provisional(
    year: Gated, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deciding, "_suppressed", fails)
    done = revised(year, Event("late", "n1", 40, 50, {}, "2025-Q1"))
    assert_frame_equal(done.whole.ledger, year.whole.ledger)
    assert set(tables(done)["engagement_reach"]["forms_status"]) == {"c", "p"}
    assert unproved(done.whole, POLICY.rounding_base) == []


def test_nothing_is_added_to_a_year_that_was_revised() -> None:
    some = through(events(*QUARTERS[1:]), DUE - timedelta(1))
    more = Event("late", "n1", 40, 50, {"65_plus": 20, "not_disabled": 20}, "2025-Q2")
    done = through([*events(*QUARTERS[1:]), more], DUE, some.whole)
    assert (done.whole.ledger["edition"] == 2).any()
    late = through([*events(*QUARTERS), more], DUE + timedelta(31), done.whole)
    assert late.new.solved.is_empty()


def test_a_year_whose_records_are_gone_by_then_is_not_revised(year: Gated) -> None:
    left = events(*QUARTERS)[1:]
    done = through(left, DUE, year.whole, revised=["feedback"])
    assert done.new.solved.is_empty()
    assert done.unrevised.is_empty()


def test_a_year_that_nothing_changed_is_shown_as_it_was(year: Gated) -> None:
    done = revised(year)
    assert_frame_equal(done.whole.ledger, year.whole.ledger)
    assert "r" not in tables(done)["engagement_reach"]["forms_status"].unique()


def fails(*_arguments: Any) -> Any:
    raise NotCertifiedError("not in the work allowed")


def test_without_a_proof_the_neighbourhoods_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    from openbeat.disclosure import suppress as module

    real = module.suppress

    def hesitant(problem: Problem, *more: Any) -> Any:
        if (problem.state == State.OPEN).sum() > 40:
            fails()
        return real(problem, *more)

    monkeypatch.setattr(module, "suppress", hesitant)
    gated = through(events("2025-Q1"), AFTER_Q1)
    assert gated.new.solved["level"].to_list() == ["force"]
    inside = gated.whole.ledger.filter(pl.col("place_level") != "force")
    assert inside["status"].unique().to_list() == ["c"]
    assert cell(gated, **FORMS, **OF_FORCE)["value"].to_list() == [87]
    assert unproved(gated.whole, POLICY.rounding_base) == []


def test_without_any_proof_nothing_is_shown_and_it_stays_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(deciding, "_suppressed", fails)
        gated = through(events("2025-Q1"), AFTER_Q1)
    assert gated.new.solved["level"].to_list() == ["none"]
    assert gated.whole.ledger["status"].unique().to_list() == ["c"]
    assert unproved(gated.whole, POLICY.rounding_base) == []
    again = through(events("2025-Q1"), AFTER_Q1, gated.whole)
    assert again.new.solved.is_empty()


def test_rounded_numbers_add_up_and_are_proved_to(tmp_path: Path) -> None:
    gated = through(events("2025-Q1"), AFTER_Q1, policy=rounded_policy(tmp_path))
    assert gated.whole.ledger["status"].unique().to_list() == [""]
    assert (gated.whole.ledger["value"] % POLICY.rounding_base == 0).all()
    assert unproved(gated.whole, POLICY.rounding_base) == []
    (one,) = components(gated.whole).values()
    shifted = replace(one, shown=one.shown + 5)
    assert not (one.problem.matrix() @ one.shown).any()
    assert (one.problem.matrix() @ shifted.shown).any()


def test_what_is_kept_can_be_read_back_as_it_was(first: Gated) -> None:
    for one in components(first.whole).values():
        assert one.problem.matrix().shape[0] > 0
        assert np.diff(one.worlds.start).min() >= 0
        assert one.cells["edition"].unique().to_list() == [1]


@pytest.mark.parametrize("part", ["worlds", "sums", "cells", "ledger"])
def test_whoever_changes_what_is_kept_is_found_out(first: Gated, part: str) -> None:
    changed = {
        "worlds": lambda f: f.with_columns(change=pl.col("change") + 1),
        "sums": lambda f: f.filter(pl.col("row") != 0).vstack(
            f.filter(pl.col("row") == 0).with_columns(coefficient=-pl.col("coefficient").abs())
        ),
        "cells": lambda f: f.with_columns(
            suppressed=pl.lit(value=False),
            shown=pl.when("suppressed").then("value").otherwise("shown"),
        ),
        "ledger": lambda f: f.with_columns(value=pl.col("value") + 1),
    }[part]
    wrong = replace(first.whole, **{part: changed(getattr(first.whole, part))})
    if part == "worlds":
        with pytest.raises(InputError, match="not those found"):
            components(wrong)
        return
    said = unproved(wrong, POLICY.rounding_base)
    assert said
    assert any("kent, 2025-Q1" in line for line in said)


def test_a_row_that_nobody_decided_on_is_found_out(first: Gated) -> None:
    rows = first.whole.ledger
    more = rows.head(1).with_columns(item=pl.lit("made_up"))
    assert unproved(replace(first.whole, ledger=rows.vstack(more)), 5)
    assert unproved(replace(first.whole, ledger=rows.tail(-1)), 5)


def test_what_must_stay_hidden_is_in_the_ledger_as_kept_back(first: Gated) -> None:
    secret = protected(first.whole)
    assert secret.height > 10
    kept = first.whole.ledger.filter(pl.col("status") == "c")
    rest = secret.join(kept, on=CELL_KEY, how="anti", nulls_equal=True)
    # People of no neighbourhood are in no table; a force less its neighbourhoods would tell them.
    assert rest.filter(pl.col("place_level") != "unplaced").is_empty()
