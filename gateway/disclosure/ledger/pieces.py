"""Sums put together from served ones: costs add up, so several figures can come near one as a single figure can.

In: sets of units (a family's costs at an agency in a quarter). Out: which may be served, so that no served sum is another's
disjoint pieces together with one to nine families. Pieces are found largest first, which sees the parts of a line and of what
was narrowed, and not every sum that some cover would give.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .sets import Sets, stacked

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Flags = NDArray[np.bool_]
Order = NDArray[np.intp]
Places = NDArray[np.int64]
Counts = NDArray[np.int64]

NOBODYS = -1


class Pieces:
    """The served sums, each set once."""

    def __init__(self) -> None:
        self._sets = Sets()
        # Whose each unit is, of those that any table so far has.
        self._payer: Places = np.zeros(0, dtype=np.int64)

    def copied(self) -> Pieces:
        """The same, to go on apart."""
        other = copy(self)
        other._sets = self._sets.copied()
        return other

    def take(self, rows: csr_array, payer: Places, order: Order) -> None:
        """The rows in `order` are served now."""
        self._payer = self._with(payer)
        self._sets.add(rows[order])

    def admissible(self, rows: csr_array, payer: Places, order: Order, min_cell: int) -> Flags:
        """Which rows (sets x units) may be served, looked at in `order`, each beside those before it that may.

        `payer`: whose each unit is, NOBODYS where the table has no such unit.
        """
        served = self._sets.rows_of(rows.shape[1])
        whole = _Whole(stacked(served, rows), self._with(payer), min_cell)
        # Equal to a served one or to one before it: the same figure.
        is_there = np.concatenate(
            [np.ones(served.shape[0], dtype=np.bool_), np.zeros(rows.shape[0], dtype=np.bool_)]
        )
        may = np.zeros(rows.shape[0], dtype=np.bool_)
        for row in order:
            may[row] = whole.lets(served.shape[0] + int(row), is_there)
            is_there[served.shape[0] + int(row)] = may[row]
        return may

    def _with(self, payer: Places) -> Places:
        known = np.full(len(payer), NOBODYS, dtype=np.int64)
        known[: len(self._payer)] = self._payer
        return np.where(payer == NOBODYS, known, payer)


class _Whole:
    """All sums of a trial, served and new ones, and how they lie in one another."""

    def __init__(self, rows: csr_array, payer: Places, min_cell: int) -> None:
        self._rows, self._payer, self._least = rows, payer, min_cell
        self._size: Counts = np.diff(rows.indptr).astype(np.int64)
        self._turned = rows.astype(np.int32).T.tocsr()
        self._shared: dict[int, NDArray[np.int32]] = {}

    def lets(self, row: int, is_there: Flags) -> bool:
        """Whether the row may be served beside those that are there: neither put together from them, nor a piece that was lacking."""
        shared = self._in_common(row)
        if self._is_put_together(row, [], is_there):
            return False
        around = np.flatnonzero(
            is_there & (shared == self._size[row]) & (self._size > self._size[row])
        )
        return not any(self._is_put_together(int(other), [row], is_there) for other in around)

    def _is_put_together(self, whole: int, pieces: list[int], is_there: Flags) -> bool:
        """Whether disjoint pieces, these and served ones, come to all of it but the costs of a few families."""
        shared = self._in_common(whole)
        inside = (
            is_there & (shared == self._size) & (self._size > 0) & (self._size < self._size[whole])
        )
        inside[pieces] = False
        found = np.flatnonzero(inside)
        units = self._units(whole)
        most = (self._least - 1) * int(
            np.unique(self._payer[units], return_counts=True)[1].max(initial=0)
        )
        if int(self._size[found].sum() + self._size[pieces].sum()) < len(units) - most:
            return False
        covered = np.zeros(len(units), dtype=np.bool_)
        for piece in (*pieces, *found[np.argsort(-self._size[found], kind="stable")]):
            at = np.searchsorted(units, self._units(int(piece)))
            if not covered[at].any():
                covered[at] = True
        left = len(np.unique(self._payer[units[~covered]]))
        return 0 < left < self._least and bool(covered.any())

    def _in_common(self, row: int) -> NDArray[np.int32]:
        """How many units the row shares with every other."""
        if row not in self._shared:
            product = self._rows[[row]].astype(np.int32) @ self._turned
            self._shared[row] = product.toarray().ravel()
        return self._shared[row]

    def _units(self, row: int) -> NDArray[np.int32]:
        units: NDArray[np.int32] = self._rows.indices[
            self._rows.indptr[row] : self._rows.indptr[row + 1]
        ]
        return np.sort(units)
