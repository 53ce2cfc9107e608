"""Counts made from a few events, each number of which can be checked by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from openbeat.disclosure.sums import CELL_KEY

GROUPS = {
    "age": {
        "under_25": ["under_18", "18_24"],
        "25_44": ["25_34", "35_44"],
        "65_plus": [],
        "not_known": [],
    },
    "disability": {
        "disabled": ["limited_a_lot", "limited_a_little"],
        "not_disabled": [],
        "not_known": [],
    },
}
LEAVES = {
    name: [item for group, parts in groups.items() for item in (parts or [group])]
    for name, groups in GROUPS.items()
}
SCHEMA = {
    **{name: pl.String() for name in CELL_KEY},
    "value": pl.Int64(),
    "people": pl.Int64(),
    "listed": pl.Boolean(),
}
Name = tuple[str, str, str, str | None, str, str]


@dataclass(frozen=True)
class Event:
    """A meeting: forms by category of age and of disability; what is left of them is not known."""

    event_id: str
    neighbourhood: str | None
    forms: int
    attendances: int | None
    said: Mapping[str, int] = field(default_factory=dict)
    period: str = "2025-Q1"
    sensitive: bool = False

    def of(self, dimension: str, items: Sequence[str]) -> int:
        """Forms that say one of some categories."""
        told = {name: n for name, n in self.said.items() if name in LEAVES[dimension]}
        told.setdefault("not_known", 0)
        told["not_known"] += self.forms - sum(told.values())
        return sum(told.get(item, 0) for item in items)


def counts(events: Iterable[Event]) -> pl.DataFrame:
    """The counts of some events, as ``openbeat.engagement.counts`` would give them."""
    every = list(events)
    rows: dict[Name, tuple[int, int, bool]] = {}
    for period in sorted({e.period for e in every}):
        mine = [e for e in every if e.period == period]
        places = sorted({e.neighbourhood for e in mine if e.neighbourhood})
        _place(rows, period, "force", None, mine)
        for place in places:
            _place(
                rows, period, "neighbourhood", place, [e for e in mine if e.neighbourhood == place]
            )
        if any(e.neighbourhood is None for e in mine):
            _place(rows, period, "unplaced", None, [e for e in mine if e.neighbourhood is None])
    made = [
        ("engagement", measure, period, level, "kent", place, dimension, item, *numbers)
        for (measure, period, level, place, dimension, item), numbers in rows.items()
    ]
    return pl.DataFrame(made, schema=SCHEMA, orient="row")


def _place(
    rows: dict[Name, tuple[int, int, bool]],
    period: str,
    level: str,
    place: str | None,
    events: list[Event],
) -> None:
    def add(measure: str, dimension: str, item: str, values: list[int]) -> None:
        name = (measure, period, level, place, dimension, item)
        rows[name] = (sum(values), max(values), True)

    add("forms", "all", "all", [e.forms for e in events])
    for dimension, groups in GROUPS.items():
        for group, parts in groups.items():
            add("forms", dimension, group, [e.of(dimension, parts or [group]) for e in events])
            for part in parts if level != "neighbourhood" else []:
                add("forms", dimension, part, [e.of(dimension, [part]) for e in events])
    known = [(e, e.attendances) for e in events if e.attendances is not None]
    if len(known) == len(events):
        add("attendances", "all", "all", [n for _, n in known])
        add("no_form", "all", "all", [n - e.forms for e, n in known])
    for event, number in known if level != "force" else []:
        name = ("attendances", period, level, place, "event", event.event_id)
        rows[name] = (number, number, not event.sensitive)


def feedback(
    messages: Mapping[str | None, Mapping[str, tuple[int, int]]], period: str = "2025-Q1"
) -> pl.DataFrame:
    """Counts of queries: by place and theme, how many and how many answered in time."""
    themes = ["burglary", "drugs", "noise"]
    rows = []

    def add(level: str, place: str | None, parts: list[Mapping[str, tuple[int, int]]]) -> None:
        def row(measure: str, dimension: str, item: str, value: int) -> None:
            key = ("feedback", measure, period, level, "kent", place, dimension, item)
            rows.append((*key, value, min(value, 3), True))

        asked = [p.get(theme, (0, 0)) for p in parts for theme in themes]
        row("received", "all", "all", sum(n for n, _ in asked))
        row("answered_72h", "all", "all", sum(a for _, a in asked))
        row("not_answered_72h", "all", "all", sum(n - a for n, a in asked))
        for theme in themes:
            row("received", "theme", theme, sum(p.get(theme, (0, 0))[0] for p in parts))

    add("force", None, list(messages.values()))
    for place, said in messages.items():
        add("unplaced" if place is None else "neighbourhood", place, [said])
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")
