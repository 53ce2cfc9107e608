"""A frame against its contract in Polars: its schema, the rows that break a rule, and how many.

This finds the rows; whether a table may pass is judged by Great Expectations, in ``expectations``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import polars as pl

from openbeat.errors import InputError
from openbeat.rules import row_expression

if TYPE_CHECKING:
    from openbeat.contract import Contract

QUARANTINE_COLUMNS: Final = ("rule", "rules", "column")


class Split(NamedTuple):
    """A frame split by the critical row rules; every input row is in one of the two, in order."""

    accepted: pl.DataFrame
    rejected: pl.DataFrame


def split(frame: pl.DataFrame, contract: Contract, parameters: Mapping[str, str]) -> Split:
    """Split off the rows that break a critical row rule.

    Args:
        frame: The rows; columns beyond the contract's, such as file and line, are kept.
        contract: The table's contract.
        parameters: The run-time values that rules name, such as ``month``.

    Returns:
        ``accepted``, as given, and ``rejected`` with three text columns more: ``rule``, the first
        broken rule in contract order; ``rules``, all of them joined by ``"; "``; ``column``, the
        column of the first.

    Raises:
        ValueError: The frame already has a column named like one of the three.
        KeyError: A parameter that a rule needs is missing.
    """
    if taken := sorted(set(QUARANTINE_COLUMNS).intersection(frame.columns)):
        raise ValueError(f"the frame to split already has {', '.join(taken)}")
    rules = [rule for rule in contract.row_rules() if rule.severity == "critical"]
    keeps = [row_expression(rule, parameters) for rule in rules]
    kept = frame.select(pl.all_horizontal(keeps or [pl.repeat(True, pl.len())])).to_series()

    def where_broken(values: Sequence[str | None]) -> list[pl.Expr]:
        return [
            pl.when(keep.not_()).then(pl.lit(value, dtype=pl.String))
            for keep, value in zip(keeps, values, strict=True)
        ] or [pl.lit(None, dtype=pl.String)]

    ids = where_broken([rule.id for rule in rules])
    # The names are worked out for the broken rows alone, which are few.
    rejected = frame.filter(~kept).with_columns(
        rule=pl.coalesce(ids),
        rules=pl.concat_str(ids, separator="; ", ignore_nulls=True),
        column=pl.coalesce(where_broken([rule.column for rule in rules])),
    )
    return Split(frame.filter(kept), rejected)


def broken_counts(
    frame: pl.DataFrame, contract: Contract, parameters: Mapping[str, str]
) -> pl.DataFrame:
    """Count the rows that break each row rule, of every severity, in one pass.

    Args:
        frame: The rows.
        contract: The table's contract.
        parameters: The run-time values that rules name, such as ``month``.

    Returns:
        One row a row rule, in contract order: rule, severity, checked (the rows for which the
        rule's condition holds), broken.

    Raises:
        KeyError: A parameter that a rule needs is missing.
    """
    rules = contract.row_rules()
    counts = frame.select(
        *(rule.checked().alias(f"{rule.id} checked") for rule in rules),
        *(
            row_expression(rule, parameters).not_().sum().alias(f"{rule.id} broken")
            for rule in rules
        ),
    ).to_dicts()
    return pl.DataFrame(
        [
            (
                rule.id,
                rule.severity,
                counts[0][f"{rule.id} checked"],
                counts[0][f"{rule.id} broken"],
            )
            for rule in rules
        ],
        schema={"rule": pl.String, "severity": pl.String, "checked": pl.Int64, "broken": pl.Int64},
        orient="row",
    )


def check_schema(frame: pl.DataFrame | pl.LazyFrame, contract: Contract) -> None:
    """Refuse a frame whose columns or types are not the contract's; their order is free.

    Args:
        frame: The table.
        contract: Its contract.

    Raises:
        InputError: Names every missing, extra and mistyped column.
    """
    given, wanted = frame.collect_schema(), contract.polars_schema()
    faults = [f"{name} is missing" for name in wanted if name not in given]
    faults += [f"{name} is not in the contract" for name in given if name not in wanted]
    faults += [
        f"{name} is {given[name]}, not {dtype}"
        for name, dtype in wanted.items()
        if name in given and given[name] != dtype
    ]
    if faults:
        raise InputError(
            f"table {contract.table}: {'; '.join(faults)}",
            column=faults[0].split(" ", 1)[0],
            rule="the columns and types of the contract",
        )
