"""A small force through the gate, release after release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from openbeat.disclosure import published
from openbeat.disclosure.gate import Gated, gate
from openbeat.disclosure.memory import Memory
from openbeat.disclosure.policy import Policy, load_policy
from openbeat.engagement.counts import TIMES
from tests.openbeat.disclosure.made import SCHEMA, Event, counts, feedback

POLICY = load_policy()
QUARTERS = tuple(f"2025-Q{n}" for n in range(1, 5))
AFTER_Q1, AFTER_Q2, AFTER_YEAR = date(2025, 4, 3), date(2025, 7, 31), date(2026, 1, 31)
DUE = date(2026, 6, 30)
Messages = Mapping[str | None, Mapping[str, tuple[int, int]]]
ASKED: Messages = {
    "n1": {"burglary": (14, 12), "noise": (2, 1)},
    "n2": {"burglary": (9, 6), "drugs": (7, 5)},
    None: {"noise": (6, 4)},
}


def events(*quarters: str) -> list[Event]:
    """Meetings in three neighbourhoods and in none, some of a few people."""
    return [
        Event(f"{quarter}-{name}", place, forms, forms + more, said, quarter)
        for quarter in quarters
        for name, place, forms, more, said in (
            ("a", "n1", 31, 12, {"65_plus": 14, "under_18": 2, "25_34": 11, "not_disabled": 17}),
            ("b", "n1", 12, 3, {"65_plus": 9, "disabled": 0, "not_disabled": 12}),
            ("c", "n2", 24, 9, {"35_44": 20, "65_plus": 3, "limited_a_lot": 11}),
            ("d", "n3", 3, 1, {"65_plus": 3}),
            ("e", None, 17, 8, {"65_plus": 8, "18_24": 6, "not_disabled": 12}),
        )
    ]


def through(
    meetings: Sequence[Event],
    as_of: date,
    memory: Memory | None = None,
    messages: Mapping[str, Messages] | None = None,
    policy: Policy = POLICY,
    revised: Sequence[str] = ("engagement", "feedback"),
) -> Gated:
    """What comes through the gate.

    Args:
        meetings: All that is known of meetings then.
        as_of: The day.
        memory: What earlier releases left.
        messages: Queries by quarter.
        policy: The policy.
        revised: The sets whose records are kept until the revision.
    """
    asked = [feedback(said, quarter) for quarter, said in (messages or {}).items()]
    asked = [rows.with_columns(people=pl.col("value")) for rows in asked]
    queries = pl.concat([pl.DataFrame(schema=SCHEMA), *asked])
    return gate(
        counts(meetings),
        queries,
        times(queries),
        memory or Memory(),
        policy,
        as_of=as_of,
        first_month="2025-01",
        revised=revised,
    )


def times(queries: pl.DataFrame) -> pl.DataFrame:
    """A median of a day and a half, everywhere."""
    total = (pl.col("measure") == "received") & (pl.col("dimension") == "all")
    places = queries.filter(total).with_columns(
        theme=pl.lit("all"),
        received=pl.col("value"),
        median_days_to_reply=pl.lit(1.5),
        **dict.fromkeys(("due", "answered_72h", "pending", "replies"), pl.col("value")),
    )
    return places.select(TIMES)


def named(frame: pl.DataFrame, _month: pl.Expr) -> pl.DataFrame:
    """Names that are the ids."""
    return frame.with_columns(
        force_name=pl.col("force_id"), neighbourhood_name=pl.col("neighbourhood_id")
    )


def tables(gated: Gated) -> dict[str, pl.DataFrame]:
    """The tables as published."""
    shown = published.facts(gated.whole.ledger, gated.unrevised, gated.periods)
    return {
        "engagement_reach": published.engagement_reach(shown, named),
        "feedback_summary": published.feedback_summary(shown, named),
        "attendances": published.attendances(shown),
    }


def cell(gated: Gated, **names: object) -> pl.DataFrame:
    """Rows of the ledger whose columns have these values."""
    return gated.whole.ledger.filter(
        [pl.col(name).eq_missing(value) for name, value in names.items()]
    )
