"""The edge of the threshold: what would show how small a withheld set is.

In: shares of families. Out: which rows may not be shown since they are a withheld small set and a few families more or fewer.
Who knows that two sets differ by three families at most, of which one is withheld and the other is shown, knows that the withheld
one has seven to nine; by one, that it has nine, and that there is a tenth. No figure of either is needed for that.
"""

from __future__ import annotations

from copy import copy

import numpy as np

from .kept import Kept
from .nested import Flags, Shares

# A withheld set has nine families at most: of a shown one at most so many apart it is known to within 1.
STEP = 3


class Edge:
    """The small sets that were asked for and withheld."""

    def __init__(self) -> None:
        self._few = Kept()

    def copied(self) -> Edge:
        """The same, to go on apart."""
        other = copy(self)
        other._few = self._few.copied()
        return other

    def hide(self, shares: Shares, few: Flags) -> None:
        """These of the rows are small and withheld."""
        rows = np.flatnonzero(few & (shares.sizes > 0) & ~self._few.has(shares, STEP + 1))
        self._few.add(shares, rows, STEP + 1)

    def is_at(self, shares: Shares) -> Flags:
        """Which rows differ from a withheld one, and by `STEP` families at most."""
        return self._few.is_near(shares, STEP + 1)
