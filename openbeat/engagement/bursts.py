"""Campaigns: messages that are nearly the same and come in a burst (rule K6 of the domain paper).

They are tagged, never taken away: each of them is somebody's voice.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from openbeat.engagement.expressions import instant
from openbeat.engagement.history import sha256_of

COMPARED: Final = 80
"""Characters that decide; letters alone are counted, so that a name or number put in is passed."""
SHORTEST: Final = 20
"""Below this many letters people say the same by chance ("please fix it")."""
MESSAGES: Final = 5
DAYS: Final = 7


def campaign(frame: pl.DataFrame) -> pl.Series:
    """The campaign each message belongs to.

    Args:
        frame: ``free_text`` and ``received_at`` (a moment).

    Returns:
        Twelve hexadecimal digits, the same for at least five messages that came within seven days
        and whose first 80 letters, case aside, are the same; null for every other.
    """
    letters = pl.col("free_text").str.to_lowercase().str.replace_all(r"[^\p{L}]", "")
    key = letters.str.head(COMPARED)
    enough = key.str.len_chars() >= SHORTEST
    rows = frame.select(key=pl.when(enough).then(key), at=instant("received_at")).with_row_index()
    many = (
        rows.drop_nulls()
        .filter(pl.len().over("key") >= MESSAGES)
        .sort("key", "at", "index")
        .with_columns(
            begins=(pl.col("at").shift(1 - MESSAGES).over("key") - pl.col("at"))
            <= pl.duration(days=DAYS)
        )
    )
    within = [pl.col("begins").shift(n).over("key").fill_null(value=False) for n in range(MESSAGES)]
    hit = many.filter(pl.any_horizontal(within)).select("index", "key")
    tags = hit["key"].unique()
    tag = pl.col("key").replace_strict(tags, sha256_of(tags).str.head(12), default=None)
    found = rows.select("index").join(
        hit.select("index", campaign=tag), on="index", how="left", maintain_order="left"
    )
    return found["campaign"]
