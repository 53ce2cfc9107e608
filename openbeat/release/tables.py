"""One published table to its files: Parquet for everything, CSV for people, gzip where it is big.

What is published, in which order and form, comes from the table's contract alone; no table's name
is known here. Shapes belong in ``geo``, descriptions in ``descriptors``.
"""

from __future__ import annotations

import gzip
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from openbeat.errors import InputError

if TYPE_CHECKING:
    from openbeat.contract import Column, Contract

MAX_CSV_ROWS = 1_000_000
"""More rows than this and a table's CSV is split by force (a spreadsheet holds 1,048,576)."""
GZIP_OVER = 10_000_000
"""More bytes than this and a table's CSV is there as ``.csv.gz`` too."""
GZIP_LEVEL = 6
"""Pinned, as the bytes depend on it; a higher one takes far longer for a few per cent."""
ROW_GROUP = 100_000
"""Pinned, so that the bytes of a Parquet file never depend on the machine."""
SIGNIFICANT_FIGURES = 9
"""Numbers are rounded to this in both formats: below any meaning, above floating-point noise.

Not to decimals: a small positive number, such as an area, must not become 0.
"""
FORMULA = r"^[=+\-@\t\r\n＝＋－＠]"
PLAIN_NUMBER = r"^[+-]?[0-9]+(?:\.[0-9]+)?$"
"""How a cell begins that spreadsheets may run, and what begins so and is harmless.

Source: OWASP, CSV Injection.
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


def published_schema(contract: Contract) -> pl.Schema:
    """The types of a contract's columns as published: integers have 32 bits, by contract.

    Readers in browsers turn 64 bits into another kind of number. The type never follows the data,
    or it would change between releases.
    """
    wide = contract.polars_schema()
    return pl.Schema({n: pl.Int32() if t == pl.Int64 else t for n, t in wide.items()})


def published_frame(
    frame: pl.LazyFrame | pl.DataFrame, contract: Contract, extra: Sequence[str] = ()
) -> pl.LazyFrame:
    """A table as it is published: contract's columns, types and order; rows sorted by its key.

    Every format is made of this, so all say the same. Numbers are rounded to nine significant
    figures, integers have 32 bits. An empty text becomes missing, because a CSV cannot tell the two
    apart; one that a spreadsheet would run as a formula begins with an apostrophe.

    Args:
        frame: The table; columns that the contract does not publish are left out.
        contract: Its contract.
        extra: Further columns to carry along as they are: the shapes.

    Returns:
        The lazy frame, sorted by the contract's key (all published columns where it has none).
        An integer that does not fit makes its collection fail: see ``fitting``.

    Raises:
        InputError: A published column is missing, or holds another type than the contract says.
    """
    lazy = frame.lazy()
    given = lazy.collect_schema()
    names = [column.name for column in published_columns(contract)]
    wanted = published_schema(contract)
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
        return _harmless(pl.when(column != "").then(column)).alias(name)
    if dtype.is_float():
        rounded = column.round_sig_figs(SIGNIFICANT_FIGURES)
        # Minus zero would read as "-0" in a CSV.
        return pl.when(rounded == 0).then(0.0).otherwise(rounded).alias(name)
    return column


def _harmless(text: pl.Expr) -> pl.Expr:
    """A text that no spreadsheet runs: an apostrophe goes before what it would take for a formula.

    A plain number is let be: it runs as itself.
    """
    runs = text.str.contains(FORMULA) & ~text.str.contains(PLAIN_NUMBER)
    return pl.when(runs).then(pl.concat_str(pl.lit("'"), text)).otherwise(text)


@contextmanager
def fitting(frame: pl.LazyFrame | pl.DataFrame, contract: Contract) -> Iterator[None]:
    """Name the column whose integers do not fit 32 bits, where collecting a table fails for that.

    Args:
        frame: The table as given to ``published_frame``.
        contract: Its contract.

    Raises:
        InputError: The column's integers do not fit. Every other error passes unchanged.
    """
    try:
        yield
    except pl.exceptions.InvalidOperationError as error:
        names = [n for n, t in published_schema(contract).items() if t == pl.Int32]
        fits = (~pl.col(name).cast(pl.Int128).is_between(-(2**31), 2**31 - 1) for name in names)
        wide = frame.lazy().select(*fits).sum().collect() if names else pl.DataFrame()
        for name in wide.columns:
            if count := wide[name].item():
                raise InputError(
                    f"table {contract.table}: in {count} rows the integer does not fit 32 bits",
                    column=name,
                    rule="published integers have 32 bits",
                    mend="declare the column as a number in its contract",
                ) from error
        raise


def write_table(
    frame: pl.LazyFrame | pl.DataFrame,
    contract: Contract,
    release: Path,
    max_csv_rows: int = MAX_CSV_ROWS,
    gzip_over: int = GZIP_OVER,
) -> list[TableFile]:
    """Write ``tables/<table>.parquet``, its CSV (or one a force), and the CSV in gzip.

    The Parquet is written first, streaming; the CSVs are made from it, so they cannot differ.

    Args:
        frame: The table.
        contract: Its contract.
        release: The folder of the release.
        max_csv_rows: The most rows a table's single CSV may have; a longer one is one CSV a force.
        gzip_over: The most bytes of a CSV that has no ``.csv.gz`` beside it. A table that is split
            by force has one of the whole.

    Returns:
        The files written: Parquet, the CSVs, gzip.

    Raises:
        InputError: See ``published_frame``; or a value cannot be published: not a number where a
            number must be, missing where the contract allows none, a force id that is no file name.
    """
    folder = release / "tables"
    folder.mkdir(parents=True, exist_ok=True)
    name = contract.table
    parquet, csv = folder / f"{name}.parquet", folder / f"{name}.csv"
    with fitting(frame, contract):
        published_frame(frame, contract).sink_parquet(
            parquet, compression="zstd", statistics=True, row_group_size=ROW_GROUP
        )
    whole = pl.scan_parquet(parquet, glob=False)
    rows = _check_values(whole, contract)
    written = [TableFile(f"tables/{parquet.name}", rows, name)]
    force = _force_column(contract)
    split = rows > max_csv_rows and force is not None
    _sink_csv(whole, csv)
    if split or csv.stat().st_size > gzip_over:
        gzip_file(csv)
        zipped = [TableFile(f"tables/{csv.name}.gz", rows, name)]
    else:
        zipped = []
    if not split:
        return [*written, TableFile(f"tables/{csv.name}", rows, name), *zipped]
    csv.unlink()
    return written + _write_force_csvs(parquet, name, str(force), folder) + zipped


def write_csv(frame: pl.LazyFrame | pl.DataFrame, path: Path) -> None:
    """Write a CSV: UTF-8 without a byte-order mark, CRLF, RFC 4180, quotes only where needed.

    A text that a spreadsheet would run as a formula begins with an apostrophe.
    """
    lazy = frame.lazy()
    texts = [name for name, dtype in lazy.collect_schema().items() if dtype == pl.String]
    _sink_csv(lazy.with_columns(_harmless(pl.col(name)).alias(name) for name in texts), path)


def _sink_csv(frame: pl.LazyFrame, path: Path) -> None:
    frame.sink_csv(path, line_terminator="\r\n", float_scientific=False)


def gzip_file(path: Path) -> None:
    """Write ``<path>.gz``: the same bytes each time, so without a name and a time inside."""
    target = path.with_name(f"{path.name}.gz")
    with (
        path.open("rb") as source,
        target.open("wb") as raw,
        gzip.GzipFile("", "wb", GZIP_LEVEL, raw, mtime=0) as packed,
    ):
        shutil.copyfileobj(source, packed, 1 << 20)


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
        _sink_csv(part.lazy(), folder / path)
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
