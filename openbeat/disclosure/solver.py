"""Linear and integer programmes by HiGHS: one thread, one seed, no clock.

What is asked of it belongs in ``suppress`` and ``exact``; the proof is never the solver's word
but the exact check in ``certificate``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Indices = NDArray[np.int32]
    _Sides = tuple[Floats, Floats]

INFINITE: Final = float("inf")
NEARLY: Final = 1e-6
"""How near to an integer a solver's number is one."""


@dataclass(frozen=True)
class Rows:
    """The left-hand sides of a programme, by column.

    Attributes:
        height: Number of rows.
        start: Where each column's coefficients begin (one more than there are columns).
        row: Row of each coefficient.
        coefficient: The coefficients.
    """

    height: int
    start: Indices
    row: Indices
    coefficient: Floats

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.start) - 1


@dataclass(frozen=True)
class Answer:
    """An optimal solution.

    Attributes:
        column: Value of each column.
        reduced: Reduced cost of each column (only where it was asked for).
    """

    column: Floats
    reduced: Floats


def _new(nodes: int | None) -> Any:
    import highspy

    model: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    options: dict[str, Any] = {
        "output_flag": False,
        "threads": 1,
        "parallel": "off",
        "random_seed": 0,
    }
    if nodes is None:
        options |= {"solver": "simplex", "presolve": "off"}
    else:
        options |= {"mip_max_nodes": nodes, "mip_rel_gap": 0.0, "mip_abs_gap": NEARLY}
    for name, setting in options.items():
        model.setOptionValue(name, setting)
    return model


def _pass(model: Any, rows: Rows, cost: Floats, bounds: _Sides, sides: _Sides) -> None:
    import highspy

    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = rows.width, rows.height
    lp.col_cost_ = cost
    lp.col_lower_, lp.col_upper_ = bounds
    lp.row_lower_, lp.row_upper_ = sides
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = rows.start
    lp.a_matrix_.index_ = rows.row
    lp.a_matrix_.value_ = rows.coefficient
    model.passModel(lp)


class LinearProgramme:
    """Least cost subject to ``rows @ x == 0`` and bounds: built once, then asked many times.

    Only what differs from the question before is handed over. The dual simplex method begins
    afresh each time: no change at all is dual feasible and, but for the one cell that must move,
    primal feasible, so it takes a third of the steps that it takes from the answer before, and
    what it answers does not hang on what was asked before.
    """

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._columns = np.arange(rows.width, dtype=np.int32)
        self._cost = np.zeros(rows.width)
        self._lower = np.zeros(rows.width)
        self._upper = np.zeros(rows.width)
        zero = np.zeros(rows.height)
        self._model = _new(None)
        _pass(self._model, rows, self._cost, (self._lower, self._upper), (zero, zero))

    def solve(
        self, cost: Floats, lower: Floats, upper: Floats, *, prices: bool = False
    ) -> Answer | None:
        """The optimum, or nothing where there is none (which the caller must take as unknown).

        Args:
            cost: Of each column.
            lower: The least of each column.
            upper: The most of each column.
            prices: Whether the reduced costs are wanted too.
        """
        import highspy

        new = self._columns[cost != self._cost]
        if len(new):
            self._model.changeColsCost(len(new), new, cost[new])
            self._cost = cost.copy()
        new = self._columns[(lower != self._lower) | (upper != self._upper)]
        if len(new):
            self._model.changeColsBounds(len(new), new, lower[new], upper[new])
            self._lower, self._upper = lower.copy(), upper.copy()
        if not prices:
            self._model.setBasis()
        self._model.run()
        if self._model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        solution = self._model.getSolution()
        reduced = np.array(solution.col_dual) if prices else np.zeros(0)
        return Answer(np.array(solution.col_value), reduced)


def programme(
    rows: Rows,
    cost: Floats,
    bounds: _Sides,
    sides: _Sides | None = None,
    *,
    nodes: int,
    whole: bool = True,
    optimal: bool = False,
) -> Floats | None:
    """Numbers of least cost with ``rows @ x`` within ``sides`` (default: equal to 0), asked once.

    Args:
        rows: The left-hand sides.
        cost: Of each column.
        bounds: Lower and upper of each column.
        sides: Lower and upper of each row.
        nodes: How many branches may be looked at.
        whole: Whether they have to be integers.
        optimal: Whether only a proven optimum will do.

    Returns:
        The best found, or nothing.
    """
    import highspy

    model = _new(nodes)
    zero = np.zeros(rows.height)
    _pass(model, rows, cost, bounds, sides or (zero, zero))
    if whole:
        kinds = np.full(rows.width, int(highspy.HighsVarType.kInteger), dtype=np.uint8)
        model.changeColsIntegrality(rows.width, np.arange(rows.width, dtype=np.int32), kinds)
    model.run()
    status = model.getModelStatus()
    limit = highspy.HighsModelStatus.kSolutionLimit
    if status != highspy.HighsModelStatus.kOptimal and (optimal or status != limit):
        return None
    values = np.array(model.getSolution().col_value)
    if len(values) != rows.width or not np.isfinite(values).all():
        return None
    if not whole:
        return values
    near = np.rint(values)
    return near if np.abs(values - near).max(initial=0.0) <= 10 * NEARLY else None
