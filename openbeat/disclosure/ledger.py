"""The ledger: every published value of a protected cell, and every refusal to give one, for ever.

What its rows are, and what of them is known now, belongs here; where they are stored, in
``resources.disclosure``; what is behind them and never published, in ``memory``.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from openbeat.disclosure.cells import CELL_KEY
from openbeat.errors import InputError

SHOWN: Final = ""
KEPT_BACK: Final = "c"
SCHEMA: Final = pl.Schema(
    {
        **{name: pl.String() for name in CELL_KEY},
        "value": pl.Int64(),
        "status": pl.String(),
        "edition": pl.Int64(),
        "release_id": pl.String(),
        "method": pl.String(),
        "threshold": pl.Int64(),
        "median_days": pl.Float64(),
    }
)
"""``value`` is null where the cell is kept back (``status`` c). ``edition`` is 1, or 2 for the
yearly revision. ``median_days`` is published beside ``received`` of all queries of a place."""
PERIOD_OF_A_FORCE: Final = ("set", "force_id", "period")
_ORDER: Final = (*CELL_KEY, "edition")


def empty() -> pl.DataFrame:
    """A ledger of a world that was told nothing yet."""
    return pl.DataFrame(schema=SCHEMA)


def gathered(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """The whole ledger of its files.

    Args:
        parts: The rows of each file (``SCHEMA``), oldest first.

    Returns:
        Their rows, sorted.

    Raises:
        InputError: Two rows say something of one edition of a cell, or a row holds a value and
            says that it is kept back.
    """
    whole = pl.concat([empty(), *(part.select(SCHEMA.names()) for part in parts)]).sort(
        _ORDER, nulls_last=False
    )
    twice = whole.select(_ORDER).is_duplicated()
    given, kept = pl.col("value").is_not_null(), pl.col("status") == KEPT_BACK
    wrong = whole.filter(given == kept)
    if twice.any() or wrong.height:
        raise InputError(
            "two rows say something of one cell, or a row holds what it says is kept back",
            file="disclosure_ledger",
            rule="the ledger is only ever added to",
            mend="put the lake's disclosure_ledger back from a copy.",
        )
    return whole


def current(ledger: pl.DataFrame) -> pl.DataFrame:
    """What is published now: the newest edition of each force's tables of a period.

    Args:
        ledger: The whole ledger.

    Returns:
        One row a cell, the ledger's columns, and ``revised``: whether an earlier edition had
        another value of it.
    """
    newest = pl.col("edition") == pl.col("edition").max().over(PERIOD_OF_A_FORCE)
    return (
        ledger.with_columns(revised=pl.col("value").n_unique().over(CELL_KEY) > 1)
        .filter(newest)
        .sort(CELL_KEY)
    )


def settled(ledger: pl.DataFrame) -> pl.DataFrame:
    """Which periods of which forces are published for good.

    Args:
        ledger: The whole ledger.

    Returns:
        set, force_id, period, edition (the newest), one row each, sorted.
    """
    newest = ledger.group_by(PERIOD_OF_A_FORCE).agg(pl.col("edition").max())
    return newest.sort(PERIOD_OF_A_FORCE)
