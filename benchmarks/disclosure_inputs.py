"""What the measurements of disclosure control read: a quarter of the sample's counts of people.

``python -m benchmarks.disclosure_inputs FOLDER SCALE`` draws the logs of a scale, takes them in and
counts, all of it openbeat's own calls; crimes are not needed, so nothing of police.uk is made.
What is measured belongs in the other modules.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    import polars as pl

    from openbeat.engagement.settings import TableName
    from openbeat.sample.country import Country

SEED: Final = 20250601
MONTHS: Final = 12
AS_OF: Final = date(2025, 7, 31)
QUARTER: Final = "2025-Q2"
FIRST_MONTH: Final = "2025-04"
NOW: Final = datetime(2025, 8, 1, 6, tzinfo=UTC)
CONTRACTS: Final = Path(__file__).resolve().parent.parent / "expectations" / "contracts"
LOGS: Final = ("engagement_events", "participation", "feedback")
COUNTED: Final = ("engagement_counts", "feedback_counts", "feedback_times")


@dataclass(frozen=True)
class Counts:
    """Where the counts of one scale lie: a Parquet a table.

    Attributes:
        folder: Of the scale.
    """

    folder: Path

    @property
    def done(self) -> Path:
        """There once everything else is."""
        return self.folder / "done"

    def read(self, name: str) -> pl.DataFrame:
        """One of ``COUNTED``, or ``engagement_events`` as published."""
        import polars as pl

        return pl.read_parquet(self.folder / f"{name}.parquet")


def prepare(counts: Counts, scale: str) -> None:
    """Draw the logs of a scale, and count the people in them."""
    import polars as pl

    from openbeat.engagement.counts import engagement_counts, feedback_counts, feedback_times
    from openbeat.engagement.published_events import events_table, judge_events
    from openbeat.engagement.scope import Scope
    from openbeat.engagement.settings import EngagementSettings
    from openbeat.sample import country, engagement, shapes
    from openbeat.sample.engagement_places import hoods
    from openbeat.sample.faults import Log

    made = country.build(cast("country.ScaleName", scale), SEED, MONTHS)
    released = shapes.releases(made, Log())
    places = hoods(made, released)
    logs = engagement.logs(made, released, engagement.RATES[made.scale_name])
    conformed = _taken_in({table: logs[table] for table in LOGS}, places, made, counts.folder)
    known = places.select(
        "force_id",
        "neighbourhood_id",
        pl.col("area").alias("name"),
        valid_from=pl.lit(made.months[0]),
        valid_to=pl.lit(None, pl.String),
    )
    forces = places.select("force_id", pl.col("force_name").alias("name")).unique(
        maintain_order=True
    )
    scope = Scope(made.months, AS_OF, known, forces, EngagementSettings())
    events = judge_events(conformed["engagement_events"], scope)
    tables = {
        "engagement_counts": engagement_counts(conformed["participation"], events, scope),
        "feedback_counts": feedback_counts(conformed["feedback"], scope),
        "feedback_times": feedback_times(conformed["feedback"], scope),
    }
    for table, frame in tables.items():
        _of_quarter(frame).write_parquet(counts.folder / f"{table}.parquet")
    events_table(events).write_parquet(counts.folder / "engagement_events.parquet")
    counts.done.touch()


def _of_quarter(frame: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    return frame.filter(pl.col("period") == QUARTER)


def _taken_in(
    logs: Mapping[str, pl.DataFrame], places: pl.DataFrame, made: Country, folder: Path
) -> dict[str, pl.DataFrame]:
    """The conformed tables of the logs: written as CSV, read, and taken in as any other."""
    import polars as pl

    from openbeat.contract import load_contracts
    from openbeat.engagement.across import PLACES
    from openbeat.engagement.connectors import read_rows
    from openbeat.engagement.intake import Delivery, take_in
    from openbeat.engagement.mapping import to_canonical
    from openbeat.engagement.settings import EngagementSettings, EngagementSource
    from openbeat.engagement.tables import TABLES
    from openbeat.sample import engagement_files

    contracts = load_contracts(CONTRACTS)
    delivered = []
    for table, frame in logs.items():
        path = folder / f"{table}.csv"
        engagement_files.write_csv(frame, path)
        name = cast("TableName", table)
        source = EngagementSource(name=f"all-{table.replace('_', '-')}", table=name, path=path)
        rows = read_rows(source)
        text = to_canonical(rows, None, contracts[TABLES[table].contract])
        delivered.append(Delivery(source, rows, text))
    none = pl.lit(None, pl.String)
    valid = places.with_columns(
        boundary_release=pl.lit(made.months[0]), valid_from=none, valid_to=none
    )
    taken = take_in(
        delivered,
        history={},
        register=pl.DataFrame(),
        erased=pl.DataFrame(),
        contracts=contracts,
        settings=EngagementSettings(),
        places=valid.select(PLACES.names()),
        forces=places["force_id"].unique().sort().to_list(),
        now=NOW,
    )
    for table in logs:
        (folder / f"{table}.csv").unlink()
    return taken.tables


if __name__ == "__main__":
    prepare(Counts(Path(sys.argv[1])), sys.argv[2])
