"""Every cell that differs between two releases, table by table and period by period.

Only the comparing belongs here. Why a cell changed is in ``causes``, what is published of it in
``revisions``. A period that only one of the releases covers is no difference: windows move on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from openbeat.errors import InputError
from openbeat.release.integrity import DESCRIPTOR, hash_file
from openbeat.release.withdraw import TOMBSTONE

PERIODS = ("month", "period", "year")
"""The columns of a key that say when; a table without one is a register of records."""
FORCES = ("force_id", "area_force_id")
VALUE, ADDED, REMOVED, NEW_RECORD = "value", "row_added", "row_removed", "new_record"
CELLS = (
    *("table", "period", "force_id", "key", "column", "change"),
    *("old", "new", "old_status", "new_status"),
)
_OLD, _HERE, _WAS = ":old", ":here", ":was"  # no column of a contract has a colon


@dataclass(frozen=True)
class Edition:
    """One release as it is compared.

    Attributes:
        folder: Where it lies.
        id: Its id.
        first_month: The first month of its window.
        month: The last.
        as_of: The day up to which engagement is covered.
        keys: Table to the columns that tell its rows apart; empty where it has no key.
        provenance: Its ``provenance.json``.
    """

    folder: Path
    id: str
    first_month: str
    month: str
    as_of: date
    keys: Mapping[str, tuple[str, ...]]
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def table(self, name: str) -> Path:
        """The Parquet file of a table."""
        return self.folder / "tables" / f"{name}.parquet"


@dataclass(frozen=True)
class Comparison:
    """How a table is compared.

    Attributes:
        table: The table.
        old: Its file in the older release.
        new: In the newer one.
        key: The columns that tell rows apart.
        time: The column of the key that says when; empty for a register of records.
        periods: Those to compare, sorted; None for all, as in a register.
        note: Why it is not compared, or not whole; empty where there is nothing to say.
        compared: Whether it is.
    """

    table: str
    old: Path
    new: Path
    key: tuple[str, ...] = ()
    time: str = ""
    periods: tuple[str | int, ...] | None = None
    note: str = ""
    compared: bool = True


def read_edition(folder: Path) -> Edition:
    """What is to be known of a release, from its own files.

    Raises:
        InputError: It was withdrawn, or is no release.
    """
    if (folder / TOMBSTONE).exists():
        raise InputError(
            "was withdrawn: nothing is left to compare with, and its figures are not repeated",
            file=folder.name,
            mend="name a release that is published; openbeat release list shows them",
        )
    try:
        package = json.loads((folder / DESCRIPTOR).read_bytes())
        provenance = folder / "provenance.json"
        return Edition(
            folder=folder,
            id=package["release"],
            first_month=package["first_month"],
            month=package["month"],
            as_of=date.fromisoformat(package["as_of"]),
            keys=dict(_keys(package["resources"])),
            provenance=json.loads(provenance.read_bytes()) if provenance.exists() else {},
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"its {DESCRIPTOR} cannot be read ({type(error).__name__})",
            file=folder.name,
            mend="give the folder of a whole release",
        ) from None


def _keys(resources: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for resource in resources:
        path = str(resource["path"])
        if path.startswith("tables/") and path.endswith(".parquet"):
            schema = resource.get("schema", {})
            unique = schema.get("uniqueKeys") or [[]]
            key = schema.get("primaryKey", unique[0])
            yield Path(path).stem, (key,) if isinstance(key, str) else tuple(key)


def compare(old: Edition, new: Edition) -> list[Comparison]:
    """How every table of two releases is compared, by name.

    Args:
        old: The older release.
        new: The newer one.
    """
    names = sorted({*old.keys, *new.keys})
    return [_comparison(name, old, new) for name in names]


def _comparison(name: str, old: Edition, new: Edition) -> Comparison:
    was, now = old.table(name), new.table(name)

    def skipped(note: str) -> Comparison:
        return Comparison(name, was, now, note=note, compared=False)

    if name not in old.keys:
        return skipped("is new")
    if name not in new.keys:
        return skipped("is no longer published")
    key = new.keys[name]
    if not key or key != old.keys[name]:
        return skipped("has another key, so that its rows cannot be matched" if key else "no key")
    before, after = (set(pl.scan_parquet(path, glob=False).collect_schema()) for path in (was, now))
    if missing := sorted({*key} - (before & after)):
        return skipped(f"lacks the column {missing[0]} in one of the releases")
    notes = [
        f"{what} {', '.join(sorted(columns))}"
        for what, columns in (("has new columns:", after - before), ("lost:", before - after))
        if columns
    ]
    time = next((column for column in PERIODS if column in key), "")
    periods = _periods(time, was, now, old, new) if time else None
    return Comparison(name, was, now, key, time, periods, "; ".join(notes))


def _periods(time: str, was: Path, now: Path, old: Edition, new: Edition) -> tuple[str | int, ...]:
    """The periods that both releases cover.

    Months: those of both windows, also where a table had no row of one. Quarters and years: those
    of which both have rows, as no window says which should be there.
    """
    before, after = (
        set(pl.scan_parquet(path, glob=False).select(pl.col(time).unique()).collect()[time])
        for path in (was, now)
    )
    if time != "month":
        return tuple(sorted(before & after))
    if before == {old.month} and after == {new.month} and old.month != new.month:
        return ()  # it tells of the newest month alone
    first, last = max(old.first_month, new.first_month), min(old.month, new.month)
    return tuple(sorted(month for month in before | after if first <= month <= last))


def cells(comparison: Comparison) -> Iterator[pl.DataFrame]:
    """The changed cells of a table, a frame a period, sorted by the table's key.

    A number is one cell with its status. A row that came or went is a line for each of its
    numbers (one line without ``column`` where it has none), labels are not repeated.

    Yields:
        ``CELLS``: table, period (text; null in a register), force_id, key (struct), column,
        change (``value``, ``row_added``, ``row_removed``; in a register ``new_record`` for what
        came), old, new (text), old_status, new_status. Only frames with rows.
    """
    if not comparison.compared or comparison.periods == () or _same(comparison):
        return
    shared = _shared(comparison)
    for period in comparison.periods or (None,):
        old, new = (
            _part(path, comparison, shared, period) for path in (comparison.old, comparison.new)
        )
        if not old.equals(new):
            changed = _long(_changed(old, new, comparison.key), comparison, shared)
            if changed.height:
                yield changed


def _same(comparison: Comparison) -> bool:
    sizes = {path.stat().st_size for path in (comparison.old, comparison.new)}
    return len(sizes) == 1 and hash_file(comparison.old) == hash_file(comparison.new)


def _shared(comparison: Comparison) -> dict[str, pl.DataType]:
    """The columns that both have, in the newer one's order, as types that hold both's values."""
    old, new = (
        pl.scan_parquet(path, glob=False).collect_schema()
        for path in (comparison.old, comparison.new)
    )
    return {name: _common(old[name], dtype) for name, dtype in new.items() if name in old}


def _common(old: pl.DataType, new: pl.DataType) -> pl.DataType:
    """Numbers stay numbers, of whatever width they are stored in; other types become text."""
    if old == new:
        return new
    if old.is_integer() and new.is_integer():
        return pl.Int64()
    return pl.Float64() if old.is_numeric() and new.is_numeric() else pl.String()


def _part(
    path: Path, comparison: Comparison, shared: Mapping[str, pl.DataType], period: str | int | None
) -> pl.DataFrame:
    """One period of a table; the rows of a file are sorted by its key."""
    lazy = pl.scan_parquet(path, glob=False).select(
        pl.col(name).cast(dtype) for name, dtype in shared.items()
    )
    if period is not None:
        lazy = lazy.filter(pl.col(comparison.time) == period)
    return lazy.collect()


def _changed(old: pl.DataFrame, new: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """The rows that differ: the newer's columns, and the older's with ``:old`` behind."""
    values = [name for name in new.columns if name not in key]
    marked = pl.lit(value=True)
    joined = new.with_columns(marked.alias(_HERE)).join(
        old.rename({name: name + _OLD for name in values}).with_columns(marked.alias(_WAS)),
        on=list(key),
        how="full",
        coalesce=True,
        nulls_equal=True,
    )
    differs = [pl.col(name).ne_missing(pl.col(name + _OLD)) for name in values]
    moved = pl.col(_HERE).is_null() | pl.col(_WAS).is_null()
    return joined.filter(pl.any_horizontal(moved, *differs)).sort(key, maintain_order=True)


def _long(
    rows: pl.DataFrame, comparison: Comparison, shared: Mapping[str, pl.DataType]
) -> pl.DataFrame:
    """One line a changed cell."""
    values = [name for name in shared if name not in comparison.key]
    statuses = {f"{name}_status" for name in values}
    columns = [name for name in values if name not in statuses]
    numbers = [name for name in columns if shared[name].is_numeric()]
    rows = rows.with_row_index(":row")
    lines = [
        _lines(rows, comparison, column, place, values, numbers)
        for place, column in enumerate(columns)
    ]
    if not numbers:
        lines.append(_lines(rows, comparison, None, 0, values, numbers))
    return pl.concat(lines).sort(":row", ":place").select(CELLS)


def _lines(
    rows: pl.DataFrame,
    comparison: Comparison,
    column: str | None,
    place: int,
    values: Sequence[str],
    numbers: Sequence[str],
) -> pl.DataFrame:
    """The lines of one column; without a column, of rows that came or went as a whole."""
    nothing = pl.lit(None, dtype=pl.String)
    status = f"{column}_status" if f"{column}_status" in values else None
    pairs = [
        (pl.col(name), pl.col(name + _OLD)) if name else (nothing, nothing)
        for name in (column, status)
    ]
    stayed = pl.col(_HERE).is_not_null() & pl.col(_WAS).is_not_null()
    differs = pl.any_horizontal(new.ne_missing(old) for new, old in pairs)
    whole = column is None or column in numbers[:1]
    told = pl.lit(value=True) if whole else differs
    wanted = pl.when(stayed).then(differs).otherwise(told if whole or column in numbers else False)
    came = NEW_RECORD if comparison.periods is None else ADDED
    force = next((name for name in FORCES if name in comparison.key), None)
    (new, old), (new_status, old_status) = pairs
    return rows.filter(wanted).select(
        ":row",
        pl.lit(place).alias(":place"),
        pl.lit(comparison.table).alias("table"),
        (pl.col(comparison.time).cast(pl.String) if comparison.time else nothing).alias("period"),
        (pl.col(force) if force else nothing).alias("force_id"),
        pl.struct(comparison.key).alias("key"),
        pl.lit(column, dtype=pl.String).alias("column"),
        pl.when(stayed)
        .then(pl.lit(VALUE))
        .when(pl.col(_WAS).is_null())
        .then(pl.lit(came))
        .otherwise(pl.lit(REMOVED))
        .alias("change"),
        old.cast(pl.String).alias("old"),
        new.cast(pl.String).alias("new"),
        old_status.cast(pl.String).alias("old_status"),
        new_status.cast(pl.String).alias("new_status"),
    )
