"""The peer: pytauargus on one table of neighbourhoods by groups, in a process of its own.

``python -m benchmarks.disclosure_tauargus COUNTS RULE METHOD RESULT``: ``COUNTS`` is a JSON list of
lists, one row a neighbourhood; the result says of each cell, totals last, whether it is kept back.
It ends with an error where the package is not there (``requirements-peers.txt``) or gives up. It
is started by ``disclosure_peers``, since its engine can take a whole process down.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

import numpy as np


def main() -> None:
    """Protect the table, and write which cells are kept back, and the seconds."""
    protect = import_module("pytauargus").protect  # optional, so nothing may ask for its types

    counts = np.array(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), np.int64)
    place, group = np.nonzero(counts)
    people = counts[place, group]
    rows = {
        "place": [f"N{number:03d}" for number in np.repeat(place, people)],
        "group": [f"G{number}" for number in np.repeat(group, people)],
        "one": [1.0] * int(people.sum()),
    }
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        protected = protect(
            rows,
            ["place", "group"],
            response="one",
            safety_rules=sys.argv[2],
            suppress=sys.argv[3],
            decimals=0,
            workdir=folder,
        )
        seconds = time.perf_counter() - start
    kept = np.zeros((counts.shape[0] + 1, counts.shape[1] + 1), np.bool_)
    for row in protected.tables[0].rows:
        at = [
            _number(str(row[name]), kept.shape[axis])
            for axis, name in enumerate(("place", "group"))
        ]
        kept[at[0], at[1]] = row["status"] in ("U", "M")
    told = {"seconds": seconds, "kept": kept.tolist()}
    Path(sys.argv[4]).write_text(json.dumps(told), encoding="utf-8")


def _number(code: str, size: int) -> int:
    """The row or column of a code; totals are last."""
    return size - 1 if code == "Total" else int(code[1:])


if __name__ == "__main__":
    main()
