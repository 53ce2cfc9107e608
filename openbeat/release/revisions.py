"""``REVISIONS.csv`` and ``.parquet``: every cell that changed since the release before, and why.

What is published of a change belongs here; the comparing is in ``differences``, the reasons are in
``reasons``, the words for people in ``changelog``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from openbeat.errors import InputError
from openbeat.release.causes import facts_of
from openbeat.release.changelog import CHANGELOG, Revised, changelog_text
from openbeat.release.content import ReleaseContent
from openbeat.release.differences import (
    CELLS,
    FORCES,
    NEW_RECORD,
    PERIODS,
    REMOVED,
    VALUE,
    Comparison,
    Edition,
    cells,
    compare,
    read_edition,
)
from openbeat.release.files import remove, write_text
from openbeat.release.reasons import OPEN_TABLES, explained, order
from openbeat.release.tables import ROW_GROUP, TableFile, published_columns, write_csv

TABLE = "revisions"
CSV, PARQUET = "REVISIONS.csv", "REVISIONS.parquet"
COLUMNS = ("release", "previous", *CELLS, "kind", "reason")
NOT_REPEATED = "c"
WHEN_AND_WHERE = (*PERIODS, *FORCES, "neighbourhood_id")
_PARTS = ".revisions"


def write_revisions(
    content: ReleaseContent,
    staging: Path,
    release_id: str,
    previous: Path | None,
    schema_changes: Sequence[str] = (),
) -> Iterator[TableFile | str]:
    """Write the revisions and the changelog of a release whose tables are written.

    Without a release before it the revisions have a header only.

    Args:
        content: What the release says.
        staging: Its folder, with ``tables/`` and ``provenance.json``.
        release_id: Its id.
        previous: The folder of the release before it, see ``ReleaseStore.previous``; None for none.
        schema_changes: What changed in tables and columns, a sentence each.

    Yields:
        Each file written: as a table where the contracts have ``revisions``, else its path.

    Raises:
        InputError: The release before was withdrawn, or is not whole.
    """
    old = None if previous is None else read_edition(previous)
    new = _edition(content, staging, release_id)
    comparisons = [] if old is None else compare(old, new)
    parts = staging / _PARTS
    parts.mkdir()
    empty = pl.DataFrame(schema=pl.Schema(dict.fromkeys(COLUMNS, pl.String())))
    records: Counter[str] = Counter()
    try:
        empty.write_parquet(parts / "0.parquet")
        for number, frame in enumerate(changes(old, new, comparisons) if old else ()):
            came = frame["change"] == NEW_RECORD
            records[frame["table"][0]] += frame.filter(came)["key"].n_unique()
            path = parts / f"{frame['table'][0]}-{number:05}.parquet"
            if not came.all():
                _published(frame.filter(~came)).write_parquet(path)
        # Tables follow by name, periods in the order in which they were compared.
        whole = pl.concat([pl.scan_parquet(path, glob=False) for path in sorted(parts.iterdir())])
        whole.sink_parquet(staging / PARQUET, compression="zstd", row_group_size=ROW_GROUP)
    finally:
        remove(parts)
    lines = pl.scan_parquet(staging / PARQUET, glob=False)
    write_csv(lines, staging / CSV)
    rows = int(lines.select(pl.len()).collect().item())
    described = TABLE in content.contracts
    for name in (CSV, PARQUET):
        yield TableFile(name, rows, TABLE) if described else name
    revised = Revised(new, old, comparisons, records, lines)
    write_text(staging / CHANGELOG, changelog_text(content, revised, schema_changes))
    yield CHANGELOG


def changes(
    old: Edition, new: Edition, comparisons: Sequence[Comparison]
) -> Iterator[pl.DataFrame]:
    """Every changed cell between two releases with its kind and reason, nothing left out.

    Args:
        old: The older release.
        new: The newer one.
        comparisons: Of ``compare``.

    Yields:
        A frame of texts with ``COLUMNS`` for each table and period that has changes; among them
        the records that are new in a register (change ``new_record``).
    """
    facts = facts_of(old, new)
    by_name = {comparison.table: comparison for comparison in comparisons}
    for table in order(list(by_name)):
        for frame in cells(by_name[table]):
            yield (
                explained(frame, facts)
                .select(
                    pl.lit(new.id).alias("release"),
                    pl.lit(old.id).alias("previous"),
                    pl.col("key").struct.json_encode(),
                    *(pl.col(name).cast(pl.String) for name in COLUMNS[2:] if name != "key"),
                )
                .select(COLUMNS)
            )


def repeated(folder: Path, withdrawn: str) -> list[str]:
    """The tables of a withdrawn release whose figures a later one still repeats as old values.

    Args:
        folder: The later release.
        withdrawn: The id of the release that was withdrawn.

    Returns:
        Their names, sorted; none where it was compared with another release.
    """
    path = folder / PARQUET
    if not path.is_file():
        return []
    said = (pl.col("previous") == withdrawn) & pl.col("old").is_not_null()
    tables = pl.scan_parquet(path, glob=False).filter(said).select(pl.col("table").unique())
    return sorted(tables.collect()["table"])


def _published(frame: pl.DataFrame) -> pl.DataFrame:
    """What a release repeats of the one before: figures of open data alone.

    Counts of people, and words from logs, are not said again: of a value that there was not, and
    of a row that went only when and where it was. So withdrawing a release takes them back wholly:
    no later release holds them.

    Args:
        frame: Changes of one table.
    """
    if frame["table"][0] in OPEN_TABLES:
        return frame
    nothing = pl.lit(None, dtype=pl.String)
    gone = pl.col("change") == REMOVED
    where = [name for name in json.loads(frame["key"][0]) if name in WHEN_AND_WHERE]
    went = frame.filter(gone).unique("key", keep="first", maintain_order=True)
    went = went.with_columns(
        pl.struct(
            *(pl.col("key").str.json_path_match(f"$.{name}").alias(name) for name in where),
            pl.int_range(1, pl.len() + 1).alias("row"),
        )
        .struct.json_encode()
        .alias("key"),
        *(nothing.alias(name) for name in ("column", "old", "old_status")),
    )
    said = pl.when(pl.col("change") == VALUE).then(pl.lit(NOT_REPEATED)).alias("old_status")
    stay = frame.filter(~gone).with_columns(said, nothing.alias("old"))
    return pl.concat([stay, went])


def _edition(content: ReleaseContent, staging: Path, release_id: str) -> Edition:
    """The release that is being written, before it has a descriptor."""
    keys = {}
    for name in content.tables:
        contract = content.contracts[name]
        there = {column.name for column in published_columns(contract)}
        keys[name] = tuple(contract.key) if there.issuperset(contract.key) else ()
    provenance = staging / "provenance.json"
    return Edition(
        folder=staging,
        id=release_id,
        first_month=content.first_month,
        month=content.month,
        as_of=content.as_of,
        keys=keys,
        provenance=json.loads(provenance.read_bytes()) if provenance.exists() else {},
    )


def compare_folders(old: Path, new: Path) -> tuple[Edition, Edition, list[Comparison]]:
    """Two releases that are whole, and how their tables are compared.

    Raises:
        InputError: One was withdrawn or is not whole, or both are the same.
    """
    if old.resolve() == new.resolve():
        raise InputError("a release does not differ from itself", value=old.name)
    first, second = read_edition(old), read_edition(new)
    return first, second, compare(first, second)
