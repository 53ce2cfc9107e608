"""Possible worlds, and the check that they protect what they must: the proof of a release.

A cell that is kept back is safe when explicit tables of integers, each of which agrees with
everything published, say different things about it: one that it is at its threshold or above, one
that it is 1 or less. Whoever reads what is published cannot tell those worlds from the truth, so
no solver, however strong, can rule them out. This module checks such worlds, and all of it is
sums and comparisons of int64: no floating point, no tolerance, no solver, and nothing of the code
that found them. Whatever it does not understand, it refuses. Sentences say how many and where,
never a value.

Finding worlds belongs in ``suppress``; what cells mean, in ``cells``. The scope of a cell helps
that search and is not trusted here: a world is checked whole, against every sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from openbeat.disclosure.problem import UNBOUNDED, Problem, State, Worlds

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

NONE: Final = -1
"""In ``Verdict.low`` and ``high``: no world does it."""
TRUTH: Final = -2
"""In ``Verdict.low`` and ``high``: the truth does it, itself a possible world."""
LARGEST: Final = 2**40
TERMS: Final = 2**20
"""A sum of at most this many differences of at most 2 ``LARGEST`` is below 2**62: no overflow."""
_BLOCK: Final = 256


@dataclass(frozen=True)
class Verdict:
    """What the worlds prove.

    Attributes:
        ok: Nothing is broken and every protected cell has both its worlds.
        uncovered: Protected cells without a low or without a high world.
        broken: What is wrong, a sentence each. Worlds that are wrong prove nothing.
        zero_aware_residual: Protected cells that no two worlds cover without making some
            suppressed cell 0 that is not: an attacker who knows that zeros are never kept back
            could rule those out.
        insider_residual: Pairs of an insider and another protected cell in reach of the same
            sums, of which every world that leaves the insider's own cell at its true value leaves
            the other cell so too (rule R5).
        insiders: Suppressed cells with one person behind them, who knows the value.
        low: For each protected cell, in order, a world in which it is 1 or less: its index,
            ``TRUTH`` or ``NONE`` (int32).
        high: The same, with its threshold or more.
    """

    ok: bool
    uncovered: tuple[int, ...]
    broken: tuple[str, ...]
    zero_aware_residual: int
    insider_residual: int
    insiders: int
    low: NDArray[np.int32]
    high: NDArray[np.int32]


def check(problem: Problem, suppressed: NDArray[np.bool_], worlds: Worlds) -> Verdict:
    """Whether the worlds prove that what is suppressed protects what must be.

    Published are ``FACT`` cells and ``OPEN`` ones that are not suppressed.

    Args:
        problem: Cells and sums.
        suppressed: Whether each cell is kept back.
        worlds: Possible worlds.

    Returns:
        The verdict. Arrays that are not what they should be are refused in it, not raised.
    """
    doubts = _doubts(problem, suppressed, worlds)
    if doubts:
        none = np.zeros(0, np.int32)
        return Verdict(False, (), doubts, 0, 0, 0, none, none)
    faults = _faults(problem, suppressed, worlds)
    sound = ~np.logical_or.reduce(list(faults.values()))
    broken = (
        *_wrong_problem(problem, suppressed),
        *(f"{some} {says}" for says, each in faults.items() if (some := _some(each))),
    )
    proof = _select(worlds, sound)
    careful = ~_per_world(proof, _makes_zero(problem, suppressed, proof))
    low, high, warily = _witnesses(problem, proof, careful)
    index = np.append(np.flatnonzero(sound), [TRUTH, NONE]).astype(np.int32)
    protected = np.flatnonzero(problem.protect)
    missing = (low == NONE) | (high == NONE)
    insiders = np.flatnonzero(suppressed & problem.single)
    return Verdict(
        ok=not broken and not missing.any(),
        uncovered=tuple(protected[missing].tolist()),
        broken=broken,
        zero_aware_residual=int((~warily).sum()),
        insider_residual=_insider_residual(problem, suppressed, proof, insiders),
        insiders=len(insiders),
        low=index[low],  # TRUTH and NONE count from the end
        high=index[high],
    )


def agreeing(problem: Problem, suppressed: NDArray[np.bool_], worlds: Worlds) -> Worlds:
    """Those of the worlds that agree with every sum, every bound and all that is published.

    Raises:
        ValueError: The arrays are not what they should be.
    """
    doubts = _doubts(problem, suppressed, worlds)
    if doubts:
        raise ValueError("; ".join(doubts))
    faults = _faults(problem, suppressed, worlds)
    return _select(worlds, ~np.logical_or.reduce(list(faults.values())))


def join(*several: Worlds) -> Worlds:
    """All the worlds, in order."""
    sizes = np.concatenate([np.zeros(1, np.int64), *(np.diff(w.start) for w in several)])
    return Worlds(
        start=np.cumsum(sizes, dtype=np.int64),
        cell=np.concatenate([np.zeros(0, np.int32), *(w.cell for w in several)], dtype=np.int32),
        change=np.concatenate([np.zeros(0, np.int64), *(w.change for w in several)]),
    )


def digest(worlds: Worlds) -> str:
    """SHA-256 of the worlds in their order, in hexadecimal: what the ledger remembers of them."""
    found = sha256(b"openbeat worlds 1\n")
    for array in (worlds.start, worlds.cell, worlds.change):
        whole = np.asarray(array).astype("<i8")
        found.update(len(whole).to_bytes(8, "little") + whole.tobytes())
    return found.hexdigest()


def _doubts(problem: Problem, suppressed: NDArray[np.bool_], worlds: Worlds) -> tuple[str, ...]:
    """Why the arrays cannot be trusted to mean what they should, if so."""
    cells, terms, moves = len(problem.value), len(problem.rows), len(worlds.cell)
    shapes: list[tuple[str, Any, str, int]] = [
        ("suppressed", suppressed, "b", cells),
        ("start", worlds.start, "i", len(worlds.start)),
        ("cell", worlds.cell, "i", moves),
        ("change", worlds.change, "i", moves),
        *((name, getattr(problem, name), "b", cells) for name in ("protect", "single")),
        *((name, getattr(problem, name), "i", cells) for name in ("value", "state", "high")),
        ("lower", problem.lower, "i", cells),
        *((name, getattr(problem, name), "i", terms) for name in ("rows", "columns")),
        ("coefficients", problem.coefficients, "i", terms),
    ]
    wrong = tuple(
        f"{name} is not a plain array of {'booleans' if kind == 'b' else 'integers'}, one each"
        for name, array, kind, size in shapes
        if array.shape != (size,) or array.dtype.kind != kind
    )
    return wrong or _out_of_range(problem, worlds)


def _out_of_range(problem: Problem, worlds: Worlds) -> tuple[str, ...]:
    """Numbers that no problem and no world has."""
    start, sizes = worlds.start, np.diff(worlds.start)
    protected = problem.high[problem.protect]
    if len(start) == 0 or start[0] != 0 or start[-1] != len(worlds.cell) or (sizes < 0).any():
        return ("the worlds do not begin where they should",)
    world = np.repeat(np.arange(worlds.count), sizes)
    found = {
        "a world has a cell that does not exist": _outside(worlds.cell, 0, problem.size - 1),
        "a world has a cell twice": _repeats(world, worlds.cell, problem.size),
        "a world has a change of nothing": bool((worlds.change == 0).any()),
        "a change is too large": _outside(worlds.change, -2 * LARGEST, 2 * LARGEST),
        "a value is too large": _outside(problem.value, -LARGEST, LARGEST),
        "a state is unknown": _outside(problem.state, min(State), max(State)),
        "a threshold is below 2 or too large": _outside(protected, 2, LARGEST),
        "a lower bound is neither 0 nor unbounded": bool(
            ((problem.lower != 0) & (problem.lower != UNBOUNDED)).any()
        ),
        "a sum has a cell that does not exist": _outside(problem.columns, 0, problem.size - 1),
        "there are too many sums": _outside(problem.rows, 0, TERMS),
        "a sum has a cell twice": _repeats(problem.rows, problem.columns, problem.size),
        "a coefficient is neither 1 nor -1": bool(
            ((problem.coefficients != 1) & (problem.coefficients != -1)).any()
        ),
    }
    if any(found.values()):
        return tuple(says for says, is_so in found.items() if is_so)
    longest = np.bincount(problem.rows).max(initial=0)
    return ("a sum is too long to be checked",) if longest > TERMS else ()


def _outside(array: NDArray[Any], least: int, most: int) -> bool:
    return bool(((array < least) | (array > most)).any())


def _repeats(one: NDArray[Any], other: NDArray[Any], size: int) -> bool:
    """Whether two pairs are the same; ``other`` is below ``size``."""
    return len(np.unique(one.astype(np.int64) * size + other)) < len(one)


def _some(found: NDArray[np.bool_]) -> str:
    """How many, and which is the first; empty where there is none."""
    return f"{found.sum()} (the first is {found.argmax()})" if found.any() else ""


def _wrong_problem(problem: Problem, suppressed: NDArray[np.bool_]) -> tuple[str, ...]:
    """What is wrong before any world is looked at."""
    state, published = problem.state, _published(problem, suppressed)
    found = {
        "sums are broken by the truth": problem.matrix() @ problem.value.astype(np.int64) != 0,
        "true values are below their lower bound": problem.value < problem.lower,
        "protected cells are published": problem.protect & published,
        "published facts are suppressed": (state == State.FACT) & suppressed,
        "cells kept back for good are published": (state == State.KEPT) & ~suppressed,
        "hidden cells are called suppressed": (state == State.HIDDEN) & suppressed,
    }
    return tuple(f"{some} {says}" for says, each in found.items() if (some := _some(each)))


def _faults(
    problem: Problem, suppressed: NDArray[np.bool_], worlds: Worlds
) -> dict[str, NDArray[np.bool_]]:
    """What is wrong with worlds: for each kind of fault, which worlds have it."""
    value = _values(problem, worlds)
    moved = _published(problem, suppressed)[worlds.cell]
    low = value < problem.lower[worlds.cell]
    left = _matrix(problem, worlds) @ problem.matrix().T  # both int64: exact
    left.eliminate_zeros()
    return {
        "worlds contradict what is published": _per_world(worlds, moved),
        "worlds are below a lower bound": _per_world(worlds, low),
        "worlds have a value that is too large": _per_world(worlds, value > LARGEST),
        "worlds break a sum": np.diff(left.indptr) > 0,
    }


def _published(problem: Problem, suppressed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    seen: NDArray[np.bool_] = (problem.state == State.OPEN) & ~suppressed
    fact: NDArray[np.bool_] = problem.state == State.FACT
    return seen | fact


def _makes_zero(
    problem: Problem, suppressed: NDArray[np.bool_], worlds: Worlds
) -> NDArray[np.bool_]:
    """For each change: whether it makes a suppressed cell 0 that is not."""
    nonzero: NDArray[np.bool_] = suppressed & (problem.value > 0) & (problem.lower == 0)
    zero: NDArray[np.bool_] = nonzero[worlds.cell] & (_values(problem, worlds) < 1)
    return zero


def _witnesses(
    problem: Problem, worlds: Worlds, careful: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """For each protected cell a low and a high world, and whether both are careful ones.

    The truth comes first, which is careful by nature, then careful worlds, then any.
    """
    world = np.repeat(np.arange(worlds.count), np.diff(worlds.start))
    value = _values(problem, worlds)
    rank = np.where(careful, 0, worlds.count)[world] + world

    def best(holds: NDArray[np.bool_], truth: NDArray[np.bool_]) -> NDArray[np.int64]:
        first = np.full(problem.size, 2 * worlds.count, np.int64)
        np.minimum.at(first, worlds.cell[holds], rank[holds])
        first[truth] = TRUTH
        return first[problem.protect]

    low = best(value <= 1, problem.value <= 1)
    high = best(value >= problem.high[worlds.cell], problem.value >= problem.high)
    warily = (low < worlds.count) & (high < worlds.count)

    def index(best: NDArray[np.int64]) -> NDArray[np.int64]:
        best = np.where(best >= 2 * worlds.count, NONE, best)
        return np.where(best >= worlds.count, best - worlds.count, best)

    return index(low), index(high), warily


def _insider_residual(
    problem: Problem,
    suppressed: NDArray[np.bool_],
    worlds: Worlds,
    insiders: NDArray[np.int64],
) -> int:
    """Pairs (insider, protected cell) that no world tells apart.

    A pair is met by a world that moves the protected cell and not the insider's, so it is not met
    where as many worlds move both as move the protected cell: counts of one sparse product. Cells
    that no chain of sums over unpublished cells joins are no pair.
    """
    protected = np.flatnonzero(problem.protect)
    part = _parts(problem, suppressed)
    moves = _matrix(problem, worlds)
    moves.data[:] = 1
    by_insider = moves[:, insiders].T.tocsr()
    by_protected = moves[:, protected].tocsr()
    times = np.bincount(by_protected.indices, minlength=len(protected))
    still = protected[times == 0]
    near = np.bincount(part[insiders], minlength=int(part.max(initial=0)) + 1)
    unmet = int(near[part[still]].sum() - np.isin(still, insiders).sum())
    for first in range(0, len(insiders), _BLOCK):
        both = (by_insider[first : first + _BLOCK] @ by_protected).tocoo()
        one, other = insiders[first + both.row], protected[both.col]
        apart = (both.data < times[both.col]) | (part[one] != part[other]) | (one == other)
        unmet += int((~apart).sum())
    return unmet


def _parts(problem: Problem, suppressed: NDArray[np.bool_]) -> NDArray[np.int32]:
    """For each cell, which connected part of the unpublished cells it is in."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    free = ~_published(problem, suppressed)[problem.columns]
    rows, columns = problem.rows[free].astype(np.int64), problem.columns[free].astype(np.int64)
    size = problem.size + problem.matrix().shape[0]  # a node for each cell, then for each sum
    edges = coo_array((np.ones(len(rows), np.int8), (columns, problem.size + rows)), (size, size))
    parts: NDArray[np.int32] = connected_components(edges, directed=False)[1][: problem.size]
    return parts


def _values(problem: Problem, worlds: Worlds) -> NDArray[np.int64]:
    """What the changed cells are in their worlds."""
    changed: NDArray[np.int64] = problem.value[worlds.cell].astype(np.int64) + worlds.change
    return changed


def _matrix(problem: Problem, worlds: Worlds) -> csr_array:
    """The worlds as rows of differences over all cells."""
    from scipy.sparse import csr_array

    entries = (worlds.change.astype(np.int64), worlds.cell.astype(np.int64), worlds.start)
    return csr_array(entries, shape=(worlds.count, problem.size))


def _per_world(worlds: Worlds, of_change: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether any change of each world is marked."""
    before = np.concatenate([np.zeros(1, np.int64), np.cumsum(of_change)])
    return np.diff(before[worlds.start]) > 0


def _select(worlds: Worlds, keep: NDArray[np.bool_]) -> Worlds:
    sizes = np.diff(worlds.start)
    held = np.repeat(keep, sizes)
    start = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes[keep])])
    return Worlds(start=start, cell=worlds.cell[held], change=worlds.change[held])
