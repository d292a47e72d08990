"""Rounding to a base, halves away from zero: a refund is rounded as the cost of that size. Out: whole multiples of the base."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def round_to(figures: NDArray[np.int64] | NDArray[np.float64], base: int) -> NDArray[np.int64]:
    """The multiple of `base` nearest to each figure."""
    # Whole numbers stay whole numbers: a cost in pence can be larger than a float holds exactly.
    if figures.dtype == np.int64:
        whole = figures.astype(np.int64)
        rounded: NDArray[np.int64] = (2 * np.abs(whole) + base) // (2 * base) * base
        return np.where(whole < 0, -rounded, rounded)
    return (np.sign(figures) * np.floor(np.abs(figures) / base + 0.5) * base).astype(np.int64)
