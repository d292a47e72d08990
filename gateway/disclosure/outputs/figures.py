"""How released figures that are no counts are rounded: significant figures, and the midpoints of OpenSAFELY.

In: finite numbers. Out: rounded ones, symmetrical about zero: a refund is rounded as the cost of that size.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from math import floor, log10

import numpy as np

from gateway.disclosure.tables import Integers


def significant(figure: float, digits: int) -> float:
    """The figure to so many significant figures, halves away from zero."""
    if figure == 0:
        return 0.0
    return to_place(figure, floor(log10(abs(figure))) - digits + 1)


def to_place(figure: float, power: int) -> float:
    """The figure to a multiple of ten to the power, halves away from zero."""
    step = Decimal(1).scaleb(power)
    return float((Decimal(figure) / step).quantize(Decimal(1), ROUND_HALF_UP) * step)


def place_of(figure: float, digits: int) -> int:
    """The power of ten of the last of so many significant figures."""
    return floor(log10(abs(figure))) - digits + 1


def midpoint(figures: Integers, base: int) -> Integers:
    """The middle of the band of `base` that a count is in, 0 for none: 1 to 6 become 3, 7 to 12 become 9.

    Source: midpoint rounding of opensafely-actions/kaplan-meier-function.
    """
    return np.where(figures > 0, -(-figures // base) * base - base // 2, 0).astype(np.int64)
