"""Sets that are kept, and which new ones are near to them. In: shares of families. Out: pairs that differ by a few families, or none.

Never a figure.
"""

from __future__ import annotations

from copy import copy

import numpy as np

from .nested import Flags, Near, Order, Shares, near

NONE = np.zeros(0, dtype=np.intp)


class Kept:
    """Sets, each with a place in the order in which they came."""

    def __init__(self, shares: Shares | None = None) -> None:
        self._shares = shares
        # The rows that were looked at last, beside all that is kept: a table is looked at several times.
        self._last: tuple[Shares, int, Near] | None = None

    def __len__(self) -> int:
        """How many sets there are."""
        return 0 if self._shares is None else int(self._shares.rows.shape[0])

    def copied(self) -> Kept:
        """The same, to be added to apart; what is kept is put in the place of other, never written to."""
        return copy(self)

    def chosen(self, places: Order) -> Kept:
        """Some of them."""
        return Kept(None if self._shares is None else self._shares.chosen(places))

    def beside(self, shares: Shares, least: int) -> Near:
        """The pairs of new rows and kept sets that differ by fewer families than `least`."""
        if self._last is None or self._last[0] is not shares or self._last[1] != least:
            kept = self._shares or shares.chosen(NONE)
            self._last = (shares, least, near(shares, kept, least))
        return self._last[2]

    def has(self, shares: Shares, least: int) -> Flags:
        """Which rows are kept already."""
        beside, has = self.beside(shares, least), np.zeros(shares.rows.shape[0], dtype=np.bool_)
        has[beside.one[beside.by == 0]] = True
        return has

    def is_near(self, shares: Shares, least: int) -> Flags:
        """Which rows differ from a kept one, and by fewer than `least` families."""
        beside, close = self.beside(shares, least), np.zeros(shares.rows.shape[0], dtype=np.bool_)
        close[beside.one[beside.by > 0]] = True
        return close

    def add(self, shares: Shares, rows: Order, least: int) -> None:
        """These rows are kept as well, last."""
        beside, fresh, before = self.beside(shares, least), shares.chosen(rows), len(self)
        self._shares = fresh if self._shares is None else self._shares.and_also(fresh)
        self._last = (shares, least, beside.and_also(near(shares, fresh, least), before))
