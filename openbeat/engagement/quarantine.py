"""The quarantine of engagement: for each refused record the rule, the cell, and how to mend it.

It shows one cell of a record, masked where the column is restricted; the record itself stays in
the raw delivery and in history.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from openbeat.contract import Contract
from openbeat.engagement.conform import RESTRICTED, cell_faults
from openbeat.engagement.examples import id_column
from openbeat.engagement.personal_data import found

QUARANTINE: Final = pl.Schema(
    {
        "source": pl.String(),
        "table": pl.String(),
        "record_id": pl.String(),
        "file": pl.String(),
        "line": pl.Int64(),
        "rule": pl.String(),
        "rules": pl.String(),
        "column": pl.String(),
        "value": pl.String(),
        "message": pl.String(),
        "mend": pl.String(),
    }
)
EXAMPLE_ROW: Final = "example_row"
_LONGEST: Final = 60  # characters of a value that is shown: no code, date or number is longer
# Where a rule speaks of a derived column, the cell shown is the one a person would look at.
_SHOWN: Final[Mapping[str, str]] = {
    "force_known": "force_id",
    "neighbourhood_known": "neighbourhood_id",
    "event_date": "start_at",
    "ends_before_start": "end_at",
    "held_after_today": "start_at",
    "participants_block": "attendance_method",
    "notice_days": "advertised_on",
    "first_time_over_attendance": "first_time_attendees",
    "adjustments_over_requested": "adjustments_provided",
    "event_known": "event_id",
    "sum_over_forms": "forms_returned",
    "forms_over_attendance": "forms_returned",
    "category_fits": "category",
    "received_after_today": "received_at",
    "reply_minutes": "meaningful_reply_at",
    "acknowledged_before_received": "acknowledged_at",
    "interval_in_order": "estimate",
}
# By table: what several of its dates are to be held against.
_ORDERED: Final[Mapping[str, str]] = {
    "issues": "raised_on",
    "actions": "agreed_on",
    "activities": "month",
    "problem_plans": "opened_on",
    "priorities": "issue_date",
    "consultations": "opened_on",
    "impact_assessments": "started_on",
    "survey_indicators": "period_start",
}


def quarantine_rows(
    rejected: pl.DataFrame, text: pl.DataFrame, table: str, contract: Contract
) -> pl.DataFrame:
    """One row a refused record, with its first broken rule and the cell of it.

    Args:
        rejected: From ``split``, with ``row``, source, record_id, file, line.
        text: The same records as text: ``row`` and the canonical columns.
        table: Its name, as in ``TABLES``.
        contract: Of the table.

    Returns:
        The columns of ``QUARANTINE``.
    """
    if rejected.is_empty():
        return pl.DataFrame(schema=QUARANTINE)
    theirs = text.join(rejected, on="row", how="semi").with_columns(line=pl.col("row"))
    cells = (
        cell_faults(theirs, contract)
        .rename({"line": "row", "column": "cell", "value": "cell_value"})
        .unique(["row", "rule"], keep="first", maintain_order=True)
    )
    rules = contract.all_rules()
    told = pl.DataFrame(
        [(rule.id, rule.sentence, rule.mend) for rule in rules],
        schema={"rule": pl.String, "sentence": pl.String, "of_rule": pl.String},
        orient="row",
    )
    shown = {**_SHOWN, "repeated_id": id_column(table)}
    for name in ("dates_in_order", "after_today"):
        shown[name] = _ORDERED.get(table, name)
    rows = (
        rejected.select("row", "source", "record_id", "file", "line", "rule", "rules", "column")
        .with_columns(pl.col("column").replace(shown))
        .join(cells, on=["row", "rule"], how="left", maintain_order="left")
        .join(told, on="rule", how="left", maintain_order="left")
        .with_columns(column=pl.coalesce("cell", "column"))
    )
    value = _values(rows, theirs, contract)
    rows = rows.with_columns(value, table=pl.lit(table))
    rows = rows.with_columns(value=pl.coalesce("cell_value", "value"))
    return rows.with_columns(value=_harmless("value")).select(
        "source",
        "table",
        "record_id",
        "file",
        "line",
        "rule",
        "rules",
        "column",
        "value",
        message=pl.when(pl.col("cell").is_null())
        .then(pl.col("sentence"))
        .otherwise(pl.format("{} {}", "cell", "message")),
        mend=pl.coalesce("mend", "of_rule"),
    )


def _harmless(column: str) -> pl.Expr:
    """A value as it may be shown: a cell of codes or dates can hold anything somebody typed."""
    return (
        pl.when(found([column]).is_not_null())
        .then(pl.lit("(looks like personal data)"))
        .when(pl.col(column).str.len_chars() > _LONGEST)
        .then(pl.lit("(a long text)"))
        .otherwise(pl.col(column))
    )


def _values(rows: pl.DataFrame, text: pl.DataFrame, contract: Contract) -> pl.Series:
    """What stands in the cell that is named, masked where its column is restricted."""
    columns = {c.name: c.masked for c in contract.columns if c.name in text.columns}
    named = [name for name in rows["column"].drop_nulls().unique() if name in columns]
    cells = rows.select("row", "column").join(
        text.select("row", *named), on="row", how="left", maintain_order="left", suffix="_text"
    )
    value = pl.coalesce(
        *(
            pl.when((pl.col("column") == name) & pl.col(name).is_not_null()).then(
                pl.lit(RESTRICTED) if columns[name] else pl.col(name)
            )
            for name in named
        ),
        pl.lit(None, dtype=pl.String),
    )
    return cells.select(value=value).to_series()


def example_rows(examples: pl.DataFrame, source: str, table: str, file: str) -> pl.DataFrame:
    """The quarantine of rows that are a template's example.

    Args:
        examples: record_id, line.
        source: Its name.
        table: Of the source.
        file: They are in.
    """
    fixed = {
        "source": source,
        "table": table,
        "file": file,
        "rule": EXAMPLE_ROW,
        "rules": EXAMPLE_ROW,
        "message": "This is the example of the template.",
        "mend": "Write over it, or delete the row.",
    }
    return examples.with_columns(
        *(pl.lit(value).alias(name) for name, value in fixed.items()),
        *(pl.lit(None, dtype=pl.String).alias(name) for name in ("column", "value")),
    ).select(QUARANTINE.names())
