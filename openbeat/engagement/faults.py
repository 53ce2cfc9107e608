"""Every fault of every record in one table, for the people who keep the logs.

It names records, rules and ways to mend, and holds no value of any column, so nothing restricted
can show. Writing it to a file belongs to those who call it; cells and their values, as far as they
may be shown, are in ``quarantine``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import polars as pl

from openbeat import codelists
from openbeat.contract import Contract
from openbeat.engagement.quarantine import EXAMPLE_ROW
from openbeat.engagement.tables import TABLES
from openbeat.rules import Rule, row_expression

FAULTS: Final = pl.Schema(
    {
        "source": pl.String(),
        "table": pl.String(),
        "record_id": pl.String(),
        "line": pl.Int64(),
        "what": pl.String(),
        "rule": pl.String(),
        "sentence": pl.String(),
        "mend": pl.String(),
    }
)
_RECORD: Final = ("source", "table", "record_id", "line")
# Reasons that no keeper of a log need do anything about: it stays inside, or is none to count.
_NO_FAULT: Final = ("awaits_disclosure_control", "internal_table", "not_counted")


def fault_rows(
    conformed: Mapping[str, pl.DataFrame],
    contracts: Mapping[str, Contract],
    quarantine: pl.DataFrame,
    records: pl.DataFrame,
) -> pl.DataFrame:
    """List what is wrong with the records: one row a record and broken rule.

    Args:
        conformed: The accepted records, by table (without ``conformed_``).
        contracts: Of the conformed tables, by their contract's name.
        quarantine: ``quarantine.QUARANTINE``.
        records: source, table, record_id, line, disposition, reason, as published.

    Returns:
        The columns of ``FAULTS``, sorted by them. ``what`` is ``quarantined``, ``warning`` (kept,
        and breaks a rule of that severity) or ``withheld``; ``rule`` is the rule's id or the code
        of the reason; ``sentence`` what the rule says or the reason's label; ``mend`` is empty
        where a record is withheld. Records withheld because their whole table stays inside, or
        because they are none of those that are counted, are left out.
    """
    parts = [pl.DataFrame(schema=FAULTS), _quarantined(quarantine, contracts), _withheld(records)]
    for name, frame in conformed.items():
        parts += _warnings(frame, name, contracts[TABLES[name].contract])
    return pl.concat(parts).sort(FAULTS.names(), nulls_last=True)


def _warnings(frame: pl.DataFrame, table: str, contract: Contract) -> Iterator[pl.DataFrame]:
    for rule in contract.row_rules():
        if rule.severity == "warning":
            yield frame.filter(row_expression(rule, {}).not_()).select(
                "source",
                pl.lit(table).alias("table"),
                pl.col(TABLES[table].id).alias("record_id"),
                "line",
                pl.lit("warning").alias("what"),
                *_told(rule),
            )


def _told(rule: Rule) -> list[pl.Expr]:
    told = {"rule": rule.id, "sentence": rule.sentence, "mend": rule.mend}
    return [pl.lit(text, dtype=pl.String).alias(name) for name, text in told.items()]


def _quarantined(quarantine: pl.DataFrame, contracts: Mapping[str, Contract]) -> pl.DataFrame:
    """The rules of the refused; what quarantine says of one cell is not repeated."""
    if quarantine.is_empty():
        return pl.DataFrame(schema=FAULTS)
    rules = pl.DataFrame(
        [
            (table.name, rule.id, rule.sentence, rule.mend)
            for table in TABLES.values()
            if table.contract in contracts
            for rule in contracts[table.contract].row_rules()
        ],
        schema=dict.fromkeys(("table", "rule", "of_rule", "mend_of_rule"), pl.String),
        orient="row",
    )
    example = pl.col("rule") == EXAMPLE_ROW
    return (
        quarantine.with_columns(rule=pl.col("rules").str.split("; "))
        .explode("rule")
        .join(rules, on=["table", "rule"], how="left", maintain_order="left")
        .select(
            *_RECORD,
            pl.lit("quarantined").alias("what"),
            "rule",
            pl.when(example).then("message").otherwise("of_rule").alias("sentence"),
            pl.when(example).then("mend").otherwise("mend_of_rule").alias("mend"),
        )
    )


def _withheld(records: pl.DataFrame) -> pl.DataFrame:
    if records.is_empty():
        return pl.DataFrame(schema=FAULTS)
    labels = codelists.load("withheld_reasons").select(reason="code", sentence="label")
    open_ = (pl.col("disposition") == "withheld") & ~pl.col("reason").is_in(_NO_FAULT)
    return (
        records.filter(open_)
        .join(labels, on="reason", how="left", maintain_order="left")
        .select(
            *_RECORD,
            pl.lit("withheld").alias("what"),
            pl.col("reason").alias("rule"),
            "sentence",
            pl.lit(None, dtype=pl.String).alias("mend"),
        )
    )
