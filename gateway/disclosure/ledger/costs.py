"""Costs in the ledger: what each served sum is made of, unit by unit.

In: rows of units (a family's costs at an agency in a quarter). Out: which may be served beside all others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .known import EXACT, LOWER_OF_COST
from .limits import Limits
from .nested import apart, families_differing
from .sets import Sets
from .small import SmallSets

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


UPPER_OF_FEW = 0.9


class ServedCosts:
    """The served sums of costs."""

    def __init__(self) -> None:
        self._served = Sets()
        self.small = SmallSets(EXACT)
        self._whose: csr_array | None = None

    def widen(self, whose: csr_array) -> None:
        """The units as they are now, and whose they are (units x families, 0 or 1)."""
        self._whose = whose
        self._served.widen(whose.shape[0])
        self.small.widen(whose.shape[0])

    def watch(self, sets: csr_array, families: Floats, min_cell: int) -> None:
        """Withheld costs of so many families each.

        A shown cost of `min_cell` families tells a share of s / `min_cell` of any s of them; hardly more may be told of those.
        """
        lower = np.maximum(LOWER_OF_COST, families / min_cell)
        self.small.watch(sets, Limits(lower, np.maximum(lower, UPPER_OF_FEW)))

    def admissible(self, rows: csr_array, order: NDArray[np.intp], min_cell: int) -> Flags:
        """Which of the rows in `order` may be served."""
        served = np.zeros(rows.shape[0], dtype=np.bool_)
        within = families_differing(rows, rows, self._whose, min_cell)
        known = self._served.rows_of(rows.shape[1])
        beside = families_differing(rows, known, self._whose, min_cell)
        served[order] = (beside[order] == 0).any(axis=1)
        new = order[~served[order]]
        chosen = new[apart(within, beside, order, min_cell)[new]]
        served[chosen] = self.small.admissible(rows[chosen], np.arange(len(chosen)))
        return served

    def take(self, rows: csr_array) -> None:
        """These are served now."""
        self.small.take(self._served.add(rows))
