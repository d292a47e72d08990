"""What sums over families tell about single families and about the small groups that no served sum tells apart.

In: rows of families whose sum is known, with so much noise. Out: for new rows, which may be known as well. No figure.

INVARIANT: of no single family is a larger share of the variance explained than its limit, nor, of costs, of a sum over fewer
than `min_cell` families that stand in the same known rows. A group whose sum follows has a share of 1 (row-space test).
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .counts import DRAW
from .groups import Groups, Sizes
from .limits import LOWER_OF_COST, MOST_OF_GROUP, UPPER_OF_COST, Limits
from .posterior import Posterior
from .sets import Sets, members_of
from .singled import SinglesOut

if TYPE_CHECKING:
    from scipy.sparse import csr_array

# Shares that may be explained of one family's attribute: see limits.py.
LOWER_OF_ATTRIBUTE, UPPER_OF_ATTRIBUTE = 0.11, 0.11
# Two figures of a group tell of one attribute, of those with it and of those without, each with the noise of a count; for one
# family it varies by a quarter at most, where people are counted by so many times the square of the people that it has.
NOISE_OF_ATTRIBUTE = DRAW / 2 / 0.25
NOISE_BY_PEOPLE = NOISE_OF_ATTRIBUTE / 4.0**2
# Costs are rounded to GBP 500 and families' costs differ by thousands: this little noise keeps the algebra stable.
EXACT = 0.0001
# So many families are watched one by one; of more, these many, drawn by their keyed identity.
MOST_WATCHED = 5_000

Flags = NDArray[np.bool_]
LimitsOfOne = Callable[[Sizes, int], Limits]


def limits_of_cost(sizes: Sizes, min_cell: int) -> Limits:
    """For one family of a group of so many; what is told of the group is as many times more."""
    small = (sizes > 1) & (sizes < min_cell)
    upper = np.where(small, np.minimum(UPPER_OF_COST, MOST_OF_GROUP / sizes), UPPER_OF_COST)
    return Limits(np.minimum(LOWER_OF_COST, upper), upper)


def limits_of_attribute(sizes: Sizes, _: int) -> Limits:
    """For one family. Of a group the share with the attribute is a count, and counts have noise."""
    one = np.ones(sizes.shape)
    return Limits(LOWER_OF_ATTRIBUTE * one, UPPER_OF_ATTRIBUTE * one)


class KnownSums:
    """The sums over families that are known, and the guard over what follows from them."""

    def __init__(self, limits: LimitsOfOne, noise: float = EXACT) -> None:
        """`noise`: the variance of a sum's noise, in variances of one family's part."""
        self._limits, self._is_exact = limits, noise == EXACT
        self._posterior = Posterior(noise)
        # A sum has its noise once and for all: told again it tells nothing.
        self._sums = Sets()
        self._groups = Groups()
        self._watched: NDArray[np.int64] = np.zeros(0, dtype=np.int64)

    @property
    def rows(self) -> int:
        """How many independent sums are known."""
        return self._posterior.rows

    def copied(self) -> KnownSums:
        """The same, to go on apart."""
        other = copy(self)
        other._posterior, other._groups = self._posterior.copied(), self._groups.copied()
        other._sums = self._sums.copied()
        return other

    def margin(self, min_cell: int) -> float:
        """The largest share told of any family or small group, over its upper limit; 0 where there is none."""
        limits = self._limits(self._groups.sizes(self._watched), min_cell)
        return limits.margin(self._posterior.explained)

    def widen(self, families: int) -> None:
        """There are so many families now."""
        more = families - len(self._groups)
        if not more:
            return
        self._groups.widen(families)
        self._posterior.widen(families)
        self._sums.widen(families)
        fresh = np.arange(families - more, families)[: MOST_WATCHED - len(self._watched)]
        if len(fresh):
            self._posterior.watch(singles(fresh, families))
            self._watched = np.concatenate([self._watched, fresh])

    def admissible(self, rows: csr_array, order: NDArray[np.intp], min_cell: int) -> Flags:
        """Which rows of `order` may be known, those that tell least looked at first, each beside those before it that may."""
        served = self._sums.has(rows)
        order = order[~served[order]]
        trial, groups = self._posterior.trial(rows, order), self._groups
        guard = self._guard(min_cell)
        for row in trial.in_turn(order, self._limits(groups.sizes(self._watched), min_cell)):
            if trial.is_free(row):
                served[row] = True
                continue
            split = groups.split(members_of(rows, row))
            limits = self._limits(split.sizes(self._watched), min_cell)
            has_room = self._posterior.has_room(trial)
            may = has_room and limits.allow(trial.explained, trial.gain(row))
            if may and (guard is None or guard.lets(trial, row)):
                trial.take(row)
                groups = split
                served[row] = True
        return served

    def _guard(self, min_cell: int) -> SinglesOut | None:
        """Over the families that are not watched one by one, where there are any; noise keeps a sum from singling one out."""
        if not self._is_exact or len(self._watched) == len(self._groups):
            return None
        return SinglesOut(self._posterior, np.arange(len(self._groups)), min_cell)

    def take(self, rows: csr_array, order: NDArray[np.intp]) -> None:
        """The sums in `order` are known now."""
        fresh = order[self._sums.fresh(rows[order])]
        self._sums.add(rows[fresh])
        for row in fresh:
            self._groups = self._groups.split(members_of(rows, row))
        self._posterior.take(rows, fresh)


def singles(families: NDArray[np.int64], width: int) -> csr_array:
    """A set for each of the families, of that family alone (families x `width`)."""
    from scipy.sparse import csr_array

    ones = np.ones(len(families), dtype=np.int8)
    return csr_array((ones, (np.arange(len(families)), families)), shape=(len(families), width))
