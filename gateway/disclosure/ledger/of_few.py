"""Whether units of cost are of few: of fewer families than the threshold, or of more of which few pay nearly all.

In: units (a family's costs at an agency in a quarter). Out: yes or no. No figure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.dominance import HOUSE, LARGEST_DOMINATED, is_dominated_by

Places = NDArray[np.int64]
Columns = NDArray[np.int32] | NDArray[np.int64]


@dataclass(frozen=True)
class OfFew:
    """When units are of few.

    `payer` (units): whose each is; `least`: so many families are not few; `pence` (units): what each comes to, where that is known.
    """

    payer: Places
    least: int
    pence: Places | None = None

    def may_leave(self, units: Columns, in_pieces: int, pence_in_pieces: int) -> bool:
        """Whether so many units and pence, taken off these, can leave few at all: nothing to add up where pieces are too small."""
        _, place = np.unique(self.payer[units], return_inverse=True)
        most = (self.least - 1) * int(np.bincount(place).max(initial=0))
        if self.pence is None or in_pieces >= len(units) - most:
            return in_pieces >= len(units) - most
        paid = self.pence[units]
        largest = np.bincount(place, weights=paid).max(initial=0)
        has_refunds = bool((paid < 0).any())
        return has_refunds or pence_in_pieces >= paid.sum() - LARGEST_DOMINATED * largest

    def are(self, units: Columns) -> bool:
        """Whether these are, and any."""
        families, place = np.unique(self.payer[units], return_inverse=True)
        if len(families) < self.least:
            return len(families) > 0
        if self.pence is None:
            return False
        paid = np.abs(np.bincount(place, weights=self.pence[units]))
        return any(is_dominated_by(paid, rule) for rule in HOUSE)
