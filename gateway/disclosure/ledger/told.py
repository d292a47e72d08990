"""What was told of which sets. In: shares of families with the figures that left. Out: which new ones are near, and to what.

The figures are inputs of releases (exact sums and set keys), kept to tell the same again; they never leave from here unprotected.
"""

from __future__ import annotations

from copy import copy

import numpy as np
from numpy.typing import NDArray

from .nested import Flags, Near, Order, Shares, T, near, nearest


class Told:
    """Served sets, each once, with a line of figures. Sets that differ by fewer families than `least` are near."""

    def __init__(self) -> None:
        self._shares: Shares | None = None
        self._figures: NDArray[np.generic] | None = None
        # The rows that were looked at last, beside all that is told: a table is looked at several times.
        self._last: tuple[Shares, int, Near] | None = None

    def copied(self) -> Told:
        """The same, to be added to apart; arrays are put in the place of others, never written to."""
        return copy(self)

    def beside(self, shares: Shares, least: int) -> Near:
        """The pairs of new rows and served ones that are near."""
        if self._last is None or self._last[0] is not shares or self._last[1] != least:
            served = self._shares or shares.chosen(np.zeros(0, dtype=np.intp))
            self._last = (shares, least, near(shares, served, least))
        return self._last[2]

    def has(self, shares: Shares, least: int) -> Flags:
        """Which rows are served already."""
        beside, told = self.beside(shares, least), np.zeros(shares.rows.shape[0], dtype=np.bool_)
        told[beside.one[beside.by == 0]] = True
        return told

    def is_near(self, shares: Shares, least: int) -> Flags:
        """Which rows differ from a served one, and by fewer than `least` families."""
        beside, close = self.beside(shares, least), np.zeros(shares.rows.shape[0], dtype=np.bool_)
        close[beside.one[beside.by > 0]] = True
        return close

    def standing(self, shares: Shares, figures: NDArray[T], least: int) -> tuple[Flags, NDArray[T]]:
        """Which rows are served ones give or take a few families; and the `figures`, there as told of those."""
        if self._figures is None:
            return np.zeros(len(figures), dtype=np.bool_), figures
        stands, earlier = nearest(self.beside(shares, least), self._figures, len(figures))
        told = figures.copy()
        told[stands] = earlier[stands]
        return stands, told

    def add(self, shares: Shares, order: Order, figures: NDArray[T], least: int) -> None:
        """The rows in `order` are served now, with a line of `figures` for each row; of those told before the first stands."""
        beside, new = self.beside(shares, least), order[~self.has(shares, least)[order]]
        fresh, before = shares.chosen(new), 0 if self._figures is None else len(self._figures)
        self._shares = fresh if self._shares is None else self._shares.and_also(fresh)
        told = figures[:0] if self._figures is None else self._figures
        self._figures = np.concatenate([told, figures[new]])
        self._last = (shares, least, beside.and_also(near(shares, fresh, least), before))
