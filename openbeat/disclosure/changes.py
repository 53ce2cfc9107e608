"""What a yearly revision changes: cells of the second edition, and the differences from the first.

How a revision is protected is told in ``cells.revision_set``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from openbeat.disclosure.problem import State
from openbeat.disclosure.sums import CELL_KEY, is_remainder, known_sums

if TYPE_CHECKING:
    from openbeat.disclosure.policy import Policy

_DIFFERENCE: Final = 0
_LINK: Final = ["period", "place_level", "group", "measure", "dimension", "item"]
_HIDDEN: Final = int(State.HIDDEN)
_KEPT: Final = int(State.KEPT)


def changed(
    old: pl.DataFrame, new: pl.DataFrame, lineage: pl.DataFrame | None, policy: Policy
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both editions as cells, each number that did not change as one.

    Args:
        old: Cells of the first edition (``cells.COLUMNS``).
        new: Cells of the second, all of them, in the same form.
        lineage: older_id, newer_id.
        policy: The thresholds of differences.

    Returns:
        The cells with ``cell``, a number; and their sums by it (row, cell, coefficient).
    """
    group = _groups(old, new, lineage)
    old = _linked(old, group, "older").with_columns(cell=pl.int_range(pl.len(), dtype=pl.Int64))
    new = _linked(new, group, "newer")
    links = _links(old, new)
    new = _same(new, old, links)
    own = pl.col("same").is_null()
    number = old.height + pl.when(own).then(1).cum_sum() - 1
    new = new.with_columns(cell=pl.when(own).then(number).otherwise("same").cast(pl.Int64))
    second = new.filter(own).with_columns(edition=pl.lit(2, pl.Int64))
    first = _protected_still(old, new.filter(~own))
    equal, between = _between(old, second, links, policy, old.height + second.height)
    columns = [name for name in old.columns if name not in ("group", "simple")]
    cells = pl.concat(
        [frame.select(set(columns) & set(frame.columns)) for frame in (first, second, between)],
        how="diagonal",
    ).select(columns)
    return cells, _all_sums(old, new, equal)


def _groups(old: pl.DataFrame, new: pl.DataFrame, lineage: pl.DataFrame | None) -> pl.DataFrame:
    """Neighbourhoods by the smallest groups that held together.

    Returns:
        side (older, newer), neighbourhood_id, group, simple (it is one neighbourhood, as before).
    """
    import numpy as np
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    told = pl.DataFrame(schema={"older_id": pl.String(), "newer_id": pl.String()})
    if lineage is not None:
        told = lineage.select("older_id", "newer_id").drop_nulls().unique()
    ids = pl.concat(
        [old["neighbourhood_id"], new["neighbourhood_id"], told["older_id"], told["newer_id"]]
    ).drop_nulls()
    ids = ids.unique().sort()
    moved = ids.is_in(told["older_id"].implode()) & ids.is_in(told["newer_id"].implode())
    kept = pl.DataFrame({"older_id": ids, "newer_id": ids}).filter(~moved)
    edges = pl.concat([told, kept])
    size = len(ids)
    older = edges["older_id"].replace_strict(ids, range(size), return_dtype=pl.Int64).to_numpy()
    newer = edges["newer_id"].replace_strict(ids, range(size), return_dtype=pl.Int64).to_numpy()
    graph = coo_array((np.ones(len(older), np.int8), (older, newer + size)), (2 * size, 2 * size))
    label = connected_components(graph, directed=False)[1]
    nodes = pl.DataFrame(
        {
            "side": ["older"] * size + ["newer"] * size,
            "neighbourhood_id": [*ids, *ids],
            "group": pl.Series(label, dtype=pl.Int64),
        },
        schema_overrides={"neighbourhood_id": pl.String()},
    )
    alone = (pl.len() == 2) & (pl.col("neighbourhood_id").n_unique() == 1)
    return nodes.with_columns(simple=alone.over("group"))


def _linked(cells: pl.DataFrame, groups: pl.DataFrame, side: str) -> pl.DataFrame:
    """Add what a cell is compared by: an event by itself, wherever it is said to be."""
    mine = groups.filter(pl.col("side") == side).drop("side")
    event = pl.col("dimension") == "event"
    return cells.join(mine, on="neighbourhood_id", how="left", maintain_order="left").with_columns(
        group=pl.when(~event).then("group").fill_null(-1),
        simple=pl.col("simple").fill_null(value=True),
    )


def _link(cells: pl.DataFrame) -> pl.DataFrame:
    """The columns of ``_LINK``, ready to be compared."""
    event = pl.col("dimension") == "event"
    blank = [pl.when(~event).then(name).fill_null("").alias(name) for name in _LINK[:2]]
    return cells.with_columns(*blank)


def _links(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """What of both editions can be compared: where all the places of a group have the number.

    Returns:
        ``_LINK`` with older, newer (sums), and whether some cell of either was in a table.
    """

    def side(cells: pl.DataFrame, name: str) -> pl.DataFrame:
        place = [*_LINK[:3]]
        parts = _link(cells)
        # A place has rows when it has its total of forms or of queries received.
        there = (
            parts.filter(
                (pl.col("dimension") == "all") & pl.col("measure").is_in(["forms", "received"])
            )
            .group_by(place)
            .agg(pl.len().alias("_there"))
        )
        sums = parts.group_by(_LINK).agg(
            pl.col("value").sum().alias(name),
            ((pl.col("state") != _HIDDEN) | is_remainder()).any().alias(f"{name}_seen"),
            pl.len().alias("_cells"),
        )
        return (
            sums.join(there, on=place, how="left")
            .filter(pl.col("_there").is_null() | (pl.col("_cells") == pl.col("_there")))
            .drop("_there", "_cells")
        )

    return side(old, "older").join(side(new, "newer"), on=_LINK)


def _same(new: pl.DataFrame, old: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """Add ``same``: the old cell that the new one is; and keep back what was kept back."""
    before = old.filter("simple").select(*CELL_KEY, same="cell", _value="value", _state="state")
    joined = new.join(before, on=CELL_KEY, how="left", nulls_equal=True, maintain_order="left")
    linked = pl.col("simple") & pl.col("same").is_not_null()
    hidden_now = pl.col("state") == _HIDDEN
    equal = (
        linked
        & (pl.col("value") == pl.col("_value"))
        & (hidden_now | (pl.col("_state") != _HIDDEN))
    )
    kept = linked & (pl.col("_state") == _KEPT) & (pl.col("state") == int(State.OPEN))
    return joined.with_columns(
        same=pl.when(equal).then("same"),
        state=pl.when(kept).then(pl.lit(_KEPT, pl.Int8)).otherwise("state"),
    ).drop("_value", "_state")


def _protected_still(old: pl.DataFrame, same: pl.DataFrame) -> pl.DataFrame:
    """Protect an unchanged cell for what is now known to be so of it, unless it is a fact."""
    now = same.filter("protect").select(cell="same", _now="reason")
    joined = old.join(now, on="cell", how="left", maintain_order="left")
    newly = (pl.col("state") == _KEPT) & pl.col("_now").is_not_null() & ~pl.col("protect")
    return joined.with_columns(
        protect=pl.col("protect") | newly,
        reason=pl.when(newly).then("_now").otherwise("reason"),
    ).drop("_now")


def _between(
    old: pl.DataFrame, second: pl.DataFrame, links: pl.DataFrame, policy: Policy, first: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The sums between the editions: equal, or with a cell of what lies between.

    Args:
        old: The first edition.
        second: The changed cells of the second.
        links: What can be compared.
        policy: The thresholds.
        first: Number of the first cell of a difference.

    Returns:
        The sums (link, cell, coefficient), and the cells.
    """
    least = {name: policy.threshold(name) for name in ["all", *links["dimension"].unique()]}
    difference = pl.col("newer") - pl.col("older")
    seen = pl.col("older_seen") & pl.col("newer_seen")
    links = (
        links.join(_link(second).select(_LINK).unique(), on=_LINK, how="semi")
        .filter((difference == 0) | seen)
        .sort(_LINK)
        .with_columns(
            link=pl.int_range(pl.len(), dtype=pl.Int64),
            sign=difference.sign(),
            value=difference.abs(),
            threshold=pl.col("dimension").replace_strict(least, return_dtype=pl.Int64),
        )
        .with_columns(cell=first + pl.when(pl.col("value") > 0).then(1).cum_sum() - 1)
    )
    terms = [
        _link(side)
        .join(links.select(*_LINK, "link"), on=_LINK)
        .select("link", "cell", coefficient=pl.lit(sign, pl.Int64))
        for side, sign in ((old, -1), (second, 1))
    ]
    named = links.filter(pl.col("value") > 0)
    more = named.select("link", pl.col("cell").cast(pl.Int64), coefficient=-pl.col("sign"))
    cells = (
        _link(second)
        .select(*_LINK, *(pl.col(name).alias(f"_{name}") for name in CELL_KEY))
        .join(named, on=_LINK)
        .group_by("cell")
        .agg(
            *(
                pl.col(f"_{name}").first().alias(name)
                for name in CELL_KEY
                if name != "neighbourhood_id"
            ),
            pl.col("_neighbourhood_id").drop_nulls().unique().sort().alias("neighbourhood_id"),
            pl.col("value", "threshold").first(),
        )
        .sort("cell")
        .with_columns(
            pl.when(pl.col("neighbourhood_id").list.len() > 0).then(
                pl.col("neighbourhood_id").list.join("+")
            ),
            pl.col("cell").cast(pl.Int64),
            edition=pl.lit(_DIFFERENCE, pl.Int64),
            # Nobody knows of how many people: ten late forms may be one person's.
            people=pl.lit(1, pl.Int64),
            state=pl.lit(_HIDDEN, pl.Int8),
            protect=pl.lit(value=True),
            reason=pl.lit("difference"),
        )
    )
    return pl.concat([*terms, more]), cells


def _all_sums(old: pl.DataFrame, new: pl.DataFrame, between: pl.DataFrame) -> pl.DataFrame:
    """Sums of both editions and between them, those that both share once."""
    kinds = [
        known_sums(old),
        known_sums(new.select(*CELL_KEY, "cell")),
        between.rename({"link": "row"}),
    ]
    every = pl.concat(
        [sums.with_columns(kind=pl.lit(kind, pl.Int64)) for kind, sums in enumerate(kinds)],
        how="diagonal",
    )
    whole = (
        every.sort("kind", "row", "cell")
        .group_by("kind", "row", maintain_order=True)
        .agg("cell", "coefficient")
        .unique(["cell", "coefficient"], keep="first", maintain_order=True)
        .with_columns(row=pl.int_range(pl.len(), dtype=pl.Int64))
    )
    return whole.select("row", "cell", "coefficient").explode("cell", "coefficient")
