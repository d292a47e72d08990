"""Sums put together from served ones: costs add up, so several figures can come near one as a single figure can.

In: sets of units (a family's costs at an agency in a quarter). Out: which may be served, so that no served sum is another's
disjoint pieces together with units of few. Pieces are found largest first, which sees the parts of a line and of what was
narrowed, and not every sum that some cover would give.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .in_turn import Counts, Flags, InTurn, Order, Together
from .of_few import Columns, OfFew

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Places = NDArray[np.int64]

NOBODYS = -1


class Pieces(InTurn):
    """The served sums, each set once."""

    def __init__(self) -> None:
        super().__init__()
        # Whose each unit is, of those that any table so far has.
        self._payer: Places = np.zeros(0, dtype=np.int64)

    def take(self, rows: csr_array, payer: Places, order: Order) -> None:
        """The rows in `order` are served now."""
        self._payer = self.payer_with(payer)
        self.serve(rows, order)

    def admissible(
        self, rows: csr_array, payer: Places, pence: Places, order: Order, min_cell: int
    ) -> Flags:
        """Which rows (sets x units) may be served, looked at in `order`, each beside those before it that may.

        `payer`: whose each unit is, NOBODYS where the table has no such unit; `pence`: what it comes to, in any table so far.
        """
        of_few = OfFew(self.payer_with(payer), min_cell, pence)
        return self.let(rows, order, lambda sums: _Sums(sums, of_few, pence))

    def payer_with(self, payer: Places) -> Places:
        """Whose each unit is, of those that any table so far has or this one."""
        known = np.full(len(payer), NOBODYS, dtype=np.int64)
        known[: len(self._payer)] = self._payer
        return np.where(payer == NOBODYS, known, payer)


class _Sums:
    """How the sums of a trial lie in one another; `there` flags those that count."""

    def __init__(self, sums: Together, of_few: OfFew, pence: Places) -> None:
        self._sums, self._size = sums, sums.size
        self._of_few = of_few
        self._pence = sums.rows.astype(np.int64) @ pence
        self._shared: dict[int, Counts] = {}

    def lets(self, row: int, there: Flags) -> bool:
        """Whether the row may join: it is not put together from those that are there, nor the piece that another lacked."""
        if self._is_nearly_made(row, there):
            return False
        around = self._in_common(row) == self._size[row]
        larger = np.flatnonzero(there & around & (self._size > self._size[row]))
        return not any(self._is_nearly_made(int(whole), there, row) for whole in larger)

    def _is_nearly_made(self, whole: int, there: Flags, first: int | None = None) -> bool:
        """Whether disjoint pieces, with that one before all others, come to all of it but the costs of a few families."""
        inside = (self._in_common(whole) == self._size) & (self._size > 0)
        inside &= there & (self._size < self._size[whole])
        found = np.flatnonzero(inside)
        pieces = found[np.argsort(-self._size[found], kind="stable")]
        if first is not None:
            pieces = np.concatenate([[first], pieces])
        units = self._sums.columns(whole)
        in_pieces, pence = int(self._size[pieces].sum()), int(self._pence[pieces].sum())
        if not len(pieces) or not self._of_few.may_leave(units, in_pieces, pence):
            return False
        return self._of_few.are(units[~self._covered(units, pieces)])

    def _covered(self, units: Columns, pieces: NDArray[np.intp]) -> Flags:
        """Which of the units are in one of the pieces, taken one after the other if they have none in common."""
        covered = np.zeros(len(units), dtype=np.bool_)
        for piece in pieces:
            at = np.searchsorted(units, self._sums.columns(int(piece)))
            if not covered[at].any():
                covered[at] = True
        return covered

    def _in_common(self, row: int) -> Counts:
        """How many units the row shares with every other; asked for again and again."""
        if row not in self._shared:
            self._shared[row] = self._sums.in_common(row)
        return self._shared[row]
