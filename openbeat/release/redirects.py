"""``redirects.csv``: where a thing went whose name changed, for the website and for scripts.

Only what has another name now belongs here; what is announced is in the table's schema.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import polars as pl

from openbeat.release.content import ReleaseContent
from openbeat.release.geo import GEO_TABLE
from openbeat.release.tables import TableFile, write_csv
from openbeat.versions import Register, is_done

REDIRECTS: Final = "redirects.csv"
COLUMNS: Final = ("kind", "old", "new", "since")
LINEAGE: Final = ("force_id", "neighbourhood_id", "valid_from", "valid_to", "successor_ids")


def redirects(content: ReleaseContent, register: Register) -> pl.DataFrame:
    """Every name that no longer leads anywhere, and the name that does.

    Args:
        content: The release; of its ``neighbourhoods`` the columns of ``LINEAGE`` are read, where
            it has them.
        register: What was renamed.

    Returns:
        A frame of strings, sorted: ``kind`` (``table``, ``column``, ``neighbourhood``, ``force``);
        ``old`` and ``new`` (a column as ``table.column``, a neighbourhood as ``force/id``);
        ``since`` (a table: the day from which it was gone; a column: the table's version; a
        neighbourhood: the first month of the new one; a force: the day). A neighbourhood that was
        cut up has a row for each part that took half of it or more; a new name may itself have
        become old.
    """
    named = pl.DataFrame(
        _named(content, register), schema=dict.fromkeys(COLUMNS, pl.String), orient="row"
    )
    return pl.concat([named, _neighbourhoods(content)]).unique().sort(COLUMNS)


def write_redirects(content: ReleaseContent, staging: Path, register: Register) -> TableFile:
    """Write ``redirects.csv``; a header alone where nothing was renamed."""
    found = redirects(content, register)
    write_csv(found, staging / REDIRECTS)
    return TableFile(REDIRECTS, found.height, None)


def _named(content: ReleaseContent, register: Register) -> Iterator[tuple[str, ...]]:
    for entry in register.deprecations:
        contract = content.contracts.get(entry.table)
        if entry.replacement is None or not entry.removes or not is_done(entry, contract):
            continue
        if entry.column is None:
            yield "table", entry.table, entry.replacement, entry.not_before.isoformat()
        else:
            new = f"{entry.table}.{entry.replacement}"
            yield "column", entry.place, new, str(entry.version)
    for rename in register.renames:
        yield rename.kind, rename.old, rename.new, rename.since.isoformat()


def _neighbourhoods(content: ReleaseContent) -> pl.DataFrame:
    """From ids that serve no longer to those that took over half of their area or more."""
    table = content.tables.get(GEO_TABLE)
    if table is None or not set(LINEAGE) <= set(table.lazy().collect_schema().names()):
        return pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String))
    rows = table.lazy().select(LINEAGE)
    name = ["force_id", "neighbourhood_id"]
    current = rows.filter(pl.col("valid_to").is_null())
    heirs = (
        rows.join(current, on=name, how="anti")
        .filter(pl.col("successor_ids").is_not_null())
        .with_columns(heir=pl.col("successor_ids").str.split(";"))
        .explode("heir")
        .filter(pl.col("heir") != pl.col("neighbourhood_id"))
    )
    starts = rows.select("force_id", heir="neighbourhood_id", since="valid_from")
    return (
        heirs.join(starts, on=["force_id", "heir"])
        # The heir began where the old one ended; it may have had earlier shapes and later ones.
        .filter(pl.col("since") > pl.col("valid_to"))
        .select(
            kind=pl.lit("neighbourhood"),
            old=pl.concat_str("force_id", "neighbourhood_id", separator="/"),
            new=pl.concat_str("force_id", "heir", separator="/"),
            since="since",
        )
        .group_by("kind", "old", "new")
        .agg(pl.col("since").min())
        .select(pl.col(COLUMNS).cast(pl.String))
        .collect()
    )
