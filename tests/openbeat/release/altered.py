"""The contract of the sightings, altered in every way that a version tells of."""

from __future__ import annotations

from collections.abc import Sequence

from openbeat.contract import Column, Contract
from openbeat.release.schema_changes import Level
from openbeat.rules import Rule
from tests.openbeat.release.conftest import column, counts_contract


def with_columns(columns: Sequence[Column], **more: object) -> Contract:
    """The counts, with other columns; rules about columns that are gone are left out."""
    names = {column.name for column in columns}
    rules = [rule for rule in counts_contract().rules if rule.column in names]
    return counts_contract(columns=list(columns), **{"rules": rules} | more)


def edited(name: str, **more: object) -> list[Column]:
    return [c.model_copy(update=more) if c.name == name else c for c in counts_contract().columns]


def without(name: str) -> list[Column]:
    return [c for c in counts_contract().columns if c.name != name]


def rules_with(**more: object) -> list[Rule]:
    return [
        rule.model_copy(update=more) if rule.id == "count_positive" else rule
        for rule in counts_contract().rules
    ]


def coded(*values: str) -> Contract:
    rule = Rule(
        id="status_known", kind="in_set", column="count_status", values=list(values),
        severity="critical", sentence="Known.",
    )  # fmt: skip
    return counts_contract(rules=[*counts_contract().rules, rule])


LAST = column("also", since="1.1.0")
CASES: dict[str, tuple[Contract, Contract, Level]] = {
    "other words": (
        counts_contract(),
        with_columns(edited("count", description="How many.")),
        Level.PATCH,
    ),
    "a column at the end": (
        counts_contract(),
        with_columns([*counts_contract().columns, LAST], schema_version="1.1.0"),
        Level.MINOR,
    ),
    "a column between others": (
        counts_contract(),
        with_columns([LAST, *counts_contract().columns], schema_version="1.1.0"),
        Level.MAJOR,
    ),
    "a column removed": (counts_contract(), with_columns(without("rate")), Level.MAJOR),
    "another order": (
        counts_contract(),
        with_columns(list(reversed(counts_contract().columns))),
        Level.MAJOR,
    ),
    "another type": (
        counts_contract(),
        with_columns(edited("count", type="number")),
        Level.MAJOR,
    ),
    "another unit": (counts_contract(), with_columns(edited("count", unit="pairs")), Level.MAJOR),
    "empty where it never was": (
        counts_contract(),
        with_columns(edited("force_name", nullable=True)),
        Level.MAJOR,
    ),
    "never empty now": (
        counts_contract(),
        with_columns(edited("count", nullable=False)),
        Level.MINOR,
    ),
    "another key": (counts_contract(), counts_contract(key=["month", "force_id"]), Level.MAJOR),
    "a wider limit": (
        counts_contract(),
        counts_contract(rules=rules_with(minimum=-1)),
        Level.MINOR,
    ),
    "a code more": (coded("x"), coded("x", "z"), Level.MINOR),
    "a code less": (coded("x", "z"), coded("x"), Level.MAJOR),
    "codes in another order": (coded("x", "z"), coded("z", "x"), Level.PATCH),
    "any code": (coded("x", "z"), counts_contract(), Level.MINOR),
    "a column that is not published": (
        counts_contract(),
        with_columns(without("reported_by")),
        Level.NONE,
    ),
}
