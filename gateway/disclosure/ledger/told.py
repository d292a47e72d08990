"""What was told of which sets. In: shares of families with the figures that left. Out: which new ones are near, and to what.

A set with a figure of its own is an origin. One that is near to it may stand, with the figure of the origin, and can be told as well.
INVARIANT: of two told sets that are near, neither shows a figure that the other does not.

The figures are inputs of releases (exact sums and set keys), kept to tell the same again; they never leave from here unprotected.
"""

from __future__ import annotations

from copy import copy

import numpy as np
from numpy.typing import NDArray

from .kept import NONE, Kept
from .nested import Flags, Near, Order, Shares, T, agreeing, near


class Told:
    """Told sets with a line of figures each. Sets that differ by fewer families than `least` are near.

    `step`: a set of fewer families than `least` stands beside one that stands as well, where so many families differ at most.
    """

    def __init__(self, step: int = 0) -> None:
        self._sets, self._step = Kept(), step
        self._figures: NDArray[np.generic] | None = None
        # Whose figure each shows: its own place, or that of another; and whether that is a step further off than near.
        self._origin: Order = NONE
        self._is_aside: Flags = NONE.astype(np.bool_)

    def copied(self) -> Told:
        """The same, to be added to apart; arrays are put in the place of others, never written to."""
        other = copy(self)
        other._sets = self._sets.copied()
        return other

    def origins(self) -> Told:
        """Those alone that have a figure of their own."""
        own = np.flatnonzero(self._origin == np.arange(len(self._origin)))
        other = Told(self._step)
        if self._figures is not None:
            other._sets, other._figures = self._sets.chosen(own), self._figures[own]
            other._origin, other._is_aside = np.arange(len(own)), self._is_aside[own]
        return other

    def beside(self, shares: Shares, least: int) -> Near:
        """The pairs of new rows and told ones that are near."""
        return self._sets.beside(shares, least)

    def has(self, shares: Shares, least: int) -> Flags:
        """Which rows are told already."""
        return self._sets.has(shares, least)

    def is_near(self, shares: Shares, least: int) -> Flags:
        """Which rows differ from a told one, and by fewer than `least` families."""
        return self._sets.is_near(shares, least)

    def standing(self, shares: Shares, figures: NDArray[T], least: int) -> tuple[Flags, NDArray[T]]:
        """Which rows are told ones give or take a few families; and the `figures`, there as told of those.

        A row stands where it is near to an origin (a small one: a step from what is near to an origin), and near to nothing that
        shows another's figure.
        """
        stands, origin = self._agreeing(shares, least)
        told = figures.copy()
        if self._figures is not None:
            told[stands] = self._figures[origin[stands]]
        return stands, told

    def stands(self, shares: Shares, least: int) -> Flags:
        """Which rows do, as `standing` has it."""
        return self._agreeing(shares, least)[0]

    def stand(self, shares: Shares, least: int, but: Flags | None = None) -> None:
        """The rows that stand are told as well now, `but` these; of two that are near and do not show the same figure the first is."""
        if self._figures is None:
            return
        stands, origin = self._agreeing(shares, least)
        if but is not None:
            stands = stands & ~but
        rows = np.flatnonzero(stands & ~self.has(shares, least))
        fresh = shares.chosen(rows)
        rows = rows[_without_conflict(near(fresh, fresh, least), origin[rows])]
        is_near, _ = agreeing(self.beside(shares, least), self._origin, len(stands))
        self._put(shares, rows, origin[rows], self._figures[origin[rows]], least)
        self._mark(~is_near[rows])

    def add(self, shares: Shares, order: Order, figures: NDArray[T], least: int) -> None:
        """The rows in `order` are origins now, with a line of `figures` for each row; of those told before the first stands."""
        rows = order[~self.has(shares, least)[order]]
        fresh, first = shares.chosen(rows), len(self._origin)
        rows = rows[_without_conflict(near(fresh, fresh, 1), np.arange(len(rows)))]
        self._put(shares, rows, np.arange(first, first + len(rows)), figures[rows], least)
        self._mark(np.zeros(len(rows), dtype=np.bool_))

    def _agreeing(self, shares: Shares, least: int) -> tuple[Flags, Order]:
        beside, is_small = self.beside(shares, least), shares.sizes < least
        a_step = is_small[beside.one] & (beside.by <= self._step) & ~self._is_aside[beside.two]
        return agreeing(beside, self._origin, shares.rows.shape[0], a_step)

    def _put(
        self, shares: Shares, rows: Order, origin: Order, figures: NDArray[T], least: int
    ) -> None:
        self._sets.add(shares, rows, least)
        told = figures[:0] if self._figures is None else self._figures
        self._figures = np.concatenate([told, figures])
        self._origin = np.concatenate([self._origin, origin])

    def _mark(self, is_aside: Flags) -> None:
        self._is_aside = np.concatenate([self._is_aside, is_aside])


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
