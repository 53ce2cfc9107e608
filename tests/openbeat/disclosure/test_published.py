"""Published tables: made from the ledger alone, each missing number with its reason."""

from __future__ import annotations

import polars as pl
import pytest

from openbeat.disclosure import published
from openbeat.disclosure.gate import Gated
from openbeat.disclosure.ledger import SCHEMA
from tests.openbeat.disclosure.test_ledger import row, rows
from tests.openbeat.disclosure.through import AFTER_Q1, ASKED, events, named, tables, through

NOBODY = pl.DataFrame(schema={"set": pl.String, "force_id": pl.String, "period": pl.String})


@pytest.fixture(scope="module")
def gated() -> Gated:
    return through(events("2025-Q1"), AFTER_Q1, messages={"2025-Q1": ASKED})


def shown(*said: dict[str, object]) -> pl.DataFrame:
    return published.facts(rows(*said), NOBODY, ["2025-Q1"])


def reach(*said: dict[str, object]) -> pl.DataFrame:
    return published.engagement_reach(shown(*said), named)


TOTAL = {"dimension": "all"}


def test_the_tables_have_the_columns_of_their_contracts(gated: Gated) -> None:
    from assets.checks import contracts

    made = tables(gated)
    for name in ("engagement_reach", "feedback_summary"):
        contract = contracts()[name].polars_schema()
        assert made[name].schema == contract


def test_a_number_is_missing_if_and_only_if_its_status_says_why(gated: Gated) -> None:
    made = tables(gated)
    for name in ("engagement_reach", "feedback_summary"):
        table = made[name]
        for column in [c for c in table.columns if f"{c}_status" in table.columns]:
            status = pl.col(f"{column}_status")
            gone = status.is_in(["c", "x", "z"]).fill_null(value=False)
            assert table.filter(pl.col(column).is_null() != gone).is_empty(), column


def test_a_share_is_of_two_published_numbers(gated: Gated) -> None:
    table = tables(gated)["engagement_reach"].filter(pl.col("share").is_not_null())
    assert table.height > 3
    assert table["forms"].null_count() == 0
    wrong = reach(row("all", 40, **TOTAL), row("a", None), row("b", 10))
    assert wrong.select("category", "share", "share_status").rows() == [
        ("a", None, "c"),
        ("b", 0.25, None),
        ("all", None, "z"),
    ]
    hidden = reach(row("all", None, **TOTAL), row("b", 10))
    assert hidden.filter(pl.col("category") == "b")["share_status"].item() == "c"


def test_without_any_form_there_is_no_share(gated: Gated) -> None:
    table = reach(row("all", 0, **TOTAL), row("b", 0))
    assert table.filter(pl.col("category") == "b")["share_status"].item() == "x"


def test_attendances_that_no_cell_has_are_not_available() -> None:
    (status,) = reach(row("all", 40, **TOTAL))["attendances_status"]
    assert status == "x"
    told = row("all", 55, measure="attendances", **TOTAL)
    assert reach(row("all", 40, **TOTAL), told)["attendances"].to_list() == [55]


def test_only_the_periods_of_the_release_are_shown() -> None:
    assert published.facts(rows(row()), NOBODY, ["2025-Q2"]).is_empty()


def test_revised_and_provisional_numbers_say_so() -> None:
    ledger = rows(row("a", 7), row("b", 9), row("a", 17, 2), row("b", 9, 2))
    table = published.facts(ledger, NOBODY, ["2025-Q1"])
    assert dict(table.select("item", "shown_status").rows()) == {"a": "r", "b": None}
    late = pl.DataFrame({"set": ["engagement"], "force_id": ["kent"], "period": ["2025-Q1"]})
    table = published.facts(rows(row("a", 7), row("b", None)), late, ["2025-Q1"])
    assert dict(table.select("item", "shown_status").rows()) == {"a": "p", "b": "c"}


def test_an_event_shows_how_many_came_only_as_the_ledger_does() -> None:
    events_ = pl.DataFrame(
        {
            "event_id": ["shown", "kept", "late", "planned", "force-x"],
            "status": ["held", "held", "held", "planned", "held"],
            "sensitive": ["no", "no", "no", "no", "yes"],
        }
    )
    event = {"measure": "attendances", "dimension": "event"}
    facts = shown(row("shown", 30, **event), row("kept", None, **event))
    table = published.with_attendances(events_, published.attendances(facts))
    assert table.select("attendances", "attendances_status").rows() == [
        (30, None),
        (None, "c"),
        (None, "x"),
        (None, "z"),
        (None, "c"),
    ]


def test_an_empty_ledger_makes_empty_tables() -> None:
    nothing = published.facts(pl.DataFrame(schema=SCHEMA), NOBODY, [])
    assert published.engagement_reach(nothing, named).is_empty()
    assert published.feedback_summary(nothing, named).is_empty()
    assert published.attendances(nothing).is_empty()


def test_what_only_withdrawn_releases_showed_is_not_said_again() -> None:
    said = rows(
        row("all", 40, **TOTAL, release_id="2025-06-r1"), row("b", 10, release_id="2025-05-r1")
    )
    now = published.facts(said, NOBODY, ["2025-Q1"], ["2025-06-r1"])
    assert sorted(now.select("item", "value", "shown_status").rows()) == [
        ("all", None, "c"),
        ("b", 10, None),
    ]
