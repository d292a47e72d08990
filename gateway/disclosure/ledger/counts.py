"""Counts in the ledger: whose they are, so that no two come too near and no small one is found from many.

In: rows of families. Out: which may be served. Each served set has one noise for good, so that a set asked again is free.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .edge import STEP, Edge
from .limits import Limits, with_grace
from .nested import Shares, apart, near
from .overlaps import Overlaps
from .sets import Sets
from .small import SmallSets
from .told import Told

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Figures = NDArray[np.uint64]

# Of one draw: N(0, 2) and rounding to 5. A protocol may have more noise, never less.
DRAW = 2.0**2 + 5.0**2 / 12
# However many sums lead to a withheld count: hardly better known than to so many draws of its own noise, never better than to
# the second. Calibrated against regression on 100 and 150 tables.
LOWER_DRAWS, UPPER_DRAWS = 0.6, 1 / 3
# How little the attacker knows beforehand: of a set of n families, whether it has n give or take 3 times the root of n.
SPREAD = 9.0


def as_by_draws(draws: float, size: Floats) -> Floats:
    """The explained share at which a set of that size is measured as by so many draws."""
    return SPREAD * size / (SPREAD * size + draws * DRAW)


def upper_of_counts(families: Floats) -> Floats:
    """The share that may be told of how many there are in a withheld set of so many families."""
    return as_by_draws(UPPER_DRAWS, families)


class ServedCounts:
    """The served sets of one kind of count (families, or people by their families)."""

    def __init__(self, told: Told | None = None, edge: Edge | None = None) -> None:
        # Of this vintage and of those before it; and the sets that were drawn for in this one.
        self._told, self._edge = told or Told(STEP), edge or Edge()
        self._drawn = Sets()
        self._overlaps = Overlaps()
        self.small = SmallSets(DRAW / SPREAD)

    def following(self) -> ServedCounts:
        """Of the next vintage, to which every set that was drawn for in this one is still near, and every small one withheld."""
        return ServedCounts(self._told.origins(), self._edge.copied())

    def copied(self) -> ServedCounts:
        """The same, to go on apart."""
        other = copy(self)
        other._told, other._edge = self._told.copied(), self._edge.copied()
        other._drawn = self._drawn.copied()
        other._overlaps, other.small = self._overlaps.copied(), self.small.copied()
        return other

    def widen(self, families: int) -> None:
        """There are so many families now."""
        self.small.widen(families)

    def watch(self, sets: csr_array) -> None:
        """Withheld sets of few families."""
        size = np.asarray(sets.sum(axis=1), dtype=np.float64)
        upper = upper_of_counts(size)
        limits = Limits(as_by_draws(LOWER_DRAWS, size), upper)
        self.small.watch(sets, limits, with_grace(upper))

    def stand(self, rows: Shares, min_cell: int) -> None:
        """The rows that stand are told of as well from now on, with the earlier figure; small ones that do not are withheld."""
        stands = self._told.stands(rows, min_cell) & ~self._is_at_edge(rows, min_cell)
        self._edge.hide(rows, (rows.sizes < min_cell) & ~stands)
        self._told.stand(rows, min_cell, but=self._is_at_edge(rows, min_cell))

    def standing(self, rows: Shares, figures: Figures, min_cell: int) -> tuple[Flags, Figures]:
        """Which rows are served ones give or take fewer than `min_cell` families; and the figures, there of those.

        A figure about nearly the same families would tell of the few; no figure would tell as much, to who knows the rule.
        What is near to two that show different figures, or to none but one that stands itself, gets none: any would tell how many
        lie between. Nor does what is at the edge of a withheld small set.
        """
        stands, told = self._told.standing(rows, figures, min_cell)
        stands &= ~self._is_at_edge(rows, min_cell)
        told[~stands] = figures[~stands]
        return stands, told

    def _is_at_edge(self, rows: Shares, min_cell: int) -> Flags:
        """Which rows are; what was told before shows what it showed."""
        return self._edge.is_at(rows) & ~self._told.has(rows, min_cell)

    def admissible(self, rows: Shares, order: NDArray[np.intp], min_cell: int) -> Flags:
        """Which of the rows in `order`, none of them a standing one, may be served."""
        many = rows.rows.shape[0]
        served, beside = np.zeros(many, dtype=np.bool_), self._told.beside(rows, min_cell)
        order = order[~self._is_at_edge(rows, min_cell)[order]]
        chosen = order[apart(near(rows, rows, min_cell), beside, order, many)[order]]
        may = self._overlaps.admissible(rows.families, chosen, min_cell)
        chosen = chosen[may[chosen]]
        served[chosen] = self.small.admissible(rows.families, chosen)[chosen]
        return served

    def take(self, rows: Shares, order: NDArray[np.intp], figures: Figures, min_cell: int) -> None:
        """The rows in `order` are served now with these figures (rows x figure, key_lo, key_hi)."""
        self._told.add(rows, order, figures, min_cell)
        # A set that was drawn for before leaves with the same noise again.
        fresh = order[self._drawn.fresh(rows.rows[order])]
        self._drawn.add(rows.rows[fresh])
        self.small.take(rows.families, fresh)
        self._overlaps.serve(rows.families, order)
