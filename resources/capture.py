"""Polling police.uk's API into the lake: what is asked, in which order, and what is kept.

How one request is made belongs in ``resources.policeuk_api``; what the history means in
``openbeat.policeuk.captured``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import polars as pl

from openbeat.errors import InputError, SourceUnreachableError
from openbeat.policeuk.api import READERS, read_neighbourhoods
from openbeat.policeuk.captured import empty, merged, shown
from resources.lake import Lake
from resources.policeuk_api import Client, NotThereError

KINDS: Final = tuple(READERS)  # asked in this order
PROBLEMS: Final = "captured_problems"
_PLACE: Final = ("force_id", "neighbourhood_id")
_PROBLEM: Final = pl.Schema(
    dict.fromkeys((*_PLACE, "kind", "outcome", "message"), pl.String()) | {"seen_on": pl.Date()}
)


@dataclass(frozen=True)
class Problem:
    """A question that got no answer.

    Attributes:
        force_id: The force.
        neighbourhood_id: None for a force's list of neighbourhoods.
        kind: What was asked for.
        outcome: gone (HTTP 404), refused (an answer that cannot be used) or unreachable.
        message: For a person; holds nothing of the answer.
    """

    force_id: str
    neighbourhood_id: str | None
    kind: str
    outcome: str
    message: str


@dataclass
class Polled:
    """What a force's neighbourhoods answered.

    Attributes:
        force_id: The force.
        listed: Its neighbourhoods.
        rows: By kind: neighbourhood and row.
        answered: By kind: the neighbourhoods that answered.
        problems: The questions without an answer.
    """

    force_id: str
    listed: Sequence[str]
    rows: dict[str, list[tuple[str, Mapping[str, Any]]]] = field(
        default_factory=lambda: {kind: [] for kind in KINDS}
    )
    answered: dict[str, list[str]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    problems: list[Problem] = field(default_factory=list)

    def whole(self) -> int:
        """How many neighbourhoods answered everything."""
        return len(set.intersection(*map(set, self.answered.values())))


@dataclass(frozen=True)
class Stored:
    """What of one kind a force shows, and what of it was not known or is no longer shown."""

    shown: int
    new: int
    missing: int


def list_neighbourhoods(
    client: Client, forces: Sequence[str]
) -> tuple[dict[str, list[str]], list[Problem]]:
    """The neighbourhoods of each force that lists them, and why the others do not."""
    listed: dict[str, list[str]] = {}
    problems: list[Problem] = []
    for force in forces:
        answer = _ask(client, problems, (force, None), "list", ("neighbourhoods",))
        if answer is not None:
            listed[force] = answer
    return listed, problems


def poll(
    client: Client, force_id: str, listed: Sequence[str], tell: Callable[[str], None]
) -> Polled:
    """Ask every neighbourhood of a force; one that fails does not lose the others.

    A neighbourhood that is gone is asked nothing more.

    Args:
        client: Asks.
        force_id: The force.
        listed: Its neighbourhoods.
        tell: Told each neighbourhood when it is done.
    """
    polled = Polled(force_id, listed)
    for place in listed:
        for kind in KINDS:
            before = len(polled.problems)
            parts = (place, *READERS[kind][0])
            rows = _ask(client, polled.problems, (force_id, place), kind, parts)
            if rows is not None:
                polled.answered[kind].append(place)
                polled.rows[kind] += [(place, row) for row in rows]
            elif kind == KINDS[0] and polled.problems[before].outcome == "gone":
                break
        tell(place)
    return polled


def _ask(
    client: Client,
    problems: list[Problem],
    place: tuple[str, str | None],
    kind: str,
    parts: tuple[str, ...],
) -> Any:
    """What a reader makes of the answer; None where there is none, and why in ``problems``."""
    force, neighbourhood = place
    reader = read_neighbourhoods if kind == "list" else READERS[kind][1]
    where = " ".join((force, *parts))
    try:
        return reader(client.get(force, *parts), where)
    except NotThereError:
        outcome, message = "gone", "police.uk no longer knows it (HTTP 404)"
        if kind == "list":
            outcome, message = "refused", "police.uk has no neighbourhoods of it (HTTP 404)"
    except InputError as error:
        outcome, message = "refused", error.message
    except SourceUnreachableError as error:
        outcome, message = "unreachable", str(error)
    problems.append(Problem(force, neighbourhood, kind, outcome, message))
    return None


def store(lake: Lake, polled: Polled, today: date) -> dict[str, Stored]:
    """Take what a force shows into the history, table by table (``captured_<kind>``).

    Each file is whole at any time, and storing the same again changes nothing, so that a run
    killed in between is put right by the next.

    Returns:
        Counts by kind, of this force.
    """
    counts = {}
    for kind in KINDS:
        held = captured(lake, kind)
        now = shown(kind, polled.force_id, polled.rows[kind])
        history = merged(held, now, _answered(polled, kind, held), today)
        lake.write(f"captured_{kind}", history)
        counts[kind] = Stored(
            now.height,
            now.join(held, on=[*_PLACE, "item"], how="anti").height,
            history.filter(
                pl.col("force_id") == polled.force_id, pl.col("missing_since") == today
            ).height,
        )
    return counts


def _answered(polled: Polled, kind: str, held: pl.DataFrame) -> pl.DataFrame:
    """Where an item can be missed; a neighbourhood also where it is gone, or listed no more."""
    places = set(polled.answered[kind])
    if kind == "neighbourhoods":
        of_force = held.filter(pl.col("force_id") == polled.force_id)["neighbourhood_id"]
        places |= set(of_force) - set(polled.listed)
        places |= {
            str(problem.neighbourhood_id)
            for problem in polled.problems
            if problem.kind == kind and problem.outcome == "gone"
        }
    return pl.DataFrame(
        {"force_id": [polled.force_id] * len(places), "neighbourhood_id": sorted(places)},
        schema=dict.fromkeys(_PLACE, pl.String()),
    )


def store_problems(lake: Lake, problems: Sequence[Problem], today: date) -> None:
    """Keep the last run's questions without an answer (``captured_problems``)."""
    rows = [vars(problem) | {"seen_on": today} for problem in problems]
    lake.write(PROBLEMS, pl.DataFrame(rows, schema=_PROBLEM))


def captured(lake: Lake, kind: str) -> pl.DataFrame:
    """The history of a kind; empty before the first capture."""
    table = f"captured_{kind}"
    return lake.read(table) if lake.exists(table) else empty(kind)


def captured_frames(lake: Lake) -> dict[str, pl.DataFrame]:
    """All histories by kind, as ``captured_rows`` and ``teams_frame`` take them."""
    return {kind: captured(lake, kind) for kind in KINDS}
