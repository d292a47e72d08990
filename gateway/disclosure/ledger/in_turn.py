"""Sets that are looked at one after the other, each beside those that are served and those before it that may be.

In: rows of sets and a rule. Out: which of them may be served. Never a figure.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from .sets import Sets, stacked

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Flags = NDArray[np.bool_]
Order = NDArray[np.intp]
Counts = NDArray[np.int64]


class Rule(Protocol):
    """What may stand beside what, over all rows of a trial."""

    def lets(self, row: int, there: Flags) -> bool:
        """Whether the row may join those that are `there`."""
        ...


class InTurn:
    """The served sets, each once."""

    def __init__(self) -> None:
        self._sets = Sets()

    def copied(self) -> Self:
        """The same, to go on apart."""
        other = copy(self)
        other._sets = self._sets.copied()
        return other

    def serve(self, rows: csr_array, order: Order) -> None:
        """The rows in `order` are served now."""
        self._sets.add(rows[order])

    def let(self, rows: csr_array, order: Order, rule: Callable[[Together], Rule]) -> Flags:
        """Which rows the rule lets join, looked at in `order`."""
        served = self._sets.rows_of(rows.shape[1])
        judge, first = rule(Together(stacked(served, rows))), served.shape[0]
        there: Flags = np.arange(first + rows.shape[0]) < first
        for row in first + order:
            there[row] = judge.lets(int(row), there)
        return there[first:]


class Together:
    """All sets of a trial, served and new ones. `rows` (sets x columns), `size` (sets)."""

    def __init__(self, rows: csr_array) -> None:
        self.rows = rows
        self.size: Counts = np.diff(rows.indptr).astype(np.int64)
        self._turned = rows.astype(np.int32).T.tocsr()

    def in_common(self, row: int) -> Counts:
        """How much the row shares with every other."""
        product = self.rows[[row]].astype(np.int32) @ self._turned
        shared: Counts = product.toarray().ravel().astype(np.int64)
        return shared

    def columns(self, row: int) -> NDArray[np.int32]:
        """The columns of the row, in order."""
        start, end = self.rows.indptr[row], self.rows.indptr[row + 1]
        columns: NDArray[np.int32] = np.sort(self.rows.indices[start:end])
        return columns
