"""A linear programme over movements of cells, kept warm in HiGHS, with a budget of simplex steps.

In: the relations between columns and how far each may be off. Out: a movement, or None where there is none. Steps and not
seconds are counted, so that the same table ends the same way on any machine. An answer that HiGHS is unsure of is no answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gateway.disclosure.errors import Unprotectable

if TYPE_CHECKING:
    import highspy
    from scipy.sparse import csc_array

    from .linear import Reals

# Movements are solved in units of what the cell in question needs; nothing has to move a thousand times as far.
FARTHEST = 1e3
# A movement below this share of the unit is taken for none: HiGHS lets bounds be 1e-7 off.
TOLERANCE = 1e-6


class BudgetSpent(Unprotectable):
    """The steps allowed did not suffice, or HiGHS gave no sure answer; whoever catches it withholds more."""

    def __init__(self) -> None:
        super().__init__("table", "over_budget", "too large to be checked within the budget")


class Budget:
    """Simplex steps that may still be taken, by one or several programmes together."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def spend(self, steps: int) -> None:
        """Raises `BudgetSpent` when there are none left."""
        self.left -= max(steps, 1)
        if self.left <= 0:
            raise BudgetSpent


class Programme:
    """Minimise costs @ y subject to low <= y <= high and row_down <= matrix @ y <= row_up, from the last basis on."""

    def __init__(self, matrix: csc_array, row_down: Reals, row_up: Reals, budget: Budget) -> None:
        import highspy

        self._budget = budget
        self._rows_down, self._rows_up = row_down, row_up
        # A relation that may be off has another room in every unit; a plain sum has none in any.
        self._loose_rows = np.flatnonzero((row_down != 0) | (row_up != 0)).astype(np.int32)
        self._columns = np.arange(matrix.shape[1], dtype=np.int32)
        self._statuses = highspy.HighsModelStatus
        self._solver = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, value in (
            ("output_flag", False),
            ("threads", 1),
            ("solver", "simplex"),
            ("presolve", "off"),
            ("random_seed", 0),
        ):
            self._solver.setOptionValue(option, value)
        self._solver.passModel(_model(matrix))

    def set_costs(self, costs: Reals) -> None:
        """The loss of moving each column by one."""
        self._solver.changeColsCost(self._columns.size, self._columns, costs)

    def solve(self, low: Reals, high: Reals, unit: float) -> Reals | None:
        """The best movement in units of `unit`, or None if there is none. Raises `BudgetSpent`.

        `low`, `high`: bounds of the columns in units already, at most `FARTHEST` away from 0.
        """
        solver = self._solver
        solver.changeColsBounds(self._columns.size, self._columns, low, high)
        for row in self._loose_rows.tolist():
            down = max(float(self._rows_down[row]) / unit, -FARTHEST)
            solver.changeRowBounds(row, down, min(float(self._rows_up[row]) / unit, FARTHEST))
        solver.setOptionValue("simplex_iteration_limit", self._budget.left)
        solver.run()
        self._budget.spend(solver.getInfo().simplex_iteration_count)
        status = solver.getModelStatus()
        if status == self._statuses.kOptimal:
            return np.array(solver.getSolution().col_value)
        if status == self._statuses.kInfeasible:
            return None
        raise BudgetSpent


def _model(matrix: csc_array) -> highspy.HighsLp:
    import highspy

    rows, columns = matrix.shape
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = columns, rows
    model.col_cost_ = model.col_lower_ = model.col_upper_ = np.zeros(columns)
    model.row_lower_ = model.row_upper_ = np.zeros(rows)
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = matrix.indptr
    model.a_matrix_.index_ = matrix.indices
    model.a_matrix_.value_ = matrix.data
    return model
