"""Measurement of how near suppression is to the exact optimum, on tables small enough for it.

``python -m benchmarks.disclosure_exact SEEDS RESULT``. The optimum is the integer programme of
Fischetti and Salazar with worlds of fractions and without insiders, so it is a lower bound of what
suppression can do, which needs worlds of whole numbers and protects from insiders. Three are held
against it: suppression as it runs (which begins with that optimum where tables are small), its
search alone, as larger tables have it, and the search alone with no insiders to protect from,
which is the like for like.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.disclosure_made import district
from openbeat.disclosure.exact import optimum
from openbeat.disclosure.problem import Problem
from openbeat.disclosure.regions import weights
from openbeat.disclosure.suppress import Limits, suppress

NODES = 5000


def main() -> None:
    """Measure, and write what was found to the file named second."""
    tables, unproven = [], 0
    start = time.perf_counter()
    for seed in range(int(sys.argv[1])):
        problem = district(seed)
        best = optimum(problem, NODES)
        if best is None:
            unproven += 1
            continue
        tables.append(_held_against(seed, problem, best))
    told = {
        "seconds": time.perf_counter() - start,
        "rows": len(tables),
        "figures": {"tables": tables, "without a proven optimum": unproven},
    }
    Path(sys.argv[2]).write_text(json.dumps(told), encoding="utf-8")


def _held_against(seed: int, problem: Problem, best: Any) -> dict[str, Any]:
    """Costs and numbers of cells kept back besides the protected ones."""
    weight, extra = weights(problem), ~problem.protect
    nobody = replace(problem, single=np.zeros(problem.size, np.bool_))
    alone = Limits(exact_cells=0)
    kept = {
        "optimum": best,
        "as it runs": suppress(problem).suppressed,
        "search alone": suppress(problem, limits=alone).suppressed,
        "search alone, no insiders": suppress(nobody, limits=alone).suppressed,
        "as it runs, no insiders": suppress(nobody).suppressed,
    }
    return {
        "seed": seed,
        "cells": problem.size,
        "primary": int(problem.protect.sum()),
        "cost": {name: float(weight[one & extra].sum()) for name, one in kept.items()},
        "complementary": {name: int((one & extra).sum()) for name, one in kept.items()},
    }


if __name__ == "__main__":
    main()
