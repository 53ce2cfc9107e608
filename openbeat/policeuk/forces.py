"""The forces: the code list, with those a settings file adds.

Which force's neighbourhood a point lies in belongs in ``geography``.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from openbeat import codelists
from openbeat.errors import InputError

COLUMNS = ("force_id", "name", "crime_id_scope", "supplies")


def load_forces(extra: Path | None = None) -> pl.DataFrame:
    """The forces known.

    Args:
        extra: A CSV with ``force_id, name, crime_id_scope, supplies``: forces that are added to
            the code list, or take the place of one of it.

    Returns:
        force_id, name, crime_id_scope (``force``, or ``month`` where Crime IDs are used again
        for other crimes), supplies (datasets joined by ";"); sorted by force_id.

    Raises:
        InputError: The CSV cannot be read or lacks a column.
    """
    known = codelists.load("forces").select(COLUMNS)
    if extra is not None:
        added = _read(extra)
        known = pl.concat([known.join(added, on="force_id", how="anti"), added])
    return known.sort("force_id")


def _read(path: Path) -> pl.DataFrame:
    try:
        frame = pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError(
            f"the list of forces cannot be read ({str(error).splitlines()[0]})",
            file=path.name,
            mend=f"a CSV with the columns {', '.join(COLUMNS)}.",
        ) from None
    missing = [c for c in COLUMNS if c not in frame.columns]
    if missing:
        raise InputError(
            f"the list of forces lacks {', '.join(missing)}",
            file=path.name,
            row=1,
            mend=f"a CSV with the columns {', '.join(COLUMNS)}.",
        )
    return frame.select(COLUMNS)
