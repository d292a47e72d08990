"""The posterior audit: how much all served sums together tell about each of some targets.

In: sums as rows of 0 and 1 over units (families, or a family's costs at an agency in a quarter), targets of the same form.
Out: the share of each target's variance that the sums explain. Never a figure: only who is in which sum.

Every unit has an independent prior of variance 1, every sum noise of variance `noise` (in the same unit), all of it normal;
then what is known of a target does not depend on the figures (Gaussian process regression: Rasmussen & Williams 2006,
chapter 2; for tables: the Bayesian version of the audit of Chin & Ozsoyoglu 1982, whose row-space test is `noise` -> 0).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .sets import stacked, widened

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = NDArray[np.float64]
# A sum that is known from the others to a fiftieth of one unit's variance tells nothing new.
FREE = 0.02
# So many sums that do not follow from one another are let out of one vintage; then only what follows from them.
MOST_ROWS = 4_000


@dataclass
class Trial:
    """Rows on trial: what is left to learn from them, given all that was served.

    `left` (rows x rows): covariance of the rows, noise included; `reach` (rows x targets): covariance with the targets;
    `explained` (targets): the share of each that is explained so far; `size` (targets): its prior variance.
    """

    left: Floats
    reach: Floats
    explained: Floats
    noise: float
    size: Floats

    def is_free(self, row: int) -> bool:
        """Whether the row follows from what is served already."""
        return bool(self.left[row, row] - self.noise <= FREE)

    def gain(self, row: int) -> Floats:
        """The further share of each target's variance that the row would explain."""
        gain: Floats = self.reach[row] ** 2 / (self.left[row, row] * self.size)
        return gain

    def take(self, row: int) -> None:
        """The row is served: the others tell so much less."""
        self.explained = self.explained + self.gain(row)
        along = self.left[row] / self.left[row, row]
        self.reach -= np.outer(along, self.reach[row])
        self.left -= np.outer(along, self.left[row])


class Posterior:
    """What all rows taken so far tell about the targets."""

    def __init__(self, noise: float) -> None:
        self.noise = noise
        self._factor: Floats = np.zeros((0, 0))
        self._told: Floats = np.zeros((0, 0))
        self._rows: csr_array | None = None
        self._targets: csr_array | None = None
        self._size: Floats = np.zeros(0)

    @property
    def rows(self) -> int:
        """How many sums count; those that followed from others are not kept."""
        return len(self._factor)

    @property
    def explained(self) -> Floats:
        """The share of its variance that is explained, for each target."""
        share: Floats = (self._told**2).sum(axis=0) / self._size
        return share

    def widen(self, units: int) -> None:
        """There are so many units now; the new ones are in no row and no target yet."""
        for kept in (self._rows, self._targets):
            if kept is not None:
                widened(kept, units)

    def watch(self, targets: csr_array) -> None:
        """Further targets (rows of 0 and 1), audited from now on against all that was taken before as well."""
        from scipy.linalg import solve_triangular

        if self._targets is None:
            self._targets = _empty(targets)
            self._told = np.zeros((self.rows, 0))
        if self._rows is not None:
            told = solve_triangular(self._factor, _product(self._rows, targets), lower=True)
        else:
            told = np.zeros((0, targets.shape[0]))
        self._told = np.hstack([self._told, told])
        self._targets = stacked(self._targets, targets)
        size = np.asarray(targets.sum(axis=1), dtype=np.float64)
        self._size = np.concatenate([self._size, np.maximum(size, 1.0)])

    def trial(self, rows: csr_array) -> Trial:
        """The rows beside all that was taken; nothing changes here."""
        from scipy.linalg import solve_triangular

        left = _product(rows, rows)
        left[np.diag_indices_from(left)] += self.noise
        targets = _empty(rows) if self._targets is None else self._targets
        reach = _product(rows, targets)
        if self._rows is not None:
            known = solve_triangular(self._factor, _product(self._rows, rows), lower=True)
            left -= known.T @ known
            reach -= known.T @ self._told
        return Trial(left, reach, self.explained, self.noise, self._size)

    def take(self, rows: csr_array) -> None:
        """The rows are served. Those that follow from others add nothing and are left out."""
        from scipy.linalg import cholesky, solve_triangular

        kept = self._telling(rows)
        if not kept:
            return
        rows = rows[kept]
        new = _product(rows, rows)
        new[np.diag_indices_from(new)] += self.noise
        told = np.zeros((len(kept), 0)) if self._targets is None else _product(rows, self._targets)
        size = self.rows
        factor = np.zeros((size + len(kept),) * 2)
        if self._rows is not None:
            known = solve_triangular(self._factor, _product(self._rows, rows), lower=True)
            new -= known.T @ known
            told -= known.T @ self._told
            factor[:size, :size] = self._factor
            factor[size:, :size] = known.T
        corner = cholesky(new, lower=True)
        factor[size:, size:] = corner
        self._factor = factor
        self._told = np.vstack([self._told, solve_triangular(corner, told, lower=True)])
        self._rows = rows.copy() if self._rows is None else stacked(self._rows, rows)

    def _telling(self, rows: csr_array) -> list[int]:
        trial = self.trial(rows)
        kept = []
        for row in range(rows.shape[0]):
            if not trial.is_free(row):
                trial.take(row)
                kept.append(row)
        return kept


def _product(one: csr_array, two: csr_array) -> Floats:
    """How many units two rows share, for each pair; whole numbers as floats."""
    shared: Floats = (one.astype(np.float64) @ two.astype(np.float64).T).toarray()
    return shared


def _empty(like: csr_array) -> csr_array:
    from scipy.sparse import csr_array

    return csr_array((0, like.shape[1]), dtype=like.dtype)
