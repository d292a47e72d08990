"""What an attacker does not know, as few unknowns as there are: columns in just the same sums and groups are one.

In: sums, groups and the true value of each column. Out: sums and groups over unknowns.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.ledger.sets import stacked

from .sums import Reach, Reals, Sums
from .targets import alike

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True)
class Unknowns:
    """`values` (unknowns), the `sums` and the `groups` over them (0 and 1), and how near each sum was told."""

    values: Reals = field(repr=False)
    sums: csr_array = field(repr=False)
    groups: csr_array = field(repr=False)
    reach: Reach = field(repr=False)

    @classmethod
    def of(cls, sums: Sums, groups: csr_array, values: Reals) -> Unknowns:
        """The unknowns of columns with these values."""
        both = stacked(sums.rows, groups).astype(np.float64)
        alone = alike(both)
        merged = both[:, np.unique(alone, return_index=True)[1]].tocsr()
        summed: Reals = np.bincount(alone, weights=values).astype(np.float64)
        return cls(summed, merged[: len(sums)], merged[len(sums) :], sums.reach)

    @property
    def room_down(self) -> Reals:
        """How far each value can fall: the attacker knows that nothing is negative but what is."""
        return np.maximum(self.values, 0.0)

    def chosen(self, groups: NDArray[np.intp]) -> Unknowns:
        """The same for some of the groups."""
        return Unknowns(self.values, self.sums, self.groups[groups], self.reach)
