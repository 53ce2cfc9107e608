"""Baseline (a), the bare reading: zip to bytes to ``polars.read_csv`` with its defaults.

``python -m benchmarks.bare FOLDER RESULT``. Every member of the archive is read once and let go;
nothing is checked, typed, located or counted. This is the floor: no faster way to get at the rows
is in use here, and nobody could publish anything from it.
"""

from __future__ import annotations

import json
import sys
import time
import zipfile
from pathlib import Path

import polars as pl

from benchmarks.inputs import Inputs


def read_all(archive: Path) -> int:
    """Read every member.

    Returns:
        The rows read.
    """
    rows = 0
    with zipfile.ZipFile(archive) as members:
        for name in members.namelist():
            rows += pl.read_csv(members.read(name)).height
    return rows


def main() -> None:
    """Measure, and write what was found to the file named last."""
    inputs, result = Inputs(Path(sys.argv[1])), Path(sys.argv[2])
    start = time.perf_counter()
    rows = read_all(inputs.archive)
    found = {"seconds": time.perf_counter() - start, "rows": rows}
    result.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
