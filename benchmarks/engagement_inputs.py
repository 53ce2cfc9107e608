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
from typing import TYPE_CHECKING

from benchmarks.inputs import Inputs

if TYPE_CHECKING:
    import polars as pl

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
# The sample's messages hold no numbers, and the screen passes over such texts; people's do.
NUMBERED_EACH, NUMBER = 4, " It was about 10 at night."
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
    _make_crime_tables(logs)
    _take_in(logs)
    logs.done.touch()


def _draw(logs: Logs, events: int, feedback: int, issues: int) -> None:
    """Draw about so many records, and write them as CSV twice: as they are, and changed."""
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
    for table, drawn in engagement.logs(made, shapes.releases(made, Log()), rates).items():
        frame = _with_each(drawn, "free_text", NUMBERED_EACH, NUMBER)
        engagement_files.write_csv(frame, logs.first / f"{table}.csv")
        changed = _with_each(frame, CHANGED.get(table, ""), CHANGED_EACH, " And again.")
        engagement_files.write_csv(changed, logs.changed / f"{table}.csv")


def _with_each(frame: pl.DataFrame, column: str, each: int, more: str) -> pl.DataFrame:
    """Put more words into a text of one row in so many, where the frame has the text."""
    import polars as pl

    if column not in frame.columns:
        return frame
    text = pl.col(column)
    longer = text.fill_null("") + more
    return frame.with_columns(
        pl.when(pl.int_range(pl.len()) % each == 0).then(longer).otherwise(text).alias(column)
    )


def _make_crime_tables(logs: Logs) -> None:
    """Ingest the sample's months, and keep the tables that the profile stands beside."""
    from assets.monthly import COUNTS
    from assets.window import PublishConfig, release_window
    from openbeat.engagement.places import valid_places
    from openbeat.monthly.publish import published_tables
    from openbeat.settings import load_settings
    from pipelines.running import session

    out = logs.folder / "policeuk"
    with session(load_settings(logs.settings, out=out), lambda _text: None) as work:
        lake, sources = work.lake, work.sources
        for month in sources.months():
            work.ingest(month)
        window = release_window(PublishConfig(), lake, sources)
        tables = published_tables(
            window,
            ledger=lake.read_months("ledger", window.held),
            counts={d: lake.read_months(table, window.held) for d, table in COUNTS.items()},
            register=sources.register,
            areas=sources.population,
            forces=sources.forces,
            expected=sources.settings.forces,
        )
        tables["places"] = valid_places(sources.register.force_releases, sources.register.members)
    logs.tables.mkdir(exist_ok=True)
    for name in ("crime", "crime_summary", "neighbourhoods", "places"):
        tables[name].write_parquet(logs.tables / f"{name}.parquet")
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
