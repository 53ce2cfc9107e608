"""Chance and dates for the made-up engagement logs, and what all their tables have in common.

Draws over whole columns, days in a month, reviews of texts and the writing of values as text belong
here; what the records say does not.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import polars as pl

from openbeat.sample import engagement_words as said
from openbeat.sample.engagement_places import GAPS

AS_OF = date(2025, 7, 31)  # logs are current to that day
BUSY = pl.col("hood") % 10 == 3  # neighbourhoods in which far more people come and write
LAST_MONTH, LAST_PLANNED = "2025-07", "2025-09"
# the texts that a review covers, in order: written out, so that a mistake there shows
TEXTS: Mapping[str, tuple[str, ...]] = {
    "engagement_events": ("title", "purpose", "venue_public", "participants_described", "findings"),
    "issues": ("summary_public", "reason_no_action_text"),
    "actions": ("summary_public", "result", "change_made"),
    "priorities": ("issue", "action"),
    "consultations": ("subject", "decision_public"),
}


def drawn(frame: pl.DataFrame, mean: float, rng: np.random.Generator) -> pl.DataFrame:
    """Each row as often as a Poisson draw says."""
    times = rng.poisson(mean, frame.height)
    return frame[np.repeat(np.arange(frame.height), times)]


def chosen(options: Sequence[str | None], count: int, rng: np.random.Generator) -> pl.Series:
    """One option a row, all as likely."""
    return pl.Series(options, dtype=pl.String).gather(rng.integers(0, len(options), count))


def filled(column: str) -> pl.Expr:
    """A text with the names of the row's place in its gaps."""
    text = pl.col(column)
    for gap in GAPS:
        text = text.str.replace_all(f"{{{gap}}}", pl.col(gap), literal=True)
    return text


def weighted(shares: Mapping[str, float], count: int, rng: np.random.Generator) -> pl.Series:
    """One key a row, by its share."""
    upto = np.cumsum(list(shares.values()))
    pick = np.searchsorted(upto, rng.random(count) * upto[-1], side="right")
    return pl.Series(list(shares)).gather(np.minimum(pick, len(upto) - 1))


def of_each(
    keys: pl.Series, options: Mapping[str, Sequence[str]], rng: np.random.Generator
) -> pl.Series:
    """One of the options of each row's key; empty where the key has none."""
    table = pl.DataFrame({"key": list(options), "list": [list(each) for each in options.values()]})
    rows = pl.DataFrame({"key": keys, "pick": rng.integers(0, 2**31, len(keys))})
    joined = rows.join(table, on="key", how="left", maintain_order="left")
    return joined.select(
        pl.col("list").list.get(pl.col("pick") % pl.col("list").list.len())
    ).to_series()


def numbered(letter: str, width: int) -> pl.Expr:
    """Ids such as ``northmere-E00042``, counted within the force in the order of the rows."""
    place = pl.int_range(1, pl.len() + 1).over("force").cast(pl.String).str.zfill(width)
    return pl.format(f"{{}}-{letter}{{}}", "force_id", place)


def days(month: pl.Series, rng: np.random.Generator) -> pl.Series:
    """A working day in each month."""
    day = later((month + "-01").str.to_date("%Y-%m-%d"), 1, 22, rng)
    over = (day.dt.weekday() - 5).clip(0)
    return pl.select(pl.lit(day) - pl.duration(days=pl.lit(over))).to_series()


def later(day: pl.Series, low: int, high: int, rng: np.random.Generator) -> pl.Series:
    """From ``low`` to ``high`` days later."""
    by = pl.Series(rng.integers(low, high + 1, len(day)))
    return pl.select(pl.lit(day) + pl.duration(days=pl.lit(by))).to_series()


def secret(column: str, rng: np.random.Generator, height: int, share: float = 0.4) -> pl.Expr:
    """A text that stays inside, with the marker in some rows."""
    marked = pl.lit(pl.Series(rng.random(height) < share))
    return pl.when(marked).then(pl.col(column) + f" {said.MARKER}").otherwise(pl.col(column))


def hashes(frame: pl.DataFrame, table: str) -> pl.Series:
    """SHA-256 of each record's texts, as openbeat's documentation has it."""
    texts = frame.select(pl.col(name).fill_null("") for name in TEXTS[table])
    whole = texts.select(pl.concat_str(pl.all().str.strip_chars(), separator="\n")).to_series()
    sums = [
        hashlib.sha256(unicodedata.normalize("NFC", text).encode()).hexdigest() for text in whole
    ]
    return pl.Series("reviewed_sha256", sums, dtype=pl.String)


def written(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The columns of a table in order, all as text; those that are not there, empty."""
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(pl.String).alias(name)
        for name in columns
    )
