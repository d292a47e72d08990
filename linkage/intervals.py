"""Intervals: how far a measured share may be from the share it stands for.

A share and the size of its sample go in, a low and a high bound come out. Pure arithmetic.
"""

from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

CONFIDENCE = 0.95


class Interval(NamedTuple):
    """Bounds of a share, both between 0 and 1."""

    low: float
    high: float


def wilson(share: float, size: float, confidence: float = CONFIDENCE) -> Interval:
    """The score interval of a share (Wilson 1927): it stays inside 0 to 1 and is not empty at the ends.

    Args:
        share: between 0 and 1.
        size: how many independent observations it rests on, not necessarily whole; with none the
            interval is everything.
        confidence: the share of such intervals that hold the true value.
    """
    if size <= 0:
        return Interval(0.0, 1.0)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    shrink = 1 + z * z / size
    middle = (share + z * z / (2 * size)) / shrink
    half = z * sqrt(share * (1 - share) / size + z * z / (4 * size * size)) / shrink
    return Interval(max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half)))
