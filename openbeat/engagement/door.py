"""At the door: which rows of a delivery do not become records, and why.

Example rows, records erased or older than the retention, and what must go to somebody who acts,
stay out. What is wrong with a record that comes in is judged by its contract, in ``intake``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from openbeat.contract import Contract
from openbeat.engagement.erase import is_erased
from openbeat.engagement.examples import is_example
from openbeat.engagement.routing import routed_rows

SEPARATOR: Final = "/"
PARTICIPATION: Final = ("event_id", "characteristic", "category")


@dataclass(frozen=True)
class Door:
    """A delivery sorted; every row of it is in exactly one of the five.

    Attributes:
        records: Each id once; record_id, line and the canonical columns.
        refused: The same columns, and ``repeated_id``: without an id, or with one that an earlier
            line has.
        examples: record_id, line.
        routed: record_id, line, content_sha256, kind.
        withheld: record_id (null where erased), line, reason: ``erased`` or ``retention``.
    """

    records: pl.DataFrame
    refused: pl.DataFrame
    examples: pl.DataFrame
    routed: pl.DataFrame
    withheld: pl.DataFrame

    @property
    def lines_out(self) -> pl.Series:
        """The lines that are not kept, not even as they came."""
        return pl.concat([self.routed["line"], self.withheld["line"]])


def record_id(contract: Contract) -> pl.Expr:
    """What a canonical row is known by: its id; for participation event and category joined."""
    if contract.table == "conformed_participation":
        return pl.concat_str(PARTICIPATION, separator=SEPARATOR)
    return pl.col(contract.key[0])


def at_the_door(
    text: pl.DataFrame,
    table: str,
    contract: Contract,
    erased: pl.DataFrame,
    when: pl.Expr,
    kept_from: date | None,
    elsewhere: pl.DataFrame,
) -> Door:
    """Sort the rows of a delivery.

    Args:
        text: ``line`` and the canonical columns.
        table: Its name, as in ``TABLES``.
        contract: Of the table.
        erased: The receipts of what was erased from this source.
        when: The record's own date.
        kept_from: The first day that is kept; None keeps all.
        elsewhere: record_id, kind of what is routed from other sources of the table.
    """
    content = [name for name in text.columns if name != "line"]
    rows = text.sort("line").with_columns(record_id=record_id(contract))
    example = rows.select(is_example(table)).to_series()
    examples, rows = rows.filter(example), rows.filter(~example)
    gone = is_erased(rows["record_id"], erased)
    erased_rows, rows = rows.filter(gone), rows.filter(~gone)
    routed = routed_rows(rows, content, elsewhere)
    rows = rows.filter(~pl.col("line").is_in(routed["line"].implode()))
    old = rows.select(
        pl.lit(value=False) if kept_from is None else (when < kept_from).fill_null(value=False)
    ).to_series()
    old = old if len(old) == rows.height else pl.repeat(False, rows.height, eager=True)
    old_rows, rows = rows.filter(old), rows.filter(~old)
    named = rows["record_id"].is_not_null()
    first = named & rows["record_id"].is_first_distinct()
    return Door(
        records=rows.filter(first),
        refused=rows.filter(~first).with_columns(
            repeated_id=pl.when(pl.col("record_id").is_not_null()).then(pl.lit("yes"))
        ),
        examples=examples.select("record_id", "line"),
        routed=routed,
        withheld=pl.concat(
            [
                erased_rows.select(
                    pl.lit(None, dtype=pl.String).alias("record_id"),
                    "line",
                    reason=pl.lit("erased"),
                ),
                old_rows.select("record_id", "line", reason=pl.lit("retention")),
            ]
        ),
    )
