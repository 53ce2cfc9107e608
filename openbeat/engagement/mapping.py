"""Their columns, formats, codes and units made ours, as a mapping says.

What a mapping may say is in ``mapping_file``. Whether a value can be read at all is judged in
``conform``; what cannot be turned is handed on as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, cast

import polars as pl

from openbeat.contract import Column, Contract
from openbeat.engagement.cells import LINE, Rows
from openbeat.engagement.mapping_file import ColumnMapping, Mapping, load_mapping
from openbeat.engagement.values import (
    MANY,
    canonical,
    fold,
    folded,
    formatted,
    nearest,
    ragged_note,
)
from openbeat.errors import InputError

__all__ = [
    "ColumnMapping",
    "Mapping",
    "load_mapping",
    "their_columns",
    "to_canonical",
    "without_ignored",
]

_DECIMALS: Final = 6  # of a number that was multiplied
_SAME_TABLE: Final = "duplicate_of"  # names a record of its own table, so its prefix is the id's


def their_columns(
    headers: Sequence[str], mapping: Mapping | None, contract: Contract, file: str
) -> dict[str, list[str]]:
    """Which of their columns each column of ours comes from; columns of ours without are left out.

    Raises:
        InputError: A column that the mapping names is not there, one that is there is neither
            taken nor ignored, or nothing gives a column that must be there.
    """
    told = mapping or Mapping(table=cast(Any, contract.table.removeprefix("conformed_")))
    by_fold = {fold(header): header for header in reversed(headers)}
    ours = [column for column in contract.columns if not column.derived]
    _refuse_foreign(by_fold, told, [column.name for column in ours], file)
    taken: dict[str, list[str]] = {}
    for name, way in told.columns.items():
        wanted = way.source or [name]
        taken[name] = [_theirs(w, headers, by_fold, file, name) for w in wanted]
    used = {header for sources in taken.values() for header in sources}
    for name in [c.name for c in ours if c.name not in {*taken, *told.constants}]:
        header = by_fold.get(fold(name))
        if header is not None and header not in used and fold(name) not in _ignored(told):
            taken[name] = [header]
    _refuse_unlisted(headers, taken, told, contract, file)
    given = {*taken, *told.constants, *told.defaults}
    for column in ours:
        if not column.nullable and column.name not in given:
            raise InputError(
                f"nothing gives {column.name}, which every row needs",
                file=file,
                column=column.name,
                mend=_give(column.name, sorted(set(headers) - used)),
            )
    return taken


def _refuse_foreign(by_fold: dict[str, str], told: Mapping, ours: list[str], file: str) -> None:
    """Headers that are all unknown may be a row of values, which no message may show."""
    named = [source for name, way in told.columns.items() for source in way.source or [name]]
    ignored = [] if told.ignore == "*" else told.ignore
    if not by_fold.keys() & {fold(name) for name in (*ours, *named, *ignored)}:
        raise InputError(
            "no column of the header is one of ours or of the mapping",
            file=file,
            mend="look whether header_line and sheet of the source are right; if so, say in a "
            "mapping what the columns are.",
        )


def _theirs(
    wanted: str, headers: Sequence[str], by_fold: dict[str, str], file: str, ours: str
) -> str:
    if wanted in headers:
        return wanted
    if fold(wanted) in by_fold:
        return by_fold[fold(wanted)]
    close = nearest(wanted, headers) or list(headers)
    raise InputError(
        f"the mapping takes {ours} from a column that is not there",
        file=file,
        column=wanted,
        mend=f"the file has {', '.join(close)}.",
    )


def _refuse_unlisted(
    headers: Sequence[str],
    taken: dict[str, list[str]],
    told: Mapping,
    contract: Contract,
    file: str,
) -> None:
    if told.ignore == "*":
        return
    known = {header for sources in taken.values() for header in sources}
    free = [c.name for c in contract.columns if not c.derived and c.name not in taken]
    derived = {fold(column.name) for column in contract.columns if column.derived}
    for header in headers:
        if header in known or fold(header) in _ignored(told):
            continue
        close = nearest(header, free)
        like = f"the nearest of ours are {', '.join(close)}; " if close else ""
        if fold(header) in derived:
            like = "openbeat works it out itself; "
        raise InputError(
            "is no column of ours, and no mapping says what it is",
            file=file,
            column=header,
            mend=f"{like}name it in the mapping, under columns or under ignore.",
        )


def _ignored(told: Mapping) -> set[str]:
    return set() if told.ignore == "*" else {fold(header) for header in told.ignore}


def _give(name: str, free: Sequence[str]) -> str:
    close = nearest(name, free)
    like = f" (the file has {', '.join(close)})" if close else ""
    return f"name it in the mapping, under columns{like}, constants or defaults."


def to_canonical(rows: Rows, mapping: Mapping | None, contract: Contract) -> pl.DataFrame:
    """Give rows our columns, dates and codes.

    A row that is ragged cannot be trusted: all it keeps is its id, and the first column that is
    not plain text says how many fields it has, which no rule accepts.

    Args:
        rows: As delivered.
        mapping: None where headers, dates and codes are ours already.
        contract: Of the conformed table.

    Returns:
        ``line`` Int64 and every column that is not derived, in the contract's order, all String.
        A value that cannot be turned is as it was.

    Raises:
        InputError: As ``their_columns``.
    """
    headers = [name for name in rows.frame.columns if name != LINE]
    sources = their_columns(headers, mapping, contract, rows.name)
    told = mapping or Mapping(table=cast(Any, contract.table.removeprefix("conformed_")))
    ours = [column for column in contract.columns if not column.derived]
    told = _with_prefix_of_id(told, contract)
    frame = rows.frame.select(
        LINE, *(_column(c, sources.get(c.name), told).alias(c.name) for c in ours)
    )
    return _without_ragged(frame, rows.ragged, contract)


def without_ignored(rows: Rows, mapping: Mapping | None, contract: Contract) -> Rows:
    """The rows without the columns that the mapping ignores, so that nothing of them is kept.

    A ragged row may hold what is ignored under any header, so all of it but its line goes.

    Args:
        rows: As delivered.
        mapping: None where nothing is ignored.
        contract: Of the conformed table.

    Returns:
        The rows; hash and size stay those of the file.

    Raises:
        InputError: As ``their_columns``.
    """
    headers = [name for name in rows.frame.columns if name != LINE]
    taken = their_columns(headers, mapping, contract, rows.name)
    used = {header for sources in taken.values() for header in sources}
    gone = [header for header in headers if header not in used]
    if not gone:
        return rows
    ragged = pl.col(LINE).is_in(rows.ragged[LINE].implode())
    kept = [header for header in headers if header in used]
    whole = [pl.when(~ragged).then(pl.col(name)).alias(name) for name in kept]
    return replace(rows, frame=rows.frame.select(LINE, *whole))


def _with_prefix_of_id(told: Mapping, contract: Contract) -> Mapping:
    """A record that repeats another of its table names it by an id of the same source."""
    identity = told.columns.get(contract.key[0]) if contract.key else None
    other = told.columns.get(_SAME_TABLE, ColumnMapping())
    if identity is None or identity.prefix is None or other.prefix is not None:
        return told
    way = other.model_copy(update={"prefix": identity.prefix})
    return told.model_copy(update={"columns": {**told.columns, _SAME_TABLE: way}})


def _column(column: Column, sources: list[str] | None, told: Mapping) -> pl.Expr:
    way = told.columns.get(column.name, ColumnMapping())
    if column.name in told.constants:
        text: pl.Expr = pl.lit(told.constants[column.name])
    elif sources is None:
        text = pl.lit(None, dtype=pl.String)
    elif len(sources) == 1:
        text = pl.col(sources[0])
    else:
        joined = pl.concat_str([pl.col(s) for s in sources], separator=" ", ignore_nulls=True)
        text = pl.when(joined != "").then(joined)
    if column.name not in told.constants:
        text = _turned(text, column, way, told)
    if column.name in told.defaults:
        text = text.fill_null(told.defaults[column.name])
    return pl.coalesce(canonical(text, column, told.timezone), text)


def _turned(text: pl.Expr, column: Column, way: ColumnMapping, told: Mapping) -> pl.Expr:
    if way.separator is not None and way.separator != MANY:
        text = text.str.replace_all(way.separator, MANY, literal=True)
    if way.codes:
        text = _many_coded(text, way.codes) if column.many else _coded(text, way.codes)
    if (pattern := told.format_of(column)) is not None:
        text = pl.coalesce(formatted(text, column, pattern, told.timezone), text)
    if way.multiply is not None:
        number = canonical(text, Column(name="n", type="number", description="A number."))
        product = (number.cast(pl.Float64) * way.multiply).round(_DECIMALS)
        text = pl.coalesce(product.cast(pl.String), text)
    return text if way.prefix is None else pl.lit(way.prefix) + text


def _coded(text: pl.Expr, codes: dict[str, str | None]) -> pl.Expr:
    by_fold = {fold(theirs): code for theirs, code in codes.items()}
    key = folded(text)
    ours = key.replace_strict(by_fold, default=None, return_dtype=pl.String)
    return pl.when(key.is_in(list(by_fold))).then(ours).otherwise(text)


def _many_coded(text: pl.Expr, codes: dict[str, str | None]) -> pl.Expr:
    parts = text.str.split(MANY).list.eval(_coded(pl.element().str.strip_chars(), codes))
    joined = parts.list.join(MANY, ignore_nulls=True)
    return pl.when(joined != "").then(joined)


def _without_ragged(frame: pl.DataFrame, ragged: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    if ragged.is_empty():
        return frame
    ours = [c for c in contract.columns if not c.derived and c.name not in contract.key]
    bearer = next(c.name for c in ours if (c.codelist or c.type != "string") and not c.restricted)
    note = ragged.select(LINE, note=ragged_note(pl.col("fields"), pl.col("header")))
    noted = frame.join(note, on=LINE, how="left", maintain_order="left")
    whole = pl.col("note").is_null()
    kept = [
        pl.when(whole).then(c.name).otherwise("note" if c.name == bearer else None).alias(c.name)
        for c in ours
    ]
    return noted.with_columns(kept).drop("note")
