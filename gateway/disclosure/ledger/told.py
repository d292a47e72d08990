"""What was told of which sets. In: shares of families with the figures that left. Out: which new ones are near, and to what.

A set with a figure of its own is an origin. One that is near to it may stand, with the figure of the origin, and can be told as well.
INVARIANT: of two told sets that are near, neither shows a figure that the other does not.

The figures are inputs of releases (exact sums and set keys), kept to tell the same again; they never leave from here unprotected.
"""

from __future__ import annotations

from copy import copy

import numpy as np
from numpy.typing import NDArray

from .nested import Flags, Near, Order, Shares, T, agreeing, near

NONE = np.zeros(0, dtype=np.intp)


class Told:
    """Told sets with a line of figures each. Sets that differ by fewer families than `least` are near."""

    def __init__(self) -> None:
        self._shares: Shares | None = None
        self._figures: NDArray[np.generic] | None = None
        # Whose figure each shows: its own place, or that of another.
        self._origin: Order = NONE
        # The rows that were looked at last, beside all that is told: a table is looked at several times.
        self._last: tuple[Shares, int, Near] | None = None

    def copied(self) -> Told:
        """The same, to be added to apart; arrays are put in the place of others, never written to."""
        return copy(self)

    def origins(self) -> Told:
        """Those alone that have a figure of their own."""
        own, other = np.flatnonzero(self._origin == np.arange(len(self._origin))), Told()
        if self._shares is not None and self._figures is not None:
            other._shares, other._figures = self._shares.chosen(own), self._figures[own]
            other._origin = np.arange(len(own))
        return other

    def beside(self, shares: Shares, least: int) -> Near:
        """The pairs of new rows and told ones that are near."""
        if self._last is None or self._last[0] is not shares or self._last[1] != least:
            told = self._shares or shares.chosen(NONE)
            self._last = (shares, least, near(shares, told, least))
        return self._last[2]

    def has(self, shares: Shares, least: int) -> Flags:
        """Which rows are told already."""
        beside, told = self.beside(shares, least), np.zeros(shares.rows.shape[0], dtype=np.bool_)
        told[beside.one[beside.by == 0]] = True
        return told

    def is_near(self, shares: Shares, least: int) -> Flags:
        """Which rows differ from a told one, and by fewer than `least` families."""
        beside, close = self.beside(shares, least), np.zeros(shares.rows.shape[0], dtype=np.bool_)
        close[beside.one[beside.by > 0]] = True
        return close

    def standing(self, shares: Shares, figures: NDArray[T], least: int) -> tuple[Flags, NDArray[T]]:
        """Which rows are told ones give or take a few families; and the `figures`, there as told of those.

        A row stands where it is near to an origin, and near to nothing that shows another's figure.
        """
        stands, origin = agreeing(self.beside(shares, least), self._origin, len(figures))
        told = figures.copy()
        if self._figures is not None:
            told[stands] = self._figures[origin[stands]]
        return stands, told

    def stand(self, shares: Shares, least: int) -> None:
        """The rows that stand are told as well now; of two that are near and do not show the same figure the first is."""
        if self._figures is None:
            return
        stands, origin = agreeing(self.beside(shares, least), self._origin, shares.rows.shape[0])
        rows = np.flatnonzero(stands & ~self.has(shares, least))
        fresh = shares.chosen(rows)
        rows = rows[_without_conflict(near(fresh, fresh, least), origin[rows])]
        self._put(shares, rows, origin[rows], self._figures[origin[rows]], least)

    def add(self, shares: Shares, order: Order, figures: NDArray[T], least: int) -> None:
        """The rows in `order` are origins now, with a line of `figures` for each row; of those told before the first stands."""
        rows = order[~self.has(shares, least)[order]]
        fresh, first = shares.chosen(rows), len(self._origin)
        rows = rows[_without_conflict(near(fresh, fresh, 1), np.arange(len(rows)))]
        self._put(shares, rows, np.arange(first, first + len(rows)), figures[rows], least)

    def _put(
        self, shares: Shares, rows: Order, origin: Order, figures: NDArray[T], least: int
    ) -> None:
        beside, fresh, before = self.beside(shares, least), shares.chosen(rows), len(self._origin)
        self._shares = fresh if self._shares is None else self._shares.and_also(fresh)
        told = figures[:0] if self._figures is None else self._figures
        self._figures = np.concatenate([told, figures])
        self._origin = np.concatenate([self._origin, origin])
        self._last = (shares, least, beside.and_also(near(shares, fresh, least), before))


def _without_conflict(within: Near, origin: Order) -> Flags:
    """Which of the rows stay: none that equals one before it that stays, or is near to it and of another origin."""
    kept = np.ones(len(origin), dtype=np.bool_)
    against = (within.two < within.one) & (
        (within.by == 0) | (origin[within.one] != origin[within.two])
    )
    # In the order of the rows, so that what is decided of those before is final.
    for one, two in zip(within.one[against], within.two[against], strict=True):
        kept[one] &= ~kept[two]
    return kept
