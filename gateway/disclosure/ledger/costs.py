"""Costs in the ledger: what each served sum is made of, unit by unit.

In: rows of units (a family's costs at an agency in a quarter). Out: which may be served beside all others.
"""

from __future__ import annotations

from copy import copy
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .known import EXACT
from .limits import LOWER_OF_COST, MOST_OF_GROUP, Limits, with_grace
from .nested import apart, near
from .pieces import NOBODYS, Pieces
from .registry import CostRows
from .singled import SinglesOut
from .small import SmallSets
from .told import Told

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Order = NDArray[np.intp]
Pence = NDArray[np.int64]

# Of a withheld cost, of few families or mostly of few, no larger share may be told, whatever the sums are that lead to it.
UPPER_OF_FEW = 0.8


class ServedCosts:
    """The served sums of costs."""

    def __init__(self, told: Told | None = None) -> None:
        self._told = told or Told()
        self._pieces = Pieces()
        # What each unit comes to, of those that any table so far has.
        self._pence: Pence = np.zeros(0, dtype=np.int64)
        self.small = SmallSets(EXACT)

    def following(self) -> ServedCosts:
        """Of the next vintage, to which what was served of this one is still near."""
        return ServedCosts(self._told.copied())

    def copied(self) -> ServedCosts:
        """The same, to go on apart."""
        other = copy(self)
        other._told, other.small = self._told.copied(), self.small.copied()
        other._pieces = self._pieces.copied()
        return other

    def watch(self, sets: csr_array, families: Floats, min_cell: int) -> None:
        """Withheld costs of so many families each; of `min_cell` and more where few of them nearly pay alone.

        A shown cost of `min_cell` families tells a share of s / `min_cell` of any s of them; hardly more may be told of those.
        """
        alone = np.where(families < min_cell, families / min_cell, UPPER_OF_FEW)
        lower = np.maximum(alone, LOWER_OF_COST)
        upper = np.maximum(lower, UPPER_OF_FEW)
        most = np.where(families == 1, with_grace(upper), MOST_OF_GROUP)
        self.small.watch(sets, Limits(lower, upper), most)

    def standing(self, rows: CostRows, pence: Pence, min_cell: int) -> tuple[Flags, Pence]:
        """Which rows are served ones but for the shares of fewer than `min_cell` families; and the pence, there of those."""
        return self._told.standing(rows.shares, pence, min_cell)

    def admissible(self, rows: CostRows, order: Order, min_cell: int) -> Flags:
        """Which of the rows in `order`, none of them a standing one, may be served."""
        beside, within = (
            self._told.beside(rows.shares, min_cell),
            near(rows.shares, rows.shares, min_cell),
        )
        served = apart(within, beside, order, rows.units.shape[0])
        # Whoever has every cell of a line has its sum, a figure like any other.
        told = self._told.has(rows.shares, min_cell)
        closed = self._told.is_near(rows.shares_of_lines, min_cell)
        served = rows.lines.open(served, told, closed, order)
        chosen = order[served[order]]
        pence = self._pence_with(rows)
        served &= self._pieces.admissible(rows.units, rows.payer, pence, chosen, min_cell)
        chosen = order[served[order]]
        payer = self._pieces.payer_with(rows.payer)
        guard = partial(SinglesOut, payer=payer, least=min_cell, pence=pence)
        served[chosen] = self.small.admissible(rows.units, chosen, guard)[chosen]
        return served

    def take(self, rows: CostRows, order: Order, pence: Pence, min_cell: int) -> None:
        """The rows in `order` are served now, with these figures, and with them the sums of whole lines."""
        self.small.widen(rows.units.shape[1])
        self.small.take(rows.units, order)
        self._pieces.take(rows.units, rows.payer, order)
        self._pence = self._pence_with(rows)
        self._told.add(rows.shares, order, pence, min_cell)
        whole = rows.lines.whole(self._told.has(rows.shares, min_cell))
        self._told.add(rows.shares_of_lines, whole, rows.lines.sums(pence), min_cell)

    def _pence_with(self, rows: CostRows) -> Pence:
        """What each unit comes to, of those that any table so far has or this one."""
        known = np.zeros(len(rows.pence), dtype=np.int64)
        known[: len(self._pence)] = self._pence
        return np.where(rows.payer == NOBODYS, known, rows.pence)
