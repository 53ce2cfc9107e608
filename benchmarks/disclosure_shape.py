"""Measurement of suppression alone: a month of about 1,500 linked cells for each of 43 forces.

``python -m benchmarks.disclosure_shape SEEDS RESULT``, one after another in one process, each with
its certificate checked once more. Tables are drawn beforehand.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from benchmarks.disclosure_made import month
from openbeat.disclosure.certificate import check
from openbeat.disclosure.problem import State
from openbeat.disclosure.suppress import suppress


def main() -> None:
    """Measure, and write what was found to the file named second."""
    problems = [month(seed) for seed in range(int(sys.argv[1]))]
    forces = []
    for seed, problem in enumerate(problems):
        begun, own = time.perf_counter(), time.process_time()
        solution = suppress(problem)
        solved = time.perf_counter()
        verdict = check(problem, solution.suppressed, solution.worlds)
        checked, used = time.perf_counter(), time.process_time() - own
        if not verdict.ok:
            raise RuntimeError(f"seed {seed} is not proved")
        shown = (problem.state == State.OPEN) & ~solution.suppressed & (problem.value > 0)
        forces.append(
            {
                "seed": seed,
                "solve": solved - begun,
                "certificate": checked - solved,
                "process": used,
                "cells": problem.size,
                "nonzero": int((problem.value > 0).sum()),
                "shown": int(shown.sum()),
                "worlds": solution.worlds.count,
                **solution.figures,
            }
        )
        sys.stdout.write(f"{forces[-1]}\n")
        sys.stdout.flush()
    seconds = sum(one["solve"] + one["certificate"] for one in forces)
    told = {"seconds": seconds, "rows": sum(p.size for p in problems), "figures": forces}
    Path(sys.argv[2]).write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
