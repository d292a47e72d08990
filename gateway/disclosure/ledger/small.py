"""Small sets that were asked for and not shown, and what sums of other sets tell of them.

In: sets with fewer than `min_cell` members and sums on trial. Out: which sums may be served beside all others. No figure.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from .limits import Limits
from .posterior import Posterior
from .sets import Sets

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from .trial import Trial

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


class Guard(Protocol):
    """A rule on sums on trial."""

    def lets(self, trial: Trial, row: int) -> bool:
        """Whether the row may be served beside all that was, and what the trial took."""
        ...


class SmallSets:
    """Watches withheld small sets, each with the share of its variance that may be explained."""

    def __init__(self, noise: float) -> None:
        self._posterior = Posterior(noise)
        self._sets = Sets()
        self._limits = Limits.none()

    def copied(self) -> SmallSets:
        """The same, to go on apart."""
        other = copy(self)
        other._posterior, other._sets = self._posterior.copied(), self._sets.copied()
        return other

    def widen(self, columns: int) -> None:
        """There are so many columns now."""
        self._posterior.widen(columns)
        self._sets.widen(columns)

    def margin(self) -> float:
        """The largest explained share of any small set, over its upper limit."""
        return self._limits.margin(self._posterior.explained)

    def watch(self, sets: csr_array, limits: Limits, most: Floats) -> None:
        """Further small sets (rows) with their limits, and the `most` that may be told at last of one that was known before.

        Of an empty one there is nothing to find out.
        """
        held = [row for row in self._sets.fresh(sets) if sets.indptr[row] < sets.indptr[row + 1]]
        if not held:
            return
        new, before = self._sets.add(sets[held]), len(self._posterior.explained)
        self._posterior.watch(new)
        limits = Limits(limits.lower[held], limits.upper[held])
        known = self._posterior.explained[before:]
        self._limits = self._limits.and_also(limits, known, most[held])

    def admissible(
        self,
        rows: csr_array,
        order: NDArray[np.intp],
        guard_over: Callable[[Posterior], Guard] | None = None,
    ) -> Flags:
        """Which rows of `order` may be served, those that tell least looked at first, each beside those before it that may.

        `guard_over` makes a further guard, over what is known of the sums.
        """
        trial = self._posterior.trial(rows, order)
        served = np.zeros(rows.shape[0], dtype=np.bool_)
        guard = guard_over(self._posterior) if guard_over else None
        for row in trial.in_turn(order, self._limits):
            if trial.is_free(row):
                served[row] = True
            elif (
                self._posterior.has_room(trial)
                and self._limits.allow(trial.explained, trial.gain(row))
                and (guard is None or guard.lets(trial, row))
            ):
                trial.take(row)
                served[row] = True
        return served

    def take(self, rows: csr_array, order: NDArray[np.intp]) -> None:
        """The rows in `order` are served now."""
        self._posterior.take(rows, order)
