"""Typing the columns of a record as its contract says, and telling what cannot be read.

How a value may be written is in ``values``. What must be true of a value that can be read belongs
in the contract's rules.
"""

from __future__ import annotations

import re
from typing import Final

import polars as pl

from openbeat.contract import Column, Contract
from openbeat.engagement.values import (
    RAGGED,
    canonical,
    instead,
    or_map,
    typed,
)

UNREADABLE: Final = "unreadable"
UNKNOWN_CODES: Final = "unknown_codes"
RESTRICTED: Final = "(restricted)"
_COMPARED: Final = 500  # further values that are no code are told without the nearest
_FAULT_SCHEMA: Final = {
    "line": pl.Int64,
    "column": pl.String,
    "value": pl.String,
    "rule": pl.String,
    "message": pl.String,
    "mend": pl.String,
}


def conform(text: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Type the columns that a source delivers.

    Args:
        text: Every column of the contract that is not derived, as text; and any others.
        contract: Of the conformed table.

    Returns:
        As many rows in the same order: the columns typed, null where the text cannot be read; text
        that is no code as it is; the others as they were; and ``unreadable`` and
        ``unknown_codes``: names of the columns whose text cannot be read or is no code, joined by
        ``; ``, null where there is none.
    """
    ours = _delivered(contract)
    read = text.select(canonical(pl.col(c.name), c).alias(c.name) for c in ours)
    bad = pl.DataFrame([text[c.name].is_not_null() & read[c.name].is_null() for c in ours])
    done = read.with_columns(typed(pl.col(c.name), c) for c in ours if not _is_code(c))
    codes = [c.name for c in ours if _is_code(c)]
    kept = [done[name].zip_with(~bad[name], text[name]) for name in codes]
    return text.with_columns(
        *done.with_columns(kept).get_columns(),
        _names(bad, [c.name for c in ours if not _is_code(c)]).alias(UNREADABLE),
        _names(bad, codes).alias(UNKNOWN_CODES),
    )


def _delivered(contract: Contract) -> list[Column]:
    return [column for column in contract.columns if not column.derived]


def _is_code(column: Column) -> bool:
    return column.codelist is not None


def _names(bad: pl.DataFrame, columns: list[str]) -> pl.Series:
    """The names of the columns that are bad, by row."""
    seen = [pl.when(name).then(pl.lit(name)) for name in columns if bad[name].any()]
    if not seen:
        return pl.repeat(None, bad.height, dtype=pl.String, eager=True)
    named = pl.concat_str(seen, separator="; ", ignore_nulls=True)
    return bad.select(pl.when(named != "").then(named)).to_series()


def cell_faults(text: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Every cell that cannot be read, with what is wrong and how to mend it.

    Args:
        text: As for ``conform``, with ``line``.
        contract: Of the conformed table.

    Returns:
        line, column, value (masked where the column is restricted), rule (``readable`` or
        ``known_codes``), message, mend; by line and in the contract's order of columns.
    """
    parts = [_column_faults(text, column) for column in _delivered(contract)]
    found = pl.concat([pl.DataFrame(schema=_FAULT_SCHEMA), *parts])
    return found.sort("line", maintain_order=True)


def _column_faults(text: pl.DataFrame, column: Column) -> pl.DataFrame:
    value = pl.col(column.name)
    bad = text.filter(value.is_not_null() & canonical(value, column).is_null())
    bad = bad.select("line", value.alias("value"))
    values = bad["value"].unique(maintain_order=True).to_list()
    told = [_words(each, column, n < _COMPARED) for n, each in enumerate(values)]
    words = pl.DataFrame(
        {"value": values, "message": [w[0] for w in told], "mend": [w[1] for w in told]},
        schema_overrides={"value": pl.String, "message": pl.String, "mend": pl.String},
    )
    shown = pl.lit(RESTRICTED) if column.masked else pl.col("value")
    return bad.join(words, on="value", how="left", maintain_order="left").select(
        "line",
        pl.lit(column.name).alias("column"),
        shown.alias("value"),
        pl.lit("known_codes" if _is_code(column) else "readable").alias("rule"),
        "message",
        "mend",
    )


def _words(value: str, column: Column, compare: bool) -> tuple[str, str]:
    """What is wrong with a cell, and how to mend it; without the value, which stands beside it."""
    if re.search(RAGGED, value):
        return (
            "the row has another number of fields than the header",
            "put quotation marks round a text that holds the separator, or add what is missing.",
        )
    listed = column.codelist is not None
    fault = f"no code of the list {column.codelist}" if listed else f"not of type {column.type}"
    wanted = instead(value, column, compare=compare and not column.masked)
    return f"is {fault}", f"{wanted}{or_map(column)}."
