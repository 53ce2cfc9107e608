"""The report: what a reader may know of how people were protected, and nothing more."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest

from openbeat.disclosure import published, report
from openbeat.disclosure.gate import Gated
from openbeat.disclosure.memory import Memory, components
from tests.openbeat.disclosure.through import (
    AFTER_Q1,
    ASKED,
    POLICY,
    events,
    tables,
    through,
)

ATTACK = {"ok": True, "sets": {"a": {"what": "alone", "cells": 3, "exact": 0, "tried": True}}}
FILES = [{"file": "0001-2025-03-r1", "sha256": "0" * 64, "rows": 65}]


@pytest.fixture(scope="module")
def gated() -> Gated:
    return through(events("2025-Q1"), AFTER_Q1, messages={"2025-Q1": ASKED})


def told(gated: Gated) -> dict[str, Any]:
    made = tables(gated)
    return report.disclosure_report(
        gated.whole,
        shown=published.facts(gated.whole.ledger, gated.unrevised, gated.periods),
        tables={name: made[name] for name in ("engagement_reach", "feedback_summary")},
        policy=POLICY.as_published(),
        attack=report.merged([ATTACK, ATTACK]),
        ledger_files=FILES,
    )


def test_every_cell_is_shown_or_kept_back(gated: Gated) -> None:
    rows = told(gated)["kept_back"]
    either = ("shown", "kept_back", "moved_up_or_withheld")
    assert all(r["cells"] == sum(r[name] for name in either) for r in rows)
    assert sum(r["cells"] for r in rows) == gated.whole.ledger.height
    kept = gated.whole.ledger.filter(pl.col("status") == "c").height
    assert sum(r["cells"] - r["shown"] for r in rows) == kept


def test_why_is_told_for_all_cells_together_and_roughly(gated: Gated) -> None:
    """By table or to the unit it would tell which of a few cells are small (rule R4)."""
    said = told(gated)
    assert set(said["reasons"]) == {"primary", "class", "complementary"}
    assert said["reasons"]["primary"] > 0
    kept = gated.whole.ledger.filter(pl.col("status") == "c").height
    assert kept <= sum(said["reasons"].values()) < kept + 30
    counts = [said["certificate"][name] for name in ("protected_cells", "insiders", "worlds")]
    counts += [found["cells"] for found in said["attack"]["sets"].values()]
    assert all(count % 10 == 0 for count in [*said["reasons"].values(), *counts])


def test_the_report_is_the_same_whatever_is_kept_back(gated: Gated) -> None:
    """Other true numbers behind the same published ones change nothing in it."""
    cells = gated.whole.cells.with_columns(
        value=pl.when("suppressed").then(pl.col("value") + 1000).otherwise("value")
    )
    whole = gated.whole
    other = Memory(whole.ledger, cells, whole.sums, whole.worlds, whole.solved)
    assert told(Gated(gated.new, other, gated.periods, gated.unrevised)) == told(gated)


def test_shares_are_of_numbers_that_are_shown(gated: Gated) -> None:
    rows = told(gated)["information_kept"]
    forms = next(r for r in rows if (r["measure"], r["dimension"]) == ("forms", "all"))
    assert forms["in_forces"] == 87
    assert forms["cells"] == 3
    assert all(r["share"] is None or 0 <= r["share"] <= 1 for r in rows)


def test_where_less_could_be_shown_it_says_so(gated: Gated) -> None:
    (one, *_) = components(gated.whole).values()
    assert report.shown_in_part([one]) == []
    from dataclasses import replace

    (said,) = report.shown_in_part([replace(one, level="force")])
    assert (said["force_id"], said["period"]) == ("kent", "2025-Q1")
    assert "none of its neighbourhoods" in said["shown"]


def test_the_columns_are_summed_up_from_what_is_published(gated: Gated) -> None:
    made = tables(gated)["engagement_reach"]
    (forms,) = [r for r in report.columns("engagement_reach", made) if r["column"] == "forms"]
    assert forms["rows"] == made.height
    assert forms["shown"] == made["forms"].drop_nulls().len()
    assert forms["statuses"]["c"] == made["forms"].null_count()
    assert forms["least_above_0"] >= 5
    assert set(forms["divisible"]) == {"2", "3", "5", "10"}


def test_attacks_on_parts_are_one_result() -> None:
    whole = report.merged([ATTACK, ATTACK])
    assert (whole["ok"], whole["parts"], whole["sets"]["a"]["cells"]) == (True, 2, 6)
    assert not report.merged([ATTACK, {**ATTACK, "ok": False}])["ok"]
    assert report.merged([]) == {"ok": True, "parts": 0, "sets": {}}


def test_the_page_says_what_is_not_covered_and_fits_json(gated: Gated) -> None:
    said = told(gated)
    page = report.page(said, "Made-up data.")
    assert "> **Made-up data.**" in page
    assert all(line in page for line in report.NOT_COVERED)
    assert "$" not in page
    assert "0001-2025-03-r1" in page
    assert json.loads(json.dumps(said)) == said


def test_a_release_without_people_has_a_page_too() -> None:
    nothing = through([], AFTER_Q1)
    page = report.page({**told(nothing), "attack": report.merged([])})
    assert "none yet" in page
    assert "Nothing was there to attack." in page
