"""Whom a new sum singles out: what it tells beyond all others, and of how few families that is.

In: sums on trial. Out: whether one may be served. No figure. The part of a sum that does not follow from the others (its residual)
is what it tells anew; where most of that lies in the costs of one to nine families, these are a group that the sum would tell
of, asked for or not. Nested differences and sums of pieces are residuals too, of few others; this one is of all that were served.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .known import MOST_OF_GROUP, UPPER_OF_COST
from .limits import GRACE, MATERIAL

if TYPE_CHECKING:
    from .posterior import Posterior
    from .trial import Trial

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

# A unit belongs to what a residual is about if it has so large a part in it, of the largest.
LARGE = 0.5


class SinglesOut:
    """The guard over one table. `payer`: whose each unit is."""

    def __init__(self, posterior: Posterior, payer: Places, least: int) -> None:
        self._posterior, self._payer, self._least = posterior, payer, least
        # A few families have so many units at most.
        owned = np.bincount(payer[payer >= 0], minlength=1)
        self._most = (least - 1) * int(owned.max())

    def lets(self, trial: Trial, row: int) -> bool:
        """Whether the row may be served beside all that was, and what the trial took."""
        # A residual so large tells a quarter of any few at most, however it is spread.
        if trial.left_of(row) > self._most / LARGE**2:
            return True
        group = self._about(self._posterior.residual(trial, row))
        families = len(np.unique(self._payer[group]))
        if not 0 < families < self._least:
            return True
        before, told = self._posterior.told_with(trial, row, group)
        limit = UPPER_OF_COST if families == 1 else MOST_OF_GROUP
        # What a figure tells by itself is for the threshold and for dominance to judge.
        may_be = max(limit, trial.alone(row, group) + GRACE)
        return told <= may_be or told - before <= MATERIAL * (1 - before)

    def _about(self, residual: Floats) -> Places:
        """The units in which most of it lies, with its sign."""
        signed = residual if residual.max() >= -residual.min() else -residual
        return np.flatnonzero(signed > LARGE * signed.max()).astype(np.int64)
