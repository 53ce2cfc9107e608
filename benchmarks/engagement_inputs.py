"""What the measurements of engagement read: a year of a large force's logs, and what tables need.

``python -m benchmarks.engagement_inputs FOLDER EVENTS FEEDBACK ISSUES`` makes it, in a process of
its own, so that the process that starts the measurements stays small. It also takes the logs in
once, for the history that a second intake starts with. What is measured belongs in the other
modules.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.inputs import Inputs

SEED = 20250601
MONTHS = 12
FORCE = "northmere"
CHANGED_EACH = 100  # rows: one of so many is changed in the second delivery
# The texts that are changed; nobody publishes them, so that no review is undone.
CHANGED = {
    "engagement_events": "notes",
    "issues": "text",
    "actions": "notes",
    "feedback": "free_text",
    "problem_plans": "analysis",
    "engagement_plan": "location",
}
# What is drawn at the force scale with ``LARGE_YEAR``, near enough.
EVENTS, FEEDBACK, ISSUES = 20_000, 200_000, 50_000
FEWEST_EVENTS = 4_000  # the regular meetings alone


@dataclass(frozen=True)
class Logs(Inputs):
    """Where the inputs of engagement lie; ``done`` and ``warm`` are as for the others."""

    @property
    def first(self) -> Path:
        """One CSV a table."""
        return self.folder / "logs"

    @property
    def changed(self) -> Path:
        """The same logs with one row in a hundred changed."""
        return self.folder / "changed"

    @property
    def history(self) -> Path:
        """What the first intake left behind: Parquet by source."""
        return self.folder / "history"

    @property
    def tables(self) -> Path:
        """The published ``crime``, ``crime_summary`` and ``neighbourhoods``, and the ``places``."""
        return self.folder / "tables"

    @property
    def forces(self) -> Path:
        """The sample's list of forces."""
        return self.settings.parent / "forces.csv"


def prepare(logs: Logs, events: int, feedback: int, issues: int) -> None:
    """Make the logs, the tables of police.uk's data beside them, and the first history."""
    from openbeat.sample import generate

    generate(logs.settings.parent, "force", seed=SEED, months=MONTHS)
    _draw(logs, events, feedback, issues)
    _publish_crime(logs)
    _take_in(logs)
    logs.done.touch()


def _draw(logs: Logs, events: int, feedback: int, issues: int) -> None:
    """Draw about so many records, and write them as CSV twice: as they are, and changed."""
    import polars as pl

    from openbeat.sample import country, engagement, engagement_files, shapes
    from openbeat.sample.faults import Log

    made = country.build("force", SEED, MONTHS)
    year = engagement.LARGE_YEAR
    more_events, more_issues = events / EVENTS, issues / ISSUES
    rates = year._replace(
        events=(1 + year.events) * more_events - 1,  # one meeting a month comes besides
        raised=year.raised * more_issues / more_events,
        issues=year.issues * more_issues,
        feedback=year.feedback * feedback / FEEDBACK,
    )
    for table, frame in engagement.logs(made, shapes.releases(made, Log()), rates).items():
        engagement_files.write_csv(frame, logs.first / f"{table}.csv")
        if (name := CHANGED.get(table)) is not None:
            changed = pl.int_range(pl.len()) % CHANGED_EACH == 0
            text = pl.col(name).fill_null("") + " And again."
            frame = frame.with_columns(pl.when(changed).then(text).otherwise(name).alias(name))
        engagement_files.write_csv(frame, logs.changed / f"{table}.csv")


def _publish_crime(logs: Logs) -> None:
    """Publish the sample, and keep the tables that the profile stands beside."""
    import polars as pl

    import pipelines.cli
    from openbeat.engagement.places import valid_places
    from openbeat.geography.boundaries import cached_boundaries
    from openbeat.geography.register import build_register
    from openbeat.settings import load_settings

    out = logs.folder / "policeuk"
    arguments = ["run", "--config", str(logs.settings), "--out", str(out)]
    if pipelines.cli.app(arguments, standalone_mode=False):
        raise RuntimeError("the sample could not be published")
    logs.tables.mkdir(exist_ok=True)
    for name in ("crime", "crime_summary", "neighbourhoods"):
        table = pl.read_parquet(out / "lake" / name / "all.parquet")
        table.write_parquet(logs.tables / f"{name}.parquet")
    cache = out / "raw" / "boundaries"
    named = load_settings(logs.settings).boundaries
    register = build_register(cached_boundaries(b.path, cache) for b in named)
    places = valid_places(register.force_releases, register.members)
    places.write_parquet(logs.tables / "places.parquet")
    shutil.rmtree(out)


def _take_in(logs: Logs) -> None:
    """Take the logs in once, and keep the versions."""
    from benchmarks.engagement_domain import Work
    from benchmarks.timers import Timers

    work = Work(logs, Timers())
    taken = work.take_in(work.deliver(logs.first), {})
    logs.history.mkdir(exist_ok=True)
    for source, versions in taken.history.items():
        versions.write_parquet(logs.history / f"{source}.parquet")


if __name__ == "__main__":
    prepare(Logs(Path(sys.argv[1])), *(int(number) for number in sys.argv[2:5]))
