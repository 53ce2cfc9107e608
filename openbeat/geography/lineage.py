"""Which neighbourhood became which where boundaries change.

Only the relation between rows of a force before and after a change belongs here.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl
import shapely

HALF = 0.5 - 1e-9  # an area cut into equal halves counts, whatever the last digit says


def with_lineage(rows: pl.DataFrame) -> pl.DataFrame:
    """Add ``predecessor_ids`` and ``successor_ids`` to the runs of neighbourhoods.

    An older neighbourhood precedes a newer one of its force where the newer holds half or more
    of the older one's area (the design's rule; areas in square degrees, which is exact enough
    for a share). Asked only where a run begins or ends between two steps because the id is new,
    has ended or has another shape: a new name alone makes neither. A neighbourhood whose shape
    changed can be its own predecessor.

    Args:
        rows: ``force_id, neighbourhood_id, shape_sha256, start, end`` (steps, whole numbers),
            ``geometry`` (WKB).

    Returns:
        The same rows in the same order with both columns: ids sorted and joined by ``;``, null
        where there are none.
    """
    numbered = rows.with_row_index("row")
    pairs: set[tuple[int, int, bool, bool]] = set()
    changes = numbered.filter(pl.col("start") > pl.col("start").min().over("force_id"))
    ends = numbered.filter(pl.col("end") < pl.col("end").max().over("force_id"))
    steps = pl.concat(
        [
            changes.select("force_id", step="start"),
            ends.select("force_id", step=pl.col("end") + 1),
        ]
    ).unique()
    for force_id, step in steps.sort(pl.all()).iter_rows():
        of_force = numbered.filter(pl.col("force_id") == force_id)
        older = of_force.filter((pl.col("start") < step) & (pl.col("end") >= step - 1))
        newer = of_force.filter((pl.col("start") <= step) & (pl.col("end") >= step))
        pairs.update(_related(older, newer))
    predecessors = _joined(numbered, ((new, old) for old, new, begins, _ in pairs if begins))
    successors = _joined(numbered, ((old, new) for old, new, _, ends in pairs if ends))
    return rows.with_columns(
        pl.Series("predecessor_ids", predecessors, dtype=pl.String),
        pl.Series("successor_ids", successors, dtype=pl.String),
    )


def _related(older: pl.DataFrame, newer: pl.DataFrame) -> Iterable[tuple[int, int, bool, bool]]:
    """Pairs of rows (old, new, new one begins here, old one ends here)."""
    kept = older.join(newer, on=["neighbourhood_id", "shape_sha256"], how="semi")
    same = set(kept["neighbourhood_id"])  # goes on with its shape, maybe under another name
    ending = older.filter(~pl.col("neighbourhood_id").is_in(same))
    starting = newer.filter(~pl.col("neighbourhood_id").is_in(same))
    yield from _halves(older, starting, begins=True, ends=False)
    yield from _halves(ending, newer, begins=False, ends=True)


def _halves(
    older: pl.DataFrame, newer: pl.DataFrame, *, begins: bool, ends: bool
) -> Iterable[tuple[int, int, bool, bool]]:
    if older.is_empty() or newer.is_empty():
        return
    before = shapely.from_wkb(older["geometry"].to_numpy())
    after = shapely.from_wkb(newer["geometry"].to_numpy())
    new, old = shapely.STRtree(before).query(after)
    share = shapely.area(shapely.intersection(before[old], after[new])) / shapely.area(before[old])
    old_rows, new_rows = older["row"].to_numpy(), newer["row"].to_numpy()
    for n in np.flatnonzero(share >= HALF):
        yield int(old_rows[old[n]]), int(new_rows[new[n]]), begins, ends


def _joined(numbered: pl.DataFrame, pairs: Iterable[tuple[int, int]]) -> list[str | None]:
    ids = numbered["neighbourhood_id"].to_list()
    found: list[set[str]] = [set() for _ in ids]
    for row, other in pairs:
        found[row].add(ids[other])
    return [";".join(sorted(some)) or None for some in found]
