"""One published table to its files: Parquet for everything, CSV for people.

What is published, in which order and form, comes from the table's contract alone; no table's name
is known here. Shapes belong in ``geo``, descriptions in ``descriptors``.

Spreadsheets run cells that start with ``= + - @``. That none does is for the maker of a table with
free text to see to (``openbeat.engagement.publish`` does), so that every format says the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from openbeat.errors import InputError

if TYPE_CHECKING:
    from openbeat.contract import Column, Contract

MAX_CSV_ROWS = 1_000_000
"""More rows than this and a table's CSV is split by force (a spreadsheet holds 1,048,576)."""
ROW_GROUP = 100_000
"""Pinned, so that the bytes of a Parquet file never depend on the machine."""
SIGNIFICANT_FIGURES = 9
"""Numbers are rounded to this in both formats: below any meaning, above floating-point noise.

Not to decimals: a small positive number, such as an area, must not become 0.
"""
FORCE_COLUMNS = ("force_id", "area_force_id")
NO_FORCE = "none"
FILE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


@dataclass(frozen=True)
class TableFile:
    """One file that holds a table, or a force's part of it.

    Attributes:
        path: POSIX path inside the release.
        rows: Data rows.
        table: The table, as its contract names it; None for a code list.
        part: The force whose part it is; None for a whole table.
    """

    path: str
    rows: int
    table: str | None
    part: str | None = None


def published_columns(contract: Contract) -> list[Column]:
    """The columns of a contract that a release may hold, in order.

    Raises:
        InputError: The table is not published, or none of its columns is.
    """
    if not contract.published:
        raise InputError(
            f"table {contract.table} is not published, so no release may hold it",
            rule="published: true in its contract",
            mend="leave the table out of the release, or publish it in its contract",
        )
    columns = [column for column in contract.columns if column.published]
    if not columns:
        raise InputError(f"table {contract.table} is published, but none of its columns is")
    return columns


def published_frame(
    frame: pl.LazyFrame | pl.DataFrame, contract: Contract, extra: Sequence[str] = ()
) -> pl.LazyFrame:
    """A table as it is published: contract's columns, types and order; rows sorted by its key.

    Numbers are rounded to nine significant figures. An empty text becomes missing, because a CSV
    cannot tell the two apart.

    Args:
        frame: The table; columns that the contract does not publish are left out.
        contract: Its contract.
        extra: Further columns to carry along as they are: the shapes.

    Returns:
        The lazy frame, sorted by the contract's key (all published columns where it has none).

    Raises:
        InputError: A published column is missing, or holds another type than the contract says.
    """
    lazy = frame.lazy()
    given = lazy.collect_schema()
    names = [column.name for column in published_columns(contract)]
    wanted = contract.polars_schema()
    for name in [*names, *contract.key]:
        if name not in given:
            raise InputError(f"table {contract.table} lacks a column it must have", column=name)
        if not _fits(given[name], wanted[name]):
            raise InputError(
                f"table {contract.table}: holds {given[name]}, its contract says {wanted[name]}",
                column=name,
            )
    order = contract.key or names
    tidy = [_tidy(name, wanted[name]) for name in dict.fromkeys([*names, *order])]
    return lazy.select(*tidy, *extra).sort(order, maintain_order=True).select(*names, *extra)


def _fits(given: pl.DataType, wanted: pl.DataType) -> bool:
    """Whether a column can be published as the wanted type without losing anything."""
    if given == wanted or given == pl.Null:
        return True
    if wanted == pl.String:
        return given in (pl.Categorical, pl.Enum)
    if wanted == pl.Float64:
        return given.is_numeric()
    return wanted.is_integer() and given.is_integer()


def _tidy(name: str, dtype: pl.DataType) -> pl.Expr:
    """A column in the form that is published."""
    column = pl.col(name).cast(dtype)
    if dtype == pl.String:
        return pl.when(column != "").then(column).alias(name)
    if dtype.is_float():
        rounded = column.round_sig_figs(SIGNIFICANT_FIGURES)
        # Minus zero would read as "-0" in a CSV.
        return pl.when(rounded == 0).then(0.0).otherwise(rounded).alias(name)
    return column


def write_table(
    frame: pl.LazyFrame | pl.DataFrame,
    contract: Contract,
    release: Path,
    max_csv_rows: int = MAX_CSV_ROWS,
) -> list[TableFile]:
    """Write ``tables/<table>.parquet`` and its CSV, or one CSV a force where it is too long.

    The Parquet is written first, streaming; the CSVs are made from it, so they cannot differ.

    Args:
        frame: The table.
        contract: Its contract.
        release: The folder of the release.
        max_csv_rows: The most rows a table's single CSV may have.

    Returns:
        The files written, Parquet first.

    Raises:
        InputError: See ``published_frame``; or a value cannot be published: not a number where a
            number must be, missing where the contract allows none, a force id that is no file name.
    """
    folder = release / "tables"
    folder.mkdir(parents=True, exist_ok=True)
    parquet = folder / f"{contract.table}.parquet"
    published_frame(frame, contract).sink_parquet(
        parquet, compression="zstd", statistics=True, row_group_size=ROW_GROUP
    )
    rows = _check_values(pl.scan_parquet(parquet, glob=False), contract)
    written = [TableFile(f"tables/{parquet.name}", rows, contract.table)]
    force = _force_column(contract)
    if rows <= max_csv_rows or force is None:
        csv = folder / f"{contract.table}.csv"
        write_csv(pl.scan_parquet(parquet, glob=False), csv)
        return [*written, TableFile(f"tables/{csv.name}", rows, contract.table)]
    return written + _write_force_csvs(parquet, contract.table, force, folder)


def write_csv(frame: pl.LazyFrame | pl.DataFrame, path: Path) -> None:
    """Write a CSV: UTF-8 without a byte-order mark, CRLF, RFC 4180, quotes only where needed."""
    frame.lazy().sink_csv(path, line_terminator="\r\n", float_scientific=False)


def _force_column(contract: Contract) -> str | None:
    names = {column.name for column in contract.columns if column.published}
    return next((name for name in FORCE_COLUMNS if name in names), None)


def _write_force_csvs(parquet: Path, table: str, force: str, folder: Path) -> list[TableFile]:
    """One CSV a force, from the Parquet; read once, as it is far smaller than the sort before."""
    whole = pl.read_parquet(parquet, glob=False)
    forces = whole[force].unique().sort(nulls_last=True).to_list()
    _check_file_names([name for name in forces if name is not None], table, force)
    (folder / table).mkdir()
    written = []
    for name in forces:
        part = whole.filter(pl.col(force).eq_missing(pl.lit(name, pl.String)))
        path = f"{table}/{table}-{name or NO_FORCE}.csv"
        write_csv(part, folder / path)
        written.append(TableFile(f"tables/{path}", part.height, table, name or NO_FORCE))
    return written


def _check_file_names(names: Sequence[str], table: str, column: str) -> None:
    """A force's id becomes a file's name, so it must be harmless as one."""
    for name in names:
        if not FILE_NAME.fullmatch(name) or name == NO_FORCE:
            raise InputError(
                f"table {table}: a force id that cannot name a file",
                column=column,
                value=name,
                rule="lower-case letters, digits, - and _",
            )


def _check_values(published: pl.LazyFrame, contract: Contract) -> int:
    """Hold what was written to what the descriptors will say of it; returns its rows."""
    columns = published_columns(contract)
    required = [column.name for column in columns if not column.nullable]
    numbers = [column.name for column in columns if column.type == "number"]
    found = published.select(
        pl.len().alias("rows"),
        *(pl.col(name).null_count().alias(f"missing {name}") for name in required),
        *((~pl.col(name).is_finite()).sum().alias(f"infinite {name}") for name in numbers),
    ).collect()
    for kind, names, message in (
        ("missing", required, "is missing where the contract allows none"),
        ("infinite", numbers, "is not a number; a number that cannot be computed must be empty"),
    ):
        for name in names:
            if count := found[f"{kind} {name}"].item():
                raise InputError(
                    f"table {contract.table}: in {count} rows the value {message}", column=name
                )
    return int(found["rows"].item())
