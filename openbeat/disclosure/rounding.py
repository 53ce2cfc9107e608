"""Additive controlled rounding: the other method that a policy may choose for a set of tables.

Every number becomes a multiple of the base less than one base away, and all the sums still add
up. A multiple of the base, 0 among them, therefore keeps its value. Of all such roundings one of
the least total distance is taken, an exact integer programme (Cox 1987; Salazar Gonzalez 2005).
A total that several tables share is one cell, so it is rounded once. What was rounded before
stays as it was: a number that was 0 and is 5 after others were revised would give itself away as
1 to 4.

Two roundings or a rounding and a suppression of the same number narrow each other, so a cell that
was shown as anything but a multiple of the base is refused. What is suppressed belongs in
``suppress``; what method a set has, in ``policy``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from openbeat.disclosure.problem import NotCertifiedError, Problem, State

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    Ints = NDArray[np.int64]

BASE: Final = 5
NODES: Final = 2000
"""Nodes of the search in each connected part."""


def controlled_rounding(
    problem: Problem,
    base: int = BASE,
    chosen: Mapping[int, int] | None = None,
    *,
    nodes: int = NODES,
) -> Ints:
    """Every cell rounded so that all sums hold.

    Args:
        problem: Cells and sums. Cells that no table has (``HIDDEN``, ``KEPT``) are rounded too.
        base: What every number becomes a multiple of.
        chosen: For cells that were published before, by index, what was published. Every
            ``FACT`` must be among them.
        nodes: Nodes of the search in each connected part. Where they do not suffice for the least
            distance, the best rounding found is taken; it is a rounding like any other.

    Returns:
        The rounded numbers.

    Raises:
        NotCertifiedError: There is no such rounding, or none was found; or a choice is none.
    """
    chosen = chosen or {}
    rounded = problem.value // base * base
    free = problem.value != rounded
    before = np.fromiter(chosen.keys(), np.int64, len(chosen))
    rounded[before] = np.fromiter(chosen.values(), np.int64, len(chosen))
    free[before] = False
    _refuse_choices(problem, rounded, base, free)
    matrix = problem.matrix()
    gap = -(matrix @ rounded) // base  # how many of each sum's cells must go up, net
    for cells, rows in _parts(matrix, free, gap):
        up = _solve(matrix[rows][:, cells], problem.value[cells] % base, gap[rows], base, nodes)
        if up is None:
            raise NotCertifiedError("no additive rounding was found", tuple(cells.tolist()))
        rounded[cells] += base * up
    if verify_rounding(problem, rounded, base, chosen):
        raise NotCertifiedError("the rounding that was found does not hold")
    return rounded


def verify_rounding(
    problem: Problem, rounded: Ints, base: int = BASE, chosen: Mapping[int, int] | None = None
) -> tuple[str, ...]:
    """What is wrong with a rounding, a sentence each, by exact integers and no solver."""
    if rounded.shape != problem.value.shape or rounded.dtype.kind != "i":
        return ("there is not one integer for each cell",)
    kept = [rounded[cell] == shown for cell, shown in (chosen or {}).items()]
    found = {
        "a number is no multiple of the base": rounded % base != 0,
        "a number is a base or more away": abs(rounded - problem.value) >= base,
        "a number is below its lower bound": rounded < problem.lower,
        "a sum does not hold": problem.matrix() @ rounded != 0,
        "a number is not what it was before": ~np.array(kept, np.bool_),
    }
    return tuple(says for says, cells in found.items() if cells.any())


def _refuse_choices(problem: Problem, rounded: Ints, base: int, free: NDArray[np.bool_]) -> None:
    """Earlier choices that are none: shown by another method, or too far from a new value."""
    fact = problem.state == State.FACT
    wrong = (rounded % base != 0) | (abs(rounded - problem.value) >= base) | (fact & free)
    if wrong.any():
        cells = tuple(np.flatnonzero(wrong).tolist())
        raise NotCertifiedError("what was published before is no rounding of it", cells)


def _parts(matrix: csr_array, free: NDArray[np.bool_], gap: Ints) -> list[tuple[Ints, Ints]]:
    """Cells and rows of each connected part of what is not settled, in the order of the cells."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    terms = matrix.tocoo()
    open_ = free[terms.col]
    rows, columns = terms.row[open_].astype(np.int64), terms.col[open_].astype(np.int64)
    settled = np.ones(matrix.shape[0], np.bool_)
    settled[rows] = False
    if (gap[settled] != 0).any():
        raise NotCertifiedError("what was published before does not add up")
    nodes = len(free) + matrix.shape[0]  # one for each cell, then one for each sum
    edges = coo_array((np.ones(len(rows), np.int8), (columns, len(free) + rows)), (nodes, nodes))
    part = connected_components(edges, directed=False)[1]
    cells, sums = np.flatnonzero(free), np.flatnonzero(~settled)
    names, first = np.unique(part[cells], return_index=True)
    return [
        (cells[part[cells] == name], sums[part[len(free) + sums] == name])
        for name in names[np.argsort(first)]
    ]


def _solve(matrix: csr_array, rest: Ints, gap: Ints, base: int, nodes: int) -> Ints | None:
    """Which cells go up (1) so that every sum closes its gap, at the least total distance."""
    import highspy

    model = highspy.Highs()  # type: ignore[no-untyped-call]
    options: dict[str, Any] = {"output_flag": False, "threads": 1, "parallel": "off"}
    options |= {"random_seed": 0, "mip_max_nodes": nodes, "mip_rel_gap": 0.0}
    for name, setting in options.items():
        model.setOptionValue(name, setting)
    width = len(rest)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = width, len(gap)
    lp.col_cost_ = (base - 2 * rest).astype(np.float64)  # up is base - rest away, down is rest
    lp.col_lower_, lp.col_upper_ = np.zeros(width), np.ones(width)
    lp.row_lower_ = lp.row_upper_ = gap.astype(np.float64)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = matrix.indptr, matrix.indices
    lp.a_matrix_.value_ = matrix.data.astype(np.float64)
    lp.integrality_ = [highspy.HighsVarType.kInteger] * width
    model.passModel(lp)
    model.run()
    found = np.array(model.getSolution().col_value)
    if not model.getSolution().value_valid or len(found) != width:
        return None
    up: Ints = np.rint(found).astype(np.int64)
    return up
