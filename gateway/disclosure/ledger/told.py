"""What was told of which sets. In: shares of families with the figures that left. Out: which new ones are near, and to what.

The figures are inputs of releases (exact sums and set keys), kept to tell the same again; they never leave from here unprotected.
"""

from __future__ import annotations

from copy import copy

import numpy as np
from numpy.typing import NDArray

from .nested import Flags, Pairs, Shares, T, families_differing, is_near, nearest
from .sets import stacked, widened

Order = NDArray[np.intp]


class Told:
    """Served sets, each once, with a line of figures."""

    def __init__(self) -> None:
        self._shares: Shares | None = None
        self._figures: NDArray[np.generic] | None = None
        # The rows that were looked at last, beside all that is told: a table is looked at several times.
        self._last: tuple[Shares, Pairs] | None = None

    def copied(self) -> Told:
        """The same, to be added to apart; arrays are put in the place of others, never written to."""
        return copy(self)

    def beside(self, shares: Shares) -> Pairs:
        """New rows x served ones: by how many families they differ."""
        if self._last is None or self._last[0] is not shares:
            self._last = (shares, families_differing(shares, self._beside(shares)))
        return self._last[1]

    def is_near(self, shares: Shares, min_cell: int) -> Flags:
        """Which rows differ from a served one, and by fewer than `min_cell` families."""
        return is_near(shares, self._beside(shares), min_cell)

    def standing(
        self, shares: Shares, figures: NDArray[T], min_cell: int
    ) -> tuple[Flags, NDArray[T]]:
        """Which rows are served ones give or take fewer than `min_cell` families; and the `figures`, there as told of those."""
        if self._figures is None:
            return np.zeros(len(figures), dtype=np.bool_), figures
        stands, earlier = nearest(self.beside(shares), self._figures, min_cell)
        told = figures.copy()
        told[stands] = earlier[stands]
        return stands, told

    def add(self, shares: Shares, order: Order, figures: NDArray[T]) -> None:
        """The rows in `order` are served now, with a line of `figures` for each row; of those told before the first stands."""
        before = self.beside(shares)
        new = order[(before[order] != 0).all(axis=1)]
        fresh, known = shares.chosen(new), self._beside(shares)
        alike = None
        if fresh.alike is not None and known.alike is not None:
            alike = stacked(known.alike, fresh.alike)
        self._shares = Shares(stacked(known.families, fresh.families), alike)
        told = figures[:0] if self._figures is None else self._figures
        self._figures = np.concatenate([told, figures[new]])
        self._last = (shares, np.hstack([before, shares.within[:, new]]))

    def _beside(self, shares: Shares) -> Shares:
        """The served ones in rows as wide as those that they are held against."""
        if self._shares is None:
            return shares.chosen(np.zeros(0, dtype=np.intp))
        families = widened(self._shares.families, shares.families.shape[1])
        if self._shares.alike is None or shares.alike is None:
            return Shares(families)
        return Shares(families, widened(self._shares.alike, shares.alike.shape[1]))
