"""``openbeat capture``: what police.uk's API shows only now, kept before it is gone.

What is asked and kept belongs in ``resources.capture``; here is what a person sees of it.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from openbeat.errors import InputError, SourceUnreachableError
from openbeat.settings import Settings
from pipelines.console import console, progress, reported, settings_for

if TYPE_CHECKING:
    from resources.capture import Polled, Problem, Stored
    from resources.lake import Lake
    from resources.policeuk_api import Client

_SHOWN = 12

Forces = Annotated[
    list[str] | None, typer.Option("--force", help="A force (police.uk slug); may be repeated.")
]


def capture(
    config: Annotated[Path | None, typer.Option(help="The settings file.")] = None,
    out: Annotated[Path | None, typer.Option(help="Put everything under this folder.")] = None,
    force: Forces = None,
) -> None:
    """Keep what police.uk shows only now: priorities, coming events, neighbourhoods, teams."""
    from resources.lake import Lake
    from resources.lock import place_lock

    with reported():
        settings = settings_for(config, out)
        forces = chosen_forces(settings, force)
        with place_lock(settings.out), _client(settings) as client:
            lake = Lake(settings.lake_root)
            lake.reach()
            _capture(lake, client, forces, _today())


def chosen_forces(settings: Settings, asked: Sequence[str] | None) -> list[str]:
    """The forces to poll: those asked for, else those of the settings.

    Raises:
        InputError: There are none, or one is not known.
    """
    from openbeat.policeuk.forces import load_forces

    forces = asked or settings.engagement.capture.forces or settings.forces
    if not forces:
        raise InputError(
            "no force is named whose neighbourhoods are to be captured",
            mend="set engagement.capture.forces (or forces) in the settings, or give --force kent.",
        )
    known = load_forces(settings.forces_file)["force_id"].to_list()
    for name in forces:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise InputError(
                "there is no such force",
                value=name,
                mend=f"did you mean {near[0]!r}?" if near else "use a police.uk slug, as kent.",
            )
    return sorted(set(forces))


def _client(settings: Settings) -> Client:
    from resources.policeuk_api import Client

    polling = settings.engagement.capture
    return Client(polling.url, polling.requests_a_second, polling.attempts)


def _today() -> date:
    """The day in London."""
    from datetime import datetime

    from openbeat.policeuk.api import LONDON

    return datetime.now(LONDON).date()


def _capture(lake: Lake, client: Client, forces: Sequence[str], today: date) -> None:
    """Poll force by force, each into the lake as soon as it is done.

    Raises:
        SourceUnreachableError: Nothing at all could be captured.
    """
    from resources.capture import KINDS, list_neighbourhoods, poll, store, store_problems

    listed, problems = list_neighbourhoods(client, forces)
    if not listed:
        store_problems(lake, problems, today)
        raise SourceUnreachableError(_nothing(client, problems))
    places = sum(map(len, listed.values()))
    requests = places * len(KINDS)
    console.print(
        f"Asking {client.url}: {_many(places, 'neighbourhood')}, {_many(len(listed), 'force')}, "
        f"{requests:,} requests; at least {_duration(requests / client.requests_a_second)}.",
        soft_wrap=True,
        markup=False,
    )
    done: list[Polled] = []
    with progress(places) as (tell, advance):
        for force, ids in listed.items():

            def one_more(place: str, force: str = force) -> None:
                tell(escape(f"{force} {place}"))
                advance()

            polled = poll(client, force, ids, one_more)
            problems += polled.problems
            _say(console, polled, store(lake, polled, today))
            done.append(polled)
    store_problems(lake, problems, today)
    if not any(any(polled.answered.values()) for polled in done):
        raise SourceUnreachableError(_nothing(client, problems))
    _close(console, problems)


def _say(console: Console, polled: Polled, stored: dict[str, Stored]) -> None:
    counts = []
    for kind, of in stored.items():
        changes = [f"{of.new:,} new"] * bool(of.new) + [f"{of.missing:,} gone"] * bool(of.missing)
        counts.append(f"{kind} {of.shown:,}" + (f" ({', '.join(changes)})" if changes else ""))
    whole = f"{polled.whole():,} of {_many(len(polled.listed), 'neighbourhood')}"
    line = f"  {polled.force_id}: {whole} answered everything; {', '.join(counts)}"
    console.print(line, soft_wrap=True, markup=False)


def _close(console: Console, problems: Sequence[Problem]) -> None:
    """Say what did not answer, and why."""
    if not problems:
        console.print("Everything that was asked was answered.")
        return
    gone = sum(problem.outcome == "gone" for problem in problems)
    failed = len(problems) - gone
    words = [f"{failed:,} failed"] * bool(failed) + [f"{gone:,} gone from police.uk"] * bool(gone)
    console.print(f"Without an answer: {', '.join(words)}. What was answered is kept.")
    for problem in problems[:_SHOWN]:
        console.print(f"  {_line(problem)}", soft_wrap=True, markup=False)
    if len(problems) > _SHOWN:
        console.print(f"  and {len(problems) - _SHOWN:,} more: captured_problems in the lake")


def _line(problem: Problem) -> str:
    place = "" if problem.neighbourhood_id is None else f" {problem.neighbourhood_id}"
    return f"{problem.force_id}{place}, {problem.kind}: {problem.message}"


def _nothing(client: Client, problems: Sequence[Problem]) -> str:
    return (
        f"nothing could be captured from {client.url} ({_line(problems[0])}). "
        "The history is as it was; run again later."
    )


def _many(n: int, noun: str) -> str:
    return f"{n:,} {noun}" + ("" if n == 1 else "s")


def _duration(seconds: float) -> str:
    minutes, rest = divmod(math.ceil(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
