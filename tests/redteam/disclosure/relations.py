"""Linear relations between unknown figures and released ones: intervals by linear programming, estimates by least squares.

In: rows of coefficients, the released values, their reach and deviation. Out: for an unknown its least and largest value
(HiGHS), and for all of them the mean and deviation of a Gaussian posterior.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array

Floats = NDArray[np.float64]


@dataclass
class Relations:
    """`size` unknowns, none negative; each row says that a sum of some of them is near a value."""

    size: int
    columns: list[NDArray[np.int64]] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    reach: list[float] = field(default_factory=list)
    sd: list[float] = field(default_factory=list)

    def say(self, columns: NDArray[np.int64], value: float, reach: float, sd: float) -> None:
        """The sum of these unknowns is `value`, at most `reach` off."""
        self.columns.append(columns)
        self.values.append(value)
        self.reach.append(reach)
        self.sd.append(sd)

    def matrix(self) -> csr_array:
        """One row for each relation, one column for each unknown."""
        lengths = [len(c) for c in self.columns]
        rows = np.repeat(np.arange(len(lengths)), lengths)
        columns = np.concatenate(self.columns) if self.columns else np.zeros(0, dtype=np.int64)
        return csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(lengths), self.size))

    def interval(self, wanted: NDArray[np.int64], most: float = np.inf) -> tuple[float, float]:
        """The least and largest sum of `wanted` that agrees with everything said; (0, most) where nothing does."""
        matrix = self.matrix()
        values, reach = np.array(self.values), np.array(self.reach)
        scale = max(values.max(initial=1.0), 1.0)
        bounds = np.concatenate([values + reach, reach - values]) / scale
        both = csr_array(np.vstack([matrix.toarray(), -matrix.toarray()]))
        aim = np.zeros(self.size)
        aim[wanted] = 1.0
        ends = []
        for sign in (1.0, -1.0):
            found = linprog(sign * aim, A_ub=both, b_ub=bounds, bounds=(0, None), method="highs")
            ends.append(sign * found.fun * scale if found.success else (0.0 if sign > 0 else most))
        return ends[0], ends[1]

    def posterior(self, mean: Floats, sd: Floats) -> tuple[Floats, Floats]:
        """Mean and deviation of each unknown, given a prior of its own for each."""
        matrix = self.matrix().toarray()
        noise = np.maximum(np.array(self.sd), 1e-6 * max(np.abs(self.values).max(initial=1.0), 1))
        spread = matrix * sd**2
        gain = np.linalg.solve(spread @ matrix.T + np.diag(noise**2), spread).T
        found = mean + gain @ (np.array(self.values) - matrix @ mean)
        left = sd**2 - np.einsum("ij,ji->i", gain, spread)
        return found, np.sqrt(np.maximum(left, 0.0))
