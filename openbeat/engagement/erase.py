"""Erasing a record: its receipts, and taking it out of frames.

Where its rows lie (raw deliveries, versions, quarantine, tables, routed files, releases) is known
to ``resources/erasure.py``. A receipt holds neither the content nor the id: only a salted hash of
the id, by which the next delivery of the record is dropped at the door.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final

import polars as pl

from openbeat.engagement.history import moment, sha256_of

RECEIPTS: Final = pl.Schema(
    {
        "source": pl.String(),
        "table": pl.String(),
        "id_sha256": pl.String(),
        "salt": pl.String(),
        "reason": pl.String(),
        "erased_at": pl.String(),
        "place": pl.String(),
        "rows": pl.Int64(),
    }
)
"""One row a record and place: how many rows of it lay there, 0 where there was nothing.

For a release the place is ``release <id>``, and its rows still lie there: a release never changes.
"""
BEGUN: Final = "begun"
"""The place of the row that is written first: from then on the record is dropped at the door."""


def new_salt(receipts: pl.DataFrame) -> str:
    """The salt of the lake: that of the receipts there are, else a new random one."""
    return secrets.token_hex(16) if receipts.is_empty() else str(receipts["salt"][0])


def id_sha256(ids: pl.Series, salt: str) -> pl.Series:
    """The salted hash of each id; null stays null."""
    return sha256_of(pl.Series(ids.name, [None if i is None else f"{salt}{i}" for i in ids]))


def is_erased(ids: pl.Series, receipts: pl.DataFrame) -> pl.Series:
    """Which ids were erased, by the receipts of their source; an id that is null was not."""
    if receipts.is_empty():
        return pl.repeat(False, len(ids), dtype=pl.Boolean, eager=True)
    hashed = id_sha256(ids.cast(pl.String), str(receipts["salt"][0]))
    return hashed.is_in(receipts["id_sha256"].unique().implode()).fill_null(value=False)


def receipt(
    source: str,
    table: str,
    hashed: str,
    salt: str,
    reason: str,
    now: datetime,
    place: str,
    rows: int,
) -> pl.DataFrame:
    """One row of a receipt."""
    values = (source, table, hashed, salt, reason, moment(now), place, rows)
    return pl.DataFrame([values], schema=RECEIPTS, orient="row")


def noted(receipts: pl.DataFrame, row: pl.DataFrame) -> pl.DataFrame:
    """The receipts with a row more; where its record and place are there, the rows are added."""
    key = ["source", "id_sha256", "place"]
    if receipts.is_empty():
        return row
    before = receipts.join(row, on=key, how="semi")["rows"].sum()
    rest = receipts.join(row, on=key, how="anti", maintain_order="left")
    return pl.concat([rest, row.with_columns(pl.col("rows") + before)])
