"""The rows of a table held against its contract: gathered from history, typed, completed, split.

Which rows there are is decided in ``door`` and ``history``, what becomes of them told in
``intake``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from openbeat.contract import Contract, split
from openbeat.engagement import history as versions
from openbeat.engagement.conform import conform
from openbeat.engagement.derive import derive_across, derive_alone
from openbeat.engagement.door import Door, record_id
from openbeat.engagement.tables import TABLES


@dataclass(frozen=True)
class Sourced:
    """One source at this point: its name, its newest file, that delivery sorted, its versions.

    ``captured``: it is what ``openbeat capture`` gathered from police.uk.
    """

    name: str
    file: str
    door: Door
    history: pl.DataFrame
    captured: bool


def current_rows(
    sources: Sequence[Sourced], contract: Contract, *, review_required: bool
) -> pl.DataFrame:
    """The records of a table as text: those in history, and those refused at the door.

    Args:
        sources: Of the table, in the order of the settings.
        contract: Of the table.
        review_required: Whether a text needs a review.

    Returns:
        ``row`` (a running number), record_id, source, file and line (of the newest delivery that
        has it), version, text_sha256, review, ``repeated_id`` (an id that a record before it has,
        of its own source or of an earlier one), ``at_door`` (refused there), canonical columns.
    """
    ours = [column.name for column in contract.columns if not column.derived]
    texts = TABLES[contract.table.removeprefix("conformed_")].texts
    kept, refused = [], []
    for source in sources:
        name, file, door, past = source.name, source.file, source.door, source.history
        now = door.records.select("record_id", _line="line", _file=pl.lit(file))
        rows = (
            versions.current(past)
            .join(now, on="record_id", how="left", maintain_order="left")
            .join(
                versions.reviews(past, texts, required=review_required, captured=source.captured),
                on="record_id",
                how="left",
            )
            .with_columns(
                line=pl.coalesce("_line", "line"),
                file=pl.coalesce("_file", "file"),
                source=pl.lit(name),
                delivered=pl.col("_line").is_not_null(),
            )
        )
        kept.append(rows.sort("delivered", "line", descending=[True, False]))
        refused.append(
            door.refused.with_columns(
                source=pl.lit(name), file=pl.lit(file), version=pl.lit(1, dtype=pl.Int64)
            )
        )
    schema = {
        "record_id": pl.String,
        "source": pl.String,
        "file": pl.String,
        "line": pl.Int64,
        "version": pl.Int64,
        "text_sha256": pl.String,
        "review": pl.String,
        "repeated_id": pl.String,
        **dict.fromkeys(ours, pl.String),
    }
    shape = pl.DataFrame(schema=schema)
    good = pl.concat([shape, *kept], how="diagonal").select(shape.columns)
    again = ~pl.col("record_id").is_first_distinct()
    good = good.with_columns(repeated_id=pl.when(again).then(pl.lit("yes")))
    bad = pl.concat([shape, *refused], how="diagonal").select(shape.columns)
    whole = pl.concat(
        [
            good.with_columns(at_door=pl.lit(value=False)),
            bad.with_columns(at_door=pl.lit(value=True)),
        ]
    )
    return whole.with_columns(row=pl.int_range(pl.len(), dtype=pl.Int64))


def typed_rows(
    text: pl.DataFrame,
    table: str,
    contract: Contract,
    today: date,
    as_of: date | None,
    notice_days: int,
) -> pl.DataFrame:
    """``current_rows`` typed, with the columns of ``derive_alone``.

    Rows refused at the door are worked on by themselves, so that they weigh on no others.
    """
    typed = conform(text, contract)
    if table == "participation":
        typed = typed.with_columns(participation_id=record_id(contract))
    if not TABLES[table].texts:
        typed = typed.drop("text_sha256", "review")
    parts = [typed.filter(~pl.col("at_door")), typed.filter("at_door")]
    done = [derive_alone(p, table, today, as_of=as_of, notice_days=notice_days) for p in parts]
    return pl.concat(done)


def settle(
    typed: pl.DataFrame,
    table: str,
    contract: Contract,
    accepted: Mapping[str, pl.DataFrame],
    known: Mapping[str, pl.Series],
    places: pl.DataFrame,
    forces: Sequence[str],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split off what breaks a critical rule, until what follows from the other rows stays so.

    Returns:
        The accepted rows with every derived column, and the rejected ones as ``split`` gives them.
    """
    rejected = []
    while True:
        whole = derive_across(table, typed, accepted, known, places, forces)
        parts = split(whole, contract, {})
        rejected.append(parts.rejected)
        if parts.rejected.is_empty():
            return parts.accepted, pl.concat(rejected, how="diagonal")
        typed = parts.accepted


def judged_records(typed: pl.DataFrame, rejected: pl.DataFrame, table: str) -> pl.DataFrame:
    """The records of a table: accepted, or quarantined with the first rule they broke."""
    rules = rejected.select("row", reason="rule")
    return typed.join(rules, on="row", how="left", maintain_order="left").select(
        "source",
        pl.lit(table).alias("table"),
        "record_id",
        "line",
        disposition=pl.when(pl.col("reason").is_not_null()).then(pl.lit("quarantined")),
        reason="reason",
    )
