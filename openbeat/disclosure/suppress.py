"""Which cells to keep back besides the protected ones, with the worlds that prove it enough.

Cell suppression by a sequence of linear programmes (``disclosure.md`` 4.3, after the shortest-path
heuristics of Kelly, Golden and Assad and of Castro), a clean-up that gives back what is not
needed, and the optimum where tables are small. The proof is in the worlds and is checked by
``certificate``; what is built here only has to find them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from openbeat.disclosure.certificate import check
from openbeat.disclosure.exact import optimum
from openbeat.disclosure.problem import NotCertifiedError, Problem, Solution, Worlds
from openbeat.disclosure.regions import Work, part
from openbeat.disclosure.search import Search
from openbeat.disclosure.tidy import tidy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Limits:
    """How much work is allowed; no clock, so that the same input gives the same output.

    Attributes:
        programmes: Linear programmes of a whole problem.
        nodes: Branches of each integer programme.
        exact_cells: Tables of at most so many cells that can move are solved to the optimum.
    """

    programmes: int = 20_000
    nodes: int = 500
    exact_cells: int = 150


def suppress(
    problem: Problem, known: Worlds | None = None, limits: Limits | None = None
) -> Solution:
    """Cells to keep back, so that every protected one has both its worlds.

    Args:
        problem: The tables.
        known: Worlds that proved an earlier release; those that still hold save work.
        limits: How much work is allowed.

    Returns:
        What is kept back, with worlds that ``certificate.check`` accepts.

    Raises:
        NotCertifiedError: Some cell has no two worlds, or none were found in the work allowed.
    """
    limits = limits or Limits()
    work = Work(limits.programmes, limits.nodes)
    search = Search(problem, work)
    if known is not None:
        search.adopt(known)
    freed = _run(search)
    start, exactly = _small_optima(search, limits)
    if start is not None:
        other = Search(problem, work, start)
        other.adopt(search.found.worlds())
        try:
            freed_other = _run(other)
        except NotCertifiedError:
            exactly = 0
        else:
            if other.cost() < search.cost():
                search, freed = other, freed_other
    return _solution(search, freed, exactly)


def _run(search: Search) -> int:
    """The whole of a search. Returns how many cells were given back."""
    search.protect()
    search.answer_insiders()
    return tidy(search)


def _small_optima(search: Search, limits: Limits) -> tuple[NDArray[np.bool_] | None, int]:
    """The optimum wherever tables are small enough.

    Returns:
        A better start, or nothing where none is better; and of how many parts the optimum is
        known.
    """
    problem = search.problem
    start, better, exactly = search.suppressed.copy(), False, 0
    for cells in search.parts(limits.exact_cells):
        now = search.weight[cells] @ (search.suppressed[cells] & ~search.primary[cells])
        if not now:
            exactly += 1  # nothing is cheaper than nothing
            continue
        best = optimum(part(problem, cells), limits.nodes)
        if best is None:
            continue
        exactly += 1
        cost = search.weight[cells] @ (best & ~search.primary[cells])
        if cost < now - 1e-9:
            start[cells], better = best, True
    return start if better else None, exactly


def _solution(search: Search, freed: int, exactly: int) -> Solution:
    """What was found, checked.

    Raises:
        NotCertifiedError: The check does not accept it.
    """
    worlds = search.found.worlds()
    verdict = check(search.problem, search.suppressed, worlds)
    if not verdict.ok:
        says = "; ".join(verdict.broken) or "a protected cell lacks a world"
        raise NotCertifiedError(f"The certificate does not hold: {says}", verdict.uncovered)
    figures = {
        "primary": int((search.open & search.problem.protect).sum()),
        "complementary": len(search.extra()),
        "freed": freed,
        "components": search.components,
        "solved_exactly": exactly,
        "programmes": search.work.programmes,
        "integer_programmes": search.work.integers,
        "zero_aware_residual": verdict.zero_aware_residual,
        "insiders": verdict.insiders,
        "insider_residual": verdict.insider_residual,
    }
    return Solution(search.suppressed.copy(), worlds, figures)
