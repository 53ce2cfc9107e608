"""The forces: the code list, with those a settings file adds.

Which force's neighbourhood a point lies in belongs in ``geography``.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from openbeat import codelists
from openbeat.errors import InputError
from openbeat.policeuk.archive import DATASETS

COLUMNS = ("force_id", "name", "crime_id_scope", "supplies")


def load_forces(extra: Path | None = None) -> pl.DataFrame:
    """The forces known.

    Args:
        extra: A CSV with ``force_id, name, crime_id_scope, supplies``: forces that are added to
            the code list, or take the place of one of it.

    Returns:
        force_id, name, crime_id_scope (``force``, or ``month`` where Crime IDs are used again
        for other crimes, or ``none``), supplies (datasets joined by ";"); sorted by force_id.

    Raises:
        InputError: The CSV cannot be read, lacks a column, or holds a wrong value.
    """
    known = codelists.load("forces").select(COLUMNS)
    if extra is not None:
        added = _read(extra)
        known = pl.concat([known.join(added, on="force_id", how="anti"), added])
    return known.sort("force_id")


def _read(path: Path) -> pl.DataFrame:
    try:
        frame = pl.read_csv(path, infer_schema=False, glob=False)
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
    _check(frame, path.name)
    return frame.select(COLUMNS)


def _check(frame: pl.DataFrame, file: str) -> None:
    dataset = f"(?:{'|'.join(DATASETS)})"
    allowed = {
        "force_id": ("^[a-z]+(?:-[a-z]+)*$", "a police.uk slug, such as kent, once only"),
        "name": (".", "the force's name, as its files write it"),
        "crime_id_scope": ("^(?:force|month|none)$", "force, month or none"),
        "supplies": (f"^{dataset}(?:;{dataset})*$", f"some of {', '.join(DATASETS)}, joined by ;"),
    }
    numbered = frame.with_row_index("row", 2)
    for column, (pattern, words) in allowed.items():
        wrong = ~pl.col(column).str.contains(pattern).fill_null(value=False)
        if column == "force_id":
            wrong |= ~pl.col(column).is_first_distinct()
        for row in numbered.filter(wrong).head(1).rows(named=True):
            raise InputError(
                f"{column} is to be {words}",
                file=file,
                row=row["row"],
                column=column,
                value=row[column],
                mend="correct the line.",
            )
