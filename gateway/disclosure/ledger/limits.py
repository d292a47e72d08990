"""How well something may be known. In: shares of variance that are explained. Out: whether a further sum may be served.

Two limits. Above the lower one nothing may be served that tells anything to speak of; above the upper one nothing at all.
One limit alone would close a vintage as soon as anything has reached it, since any sum tells a little of anything.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Sizes = NDArray[np.int64]

# Less of what is still unknown than this is nothing to speak of.
MATERIAL = 0.03
# What was known too well before anybody asked for it may become this much better known, or half of what is left, and no more.
GRACE = 0.05
# Shares that may be explained of one family's cost: EZS moves it by 10 % at least besides.
LOWER_OF_COST, UPPER_OF_COST = 0.64, 0.8
# Of a group's cost, since nine of a shown cell of ten families are known to nine tenths.
MOST_OF_GROUP = 0.95


def upper_of_costs(families: Sizes | Floats) -> Floats:
    """The share that may be told of the cost of groups of so many families that nobody asked for."""
    return np.where(families == 1, UPPER_OF_COST, MOST_OF_GROUP)


def with_grace(upper: Floats) -> Floats:
    """How well may be known at last what nobody had asked for when it was known to the `upper` limit (shares)."""
    graced: Floats = upper + np.minimum(GRACE, (1 - upper) / 2)
    return graced


@dataclass(frozen=True)
class Limits:
    """For each target the two shares of its variance, `lower` <= `upper`, in (0, 1]."""

    lower: Floats
    upper: Floats

    @classmethod
    def none(cls) -> Limits:
        """No targets."""
        return cls(np.zeros(0), np.zeros(0))

    def and_also(self, more: Limits, known: Floats, most: Floats) -> Limits:
        """With further targets, of which `known` is told already; such a one may become as well known as `most`.

        Where even that is told already there is room for what is nothing to speak of.
        """
        upper = np.maximum(more.upper, np.minimum(known + GRACE, most))
        upper = np.maximum(upper, known + MATERIAL * (1 - known))
        return Limits(np.concatenate([self.lower, more.lower]), np.concatenate([self.upper, upper]))

    def allow(self, told: Floats, gain: Floats) -> bool:
        """Whether so much more may be told of each target (shares)."""
        after = told + gain
        speaks = (after > self.lower) & (gain > MATERIAL * (1 - told))
        return not bool(((after > self.upper) | speaks).any())

    def nearness(self, told: Floats, gain: Floats) -> float:
        """How near, as a share of its upper limit, the nearest target comes of those of which anything more is told."""
        return float(np.where(gain > 0, (told + gain) / self.upper, 0.0).max(initial=0.0))

    def margin(self, told: Floats) -> float:
        """The largest told share over its upper limit; 0 without targets."""
        return float((told / self.upper).max(initial=0.0))
