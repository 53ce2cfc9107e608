"""A certificate that holds is a promise: no attacker, however strong, works out what is kept back.

Over random linked tables. Suppression, certificate and attacker share no code but the arrays of
``problem``; here each is held against the others, and worlds against plain Python integers.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from openbeat.disclosure.attacker.judging import Aim, Outcome, strike
from openbeat.disclosure.attacker.system import System
from openbeat.disclosure.certificate import check, digest
from openbeat.disclosure.problem import UNBOUNDED, NotCertifiedError, Problem, Solution, State
from openbeat.disclosure.rounding import controlled_rounding
from openbeat.disclosure.suppress import Limits, suppress
from tests.openbeat.disclosure.linked import dense, linked, linked_problems

Flags = NDArray[np.bool_]
QUICK = Limits(exact_cells=0)


def published(problem: Problem, suppressed: Flags) -> Flags:
    """What anybody can read."""
    fact = problem.state == State.FACT
    seen: Flags = fact | ((problem.state == State.OPEN) & ~suppressed)
    return seen


def attacked(problem: Problem, suppressed: Flags) -> Outcome:
    """What the attacker works out who reads the published cells, and knows the sums."""
    seen = published(problem, suppressed)
    value = problem.value.astype(np.float64)
    floor = np.where(problem.lower == UNBOUNDED, -np.inf, 0.0)
    order = np.lexsort((problem.columns, problem.rows))
    height = int(problem.rows.max()) + 1
    system = System(
        lower=np.where(seen, value, floor),
        upper=np.where(seen, value, np.inf),
        rows=problem.rows[order].astype(np.int64),
        columns=problem.columns[order].astype(np.int64),
        coefficients=problem.coefficients[order].astype(np.float64),
        low=np.zeros(height),
        high=np.zeros(height),
    )
    aim = Aim(
        attacked=problem.protect.copy(),
        threshold=problem.high.astype(np.float64),
        strict=np.ones(problem.size, np.bool_),
        insider=np.zeros(problem.size, np.bool_),
        known=np.ones(problem.size),
    )
    return strike(system, aim, whole=True)


def worked_out(problem: Problem, suppressed: Flags) -> list[int]:
    """Protected cells that the attacker finds exactly, or not free to be small and large."""
    found = attacked(problem, suppressed)
    assert not found.impossible.any(), "what is published cannot all be true"
    narrow = np.zeros(problem.size, np.bool_)
    for bottom, top in ((found.bottom, found.top), (found.whole_bottom, found.whole_top)):
        narrow |= (np.ceil(bottom - 1e-5) > 1) | (np.floor(top + 1e-5) < problem.high)
    return np.flatnonzero(problem.protect & narrow).tolist()


def solved(problem: Problem, limits: Limits = QUICK) -> Solution:
    """A solution; tables that none protects are not looked at."""
    try:
        return suppress(problem, None, limits)
    except NotCertifiedError:
        assume(condition=False)
        raise


@settings(max_examples=20, deadline=None)
@given(problem=linked_problems(most=5), exactly=st.booleans())
def test_what_is_certified_cannot_be_worked_out(problem: Problem, exactly: bool) -> None:
    solution = solved(problem, Limits(exact_cells=60 if exactly else 0))
    assert check(problem, solution.suppressed, solution.worlds).ok
    assert worked_out(problem, solution.suppressed) == []


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**16), share=st.floats(0.3, 1.0))
def test_whatever_the_pattern_a_certificate_is_never_given_to_what_can_be_worked_out(
    seed: int, share: float
) -> None:
    """Some of the cells that had to be kept back are shown, and only the worlds left count."""
    problem = linked(seed, places=4, groups=(3, 3), mean=9.0)
    solution = solved(problem)
    rng = np.random.default_rng(seed)
    suppressed = problem.protect | (solution.suppressed & (rng.random(problem.size) < share))
    verdict = check(problem, suppressed, solution.worlds)
    if verdict.ok:
        assert worked_out(problem, suppressed) == []
    proved = set(np.flatnonzero(problem.protect).tolist()) - set(verdict.uncovered)
    assert proved.isdisjoint(worked_out(problem, suppressed))


@pytest.mark.parametrize("seed", range(3))
def test_suppressing_only_what_is_small_does_not_do(seed: int) -> None:
    problem = linked(seed, places=5, groups=(4, 3), mean=9.0)
    assert worked_out(problem, problem.protect)
    assert not check(problem, problem.protect, solved(problem).worlds).ok


@settings(max_examples=30, deadline=None)
@given(problem=linked_problems(most=5))
def test_every_world_agrees_with_everything_published(problem: Problem) -> None:
    solution = solved(problem)
    truth, n = problem.value.tolist(), problem.size
    seen = published(problem, solution.suppressed).tolist()
    lower = problem.lower.tolist()
    terms: dict[int, list[tuple[int, int]]] = {}
    for row, cell, sign in zip(
        problem.rows.tolist(), problem.columns.tolist(), problem.coefficients.tolist(), strict=True
    ):
        terms.setdefault(row, []).append((cell, sign))
    worlds = [truth, *dense(problem, solution.worlds)]
    for world in worlds:
        assert all(world[cell] == truth[cell] for cell in range(n) if seen[cell])
        assert all(world[cell] >= lower[cell] for cell in range(n))
        assert all(sum(sign * world[cell] for cell, sign in sum_) == 0 for sum_ in terms.values())
    for cell in np.flatnonzero(problem.protect).tolist():
        assert not seen[cell]
        assert any(world[cell] <= 1 for world in worlds)
        assert any(world[cell] >= problem.high[cell] for world in worlds)


@settings(max_examples=15, deadline=None)
@given(problem=linked_problems(settled=False, most=4), base=st.sampled_from([3, 5]))
def test_rounded_numbers_add_up_and_are_near(problem: Problem, base: int) -> None:
    try:
        shown = controlled_rounding(problem, base, {}).tolist()
    except NotCertifiedError:
        assume(condition=False)
        raise
    left: dict[int, int] = {}
    for row, cell, sign in zip(
        problem.rows.tolist(), problem.columns.tolist(), problem.coefficients.tolist(), strict=True
    ):
        left[row] = left.get(row, 0) + sign * shown[cell]
    assert not any(left.values())
    assert all(abs(a - b) < base for a, b in zip(shown, problem.value.tolist(), strict=True))


@settings(max_examples=6, deadline=None)
@given(problem=linked_problems(most=3))
@example(problem=linked(0, attendances=True))
def test_the_same_tables_give_the_same_bytes(problem: Problem) -> None:
    one, other = solved(problem, Limits()), solved(replace(problem), Limits())
    assert one.suppressed.tobytes() == other.suppressed.tobytes()
    assert digest(one.worlds) == digest(other.worlds)
    assert one.figures == other.figures


FINGERPRINT = """
from tests.openbeat.disclosure.test_properties import fingerprint
print(fingerprint())
"""


def fingerprint() -> str:
    """Of a quarter of two forces through the gate, and of the attack on them."""
    from tests.openbeat.disclosure import series

    logs = series.changed(series.drawn(7), 7)
    *_, last = series.in_a_row(logs, series.DAYS[:1])
    found = sha256()
    for frame in (last.memory.ledger, last.memory.cells, last.memory.worlds, last.memory.solved):
        found.update(frame.write_csv().encode())
    for table in last.tables.values():
        found.update(table.write_csv().encode())
    report = series.attacked(last)
    found.update(repr(report.as_dict()).encode() + report.findings.write_csv().encode())
    return found.hexdigest()


def test_two_processes_publish_the_same_bytes() -> None:
    told = {
        subprocess.run(
            [sys.executable, "-c", FINGERPRINT],
            env={**os.environ, "PYTHONHASHSEED": seed, "POLARS_MAX_THREADS": threads},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed, threads in (("1", "1"), ("4711", "2"))
    }
    assert len(told) == 1
