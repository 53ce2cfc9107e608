"""The deliveries of all sources, from canonical text to accepted rows, with nothing lost.

Every row of a delivery is accepted, routed, quarantined or withheld (deleted, older than the
retention, erased); ``records`` says which. Pure: storing what it returns belongs in
``resources/logs.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from openbeat.contract import Contract
from openbeat.engagement import history as versions
from openbeat.engagement.cells import Rows
from openbeat.engagement.derive import own_date
from openbeat.engagement.door import Door, at_the_door, record_id
from openbeat.engagement.erase import is_erased
from openbeat.engagement.expressions import LONDON
from openbeat.engagement.judging import (
    Sourced,
    current_rows,
    judged_records,
    settle,
    typed_rows,
)
from openbeat.engagement.quarantine import QUARANTINE, example_rows, quarantine_rows
from openbeat.engagement.routing import ROUTED, kind, registered, unwritten
from openbeat.engagement.settings import EngagementSettings, EngagementSource
from openbeat.engagement.tables import TABLES
from openbeat.errors import InputError

RECORDS: Final = pl.Schema(
    {
        "source": pl.String(),
        "table": pl.String(),
        "record_id": pl.String(),
        "line": pl.Int64(),
        "disposition": pl.String(),
        "reason": pl.String(),
    }
)
"""One row a record, or a row of the delivery that is none; disposition is null where accepted.

``reason`` is the kind it was routed as, the rule it broke, or why it is withheld. ``line`` is null
for what is not in the newest delivery any more.
"""
_FEW: Final = 10  # records; of fewer, a delivery that holds any may delete all others
# Events and actions first: participation and issues are held against those that are accepted.
_ORDER: Final[Sequence[str]] = sorted(
    TABLES, key=lambda t: t not in ("engagement_events", "actions")
)


@dataclass(frozen=True)
class Delivery:
    """What a source delivers: its rows as they came, and in our columns."""

    source: EngagementSource
    rows: Rows
    text: pl.DataFrame


@dataclass(frozen=True)
class Intake:
    """What became of the deliveries.

    Attributes:
        tables: By name: the accepted rows, in the columns of the contract, sorted by id.
        quarantine: ``QUARANTINE``.
        records: ``RECORDS``.
        history: By source, as ``history.update``.
        routed: By source: record_id, line, content_sha256, kind of the rows of this delivery that
            leave now; those that left before with the same content are not among them.
        register: ``ROUTED``: the register with what leaves now.
        lines_out: By source: the lines that are not to be kept, not even as they came.
        gone: By source: ids to be taken out of earlier deliveries, routed or too old now.
    """

    tables: dict[str, pl.DataFrame]
    quarantine: pl.DataFrame
    records: pl.DataFrame
    history: dict[str, pl.DataFrame]
    routed: dict[str, pl.DataFrame]
    register: pl.DataFrame
    lines_out: dict[str, pl.Series]
    gone: dict[str, list[str]]


@dataclass
class _Taken:
    """What is gathered, source by source and table by table."""

    doors: dict[str, Door] = field(default_factory=dict)
    history: dict[str, pl.DataFrame] = field(default_factory=dict)
    gone: dict[str, list[str]] = field(default_factory=dict)
    tables: dict[str, pl.DataFrame] = field(default_factory=dict)
    quarantine: list[pl.DataFrame] = field(default_factory=list)
    records: list[pl.DataFrame] = field(default_factory=list)


def take_in(
    deliveries: Sequence[Delivery],
    history: Mapping[str, pl.DataFrame],
    register: pl.DataFrame,
    erased: pl.DataFrame,
    contracts: Mapping[str, Contract],
    settings: EngagementSettings,
    places: pl.DataFrame,
    forces: Sequence[str],
    now: datetime,
    as_of: date | None = None,
) -> Intake:
    """Take in what the sources deliver.

    Args:
        deliveries: One a source, in the order of the settings.
        history: By source, as far as there is any.
        register: Of what was routed before; may be empty.
        erased: The receipts; may be empty.
        contracts: By table; those of ``conformed_<table>`` are used.
        settings: On engagement.
        places: As ``across.PLACES``.
        forces: The forces that are known.
        now: UTC.
        as_of: The day on which it is judged what is overdue; today by default.

    Raises:
        InputError: A full delivery would delete more of its source than that allows.
    """
    today = now.astimezone(ZoneInfo(LONDON)).date()
    taken = _Taken()
    dates = _event_dates(deliveries, history)
    leaving = _leaving(deliveries, contracts, register)
    for delivery in deliveries:
        _take_source(delivery, history, erased, contracts, now, today, dates, leaving, taken)
    known = _known(deliveries, taken, register)
    for table in _ORDER:
        of_table = [
            Sourced(name, d.rows.name, taken.doors[name], taken.history[name], d.source.capture)
            for d in deliveries
            if d.source.table == table and (name := d.source.name)
        ]
        contract = contracts[TABLES[table].contract]
        text = current_rows(of_table, contract, review_required=settings.review_required)
        typed = typed_rows(text, table, contract, today, as_of, settings.notice_days)
        accepted, rejected = settle(typed, table, contract, taken.tables, known, places, forces)
        taken.tables[table] = accepted.select(contract.polars_schema().names()).sort(contract.key)
        taken.quarantine.append(quarantine_rows(rejected, text, table, contract))
        taken.records.append(judged_records(typed, rejected, table))
    routed = {}
    for delivery in deliveries:
        name, table = delivery.source.name, delivery.source.table
        left = unwritten(taken.doors[name].routed, register, name)
        routed[name] = left
        _door_records(delivery, taken, register)
    new = [
        registered(routed[d.source.name], d.source.name, d.source.table, now) for d in deliveries
    ]
    before = [] if register.is_empty() else [register.select(ROUTED.names())]
    doors = taken.doors.items()
    return Intake(
        tables={table: taken.tables[table] for table in TABLES},
        quarantine=_stacked(taken.quarantine, QUARANTINE),
        records=_stacked(taken.records, RECORDS),
        history=taken.history,
        routed=routed,
        register=pl.concat([pl.DataFrame(schema=ROUTED), *before, *new]),
        lines_out={name: _lines_out(door, taken.history[name]) for name, door in doors},
        gone=taken.gone,
    )


def _stacked(frames: Sequence[pl.DataFrame], schema: pl.Schema) -> pl.DataFrame:
    rows = pl.concat([pl.DataFrame(schema=schema), *(f.select(schema.names()) for f in frames)])
    return rows.sort("source", "line", "record_id", nulls_last=True, maintain_order=True)


def _leaving(
    deliveries: Sequence[Delivery], contracts: Mapping[str, Contract], register: pl.DataFrame
) -> pl.DataFrame:
    """source, table, record_id, kind of all that leaves now, or left before."""
    names = ["source", "table", "record_id", "kind"]
    frames = [
        delivery.text.select(
            pl.lit(delivery.source.name).alias("source"),
            pl.lit(delivery.source.table).alias("table"),
            record_id(contracts[TABLES[delivery.source.table].contract]).alias("record_id"),
            kind(delivery.text.columns).alias("kind"),
        ).drop_nulls()
        for delivery in deliveries
    ]
    before = [] if register.is_empty() else [register.select(names).drop_nulls()]
    return pl.concat([pl.DataFrame(schema=dict.fromkeys(names, pl.String)), *frames, *before])


def _event_dates(
    deliveries: Sequence[Delivery], history: Mapping[str, pl.DataFrame]
) -> pl.DataFrame:
    """event_id and its own date, of the deliveries and of what was there before."""
    on = own_date("engagement_events")
    frames = [pl.DataFrame(schema={"event_id": pl.String, "on": pl.Date})]
    for delivery in deliveries:
        if delivery.source.table == "engagement_events":
            before = history.get(delivery.source.name, pl.DataFrame())
            with_content = [] if before.is_empty() else [versions.newest(before)]
            frames += [frame.select("event_id", on=on) for frame in (delivery.text, *with_content)]
    return pl.concat(frames).drop_nulls().unique("event_id", keep="first", maintain_order=True)


def _take_source(
    delivery: Delivery,
    history: Mapping[str, pl.DataFrame],
    erased: pl.DataFrame,
    contracts: Mapping[str, Contract],
    now: datetime,
    today: date,
    dates: pl.DataFrame,
    leaving: pl.DataFrame,
    taken: _Taken,
) -> None:
    """Sort a delivery at the door, and bring the history of its source up to date."""
    source, table = delivery.source, TABLES[delivery.source.table]
    when = own_date(table.name)
    if when is None:
        when = pl.col("event_id").replace_strict(
            dates["event_id"], dates["on"], default=None, return_dtype=pl.Date
        )
    months = source.retention_months
    kept_from = None if months is None else versions.retained_from(months, today)
    receipts = erased if erased.is_empty() else erased.filter(pl.col("source") == source.name)
    others = (pl.col("table") == table.name) & (pl.col("source") != source.name)
    elsewhere = leaving.filter(others).select("record_id", "kind")
    door = at_the_door(
        delivery.text, table.name, contracts[table.contract], receipts, when, kept_from, elsewhere
    )
    before = history.get(source.name, pl.DataFrame())
    left = door.routed["record_id"].drop_nulls().unique().to_list()
    if not before.is_empty():
        known = before["record_id"].unique()
        forgotten = known.filter(is_erased(known, receipts)).to_list()
        old = door.withheld.filter(pl.col("reason") == versions.RETENTION)["record_id"]
        too_old = known.filter(known.is_in(old.implode())).to_list()
        before = versions.purge(before, [*left, *forgotten, *too_old])
        left += too_old
    new = door.records.with_columns(file=pl.lit(delivery.rows.name))
    after = versions.update(before, new, now, source.delivery, table.texts)
    _refuse_cut_short(before, after, delivery)
    after = versions.expire(after, months, today, when, now)
    taken.doors[source.name] = door
    taken.history[source.name] = after
    taken.gone[source.name] = sorted({*left, *_expired(before, after)})


def _refuse_cut_short(before: pl.DataFrame, after: pl.DataFrame, delivery: Delivery) -> None:
    """Refuse a delivery that would delete most of what its source held.

    Raises:
        InputError: It would; says how many of how many, and how to accept it.
    """
    if before.is_empty():
        return
    had = versions.current(before).select("record_id")
    left = versions.newest(after).filter(pl.col("reason") == versions.GONE)
    gone = had.join(left, on="record_id", how="semi").height
    few = had.height < _FEW and not delivery.text.is_empty()
    source = delivery.source
    if gone > source.most_deleted * had.height and not few:
        raise InputError(
            f"the log holds no more {gone:,} of the {had.height:,} records it held",
            file=None if source.path is None else source.path.name,
            rule="most_deleted",
            mend=f"deliver the whole log. Where they were really deleted, set most_deleted: 1 for "
            f"the source {source.name!r} once; where each delivery brings new records only, "
            "delivery: additions.",
        )


def _expired(before: pl.DataFrame, after: pl.DataFrame) -> list[str]:
    """The records whose content was there and is too old now."""
    if before.is_empty():
        return []
    had = before.filter(pl.col("content_sha256").is_not_null())
    stones = versions.newest(after).filter(pl.col("reason") == versions.RETENTION)
    return stones.join(had, on="record_id", how="semi")["record_id"].to_list()


def _lines_out(door: Door, past: pl.DataFrame) -> pl.Series:
    """The lines that are not kept: those of the door, and of records too old since."""
    old = versions.newest(past).filter(pl.col("reason") == versions.RETENTION)
    lines = door.records.join(old, on="record_id", how="semi")["line"]
    return pl.concat([door.lines_out, lines]).sort()


def _known(
    deliveries: Sequence[Delivery], taken: _Taken, register: pl.DataFrame
) -> dict[str, pl.Series]:
    """By table, the ids of all records that were ever delivered."""
    ids: dict[str, list[pl.Series]] = {}
    for delivery in deliveries:
        name, table = delivery.source.name, delivery.source.table
        door = taken.doors[name]
        ids.setdefault(table, []).extend(
            [taken.history[name]["record_id"], door.routed["record_id"]]
        )
        ids[table].append(door.withheld["record_id"])
    if not register.is_empty():
        for of, many in ids.items():
            many.append(register.filter(pl.col("table") == of)["record_id"])
    return {of: pl.concat(many).drop_nulls().unique() for of, many in ids.items()}


def _door_records(delivery: Delivery, taken: _Taken, register: pl.DataFrame) -> None:
    """The records that are in no table: stopped at the door, deleted, or routed before."""
    name, table = delivery.source.name, delivery.source.table
    door, past = taken.doors[name], taken.history[name]
    taken.quarantine.append(example_rows(door.examples, name, table, delivery.rows.name))
    lines = door.records.select("record_id", _line="line")
    stopped = door.withheld["record_id"].drop_nulls()
    deleted = (
        versions.newest(past)
        .filter(pl.col("change") == versions.DELETED)
        .join(lines, on="record_id", how="left", maintain_order="left")
        .filter(pl.col("_line").is_not_null() | ~pl.col("record_id").is_in(stopped.implode()))
    )
    old = pl.col("reason") == versions.RETENTION
    parts = [
        (door.examples, "quarantined", pl.lit("example_row")),
        (door.routed, "routed", pl.col("kind")),
        (door.withheld, "withheld", pl.col("reason")),
        (
            deleted.with_columns(line=pl.col("_line")),
            "withheld",
            pl.when(old).then(pl.lit("retention")).otherwise(pl.lit("deleted")),
        ),
        (_routed_before(name, door, past, register), "routed", pl.col("kind")),
    ]
    taken.records += [
        frame.select(
            pl.lit(name).alias("source"),
            pl.lit(table).alias("table"),
            "record_id",
            "line",
            disposition=pl.lit(disposition),
            reason=reason,
        )
        for frame, disposition, reason in parts
    ]


def _routed_before(
    name: str, door: Door, past: pl.DataFrame, register: pl.DataFrame
) -> pl.DataFrame:
    """What left with an earlier delivery and is in this one neither routed nor as a record."""
    if register.is_empty():
        return door.routed.clear()
    same = pl.coalesce("record_id", "content_sha256").alias("_same")
    here = pl.concat(
        [
            door.routed.select(same),
            past.select(_same="record_id"),
            door.withheld.select(_same="record_id").drop_nulls(),
        ]
    )
    return (
        register.filter(pl.col("source") == name)
        .with_columns(same)
        .unique("_same", keep="last", maintain_order=True)
        .join(here, on="_same", how="anti", maintain_order="left")
        .with_columns(line=pl.lit(None, dtype=pl.Int64))
    )
