"""What one family does to a regression: its leverage, and how far each coefficient moves without it.

In: a model matrix, the outcome, whose each row is. Out: one figure a family (leverage) or a family and coefficient (DFBETA), exact and
by family, not by row: a family of many rows is one contributor. Source: Belsley, Kuh & Welsch 1980, chapter 2; by blocks, Preisser &
Qaqish 1996.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .contributions import Codes

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Influence:
    """`leverage`: families, 0 to 1. `dfbeta`: families x coefficients, what the coefficient loses when the family goes."""

    leverage: NDArray[np.float64]
    dfbeta: Matrix


def has_full_rank(x: Matrix) -> bool:
    """Whether no column follows from the others, seen with columns of one length."""
    lengths = np.sqrt((x**2).sum(axis=0))
    if bool((lengths == 0).any()):
        return False
    return bool(np.linalg.matrix_rank(x / lengths, tol=1e-8 * np.sqrt(len(x))) == x.shape[1])


def influence(x: Matrix, y: NDArray[np.float64], family: Codes, families: int) -> Influence:
    """Leverage and DFBETA of each family. The matrix must have full rank."""
    # An orthonormal basis keeps the arithmetic sound for columns of unlike size.
    q, r = np.linalg.qr(x)
    residual = y - q @ (q.T @ y)
    order = np.argsort(family, kind="stable")
    bounds = np.searchsorted(family[order], np.arange(families + 1))
    leverage = np.zeros(families)
    moved = np.zeros((families, x.shape[1]))
    for each, (start, end) in enumerate(zip(bounds[:-1], bounds[1:], strict=True)):
        own = order[start:end]
        leverage[each], moved[each] = _without(q[own], residual[own])
    return Influence(leverage, np.linalg.solve(r, moved.T).T)


def _without(q: Matrix, residual: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """The family's largest leverage in any direction, and what its rows add to the solution in the basis."""
    gram = q.T @ q
    highest = float(np.linalg.eigvalsh(gram)[-1])
    if not highest < 1.0 - 1e-9:
        return 1.0, np.zeros(q.shape[1])
    # (I - H_f)^-1 e_f by way of the small matrix: q' (I - q q')^-1 = (I - q'q)^-1 q'.
    moved = np.linalg.solve(np.eye(len(gram)) - gram, q.T @ residual)
    return highest, np.asarray(moved, dtype=np.float64)
