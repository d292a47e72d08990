"""How much all sums together explain of each group, worked out in one piece from everything that left.

In: sums and groups over the same columns, and the noise of a sum. Out: for each group the share of its variance that is
explained (R squared of the best linear guess; Rasmussen & Williams 2006, chapter 2), and the sums that tell most of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Reals = NDArray[np.float64]


def explained(rows: csr_array, noise: float, groups: csr_array) -> tuple[Reals, Reals]:
    """Shares (groups), and the weight of each sum in the best guess of each group (sums x groups).

    Columns are independent and vary by 1, a sum's noise by `noise`.
    """
    from scipy.linalg import cho_factor, cho_solve

    sums, reach = rows.astype(np.float64), _in_common(rows, groups)
    covariance = (sums @ sums.T).toarray() + noise * np.eye(rows.shape[0])
    weights: Reals = cho_solve(cho_factor(covariance, lower=True), reach)
    return (reach * weights).sum(axis=0) / _sizes(groups), weights


def told_alone(rows: csr_array, groups: csr_array) -> Reals:
    """The share of each group that the one sum tells that tells most of it, without noise."""
    told = _in_common(rows, groups) ** 2 / _sizes(rows)[:, None] / _sizes(groups)
    best: Reals = told.max(axis=0, initial=0.0)
    return best


def _in_common(rows: csr_array, groups: csr_array) -> Reals:
    """How many columns each row shares with each group."""
    shared: Reals = (rows.astype(np.float64) @ groups.astype(np.float64).T).toarray()
    return shared


def _sizes(rows: csr_array) -> Reals:
    sizes: Reals = np.maximum(np.asarray(rows.sum(axis=1), dtype=np.float64), 1.0)
    return sizes
