"""Sums on trial: what each would tell beside all that was taken, one after another.

In: rows and what is left to learn from them. Out: for each whether it tells anything, and how much of each target. No figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .limits import Limits
from .sets import digest_of, members_of

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

# What is known from the others to this part of one unit's variance tells nothing new.
FREE = 0.002
NO_CANDIDATE = -1
NOT_LOOKED_AT = -1


@dataclass(frozen=True)
class Candidates:
    """The rows of a table that tell something beside all that was taken, each set once.

    `place` (rows of the table): which candidate each is, or NO_CANDIDATE where it tells nothing; `sums`: the n candidates;
    `known` (taken x n): their part in what was taken; `left` (n x n): the covariance that is left, noise included;
    `reach` (n x targets): the covariance with the targets that is left. `table`: the rows, kept so that they stay the same,
    and those of them that were `looked_at`.
    """

    table: csr_array
    looked_at: frozenset[int]
    place: Places
    sums: csr_array
    known: Floats
    left: Floats
    reach: Floats


def each_once(rows: csr_array, order: NDArray[np.intp]) -> tuple[NDArray[np.intp], Places]:
    """Of the rows in `order` the first of each set; and for every row which of those it equals, or NOT_LOOKED_AT."""
    place = np.full(rows.shape[0], NOT_LOOKED_AT, dtype=np.int64)
    first: dict[bytes, int] = {}
    chosen: list[int] = []
    for row in order:
        digest = digest_of(rows, row)
        if digest not in first:
            first[digest] = len(chosen)
            chosen.append(row)
        place[row] = first[digest]
    return np.array(chosen, dtype=np.intp), place


class Trial:
    """The candidates, some of them taken: an elimination row by row (left-looking Cholesky)."""

    def __init__(self, of: Candidates, explained: Floats, size: Floats, noise: float) -> None:
        """`explained` (targets): the share of each told so far; `size` (targets): its prior variance."""
        self.of, self.explained, self._size, self._noise = of, explained, size, noise
        self.taken: list[int] = []
        # Row k: what the candidate taken as k-th has in common with every candidate, and with every target.
        self.along = np.empty(of.left.shape)
        self.told = np.empty(of.reach.shape)

    def is_free(self, row: int) -> bool:
        """Whether the row of the table follows from what is taken already."""
        candidate = self.of.place[row]
        return bool(candidate == NO_CANDIDATE or self._left(candidate) - self._noise <= FREE)

    def gain(self, row: int) -> Floats:
        """The further share of each target's variance that the row would explain."""
        candidate = self.of.place[row]
        gain: Floats = self._reach(candidate) ** 2 / (self._left(candidate) * self._size)
        return gain

    def in_turn(self, order: NDArray[np.intp], limits: Limits) -> NDArray[np.intp]:
        """The rows of `order`, those first that bring no target near its limit; as they stand in `order` where that is equal."""
        near = [0.0 if self.is_free(row) else self._nearness(row, limits) for row in order]
        return order[np.argsort(np.array(near), kind="stable")]

    def _nearness(self, row: int, limits: Limits) -> float:
        return limits.nearness(self.explained, self.gain(row))

    def left_of(self, row: int) -> float:
        """What of the row does not follow from the others (variance)."""
        return self._left(self.of.place[row]) - self._noise

    def is_apart(self, row: int) -> bool:
        """Whether the row has nothing in common with what was taken, here or before: all that it tells is itself."""
        sums, candidate = self.of.sums, self.of.place[row]
        return bool(self.left_of(row) >= sums.indptr[candidate + 1] - sums.indptr[candidate] - FREE)

    def alone(self, row: int, group: Places) -> float:
        """The share of the group (columns) that the row by itself tells."""
        inside = members_of(self.of.table, row)
        common = len(np.intersect1d(inside, group))
        return float(common**2 / (len(inside) * len(group)))

    def sum_of(self, row: int) -> Floats:
        """The row over all columns."""
        whole: Floats = self.of.sums[[self.of.place[row]]].toarray().ravel().astype(np.float64)
        return whole

    def sums_taken(self) -> csr_array:
        """What is taken here, in turn."""
        return self.of.sums[self.taken].astype(np.float64)

    def weights(self, row: int) -> Floats:
        """How the row is best made of what is taken here, beside all that was known before."""
        return self._back(self.along[: len(self.taken), self.of.place[row]])

    def explains(self, targets: csr_array, before: Floats, row: int) -> tuple[Floats, Floats]:
        """How much of each target's variance what is taken here explains, and how much more the row; `before` set aside."""
        candidate, count = self.of.place[row], len(self.taken)
        left = (self.of.sums @ targets.T).toarray() - self.of.known.T @ before
        told = self._forth(left[self.taken])
        last = left[candidate] - self.along[:count, candidate] @ told
        return (told**2).sum(axis=0), last**2 / self._left(candidate)

    def _back(self, values: Floats) -> Floats:
        from scipy.linalg import solve_triangular

        upper = self.along[: len(self.taken), self.taken]
        solved: Floats = (
            solve_triangular(upper, values, check_finite=False) if values.size else values
        )
        return solved

    def _forth(self, values: Floats) -> Floats:
        from scipy.linalg import solve_triangular

        upper = self.along[: len(self.taken), self.taken]
        if not values.size:
            return values
        solved: Floats = solve_triangular(upper, values, trans="T", check_finite=False)
        return solved

    def take(self, row: int) -> None:
        """The row is served: the others tell so much less."""
        candidate, count = self.of.place[row], len(self.taken)
        root = self._left(candidate) ** 0.5
        told = self._reach(candidate) / root
        near, shared = self._near(candidate)
        self.along[count] = (self.of.left[candidate] - shared @ self.along[near]) / root
        self.told[count] = told
        self.explained = self.explained + told**2 / self._size
        self.taken.append(int(candidate))

    def _left(self, candidate: int) -> float:
        before = self.along[: len(self.taken), candidate]
        return float(self.of.left[candidate, candidate] - before @ before)

    def _reach(self, candidate: int) -> Floats:
        near, shared = self._near(candidate)
        reach: Floats = self.of.reach[candidate] - shared @ self.told[near]
        return reach

    def _near(self, candidate: int) -> tuple[NDArray[np.intp], Floats]:
        """The candidates taken that have anything in common with this one (cells of one table have not), and what."""
        shared = self.along[: len(self.taken), candidate]
        near = np.flatnonzero(shared)
        return near, shared[near]
