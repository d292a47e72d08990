"""Two served sets and their union: the three figures together are a figure of the families that are in both.

In: sets of families. Out: which may be counted, so that no two served sets whose union is served have one to nine families in
common: q(A and B) = q(A) + q(B) - q(A or B), the general tracker of Denning, Denning and Schwartz (ACM TODS 1979). Three draws of
noise tell less than one, but of a cell that was never asked for nobody else would withhold them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .in_turn import Counts, Flags, InTurn, Order, Together

if TYPE_CHECKING:
    from scipy.sparse import csr_array


class Overlaps(InTurn):
    """The served sets, each once."""

    def admissible(self, rows: csr_array, order: Order, min_cell: int) -> Flags:
        """Which rows may be served, looked at in `order`, each beside those before it that may."""
        return self.let(rows, order, lambda sets: _Unions(sets, min_cell))


class _Unions:
    """The sets of a trial, two by two; `there` flags those that count."""

    def __init__(self, sets: Together, min_cell: int) -> None:
        self._sets, self._size, self._least = sets, sets.size, min_cell

    def lets(self, row: int, there: Flags) -> bool:
        """Whether the row may join: as a union of two, or as one of two beside their union."""
        common = self._sets.in_common(row)
        return not (self._is_union(row, common, there) or self._is_part(row, common, there))

    def _is_union(self, row: int, common: Counts, there: Flags) -> bool:
        """Whether two sets within it make all of it and have few in common."""
        within = np.flatnonzero(there & (common == self._size) & (self._size < self._size[row]))
        both = self._size[within][:, None] + self._size[within][None, :] - self._size[row]
        one, two = np.nonzero(np.triu((both > 0) & (both < self._least), 1))
        # As many in both as the sizes say: then they leave nothing out.
        return bool((self._shared(within[one], within[two]) == both[one, two]).any())

    def _is_part(self, row: int, common: Counts, there: Flags) -> bool:
        """Whether another set with few of the same families makes with it a set that is there."""
        others = np.flatnonzero(
            there & (common > 0) & (common < self._least) & (common < self._size)
        )
        around = np.flatnonzero(
            there & (common == self._size[row]) & (self._size > self._size[row])
        )
        union = self._size[row] + self._size[others] - common[others]
        other, whole = np.nonzero(union[:, None] == self._size[around][None, :])
        inside = self._shared(others[other], around[whole]) == self._size[others[other]]
        return bool(inside.any())

    def _shared(self, one: Order, two: Order) -> Counts:
        """How many families the rows of each pair share."""
        rows = self._sets.rows
        shared = rows[one].multiply(rows[two]).astype(np.int64)
        return np.asarray(shared.sum(axis=1), dtype=np.int64).ravel()
