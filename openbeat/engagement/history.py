"""The versions of each record of a source: what changed, what went, and what a review covers.

Pure: frames in, frames out; storing them belongs in ``resources/logs.py``. What never comes as far
as history (routed, erased, repeated rows) is decided in ``door``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final, Literal

import polars as pl

from openbeat import codelists

META: Final = pl.Schema(
    {
        "record_id": pl.String(),
        "version": pl.Int64(),
        "captured_at": pl.String(),
        "change": pl.String(),
        "reason": pl.String(),
        "content_sha256": pl.String(),
        "review_sha256": pl.String(),
        "file": pl.String(),
        "line": pl.Int64(),
    }
)
"""What a version holds besides the canonical columns.

``captured_at`` is a moment in UTC; ``change`` is new, changed, deleted, restored or, where its
content is gone for its age, expired; ``reason`` is why it was deleted; ``review_sha256`` is the
hash of the texts that the review named in it covered when it was first seen.
"""
_PLACE: Final = ("record_id", "file", "line")
_REVIEW: Final = ("reviewer_role", "reviewed_on")
DELETED: Final = "deleted"
EXPIRED: Final = "expired"
GONE: Final = "gone_from_source"
RETENTION: Final = "retention"


def moment(when: datetime) -> str:
    """A clock's time as the text of a moment, UTC."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def sha256_of(texts: pl.Series) -> pl.Series:
    """The SHA-256 of each text, in hexadecimal; null stays null."""
    digests = [None if t is None else hashlib.sha256(t.encode()).hexdigest() for t in texts]
    return pl.Series(texts.name, digests, dtype=pl.String)


def content_sha256(frame: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """The hash of each row's content; a column that is empty counts as one that is not there."""
    parts = [pl.concat_str(pl.lit(f"{name}="), pl.col(name)) for name in columns]
    joined = pl.concat_str(parts, separator="\x1f", ignore_nulls=True)
    return sha256_of(frame.select(content_sha256=joined).to_series())


def text_sha256(frame: pl.DataFrame, texts: Sequence[str]) -> pl.Series:
    """The hash a review is held against: of the texts in their order; null where there is none.

    Each text is normalised (NFC) and stripped, an empty one is ``""``, joined by line feeds.
    """
    if not texts:
        return pl.Series("text_sha256", [None] * frame.height, dtype=pl.String)
    clean = [pl.col(t).str.normalize("NFC").str.strip_chars().fill_null("") for t in texts]
    joined = pl.concat_str(clean, separator="\n")
    there = pl.any_horizontal(part != "" for part in clean)
    return sha256_of(frame.select(text_sha256=pl.when(there).then(joined)).to_series())


def update(
    history: pl.DataFrame,
    delivered: pl.DataFrame,
    captured_at: datetime,
    delivery: Literal["full", "additions"],
    texts: Sequence[str] = (),
) -> pl.DataFrame:
    """Add what a delivery changes; a delivery that changes nothing adds nothing.

    Args:
        history: So far, as this returns it; empty at first.
        delivered: record_id (not null, each once), file, line, and the canonical columns as text.
        captured_at: When it was read, UTC.
        delivery: ``full``: a record that is not in it is deleted; ``additions``: it stays.
        texts: The columns a review covers.

    Returns:
        ``META`` and the canonical columns, sorted by record_id and version. A tombstone has no
        content.
    """
    content = [name for name in delivered.columns if name not in _PLACE]
    before = _aligned(history, content)
    last = before.unique(subset="record_id", keep="last", maintain_order=True).select(
        "record_id",
        was=pl.col("version"),
        was_sha256=pl.col("content_sha256"),
        was_deleted=pl.col("change") == DELETED,
    )
    rows = delivered.with_columns(content_sha256(delivered, content)).join(
        last, on="record_id", how="left", maintain_order="left"
    )
    added = [_changed(rows, before, texts), _withdrawn(rows)]
    if delivery == "full":
        gone = last.filter(~pl.col("was_deleted")).join(delivered, on="record_id", how="anti")
        added.append(gone.with_columns(change=pl.lit(DELETED), reason=pl.lit(GONE)))
    new = pl.concat(added, how="diagonal").with_columns(
        version=pl.col("was").fill_null(0) + 1, captured_at=pl.lit(moment(captured_at))
    )
    return pl.concat([before, _aligned(new, content)]).sort("record_id", "version")


def _aligned(frame: pl.DataFrame, content: Sequence[str]) -> pl.DataFrame:
    schema = {**META, **dict.fromkeys(content, pl.String())}
    if not frame.columns:
        return pl.DataFrame(schema=schema)
    return frame.select(
        pl.col(name) if name in frame.columns else pl.lit(None, dtype=kind).alias(name)
        for name, kind in schema.items()
    )


def _changed(rows: pl.DataFrame, before: pl.DataFrame, texts: Sequence[str]) -> pl.DataFrame:
    """New, changed and restored records, with the hash of what their review covers."""
    known = pl.col("was").is_not_null()
    differs = pl.col("was_sha256").ne_missing(pl.col("content_sha256"))
    new = rows.filter(
        pl.col("deleted_reason").is_null() & (~known | pl.col("was_deleted") | differs)
    ).with_columns(
        change=pl.when(~known)
        .then(pl.lit("new"))
        .when("was_deleted")
        .then(pl.lit("restored"))
        .otherwise(pl.lit("changed"))
    )
    if not texts:
        return new
    key = ["record_id", *_REVIEW]
    first = before.filter(pl.col("review_sha256").is_not_null()).unique(
        subset=key, keep="first", maintain_order=True
    )
    reviewed = pl.all_horizontal(pl.col(name).is_not_null() for name in _REVIEW)
    return (
        new.join(first.select(*key, "review_sha256"), on=key, how="left", maintain_order="left")
        .with_columns(text_sha256(new, texts).fill_null("").alias("text_sha256"))
        .with_columns(
            review_sha256=pl.when(reviewed).then(pl.coalesce("review_sha256", "text_sha256"))
        )
    )


def _withdrawn(rows: pl.DataFrame) -> pl.DataFrame:
    """Tombstones of the records that say why they are withdrawn."""
    reason = pl.col("deleted_reason")
    known = reason.is_in(codelists.codes("deletion_reasons"))
    return rows.filter(reason.is_not_null() & ~pl.col("was_deleted").fill_null(value=False)).select(
        *_PLACE,
        "was",
        change=pl.lit(DELETED),
        reason=pl.when(known).then(reason).otherwise(pl.lit("other")),
    )


def current(history: pl.DataFrame) -> pl.DataFrame:
    """The newest version of each record that is not deleted."""
    return newest(history).filter(pl.col("change") != DELETED)


def newest(history: pl.DataFrame) -> pl.DataFrame:
    """The newest version of each record, tombstones too."""
    return history.unique(subset="record_id", keep="last", maintain_order=True)


def reviews(
    history: pl.DataFrame, texts: Sequence[str], *, required: bool, captured: bool = False
) -> pl.DataFrame:
    """Whether the texts of each current record were reviewed as they stand.

    A review is a role and a day. It covers the texts whose hash the source gives
    (``reviewed_sha256``), else those the record had when the review was first seen.

    Args:
        history: Of one source.
        texts: The columns that would be published.
        required: Whether a text needs a review.
        captured: Whether police.uk shows the texts already; a log cannot say so of itself.

    Returns:
        record_id, text_sha256 (null without a text), review: ``reviewed``, ``not_reviewed``,
        ``text_changed`` or ``not_needed``.
    """
    rows = current(history)
    if not texts:
        return rows.select("record_id", text_sha256=_NONE, review=_NONE)
    rows = rows.with_columns(text_sha256(rows, texts))
    no_need = pl.col("text_sha256").is_null() | pl.lit(not required)
    if captured and "already_public" in rows.columns:
        no_need |= (pl.col("already_public") == "yes").fill_null(value=False)
    given = pl.col("reviewed_sha256").str.to_lowercase().str.strip_chars()
    covered = pl.coalesce(given, pl.col("review_sha256"))
    unnamed = pl.any_horizontal(pl.col(name).is_null() for name in _REVIEW)
    return rows.select(
        "record_id",
        "text_sha256",
        review=pl.when(no_need)
        .then(pl.lit("not_needed"))
        .when(unnamed)
        .then(pl.lit("not_reviewed"))
        .when(covered == pl.col("text_sha256"))
        .then(pl.lit("reviewed"))
        .otherwise(pl.lit("text_changed")),
    )


_NONE: Final = pl.lit(None, dtype=pl.String)


def retained_from(months: int, today: date) -> date:
    """The first day that is kept: that many calendar months before today."""
    return pl.select(pl.lit(today).dt.offset_by(f"-{months}mo")).to_series()[0]  # type: ignore[no-any-return]


def expire(
    history: pl.DataFrame, months: int | None, today: date, when: pl.Expr, captured_at: datetime
) -> pl.DataFrame:
    """Take away what is older than the source's retention.

    Of a record whose own date is older, a tombstone stays (reason ``retention``). Of a version
    that a newer one took the place of, captured longer ago, only what its review covered stays:
    otherwise a changed text could pass with an old review.

    Args:
        history: Of one source.
        months: Of retention; None keeps all.
        today: In London.
        when: The record's own date, from its canonical columns; where null, the day it was
            captured counts.
        captured_at: The time of the tombstones.
    """
    if months is None or history.is_empty():
        return history
    start = retained_from(months, today)
    captured = pl.col("captured_at").str.head(10).str.to_date("%Y-%m-%d")
    with_content = history.filter(pl.col("content_sha256").is_not_null())
    old = newest(with_content).filter(pl.coalesce(when, captured) < start)
    last = newest(history).join(old, on="record_id", how="semi")
    stones = last.select(
        "record_id",
        version=pl.col("version") + 1,
        captured_at=pl.lit(moment(captured_at)),
        change=pl.lit(DELETED),
        reason=pl.lit(RETENTION),
    )
    content = [name for name in history.columns if name not in META]
    kept = history.join(old, on="record_id", how="anti")
    superseded = pl.col("version") < pl.col("version").max().over("record_id")
    stale = superseded & pl.col("content_sha256").is_not_null() & (captured < start)
    emptied = [name for name in content if name not in _REVIEW]
    kept = kept.with_columns(
        *(
            pl.when(~stale).then(pl.col(name)).alias(name)
            for name in [*emptied, "content_sha256", "file", "line"]
        ),
        change=pl.when(stale).then(pl.lit(EXPIRED)).otherwise(pl.col("change")),
    )
    return pl.concat([kept, _aligned(stones, content)]).sort("record_id", "version")


def purge(history: pl.DataFrame, record_ids: Iterable[str]) -> pl.DataFrame:
    """Every version of these records taken away, tombstones too."""
    return history.filter(~pl.col("record_id").is_in(list(record_ids)))
