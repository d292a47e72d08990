"""The posterior audit: how much all served sums together tell about each of some targets.

In: sums as rows of 0 and 1 over units (families, or a family's costs at an agency in a quarter), targets of the same form.
Out: the share of each target's variance that the sums explain. Never a figure: only who is in which sum.

Every unit has an independent prior of variance 1, every sum noise of variance `noise` (in the same unit), all of it normal;
then what is known of a target does not depend on the figures (Gaussian process regression: Rasmussen & Williams 2006,
chapter 2; for tables: the Bayesian version of the audit of Chin & Ozsoyoglu 1982, whose row-space test is `noise` -> 0).
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .sets import stacked, widened
from .trial import FREE, NO_CANDIDATE, Candidates, Trial, each_once

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = NDArray[np.float64]
Order = NDArray[np.intp]
Columns = NDArray[np.int64]
# So many sums that do not follow from one another are let out of one vintage; then only what follows from them.
MOST_ROWS = 4_000
# Of so many tables what they would tell is kept, since a table is on trial several times.
MOST_KEPT = 4


class Posterior:
    """What all rows taken so far tell about the targets."""

    def __init__(self, noise: float) -> None:
        self.noise = noise
        # Arrays are put in the place of others, never written to: a copy shares them.
        self._factor: Floats = np.zeros((0, 0))
        self._told: Floats = np.zeros((0, 0))
        self._explained: Floats = np.zeros(0)
        self._rows: csr_array | None = None
        self._targets: csr_array | None = None
        self._units: tuple[csr_array, csr_array] | None = None
        self._size: Floats = np.zeros(0)
        # By the rows of a table, in just this state.
        self._candidates: dict[int, Candidates] = {}

    @property
    def rows(self) -> int:
        """How many sums count; those that followed from others are not kept."""
        return len(self._factor)

    @property
    def explained(self) -> Floats:
        """The share of its variance that is explained, for each target."""
        return self._explained

    def copied(self) -> Posterior:
        """The same, to go on apart."""
        return copy(self)

    def widen(self, units: int) -> None:
        """There are so many units now; the new ones are in no row and no target yet."""
        self._rows = None if self._rows is None else widened(self._rows, units)
        self._targets = None if self._targets is None else widened(self._targets, units)

    def watch(self, targets: csr_array) -> None:
        """Further targets (rows of 0 and 1), audited from now on against all that was taken before as well."""
        told = self._solved(targets)
        size = np.maximum(np.asarray(targets.sum(axis=1), dtype=np.float64), 1.0)
        self._told = np.hstack([self._told.reshape(self.rows, len(self._size)), told])
        self._explained = np.concatenate([self._explained, (told**2).sum(axis=0) / size])
        self._size = np.concatenate([self._size, size])
        self._targets = targets.copy() if self._targets is None else stacked(self._targets, targets)
        self._candidates = {}

    def trial(self, rows: csr_array, order: Order) -> Trial:
        """The rows in `order` beside all that was taken; nothing changes here."""
        found = self._candidates.get(id(rows))
        if found is None or not set(order.tolist()) <= found.looked_at:
            if len(self._candidates) == MOST_KEPT:
                self._candidates.clear()
            found = self._candidates[id(rows)] = self._found(rows, order)
        return Trial(found, self._explained, self._size, self.noise)

    def has_room(self, trial: Trial) -> bool:
        """Whether one more sum may be let out."""
        return self.rows + len(trial.taken) < MOST_ROWS

    def made_of(self, trial: Trial) -> Floats:
        """How each candidate is best made of what was taken before: weights, taken x candidates."""
        from scipy.linalg import solve_triangular

        weights: Floats = solve_triangular(self._factor.T, trial.of.known, check_finite=False)
        return weights

    def residual(self, trial: Trial, row: int, made_of: Floats) -> Floats:
        """What the row tells beyond all that was taken, here and on trial: a number for each unit. `made_of`: see there."""
        here = trial.weights(row)
        beyond = trial.sum_of(row) - here @ trial.sums_taken()
        if self._rows is not None:
            before = made_of[:, trial.of.place[row]] - made_of[:, trial.taken] @ here
            beyond = beyond - self._turned(self._rows) @ before
        residual: Floats = beyond
        return residual

    def told_with(self, trial: Trial, row: int, groups: Sequence[Columns]) -> tuple[Floats, Floats]:
        """The share of each group's sum (units) that is explained: so far, and once the row is taken as well."""
        targets = _as_rows(groups, trial.of.sums.shape[1])
        known = self._solved(targets)
        here, more = trial.explains(targets, known, row)
        size = np.array([len(group) for group in groups])
        before = (known**2).sum(axis=0) + here
        return before / size, (before + more) / size

    def take(self, rows: csr_array, order: Order) -> None:
        """The rows in `order` are served, equal ones once. Those that follow from others add nothing and are left out."""
        trial = self.trial(rows, order)
        for row in order:
            if not trial.is_free(row):
                trial.take(row)
        if trial.taken:
            self._go_on(trial)

    def _go_on(self, trial: Trial) -> None:
        size, taken, count = self.rows, trial.taken, len(trial.taken)
        factor = np.zeros((size + count,) * 2)
        factor[:size, :size] = self._factor
        factor[size:, :size] = trial.of.known[:, taken].T
        factor[size:, size:] = np.tril(trial.along[:count, taken].T)
        self._factor = factor
        self._told = np.vstack([self._told.reshape(size, len(self._size)), trial.told[:count]])
        self._explained = trial.explained
        sums = trial.of.sums[taken]
        self._rows = sums if self._rows is None else stacked(self._rows, sums)
        self._candidates = {}

    def _found(self, rows: csr_array, order: Order) -> Candidates:
        chosen, place = each_once(rows, order)
        sums = rows[chosen]
        known = self._solved(sums)
        left = np.asarray(sums.sum(axis=1), dtype=np.float64) - (known**2).sum(axis=0)
        telling = np.flatnonzero(left > FREE)
        # Renumbered; a row that was not looked at is past the last one, so that asking for it is an error.
        number = np.full(len(chosen) + 1, NO_CANDIDATE, dtype=np.int64)
        number[telling], number[-1] = np.arange(len(telling)), len(telling)
        sums, known = sums[telling], known[:, telling]
        covariance = _product(sums, sums) - known.T @ known
        covariance[np.diag_indices_from(covariance)] += self.noise
        reach = np.zeros((len(telling), 0))
        if self._targets is not None:
            reach = _product(sums, self._targets) - known.T @ self._told
        looked_at = frozenset(order.tolist())
        return Candidates(rows, looked_at, number[place], sums, known, covariance, reach)

    def _turned(self, rows: csr_array) -> csr_array:
        """The rows taken, turned round: units x rows; asked for again and again."""
        if self._units is None or self._units[0] is not rows:
            self._units = (rows, rows.astype(np.float64).T.tocsr())
        return self._units[1]

    def _solved(self, rows: csr_array) -> Floats:
        """The part of each row in what was taken: taken x rows."""
        from scipy.linalg import solve_triangular

        if self._rows is None:
            return np.zeros((0, rows.shape[0]))
        shared: Floats = (rows.astype(np.float64) @ self._turned(self._rows)).toarray().T
        solved: Floats = solve_triangular(self._factor, shared, lower=True, check_finite=False)
        return solved


def _as_rows(groups: Sequence[Columns], width: int) -> csr_array:
    from scipy.sparse import csr_array

    columns, start = np.concatenate(groups), np.cumsum([0, *map(len, groups)])
    return csr_array((np.ones(len(columns)), columns, start), shape=(len(groups), width))


def _product(one: csr_array, two: csr_array) -> Floats:
    """How many units two rows share, for each pair; whole numbers as floats."""
    shared: Floats = (one.astype(np.float64) @ two.astype(np.float64).T).toarray()
    return shared
