"""Quotients of released figures: a rate or mean says no more than the two figures it is made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .threshold import Flags


def pounds_each(
    pounds: NDArray[np.int64], count: NDArray[np.int64], shown: Flags
) -> NDArray[np.float64]:
    """Released pounds by a released count, to the pound; 0 where nothing is shown."""
    each = _quotient(pounds, count, shown)
    # Symmetrical, so that a refund is rounded as a cost is.
    return np.sign(each) * np.floor(np.abs(each) + 0.5)


def share(part: NDArray[np.int64], whole: NDArray[np.int64], shown: Flags) -> NDArray[np.float64]:
    """A released count by another, to a tenth of a per cent; at most 1, since noise may lift the part above the whole."""
    ratio: NDArray[np.float64] = np.minimum(_quotient(part, whole, shown), 1.0)
    return np.floor(ratio * 1000 + 0.5) / 1000


def _quotient(
    top: NDArray[np.int64], bottom: NDArray[np.int64], shown: Flags
) -> NDArray[np.float64]:
    result = np.zeros(top.shape, dtype=np.float64)
    np.divide(top, bottom, out=result, where=shown & (bottom > 0))
    return result
