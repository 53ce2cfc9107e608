"""The code lists, read from ``config/codelists``; each is a CSV whose first column is the code.

Lists are data that a release publishes unchanged; rules about them belong in the contracts.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import polars as pl

FOLDER = Path(__file__).resolve().parent.parent / "config" / "codelists"


@cache
def load(name: str) -> pl.DataFrame:
    """Read one code list.

    Args:
        name: The list's name: its file name without ``.csv``.

    Returns:
        A frame of strings, in the file's order; an empty field is null.

    Raises:
        KeyError: There is no list of that name.
    """
    path = FOLDER / f"{name}.csv"
    if not path.is_file():
        raise KeyError(f"no code list {name!r}; there are {', '.join(names())}")
    return pl.read_csv(path, infer_schema=False, glob=False)


@cache
def codes(name: str) -> tuple[str, ...]:
    """The codes of one list: its first column, in order."""
    return tuple(load(name).to_series(0).to_list())


def names() -> list[str]:
    """The names of all code lists, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*.csv"))
