"""Measurement (c), openbeat's work on the logs alone: read, map, take in, make the tables.

``python -m benchmarks.engagement_domain FOLDER RESULT``. Plain calls of ``openbeat``, as the assets
make them, without Dagster, Great Expectations or the lake, and nothing delivered before. The tables
of police.uk's data, which the profile stands beside, are read beforehand. (d) and (e) use the same
calls.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl

import openbeat.engagement.derive
import openbeat.engagement.history
import openbeat.engagement.intake
import openbeat.engagement.judging
import openbeat.engagement.publish
from benchmarks.engagement_inputs import FORCE, Logs
from benchmarks.timers import Timers
from openbeat.contract import load_contracts
from openbeat.engagement.connectors import read_rows
from openbeat.engagement.intake import Delivery, Intake
from openbeat.engagement.mapping import to_canonical
from openbeat.engagement.settings import EngagementSettings, EngagementSource
from openbeat.engagement.tables import TABLES
from openbeat.policeuk.captured import TEAMS
from openbeat.policeuk.forces import load_forces

CONTRACTS = Path(__file__).resolve().parent.parent / "expectations" / "contracts"
AS_OF = date(2025, 7, 31)
NOW = datetime(2025, 8, 1, 6, tzinfo=UTC)
INTAKE = "intake: gathering, records, the rest"
# Where callers look the functions up -> the part their time is given to.
PARTS = (
    ("at the door", openbeat.engagement.intake, ("at_the_door",)),
    (
        "history",
        openbeat.engagement.history,
        ("update", "expire", "purge", "current", "newest", "reviews"),
    ),
    ("conforming", openbeat.engagement.judging, ("conform",)),
    ("deriving", openbeat.engagement.judging, ("derive_alone", "derive_across")),
    ("campaigns", openbeat.engagement.derive, ("campaign",)),
    ("personal data screen", openbeat.engagement.derive, ("_screened",)),
    ("splitting", openbeat.engagement.judging, ("split",)),
    ("quarantine", openbeat.engagement.intake, ("quarantine_rows",)),
    ("tables: neighbourhood profile", openbeat.engagement.publish, ("neighbourhood_profile",)),
    (
        "tables: replies and reach",
        openbeat.engagement.publish,
        ("feedback_counts", "feedback_times", "engagement_counts"),
    ),
)


class Work:
    """Everything that the work on the logs needs; nothing in the making of it is timed.

    Attributes:
        contracts: By table.
        settings: With a source for each table.
        timers: Parts are put into these.
    """

    def __init__(self, logs: Logs, timers: Timers) -> None:
        self.timers = timers
        self.contracts = load_contracts(CONTRACTS)
        self.forces = load_forces(logs.forces)
        self.beside = {path.stem: pl.read_parquet(path) for path in logs.tables.glob("*.parquet")}
        self.settings = EngagementSettings()
        for part, owner, names in PARTS:
            timers.wrap(part, owner, *names)

    def deliver(self, folder: Path) -> list[Delivery]:
        """Read the logs and give them our columns."""
        delivered = []
        for table in TABLES.values():
            name = f"{FORCE}-{table.name.replace('_', '-')}"
            source = EngagementSource(
                name=name,
                table=table.name,
                path=folder / f"{table.name}.csv",
            )
            with self.timers.part("reading"):
                rows = read_rows(source)
            with self.timers.part("mapping"):
                text = to_canonical(rows, None, self.contracts[table.contract])
            delivered.append(Delivery(source, rows, text))
        return delivered

    def take_in(
        self, deliveries: Sequence[Delivery], history: Mapping[str, pl.DataFrame]
    ) -> Intake:
        """Take the deliveries in."""
        with self.timers.part(INTAKE):
            return openbeat.engagement.intake.take_in(
                deliveries,
                history=history,
                register=pl.DataFrame(),
                erased=pl.DataFrame(),
                contracts=self.contracts,
                settings=self.settings,
                places=self.beside["places"],
                forces=self.forces["force_id"].to_list(),
                now=NOW,
            )

    def tables(
        self, conformed: Mapping[str, pl.DataFrame], records: pl.DataFrame
    ) -> dict[str, pl.DataFrame]:
        """Make the tables of engagement."""
        with self.timers.part("tables: the others"):
            return openbeat.engagement.publish.engagement_tables(
                conformed,
                records=records,
                months=sorted(self.beside["crime"]["month"].unique()),
                as_of=AS_OF,
                neighbourhoods=self.beside["neighbourhoods"],
                forces=self.forces,
                crime=self.beside["crime"],
                crime_summary=self.beside["crime_summary"],
                teams=pl.DataFrame(schema=TEAMS),
                settings=self.settings,
            )


def found(
    deliveries: Sequence[Delivery], tables: Mapping[str, pl.DataFrame], timers: Timers
) -> dict[str, Any]:
    """What every measurement of openbeat's reports besides its seconds.

    Raises:
        RuntimeError: A record is not accounted for: whatever was measured, it is not the work.
    """
    ledger = tables["engagement_ledger"]
    rows = sum(delivery.text.height for delivery in deliveries)
    if ledger["records"].sum() != rows or ledger["accounted"].sum() != rows:
        raise RuntimeError(f"not every record is accounted for:\n{ledger}")
    summary = tables["feedback_times"].filter(place_level="force", theme="all")
    return {
        "rows": rows,
        "split": timers.seconds,
        "figures": {
            "published": int(ledger["published"].sum()),
            "quarantined": int(ledger["quarantined"].sum()),
            "issues": tables["you_said_we_did"].height,
            "queries due": int(summary["due"].sum()),
            "answered in 72 hours": int(summary["answered_72h"].sum()),
        },
    }


def main() -> None:
    """Measure, and write what was found to the file named last."""
    logs, result = Logs(Path(sys.argv[1])), Path(sys.argv[2])
    timers = Timers()
    work = Work(logs, timers)
    start = time.perf_counter()
    deliveries = work.deliver(logs.first)
    taken = work.take_in(deliveries, {})
    tables = work.tables(taken.tables, taken.records)
    seconds = time.perf_counter() - start
    told = {"seconds": seconds, **found(deliveries, tables, timers)}
    result.write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
