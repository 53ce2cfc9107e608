"""Which cells are protected in themselves, and why: rules R1 and R2 of ``disclosure.md`` 4.2.

What cells there are belongs in ``cells``; what is kept back besides them, in ``suppress``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from openbeat.disclosure.problem import State
from openbeat.disclosure.sums import NOT_KNOWN, is_category, is_remainder

if TYPE_CHECKING:
    from openbeat.disclosure.policy import Policy

_PLACE: Final = ("set", "period", "force_id", "place_level", "neighbourhood_id")
_CLASS: Final = "class"
_GUARDED: Final = "religion_or_belief"  # of the characteristics with the highest threshold


def with_reasons(cells: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Add protect and reason.

    ``primary``: too few people. What is in no neighbourhood is in no table, but everybody can take
    the neighbourhoods from the force: few people there are protected as anywhere.

    ``class``: everybody known of a neighbourhood is of one sensitive group. That nobody is of
    another must not be certain either, so the 0 of one other group is protected with it.

    Args:
        cells: ``CELL_KEY``, value, people, threshold, state.
        policy: For which characteristics the second rule holds.
    """
    # An event of a sensitive community has no row: it, and the sum it is in, could be subtracted.
    unlisted = (pl.col("dimension") == "event") & (pl.col("state") == State.HIDDEN)
    beside = is_remainder() & (pl.col("state") == State.HIDDEN) & unlisted.any().over(_PLACE)
    guarded = pl.max_horizontal("threshold", pl.lit(policy.threshold(_GUARDED), pl.Int64))
    cells = cells.with_columns(
        threshold=pl.when(beside).then(guarded).otherwise("threshold").cast(pl.Int64)
    )
    known = (
        (pl.col("measure") == "forms")
        & (pl.col("place_level") == "neighbourhood")
        & pl.col("dimension").is_in(policy.class_disclosure)
        & (pl.col("item") != NOT_KNOWN)
        & ~is_category()
    )
    group = known & (pl.col("value") > 0)
    place = [*_PLACE, "measure", "dimension"]
    whole_class = group & (group.sum().over(place) == 1)
    nobody = known & (pl.col("value") == 0) & whole_class.any().over(place)
    other = nobody & (pl.col("item") == pl.col("item").filter(nobody).min().over(place))
    few = (pl.col("value") > 0) & (pl.col("people") < pl.col("threshold"))
    of_class = whole_class | other
    reason = pl.when(few).then(pl.lit("primary")).when(of_class).then(pl.lit(_CLASS))
    secret = pl.col("state").is_in((State.OPEN, State.KEPT)) | is_remainder()
    return cells.with_columns(
        reason=pl.when(secret).then(reason), protect=secret & (few | of_class)
    )


def is_nobody() -> pl.Expr:
    """Whether a 0 is protected, so that a place is not known to be all of one group."""
    return pl.col("protect") & (pl.col("reason") == _CLASS) & (pl.col("value") == 0)


def high() -> pl.Expr:
    """What a protected cell could be at least: its threshold; 2 where it is a 0."""
    return pl.when(is_nobody()).then(2).otherwise("threshold").cast(pl.Int64)
