"""Whom a new sum singles out: what it tells beyond all others, and of how few families that is.

In: sums on trial. Out: whether one may be served. No figure. The part of a sum that does not follow from the others (its residual)
is what it tells anew; where most of that lies in the costs of one to nine families, or of more of which few pay nearly all, these
are a group that the sum would tell of, asked for or not. Nested differences and sums of pieces are residuals too, of few others;
this one is of all that were served.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.dominance import LARGEST_DOMINATED

from .limits import GRACE, MATERIAL, upper_of_costs
from .of_few import OfFew

if TYPE_CHECKING:
    from .posterior import Posterior
    from .trial import Trial

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

# A unit belongs to what a residual is about if it has so large a part in it, of the largest with its sign: each is tried.
LARGE = (0.5, 0.6, 0.7, 0.8, 0.9)
# Numbers below this are none.
HAIR = 1e-9


class SinglesOut:
    """The guard over one trial. `payer`: whose each unit is; `pence`: what it comes to, where that is known."""

    def __init__(
        self, posterior: Posterior, payer: Places, least: int, pence: Places | None = None
    ) -> None:
        self._posterior, self._payer, self._least = posterior, payer, least
        self._pence = pence
        self._of_few = OfFew(payer, least, pence)
        self._made_of: Floats | None = None
        # A few families have so many units at most.
        owned = np.bincount(payer[payer >= 0], minlength=1)
        self._most = max((least - 1) * int(owned.max()), self._most_dominated())

    def lets(self, trial: Trial, row: int) -> bool:
        """Whether the row may be served beside all that was, and what the trial took."""
        if trial.is_apart(row):
            return True
        # A residual so large tells a quarter of any few at most, however it is spread.
        if trial.left_of(row) > self._most / LARGE[0] ** 2:
            return True
        if self._made_of is None:
            self._made_of = self._posterior.made_of(trial)
        groups = self._about(self._posterior.residual(trial, row, self._made_of))
        if not groups:
            return True
        before, told = self._posterior.told_with(trial, row, groups)
        alone = np.array([trial.alone(row, group) for group in groups])
        limit = upper_of_costs(np.array([self._families(group) for group in groups]))
        # What a figure tells by itself is for the threshold and for dominance to judge.
        may_be = (told <= np.maximum(limit, alone + GRACE)) | (
            told - before <= MATERIAL * (1 - before)
        )
        return bool(may_be.all())

    def _about(self, residual: Floats) -> list[Places]:
        """The groups of few families, or mostly of few, in whose units most of it lies, with either sign."""
        found: dict[bytes, Places] = {}
        for signed in (residual, -residual):
            for share in LARGE:
                group = np.flatnonzero(signed > max(share * signed.max(), HAIR)).astype(np.int64)
                if len(group) and self._of_few.are(group):
                    found[group.tobytes()] = group
        return list(found.values())

    def _most_dominated(self) -> int:
        """So many units at most are in a group that few nearly pay alone: of the cheapest, as many as any of them can pay."""
        if self._pence is None:
            return 0
        if (self._pence < 0).any():
            # Costs and refunds cancel out: any number of units can be as good as nothing.
            return len(self._pence)
        known = self._payer >= 0
        paid = self._pence[known]
        largest = np.bincount(self._payer[known], weights=paid, minlength=1).max()
        return int(np.searchsorted(np.cumsum(np.sort(paid)), LARGEST_DOMINATED * largest))

    def _families(self, group: Places) -> int:
        return len(np.unique(self._payer[group]))
