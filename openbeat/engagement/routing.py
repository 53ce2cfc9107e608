"""What leaves at intake because somebody else must act: crime reports, safeguarding, complaints.

Which rows leave, the register of those that left, and the files they leave in. Such a record goes
no further: it is in no table, no version and no raw delivery afterwards.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

import polars as pl

from openbeat import codelists
from openbeat.engagement.history import content_sha256, moment

ROUTED: Final = pl.Schema(
    {
        "source": pl.String(),
        "table": pl.String(),
        "record_id": pl.String(),
        "content_sha256": pl.String(),
        "kind": pl.String(),
        "routed_at": pl.String(),
    }
)
"""The register in the lake: what left, not what it said; ``record_id`` may be null."""
FORMAL_COMPLAINT: Final = "formal_complaint"
UNCLEAR: Final = "unclear"
"""The kind of a record whose ``nature`` is filled in with no code of the list."""
OWN: Final = "openbeat_"
"""What our columns begin with beside those of the source."""


def kind(columns: list[str]) -> pl.Expr:
    """Which kind a canonical row is to be routed as; null where it is to stay.

    A record with any ``nature`` leaves, and feedback with a ``complaint_ref``.

    Args:
        columns: Those of the frame.
    """
    nature = pl.col("nature") if "nature" in columns else pl.lit(None, dtype=pl.String)
    known = nature.is_in(codelists.codes("routed_kinds"))
    of_nature = pl.when(known).then(nature).when(nature.is_not_null()).then(pl.lit(UNCLEAR))
    if "complaint_ref" not in columns:
        return of_nature
    complaint = pl.when(pl.col("complaint_ref").is_not_null()).then(pl.lit(FORMAL_COMPLAINT))
    return pl.coalesce(of_nature, complaint)


def routed_rows(text: pl.DataFrame, content: list[str], elsewhere: pl.DataFrame) -> pl.DataFrame:
    """The rows that leave: those with a kind, and every other row of the same id.

    Args:
        text: record_id, line and the canonical columns.
        content: The canonical columns.
        elsewhere: record_id, kind of what leaves, or left, from the table's other sources.

    Returns:
        record_id, line, content_sha256, kind; in order of line.
    """
    others = elsewhere.drop_nulls().unique("record_id", keep="first", maintain_order=True)
    marked = (
        text.with_columns(kind=kind(text.columns))  # in place of the column of feedback
        .join(others.rename({"kind": "others"}), on="record_id", how="left", maintain_order="left")
        .with_columns(kind=pl.coalesce("kind", "others"))
        .drop("others")
    )
    left = marked.filter(pl.col("kind").is_not_null())
    if left.is_empty():
        return left.select("record_id", "line", content_sha256=pl.col("kind"), kind="kind")
    ids = left.drop_nulls("record_id").unique("record_id", keep="first", maintain_order=True)
    of_id = ids.select("record_id", of_id="kind")
    marked = marked.join(of_id, on="record_id", how="left", maintain_order="left")
    left = marked.with_columns(kind=pl.coalesce("kind", "of_id")).filter(
        pl.col("kind").is_not_null()
    )
    return left.with_columns(content_sha256(left, content)).select(
        "record_id", "line", "content_sha256", "kind"
    )


def unwritten(routed: pl.DataFrame, register: pl.DataFrame, source: str) -> pl.DataFrame:
    """Those of the routed rows that did not leave before with the same content."""
    if register.is_empty():
        return routed
    before = register.filter(pl.col("source") == source)
    return routed.join(before, on=["content_sha256", "kind"], how="anti", maintain_order="left")


def registered(rows: pl.DataFrame, source: str, table: str, now: datetime) -> pl.DataFrame:
    """The entries of the register for rows that leave now; the same content once."""
    return rows.select(
        pl.lit(source).alias("source"),
        pl.lit(table).alias("table"),
        "record_id",
        "content_sha256",
        "kind",
        pl.lit(moment(now)).alias("routed_at"),
    ).unique(["content_sha256", "kind"], keep="first", maintain_order=True)


def routed_files(
    theirs: pl.DataFrame, rows: pl.DataFrame, source: str, table: str, file: str
) -> dict[str, bytes]:
    """The files for those who act: whole records, in the columns they came in.

    Args:
        theirs: ``line`` and the columns of the source.
        rows: line, record_id, kind of those that leave.
        source: Its name.
        table: Of the source.
        file: The file they came in.

    Returns:
        CSV by ``<kind>/<source>-<sha12>.csv``; the same rows give the same name. A text that a
        spreadsheet would run as a formula begins with an apostrophe.
    """
    files = {}
    for (name,), part in rows.group_by("kind", maintain_order=True):
        whole = part.select("line", "record_id").join(theirs, on="line", maintain_order="left")
        data = (
            whole.select(
                pl.lit(source).alias(f"{OWN}source"),
                pl.lit(table).alias(f"{OWN}table"),
                pl.lit(name).alias(f"{OWN}kind"),
                pl.lit(file).alias(f"{OWN}file"),
                pl.col("line").alias(f"{OWN}line"),
                pl.col("record_id").alias(f"{OWN}record_id"),
                pl.exclude("line", "record_id"),
            )
            .with_columns(pl.col(pl.String).str.replace(r"^([=+\-@\t\r])", "'$1"))
            .write_csv()
            .encode()
        )
        files[f"{name}/{source}-{hashlib.sha256(data).hexdigest()[:12]}.csv"] = data
    return files
