"""The page for a governance board: what came in, what was wrong, what was kept back and why.

Everything a board asks before a release: inputs with their hashes, faults by rule, records
withheld, routed out and erased, whose reviews the published texts rest on, and whether it adds up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import polars as pl

from openbeat import codelists
from openbeat.engagement.tables import TABLES
from openbeat.website import words
from openbeat.website.pages import page

_INPUTS: Final = ("source", "table", "name", "rows", "sha256", "captured_at")
_SUMS: Final = ("records", "published", "withheld", "routed", "quarantined")
_FAULTS: Final = ("rule", "severity", "table", "broken", "checked", "sentence")
SHORT_HASH: Final = 12


def board_page(
    tables: Mapping[str, pl.DataFrame],
    *,
    deliveries: pl.DataFrame,
    quarantine: pl.DataFrame,
    quality: pl.DataFrame,
    records: pl.DataFrame,
    ledger: pl.DataFrame,
    erasures: pl.DataFrame,
    as_of: date,
) -> str:
    """The page of the board.

    Args:
        tables: The conformed tables by the names of the canonical ones.
        deliveries: source, table, name, sha256, rows, captured_at.
        quarantine: As ``openbeat.engagement.quarantine.QUARANTINE``. It, ``deliveries``,
            ``quality`` and ``erasures`` may be without columns where there is nothing.
        quality: The judgements: table, rule, severity, success, checked, broken, sentence.
        records: The final dispositions: source, table, record_id, line, disposition, reason.
        ledger: ``engagement_ledger``: source, table, records, published, withheld, routed,
            quarantined, accounted.
        erasures: The receipts, as ``openbeat.engagement.erase.RECEIPTS``; may be empty.
        as_of: The day up to which engagement is covered.
    """
    inputs = (
        _or_none(deliveries, _INPUTS)
        .with_columns(pl.col("sha256").str.head(SHORT_HASH))
        .sort("table", "source")
    )
    by_reason = ("label", "table", "records")
    return page(
        "board.html",
        as_of=as_of,
        deliveries=inputs.select(_INPUTS).rows(),
        refused=refused(quarantine).select("rule", "table", "records", "sources", "mend").rows(),
        faults=faults(quality).select(_FAULTS).rows(),
        withheld=dispositions(records, "withheld", "withheld_reasons").select(by_reason).rows(),
        routed=dispositions(records, "routed", "routed_kinds")
        .select(*by_reason, "for_whom")
        .rows(),
        approvals=approvals(tables).rows(),
        waiting=waiting(tables).rows(),
        erasures=erased(erasures).rows(),
        ledger=ledger.select("source", "table", *_SUMS, "accounted").sort("table", "source").rows(),
        sums={name: int(ledger[name].sum()) for name in (*_SUMS, "accounted")},
        adds_up=bool((ledger["accounted"] == ledger["records"]).all()),
    )


def refused(quarantine: pl.DataFrame) -> pl.DataFrame:
    """Records refused, by table and the first rule they broke: records, sources, mend."""
    return (
        _or_none(quarantine, ("source", "table", "rule", "mend"))
        .group_by("table", "rule")
        .agg(
            pl.len().alias("records"),
            pl.col("source").unique().sort().str.join(", ").alias("sources"),
            pl.col("mend").drop_nulls().sort().first().alias("mend"),
        )
        .sort("table", "rule")
    )


def faults(quality: pl.DataFrame) -> pl.DataFrame:
    """Rules that were broken, warnings and what stops a release: critical ones first."""
    if quality.is_empty():
        return _or_none(pl.DataFrame(), _FAULTS)
    return (
        quality.filter(~pl.col("success"))
        .group_by("severity", "table", "rule", "sentence")
        .agg(pl.col("broken").sum(), pl.col("checked").sum())
        .sort("severity", "table", "rule")
    )


def dispositions(records: pl.DataFrame, disposition: str, codelist: str) -> pl.DataFrame:
    """Records of one disposition, by table and reason.

    Returns:
        table, reason, label (of the reason), records; and the other columns of the code list.
    """
    listed = codelists.load(codelist).rename({"code": "reason"})
    return (
        records.filter(pl.col("disposition") == disposition)
        .group_by("table", "reason")
        .agg(pl.len().alias("records"))
        .join(listed, on="reason", how="left")
        .with_columns(pl.col("label").fill_null(pl.col("reason")))
        .sort("table", "reason")
    )


def approvals(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Whose reviews the texts rest on: reviewer_role, reviewed_on, table, records, texts.

    ``texts`` counts the texts of those records, one record may hold several. A review that was
    not valid (the text changed after it) is not among them.
    """
    parts = [
        frame.filter(pl.col("review") == "reviewed")
        .group_by("reviewer_role", "reviewed_on")
        .agg(pl.len().alias("records"), _texts(table).sum().cast(pl.Int64).alias("texts"))
        .with_columns(pl.lit(table).alias("table"))
        for table, frame in _reviewed(tables)
    ]
    columns = ("reviewer_role", "reviewed_on", "table", "records", "texts")
    if not parts:
        return _or_none(pl.DataFrame(), columns)
    return (
        pl.concat(parts)
        .select(columns)
        .sort(["reviewed_on", "reviewer_role", "table"], descending=[True, False, False])
    )


def waiting(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Records with texts that no valid review covers: table, label (why), records."""
    labels = words.labels(codelists.load("withheld_reasons"))
    parts = [
        frame.filter(pl.col("review").is_in(["not_reviewed", "text_changed"]))
        .group_by("review")
        .agg(pl.len().alias("records"))
        .select(
            pl.lit(table).alias("table"), pl.col("review").replace(labels).alias("label"), "records"
        )
        for table, frame in _reviewed(tables)
    ]
    if not parts:
        return _or_none(pl.DataFrame(), ("table", "label", "records"))
    return pl.concat(parts).sort("table", "label")


def erased(receipts: pl.DataFrame) -> pl.DataFrame:
    """Erasures by day, source, table and reason: how many records; not which."""
    if receipts.is_empty():
        return _or_none(pl.DataFrame(), ("day", "source", "table", "reason", "records"))
    return (
        receipts.group_by(
            pl.col("erased_at").str.head(10).str.to_date().alias("day"), "source", "table", "reason"
        )
        .agg(pl.col("id_sha256").n_unique().alias("records"))
        .sort("day", "source", "table", "reason")
    )


def _reviewed(tables: Mapping[str, pl.DataFrame]) -> list[tuple[str, pl.DataFrame]]:
    """The tables whose texts are reviewed."""
    return [
        (name, tables[name]) for name, table in TABLES.items() if table.texts and name in tables
    ]


def _texts(table: str) -> pl.Expr:
    return pl.sum_horizontal(pl.col(c).is_not_null().cast(pl.Int64) for c in TABLES[table].texts)


def _or_none(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The frame; where it has no columns at all, one without rows."""
    return frame if frame.width else pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
