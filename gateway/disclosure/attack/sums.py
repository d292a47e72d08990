"""Sums that left, as an attacker has them: who is in each, what it is, and how far the released figure lets it be.

In: rows of sets, and how near each figure is, table by table. Out: all of them as one matrix. Never a figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.ledger.sets import widened

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Reals = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Reach:
    """For each row how far `down` and `up` from the truth the released figure lets it be, and the release's number."""

    down: Reals
    up: Reals
    release: Places

    def chosen(self, rows: NDArray[np.intp]) -> Reach:
        """Of some of the rows."""
        return Reach(self.down[rows], self.up[rows], self.release[rows])

    @classmethod
    def together(cls, parts: Sequence[Reach]) -> Reach:
        """Of all rows of the parts."""
        names = cls.__dataclass_fields__
        return cls(*(np.concatenate([getattr(each, name) for each in parts]) for name in names))


@dataclass(frozen=True)
class Sums:
    """`rows` (sums x columns) of 0 and 1, and how near their figures are."""

    rows: csr_array
    reach: Reach

    def __len__(self) -> int:
        """How many sums there are."""
        return int(self.rows.shape[0])

    @classmethod
    def together(cls, parts: Sequence[Sums], columns: int) -> Sums:
        """All sums of the parts, over so many columns."""
        from scipy.sparse import csr_array, vstack

        if not parts:
            none = np.zeros(0)
            return cls(
                csr_array((0, columns), dtype=np.int8), Reach(none, none, none.astype(np.int64))
            )
        rows = csr_array(vstack([widened(each.rows, columns) for each in parts]))
        return cls(rows, Reach.together([each.reach for each in parts]))
