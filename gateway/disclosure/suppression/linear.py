"""A table as linear algebra: cells, what ties them together, what an attacker knows beforehand, what each cell needs.

In: figures, weights, bounds, protection levels and relations. Out: frozen `LinearTable`; a table that contradicts itself is
refused (`Unprotectable`). The terms are those of Fischetti & Salazar (2001), Management Science 47:1008.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.threshold import Flags

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Reals = NDArray[np.float64]
# A relation may be off by this share of the figures in it: they come as decimals.
ROUNDING_ERROR = 1e-9


@dataclass(frozen=True)
class LinearTable:
    """Cells 0 to n-1 and m relations; all arrays have length n but for `row_least` and `row_most` (m).

    `weights`: the loss of hiding a cell. `unsafe`: must be hidden and protected; `pinned`: must be shown. The attacker knows
    `least <= value <= most` and `row_least <= relations @ value <= row_most` (equal for a sum). A hidden unsafe cell needs
    `lower` below its value, `upper` above, and `sliding` from end to end, in what the attacker cannot rule out.
    """

    values: Reals = field(repr=False)
    weights: Reals = field(repr=False)
    unsafe: Flags = field(repr=False)
    pinned: Flags = field(repr=False)
    least: Reals = field(repr=False)
    most: Reals = field(repr=False)
    lower: Reals = field(repr=False)
    upper: Reals = field(repr=False)
    sliding: Reals = field(repr=False)
    relations: csr_array = field(repr=False)
    row_least: Reals = field(repr=False)
    row_most: Reals = field(repr=False)

    def __post_init__(self) -> None:
        """Raises `Unprotectable` for a length, a number or a relation that cannot be."""
        cells, rows = self.values.shape[0], self.row_least.shape[0]
        of_cells = ("weights", "unsafe", "pinned", "least", "most", "lower", "upper", "sliding")
        lengths = {getattr(self, name).shape for name in ("values", *of_cells)}
        if lengths != {(cells,)} or self.relations.shape != (rows, cells):
            raise Unprotectable("table", "lengths", "arrays of one length each are expected")
        finite = (self.values, self.weights, self.lower, self.upper, self.sliding)
        if not all(np.isfinite(a).all() for a in (*finite, self.relations.data)):
            raise Unprotectable("table", "not_a_number", "a figure is missing or infinite")
        if any((a < 0).any() for a in finite[1:]):
            raise Unprotectable("table", "negative", "a weight or protection level is negative")
        if (self.unsafe & self.pinned).any():
            raise Unprotectable("table", "unsafe_shown", "an unsafe cell cannot be shown as well")
        self._require_true()

    def _require_true(self) -> None:
        # Written so that a bound that is not a number fails too.
        slack = self.slack
        if not ((self.values >= self.least - slack) & (self.values <= self.most + slack)).all():
            raise Unprotectable("table", "bounds", "a figure lies outside what is known of it")
        sums = self.relations @ self.values
        error = self._row_error()
        if not ((sums >= self.row_least - error) & (sums <= self.row_most + error)).all():
            raise Unprotectable("table", "relation", "the figures break a relation")

    @property
    def slack(self) -> Reals:
        """How far a figure may be off for being a decimal."""
        result: Reals = ROUNDING_ERROR * (1.0 + np.abs(self.values))
        return result

    @property
    def room_down(self) -> Reals:
        """How far below its value the attacker's bounds let each cell be."""
        result: Reals = np.maximum(self.values - self.least, 0.0)
        return result

    @property
    def room_up(self) -> Reals:
        """How far above its value the attacker's bounds let each cell be."""
        result: Reals = np.maximum(self.most - self.values, 0.0)
        return result

    @property
    def row_room_down(self) -> Reals:
        """How much less than it is each relation's sum may be, as a number that is not above 0."""
        result: Reals = self._row_room(self.row_least)
        return np.minimum(result, 0.0)

    @property
    def row_room_up(self) -> Reals:
        """How much more than it is each relation's sum may be."""
        result: Reals = self._row_room(self.row_most)
        return np.maximum(result, 0.0)

    def _row_room(self, bound: Reals) -> Reals:
        sums = self.relations @ self.values
        room = bound - sums
        return np.where(np.abs(room) <= self._row_error(), 0.0, room)

    def _row_error(self) -> Reals:
        result: Reals = ROUNDING_ERROR * (1.0 + abs(self.relations) @ np.abs(self.values))
        return result
