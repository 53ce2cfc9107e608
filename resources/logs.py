"""The logs of engagement: read from their sources, and what is kept of them in the lake.

``raw_logs_<source>/<first 16 of its SHA-256>.parquet`` is a delivery as it came, without what its
mapping ignores, and a record of it in JSON beside it; ``history_<source>`` its versions;
``routed`` the register of what left; ``erasures`` the receipts; ``quarantine_engagement`` and
``records`` what became of every record.
What is done with the rows belongs in ``openbeat.engagement``.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from openbeat.contract import Contract
from openbeat.engagement.door import record_id
from openbeat.engagement.history import current, moment, retained_from
from openbeat.engagement.intake import RECORDS as INTAKE_RECORDS
from openbeat.engagement.intake import Delivery, Intake
from openbeat.engagement.routing import OWN, routed_files
from openbeat.engagement.settings import EngagementSource
from openbeat.engagement.tables import TABLES
from openbeat.errors import InputError
from resources.lake import ALL, Lake

if TYPE_CHECKING:
    from resources.sources import Sources

REGISTER: Final = "routed"
RECEIPTS: Final = "erasures"
QUARANTINE: Final = "quarantine_engagement"
RECORDS: Final = "records"
DELIVERIES: Final = "deliveries"  # the newest of each source: table, name, sha256, rows, when
RECORD_ID: Final = f"{OWN}record_id"
_HISTORY: Final = "history_"
_DELIVERY: Final = ("table", "name", "sha256", "rows", "captured_at")
_DELIVERIES: Final = dict.fromkeys(("source", *_DELIVERY), pl.String()) | {"rows": pl.Int64()}
_PRIVATE_FILE, _PRIVATE_FOLDER = 0o600, 0o700


def raw_table(source: str) -> str:
    """Where a source's deliveries lie in the lake."""
    return f"raw_logs_{source}"


def history_table(source: str) -> str:
    """Where a source's versions lie in the lake."""
    return f"{_HISTORY}{source}"


def read_deliveries(
    sources: Sources, lake: Lake, contracts: Mapping[str, Contract]
) -> list[Delivery]:
    """Read every source; where one cannot be read, nothing is taken in.

    Columns that a mapping ignores are dropped here, before anything is kept.

    Args:
        sources: Whose settings name them.
        lake: Holds what was captured from police.uk.
        contracts: By table.

    Raises:
        InputError: A source or its mapping cannot be used.
        SourceUnreachableError: A database cannot be reached.
    """
    from openbeat.engagement.connectors import read_rows
    from openbeat.engagement.mapping import load_mapping, to_canonical, without_ignored
    from openbeat.policeuk.captured import captured_rows
    from resources.capture import captured_frames

    deliveries = []
    for source in sources.settings.engagement.sources:
        sources.tell(f"reading {source.name}")
        contract = contracts[TABLES[source.table].contract]
        mapping = None if source.mapping is None else load_mapping(source.mapping, contract)
        rows = read_rows(
            source, lambda table: captured_rows(captured_frames(lake), table, sources.forces)
        )
        text = to_canonical(rows, mapping, contract)
        deliveries.append(Delivery(source, without_ignored(rows, mapping, contract), text))
    return deliveries


def store_intake(
    lake: Lake,
    out: Path,
    deliveries: Sequence[Delivery],
    taken: Intake,
    contracts: Mapping[str, Contract],
    now: datetime,
) -> None:
    """Keep what was taken in, but for the tables themselves.

    First what must leave is written for those who act, then it is taken out of everything that is
    kept, then the register says that it left: broken off anywhere, the next run does the rest.

    Args:
        lake: Where it is kept.
        out: The place of openbeat; routed records are written to ``<out>/routed``.
        deliveries: What was taken in.
        taken: What became of it.
        contracts: By table.
        now: UTC.
    """
    if deliveries:
        lake.close()
    for delivery in deliveries:
        source, rows = delivery.source, delivery.rows
        left = taken.routed[source.name]
        files = routed_files(rows.frame, left, source.name, source.table, rows.name)
        for name, data in files.items():
            write_private(out / "routed" / name, data)
    for delivery in deliveries:
        name = delivery.source.name
        _store_raw(lake, delivery, taken.lines_out[name], contracts, now)
        _purge_raw(lake, delivery.source, taken.gone[name], delivery.rows.sha256, now)
        lake.write(history_table(name), taken.history[name])
    lake.write(QUARANTINE, taken.quarantine)
    named = [delivery.source.name for delivery in deliveries]
    lake.write(RECORDS, pl.concat([taken.records, not_named(lake, named)]))
    lake.write(REGISTER, taken.register)
    came = [
        (d.source.name, *(newest_of(lake, d.source.name)[n] for n in _DELIVERY)) for d in deliveries
    ]
    lake.write(DELIVERIES, pl.DataFrame(came, schema=_DELIVERIES, orient="row"))


def _store_raw(
    lake: Lake,
    delivery: Delivery,
    lines_out: pl.Series,
    contracts: Mapping[str, Contract],
    now: datetime,
) -> None:
    """The delivery as it came, without the lines that are not to be kept."""
    source, rows = delivery.source, delivery.rows
    table, name = raw_table(source.name), rows.sha256[:16]
    contract = contracts[TABLES[source.table].contract]
    ids = delivery.text.select("line", record_id(contract).alias(RECORD_ID))
    kept = rows.frame.filter(~pl.col("line").is_in(lines_out.implode())).join(
        ids, on="line", how="left", maintain_order="left"
    )
    before, newest = lake.read_json(table, name) or {}, newest_of(lake, source.name)
    again = before if newest.get("sha256") == rows.sha256 else {}
    lake.write(table, kept, name)
    lake.write_json(
        table,
        name,
        {
            "name": rows.name,
            "table": source.table,
            "sha256": rows.sha256,
            "size": rows.size,
            "rows": rows.frame.height,
            "kept": kept.height,
            "captured_at": before.get("captured_at", moment(now)),
            "delivered_at": again.get("delivered_at", moment(now)),
        },
    )


def _purge_raw(
    lake: Lake, source: EngagementSource, gone: Collection[str], newest: str, now: datetime
) -> None:
    """Take records out of the older deliveries, and away the deliveries that are too old."""
    table = raw_table(source.name)
    if source.retention_months is not None:
        start = retained_from(source.retention_months, now.date()).isoformat()
        for name in lake.months(table, ".json"):
            captured = str((lake.read_json(table, name) or {}).get("captured_at", ""))
            if name != newest[:16] and captured < start:
                lake.path(table, name).unlink(missing_ok=True)
                lake.remove_json(table, name)
    for name in lake.months(table) if gone else []:
        if name != newest[:16]:
            purge_rows(lake, table, name, gone)


def purge_rows(
    lake: Lake, table: str, month: str, ids: Collection[str], column: str = RECORD_ID
) -> int:
    """Take rows out of a stored frame by their id; gives how many there were."""
    frame = lake.read_or(table, month)
    if column not in frame.columns:
        return 0
    hit = pl.col(column).is_in(pl.Series(sorted(ids), dtype=pl.String).implode())
    kept = frame.filter(~hit.fill_null(value=False))
    if kept.height < frame.height:
        lake.write(table, kept, month)
    return frame.height - kept.height


def stored_history(lake: Lake, deliveries: Sequence[Delivery]) -> dict[str, pl.DataFrame]:
    """The versions of each source, as far as there are any.

    Raises:
        InputError: A source delivered another table before.
    """
    for source in (delivery.source for delivery in deliveries):
        before = delivered_table(lake, source.name)
        if before not in (None, source.table):
            raise InputError(
                f"the source {source.name!r} delivered {before} before, now {source.table}",
                rule="source_table",
                mend="give the source another name: records are known by it.",
            )
    names = [delivery.source.name for delivery in deliveries]
    return {name: lake.read_or(history_table(name), ALL) for name in names}


def delivered_table(lake: Lake, source: str) -> str | None:
    """The table that a source delivers, by the record of a delivery; None where there is none."""
    for name in lake.months(raw_table(source), ".json"):
        table = (lake.read_json(raw_table(source), name) or {}).get("table")
        if table in TABLES:
            return str(table)
    return None


def write_private(path: Path, data: bytes) -> None:
    """Write a file that its owner alone can read, in folders that its owner alone can enter."""
    for folder in (path.parent.parent, path.parent):
        folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.unlink(missing_ok=True)
    opened = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE)
    with os.fdopen(opened, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def not_named(lake: Lake, named: Sequence[str]) -> pl.DataFrame:
    """The records of sources that the settings name no more: withheld, and told."""
    frames = [pl.DataFrame(schema=INTAKE_RECORDS)]
    for table in lake.tables(_HISTORY):
        source = table.removeprefix(_HISTORY)
        if source in named:
            continue
        ids = current(lake.read(table)).select("record_id")
        delivered = newest_of(lake, source)
        frames.append(
            ids.select(
                pl.lit(source).alias("source"),
                pl.lit(str(delivered.get("table", ""))).alias("table"),
                "record_id",
                pl.lit(None, dtype=pl.Int64).alias("line"),
                pl.lit("withheld").alias("disposition"),
                pl.lit("source_not_named").alias("reason"),
            )
        )
    return pl.concat(frames)


def newest_of(lake: Lake, source: str) -> dict[str, Any]:
    """The record of a source's newest delivery; empty where there is none."""
    table = raw_table(source)
    records = [lake.read_json(table, name) or {} for name in lake.months(table, ".json")]
    return max(records, key=lambda record: str(record.get("delivered_at", "")), default={})
