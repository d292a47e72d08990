"""Rounding to a base, halves upwards. In: figures and the base, in one unit. Out: whole multiples of the base."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def round_to(figures: NDArray[np.int64] | NDArray[np.float64], base: int) -> NDArray[np.int64]:
    """The multiple of `base` nearest to each figure."""
    # Whole numbers stay whole numbers: a cost in pence can be larger than a float holds exactly.
    if figures.dtype == np.int64:
        return (2 * figures.astype(np.int64) + base) // (2 * base) * base
    return (np.floor(figures / base + 0.5) * base).astype(np.int64)
