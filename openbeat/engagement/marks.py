"""Where a log breaks the rules: rows and columns of theirs, and values as they may be shown.

Which rules a log is held against is decided in ``checking``; how marks are shown to people belongs
in ``annotated`` and the command line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import polars as pl

from openbeat.contract import Column, Contract
from openbeat.engagement.cells import LINE
from openbeat.engagement.conform import RESTRICTED, UNKNOWN_CODES, UNREADABLE
from openbeat.engagement.personal_data import found
from openbeat.engagement.tables import TABLES
from openbeat.rules import Rule, row_expression

PERSONAL: Final = "(looks like personal data)"
CELL_RULES: Final[Mapping[str, str]] = {UNREADABLE: "readable", UNKNOWN_CODES: "known_codes"}
"""The columns of rules that are told cell by cell, and the rule of each."""
MARKS: Final = pl.Schema(
    {
        "line": pl.Int64(),
        "rule": pl.String(),
        "severity": pl.String(),
        "columns": pl.List(pl.String()),
        "value": pl.String(),
        "message": pl.String(),
        "mend": pl.String(),
    }
)
"""One row a broken rule of a row: its line, the columns of theirs that it is about (ours where none
of theirs gives it), the value of a cell that cannot be read (masked) or the kinds of personal data,
what is wrong, how to mend it. ``severity`` is critical, warning or info."""

_DATES: Final = ("date", "month", "moment")
_SCREENED: Final = ("personal_data", "personal_data_public")
# What a derived column follows from is named in its description, but for these.
_FOLLOWS: Final[Mapping[str, tuple[str, ...]]] = {
    "force_known": ("force_id",),
    "neighbourhood_known": ("neighbourhood_id",),
    "event_date": ("start_at",),
    "held_after_today": ("status", "start_at"),
    "planned_in_past": ("status", "start_at"),
    "attendance_odd": ("attendance_total",),
    "score_faults": ("treatment_quality", "outcome_satisfaction"),
    "campaign": ("free_text",),
    "review": ("reviewer_role", "reviewed_on", "reviewed_sha256"),
}


def cell_marks(
    faults: pl.DataFrame, sources: Mapping[str, list[str]], contract: Contract
) -> pl.DataFrame:
    """The cells that cannot be read or hold no code.

    Args:
        faults: From ``conform.cell_faults``.
        sources: By column of ours, the columns of theirs it comes from.
        contract: Of the conformed table.

    Returns:
        ``MARKS``.
    """
    severity = {
        CELL_RULES[rule.column or ""]: rule.severity
        for rule in contract.row_rules()
        if rule.column in CELL_RULES
    }
    theirs = {ours: sources.get(ours, [ours]) for ours in faults["column"].unique()}
    dates = [c.name for c in contract.columns if c.type in _DATES]
    columns = pl.DataFrame(
        {"column": list(theirs), "columns": list(theirs.values())},
        schema={"column": pl.String, "columns": pl.List(pl.String)},
    )
    return faults.join(columns, on="column", how="left", maintain_order="left").select(
        "line",
        "rule",
        pl.col("rule").replace_strict(severity, default="critical").alias("severity"),
        "columns",
        _unless_personal("value", pl.col("column").is_in(dates)),
        "message",
        "mend",
    )


def rule_marks(
    rule: Rule,
    frame: pl.DataFrame,
    faults: pl.DataFrame,
    sources: Mapping[str, list[str]],
    contract: Contract,
) -> pl.DataFrame:
    """The rows that break a rule; what is empty because it could not be read is told already.

    Args:
        rule: A row rule.
        frame: ``line`` and every column the rule speaks of.
        faults: From ``conform.cell_faults``.
        sources: By column of ours, the columns of theirs it comes from.
        contract: Of the conformed table.

    Returns:
        ``MARKS``.
    """
    broken = frame.filter(row_expression(rule, {}).not_())
    if rule.kind == "not_null":
        told = faults.filter(pl.col("column") == rule.column).select("line")
        broken = broken.join(told, on="line", how="anti", maintain_order="left")
    value = pl.lit(None, dtype=pl.String)
    if rule.column in _SCREENED:
        columns = _where_personal(rule.column, sources, contract)
        if not contract.column(rule.column).restricted:
            value = pl.col(rule.column)
    else:
        ours = dict.fromkeys(o for name in rule.subjects for o in delivered_from(name, contract))
        theirs = dict.fromkeys(t for name in ours for t in sources.get(name, [name]))
        columns = pl.lit(pl.Series([list(theirs)], dtype=pl.List(pl.String))).first()
    return broken.select(
        "line",
        rule=pl.lit(rule.id),
        severity=pl.lit(rule.severity),
        columns=columns,
        value=value,
        message=pl.lit(rule.sentence),
        mend=pl.lit(rule.mend, dtype=pl.String),
    )


def _where_personal(column: str, sources: Mapping[str, list[str]], contract: Contract) -> pl.Expr:
    """The columns of theirs in which the screen sees something."""
    texts = TABLES[contract.table.removeprefix("conformed_")].texts
    inside = [
        c.name
        for c in contract.columns
        if c.restricted and not c.derived and c.type == "string" and c.codelist is None
    ]
    candidates = texts if column == "personal_data_public" else (*texts, *inside)
    seen = [
        pl.when(found([ours]).is_not_null()).then(pl.lit(theirs))
        for ours in candidates
        for theirs in sources.get(ours, [])
    ]
    if not seen:
        return pl.lit(pl.Series([[]], dtype=pl.List(pl.String))).first()
    return pl.concat_list(seen).list.drop_nulls()


def delivered_from(name: str, contract: Contract) -> list[str]:
    """The columns that a source delivers from which a column follows.

    What a derived column follows from is what its description names, but for a few that are told
    here; a column that is delivered follows from itself.

    Args:
        name: A column of the contract.
        contract: Of the conformed table.
    """
    return list(dict.fromkeys(_delivered_from(name, contract, {name})))


def _delivered_from(name: str, contract: Contract, seen: set[str]) -> Iterator[str]:
    column = contract.column(name)
    if not column.derived:
        yield name
        return
    if name in _FOLLOWS or name == "repeated_id":
        follows = _FOLLOWS.get(name, tuple(contract.key))
        yield from (o for f in follows for o in delivered_from(f, contract))
        return
    known = {c.name for c in contract.columns} - seen
    for word in re.findall(r"[a-z][a-z0-9_]+", column.description):
        if word in known:
            yield from _delivered_from(word, contract, {*seen, word})


def shown(
    theirs: pl.DataFrame,
    sources: Mapping[str, list[str]],
    contract: Contract,
    ragged: pl.Series | None = None,
) -> pl.DataFrame:
    """Their rows as they may be shown: no restricted value, and none that looks like personal data.

    Args:
        theirs: ``line`` and columns of theirs.
        sources: By column of ours, theirs.
        contract: Says which of ours are restricted.
        ragged: Lines with another number of fields than the header: a restricted text may stand
            in any of their cells, so none of them is shown.

    Returns:
        The same rows and columns, with ``(restricted)`` or ``(looks like personal data)`` in place
        of what is not shown. A column of theirs that nothing is made from counts as restricted.
    """
    ours_of: dict[str, list[Column]] = {}
    for ours, names in sources.items():
        for name in names:
            ours_of.setdefault(name, []).append(contract.column(ours))
    columns = [name for name in theirs.columns if name != LINE]
    masked = theirs.select(LINE, *(_shown(name, ours_of.get(name, [])) for name in columns))
    if ragged is None or ragged.is_empty():
        return masked
    torn = pl.col(LINE).is_in(ragged.implode())
    return masked.with_columns(
        pl.when(torn & pl.col(name).is_not_null())
        .then(pl.lit(RESTRICTED))
        .otherwise(pl.col(name))
        .alias(name)
        for name in columns
    )


def _shown(name: str, ours: Sequence[Column]) -> pl.Expr:
    if not ours or any(column.restricted for column in ours):
        return pl.when(pl.col(name).is_not_null()).then(pl.lit(RESTRICTED)).alias(name)
    return _unless_personal(name, pl.lit(all(column.type in _DATES for column in ours)))


def _unless_personal(name: str, dated: pl.Expr) -> pl.Expr:
    """A text, masked where it looks like personal data; an old date among dates is just a slip."""
    kinds = found([name])
    personal = kinds.is_not_null() & (dated & (kinds == "date_of_birth")).not_()
    return pl.when(personal).then(pl.lit(PERSONAL)).otherwise(pl.col(name)).alias(name)
