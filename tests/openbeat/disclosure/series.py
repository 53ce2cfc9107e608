"""Releases in a row, from logs that change under them: what each finds, shows and remembers.

The logs are made from a seed: two forces, two years, records that come late, corrections, a
neighbourhood that becomes two, an event that is erased. What must hold of the releases is said in
``test_series``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import polars as pl

from openbeat import codelists
from openbeat.disclosure import published
from openbeat.disclosure.attacker import Report, attack
from openbeat.disclosure.certified import protected
from openbeat.disclosure.gate import Gated, gate
from openbeat.disclosure.memory import Memory
from openbeat.disclosure.policy import load_policy
from tests.openbeat.disclosure.made import Event, counts, feedback

POLICY: Final = load_policy()
TOLD: Final = POLICY.as_published()
QUARTERS: Final = tuple(f"{year}-Q{n}" for year in (2024, 2025) for n in (1, 2, 3, 4))
SPLIT: Final = "2025-Q2"
"""The quarter from which ``n1`` of the first force is ``n1a`` and ``n1b``."""
PLACES: Final = {"north": ("n1", "n2", "n3"), "south": ("s1", "s2")}
LINEAGE: Final = pl.DataFrame(
    {"force_id": ["north"] * 2, "older_id": ["n1"] * 2, "newer_id": ["n1a", "n1b"]}
)
THEMES: Final = ("burglary", "drugs", "noise")
_END: Final = date.max
DAYS: Final = (
    *(date(2024, 4, 10), date(2024, 7, 10), date(2024, 10, 10), date(2025, 1, 10)),
    *(date(2025 + month // 12, month % 12 + 1, 8) for month in range(1, 13)),
)
"""As of what each release is: four by the quarter, then twelve by the month."""
LAST: Final = date(2026, 7, 8)
"""A last release, in which the second year is revised too."""


@dataclass(frozen=True)
class Record:
    """What the log says from a day on, up to another."""

    force: str
    said: Event
    since: date
    until: date = _END


@dataclass(frozen=True)
class Message:
    """Queries of one theme and place, of so many people, some of them answered in time."""

    force: str
    period: str
    place: str | None
    theme: str
    number: int
    answered: int
    since: date
    until: date = _END


@dataclass(frozen=True)
class Logs:
    """Everything that was ever recorded."""

    events: tuple[Record, ...]
    messages: tuple[Message, ...]

    def events_on(self, day: date) -> list[Record]:
        """The events that the log has on a day."""
        return [r for r in self.events if r.since <= day < r.until]

    def engagement(self, day: date) -> pl.DataFrame:
        """Counts of engagement as of a day."""
        now = self.events_on(day)
        return pl.concat(
            counts(r.said for r in now if r.force == force).with_columns(force_id=pl.lit(force))
            for force in PLACES
        )

    def feedback(self, day: date) -> pl.DataFrame:
        """Counts of queries as of a day."""
        parts = []
        for force in PLACES:
            for period in QUARTERS:
                said: dict[str | None, dict[str, tuple[int, int]]] = {}
                for m in self.messages:
                    if (m.force, m.period) == (force, period) and m.since <= day < m.until:
                        one = said.setdefault(m.place, {})
                        number, answered = one.get(m.theme, (0, 0))
                        one[m.theme] = (number + m.number, answered + m.answered)
                if said:
                    parts.append(feedback(said, period).with_columns(force_id=pl.lit(force)))
        # Some people write twice: of five messages at least four are known to be of different ones.
        return pl.concat(parts).with_columns(people=(pl.col("value") * 4 + 4) // 5)

    def table_of_events(self, day: date) -> pl.DataFrame:
        """``engagement_events`` but for the attendances, as far as anybody reads it here."""
        rows = []
        for record in self.events_on(day):
            event, quarter = record.said, int(record.said.period[-1])
            year = int(event.period[:4])
            place = None if event.sensitive else event.neighbourhood
            rows.append(
                {
                    "event_id": event.event_id,
                    "force_id": record.force,
                    "place_level": "force" if place is None else "neighbourhood",
                    "neighbourhood_id": place,
                    "event_date": None if event.sensitive else date(year, quarter * 3 - 1, 15),
                    "year": year,
                    "status": "held",
                    "sensitive": "yes" if event.sensitive else "no",
                }
            )
        schema = {"neighbourhood_id": pl.String(), "event_date": pl.Date()}
        return pl.DataFrame(rows, schema_overrides=schema)


@dataclass(frozen=True)
class Release:
    """One release: what it decided, what it shows, and all that was known once it was out."""

    name: str
    day: date
    gated: Gated
    memory: Memory
    tables: dict[str, pl.DataFrame]


def last_day(period: str) -> date:
    """The last day of a quarter."""
    year, number = int(period[:4]), int(period[-1])
    return date(year + number // 4, 3 * number % 12 + 1, 1) - timedelta(days=1)


def drawn(seed: int, *, size: int = 12) -> Logs:
    """Logs in which nothing comes late and nothing changes, but for the boundary.

    Args:
        seed: The same seed gives the same logs.
        size: Forms of an event, on average; very uneven.
    """
    rng = np.random.default_rng(seed)
    events, messages = [], []
    for force, places in PLACES.items():
        for period in QUARTERS:
            day = last_day(period)
            for place in (*_split(places, period), None):
                for number in range(int(rng.integers(1, 3))):
                    name = f"{force}|{period}|{place}|{number}"
                    said = _event(rng, name, place, period, size)
                    events.append(Record(force, said, day))
                messages += _messages(rng, force, place, period)
    return Logs(tuple(events), tuple(messages))


def _split(places: Iterable[str], period: str) -> list[str]:
    return [
        part
        for place in places
        for part in (["n1a", "n1b"] if (place == "n1" and period >= SPLIT) else [place])
    ]


def _event(rng: np.random.Generator, name: str, place: str | None, period: str, size: int) -> Event:
    forms = int(rng.negative_binomial(1.5, 1.5 / (1.5 + size)))
    said: dict[str, int] = {}
    for groups in (
        ("under_18", "18_24", "25_34", "35_44", "65_plus"),
        ("limited_a_lot", "limited_a_little", "not_disabled"),
    ):
        odds = rng.dirichlet(np.geomspace(0.5, 4, len(groups) + 1))
        parts = rng.multinomial(forms, odds)[:-1].tolist()
        said |= {g: n for g, n in zip(groups, parts, strict=True) if n}
    attended = None if rng.random() < 0.06 else forms + int(rng.poisson(3))
    sensitive = place is None and rng.random() < 0.5
    return Event(name, place, forms, attended, said, period, sensitive)


def _messages(
    rng: np.random.Generator, force: str, place: str | None, period: str
) -> list[Message]:
    found = []
    for theme in THEMES:
        number = int(rng.negative_binomial(1.2, 0.12))
        answered = int(rng.binomial(number, 0.7))
        if number:
            found.append(Message(force, period, place, theme, number, answered, last_day(period)))
    return found


def changed(logs: Logs, seed: int, *, share: float = 0.25) -> Logs:
    """The same logs with what happens to logs.

    Of the records a share comes late or is corrected, by one to a few forms, up or down, some
    days or months after the end of its quarter; some of them are erased; after the boundary
    changed, some of the records of the year before are given the new neighbourhoods.
    """
    rng = np.random.default_rng(seed)
    events: list[Record] = []
    for record in logs.events:
        events += _told_again(rng, record, share)
    messages: list[Message] = []
    for message in logs.messages:
        day = message.since + timedelta(days=int(rng.integers(20, 300)))
        if rng.random() >= share:
            messages.append(message)
        elif rng.random() < 0.5:
            messages.append(replace(message, since=day))
        else:
            more = int(rng.integers(1, 4))
            number = replace(message, number=message.number + more, since=day)
            messages += [replace(message, until=day), number]
    return Logs(tuple(events), tuple(messages))


def _told_again(rng: np.random.Generator, record: Record, share: float) -> list[Record]:
    event = record.said
    day = record.since + timedelta(days=int(rng.integers(20, 300)))
    chance = rng.random() / share
    if event.neighbourhood == "n1" and rng.random() < 0.5:
        moved = replace(event, neighbourhood=str(rng.choice(["n1a", "n1b"])))
        day = last_day("2025-Q1") + timedelta(days=1)
        return [replace(record, until=day), replace(record, said=moved, since=day)]
    if chance < 0.35:  # late
        return [replace(record, since=day)]
    if chance < 0.45:  # erased
        return [replace(record, until=day)]
    if chance < 1:
        return [replace(record, until=day), replace(record, said=_corrected(rng, event), since=day)]
    return [record]


def _corrected(rng: np.random.Generator, event: Event) -> Event:
    """One to three forms more or fewer, of those that say nothing or of one group."""
    by = int(rng.integers(1, 4)) * (1 if rng.random() < 0.5 else -1)
    said = dict(event.said)
    least = max(sum(n for name, n in said.items() if (name in DISABILITY) == one) for one in (0, 1))
    by = max(by, least - event.forms)
    if said and by > 0 and rng.random() < 0.7:
        said[sorted(said)[int(rng.integers(len(said)))]] += by
    attended = event.attendances
    return replace(
        event,
        forms=event.forms + by,
        said=said,
        attendances=None if attended is None else attended + by,
    )


DISABILITY: Final = ("limited_a_lot", "limited_a_little", "not_disabled")


def named(rows: pl.DataFrame, _month: pl.Expr) -> pl.DataFrame:
    """Names, where nobody reads them."""
    return rows.with_columns(
        force_name=pl.col("force_id"), neighbourhood_name=pl.col("neighbourhood_id")
    )


def tables_of(gated: Gated, events: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The tables that a release publishes."""
    shown = published.facts(gated.whole.ledger, gated.unrevised, gated.periods)
    return {
        "engagement_reach": published.engagement_reach(shown, named),
        "feedback_summary": published.feedback_summary(shown, named),
        "engagement_events": published.with_attendances(events, published.attendances(shown)),
        "reach_categories": codelists.load("reach_categories"),
    }


def medians(received: pl.DataFrame) -> pl.DataFrame:
    """``feedback_times``, as far as the gate reads it."""
    rows = received.filter((pl.col("dimension") == "all") & (pl.col("measure") == "received"))
    return rows.select(
        *("period", "place_level", "force_id", "neighbourhood_id"),
        theme=pl.lit("all"),
        median_days_to_reply=pl.lit(1.5),
    )


def release(logs: Logs, day: date, memory: Memory, name: str) -> Release:
    """One release, after others."""
    received = logs.feedback(day)
    gated = gate(
        logs.engagement(day),
        received,
        medians(received),
        memory,
        POLICY,
        as_of=day,
        first_month="2024-01",
        lineage=LINEAGE,
    )
    new = replace(gated.new, ledger=gated.new.ledger.with_columns(release_id=pl.lit(name)))
    gated = replace(gated, new=new, whole=memory.also(new))
    return Release(name, day, gated, gated.whole, tables_of(gated, logs.table_of_events(day)))


def in_a_row(logs: Logs, days: Iterable[date] = (*DAYS, LAST)) -> Iterator[Release]:
    """Release after release, each with the memory that the one before left."""
    memory = Memory()
    for number, day in enumerate(days):
        one = release(logs, day, memory, f"{number:02}")
        memory = one.memory
        yield one


def attacked(one: Release, **given: Any) -> Report:
    """The attack on a release by whoever has all that was ever published."""
    parts = {"ledger": one.memory.ledger, "protected": protected(one.memory)} | given
    return attack(parts.pop("tables", one.tables), parts.pop("ledger"), TOLD, **parts)


def moved(logs: Logs, day: date) -> Logs:
    """The same logs, in which on a day all records before the split get the new neighbourhoods."""
    events: list[Record] = []
    for number, record in enumerate(logs.events):
        if record.said.neighbourhood == "n1":
            now = replace(record.said, neighbourhood="n1a" if number % 2 else "n1b")
            events += [replace(record, until=day), replace(record, said=now, since=day)]
        else:
            events.append(record)
    return replace(logs, events=tuple(events))


def together(ledgers: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """What several releases said that knew nothing of each other, each under its own name."""
    return pl.concat(
        ledger.with_columns(release_id=pl.lit(f"{number:02}"))
        for number, ledger in enumerate(ledgers)
    )
