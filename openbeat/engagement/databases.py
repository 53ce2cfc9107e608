"""Reading a table or a query of a database into rows of text.

The URL, which may hold a password, and what a driver says of values are shown to nobody.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from openbeat.engagement.cells import LINE, named, text_of
from openbeat.engagement.settings import EngagementSource
from openbeat.errors import InputError, SourceUnreachableError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Select

_CONNECT_SECONDS: Final = 15
_TYPES: Final[dict[type, pl.DataType]] = {
    bool: pl.Boolean(),
    float: pl.Float64(),
    str: pl.String(),
    date: pl.Date(),
    time: pl.Time(),
    timedelta: pl.Duration("us"),
    bytes: pl.Binary(),
}


def read_database(source: EngagementSource) -> tuple[pl.DataFrame, str]:
    """Read the table or query of a source.

    Returns:
        ``line`` and their columns, all text, sorted by them all, since a database promises no
        order; and the name that people see. ``line`` counts from 2, as below a header.

    Raises:
        InputError: The variable is not set or holds no URL, or the database refuses the query.
        SourceUnreachableError: The database cannot be reached or refuses the log-in.
    """
    name = source.sql_table or f"query of {source.name}"
    engine = _engine(source)
    try:
        headers, records = _fetch(engine, source, name)
    finally:
        engine.dispose()
    columns = list(zip(*records, strict=True)) if records else [()] * len(headers)
    texts = [_text(values).alias(f"c{n}") for n, values in enumerate(columns)]
    lines = pl.int_range(2, len(records) + 2, dtype=pl.Int64, eager=True).alias(LINE)
    frame = named(headers, pl.DataFrame([lines, *texts]), name)
    theirs = frame.drop(LINE)
    ordered = theirs.sort(theirs.columns, nulls_last=False)
    return ordered.select(pl.int_range(2, pl.len() + 2, dtype=pl.Int64).alias(LINE), pl.all()), name


def _engine(source: EngagementSource) -> Engine:
    from sqlalchemy import create_engine, make_url
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError
    from sqlalchemy.pool import NullPool

    variable = str(source.url_env)
    written = os.environ.get(variable, "").strip()
    if not written:
        raise InputError(
            f"the variable {variable} of source {source.name!r} is not set",
            mend="set it to the database's URL, such as postgresql://user:password@host/name.",
        )
    try:
        url = make_url(written)
        if url.drivername in ("postgres", "postgresql"):  # the driver that openbeat[postgres] has
            url = url.set(drivername="postgresql+psycopg2")
        if url.get_backend_name() == "sqlite":
            _refuse_missing_file(url.database, source.name)
        slow = url.get_driver_name() == "psycopg2" and "connect_timeout" not in url.query
        limit = {"connect_timeout": _CONNECT_SECONDS} if slow else {}
        return create_engine(url, poolclass=NullPool, connect_args=limit)
    except (NoSuchModuleError, ImportError):
        fault = "names a kind of database for which no driver is installed"
    except (ArgumentError, ValueError):
        fault = "holds no database URL"
    raise InputError(
        f"the variable {variable} of source {source.name!r} {fault}",
        mend="write it as postgresql://user:password@host/name (install openbeat[postgres]) or "
        "sqlite:///path, or install the driver of the database.",
    )


def _refuse_missing_file(database: str | None, source: str) -> None:
    """SQLite would make an empty database where there is none."""
    if not database or database == ":memory:" or database.startswith("file:"):
        return
    if not Path(database).is_file():
        raise SourceUnreachableError(f"The database file of source {source!r} is not there.")


def _fetch(
    engine: Engine, source: EngagementSource, name: str
) -> tuple[list[str], Sequence[Sequence[Any]]]:
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError

    try:
        connection = engine.connect()
    except SQLAlchemyError:
        raise _unreachable(source) from None
    with connection:  # nothing is ever committed
        try:
            return _select(connection, source)
        except DBAPIError as error:
            if error.connection_invalidated:
                raise _unreachable(source) from None
            raise _refused(name, _safe_words(error.orig)) from None
        except (SQLAlchemyError, ValueError, OverflowError):
            raise _refused(name, "") from None


def _unreachable(source: EngagementSource) -> SourceUnreachableError:
    return SourceUnreachableError(
        f"The database of source {source.name!r} cannot be reached or refuses the log-in. Look at "
        f"the variable {source.url_env}, the network and the rights of the user."
    )


def _refused(name: str, words: str) -> InputError:
    return InputError(
        "the database refuses the query" + (f": {words}" if words else ""),
        file=name,
        mend="try the query in the database's own tool; it must be one SELECT.",
    )


def _safe_words(error: object) -> str:
    """What the driver says, where it is of names and grammar: else it may quote values."""
    state = str(getattr(error, "pgcode", None) or getattr(error, "sqlstate", None) or "")
    if state.startswith("42"):
        return str(error).strip().splitlines()[0]
    said = str(error)
    known = ("no such table", "no such column", "syntax error")
    return said if type(error).__module__ == "sqlite3" and any(k in said for k in known) else ""


def _select(
    connection: Connection, source: EngagementSource
) -> tuple[list[str], Sequence[Sequence[Any]]]:
    from sqlalchemy import literal_column, select, table

    if source.query is not None:
        # As written: a colon or percent sign in it is no placeholder.
        plain = connection.execution_options(no_parameters=True)
        result = plain.exec_driver_sql(source.query)
    else:
        schema, _, name = str(source.sql_table).rpartition(".")
        whole: Select[Any] = select(literal_column("*")).select_from(
            table(name, schema=schema or None)
        )
        result = connection.execute(whole)
    return list(result.keys()), [tuple(row) for row in result.fetchall()]


def _text(values: Sequence[Any]) -> pl.Series:
    """A column as text; SQLite may hold values of several types in one."""
    kinds = sorted({type(v) for v in values if v is not None}, key=str)
    if len(kinds) == 1:
        return _text_of_one(kinds[0], values)
    text = pl.Series([None] * len(values), dtype=pl.String)
    for kind in kinds:
        at = [n for n, v in enumerate(values) if type(v) is kind]
        text = text.scatter(at, _text_of_one(kind, [values[n] for n in at]))
    return text


def _text_of_one(kind: type, values: Sequence[Any]) -> pl.Series:
    if kind is datetime:
        zones = {v.tzinfo is not None for v in values if v is not None}
        if zones == {True}:
            return text_of(pl.Series(values, dtype=pl.Datetime("us", "UTC")))
        if zones == {False}:
            return text_of(pl.Series(values, dtype=pl.Datetime("us")))
    if kind in _TYPES:
        return text_of(pl.Series(values, dtype=_TYPES[kind], strict=True))
    return pl.Series([None if v is None else _plain(v) for v in values], dtype=pl.String)


def _plain(value: Any) -> str:
    """Of whole numbers, which may be long, and rare types: numerics, arrays, JSON, ids, ranges."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, list | tuple):
        return ";".join(_plain(v) for v in value if v is not None)
    if isinstance(value, dict):
        return json.dumps(value, sort_keys=True, ensure_ascii=False)
    if isinstance(value, memoryview):
        return value.hex()
    return str(value)
