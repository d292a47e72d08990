"""Families that stand in just the same known sums: only their sum is told, and it may be. In: rows of families. Out: groups."""

from __future__ import annotations

from copy import copy

import numpy as np
from numpy.typing import NDArray

Sizes = NDArray[np.int64]
Places = NDArray[np.int64]


class Groups:
    """A partition of the families; every sum splits the groups that are in it in part (partition refinement)."""

    def __init__(self) -> None:
        # Group 0: those in no sum. Arrays are put in the place of others, never written to.
        self._of: Places = np.zeros(0, dtype=np.int64)
        self._size: Sizes = np.zeros(1, dtype=np.int64)

    def __len__(self) -> int:
        """How many families there are."""
        return len(self._of)

    def copied(self) -> Groups:
        """The same, to be split apart."""
        return copy(self)

    def widen(self, families: int) -> None:
        """There are so many families now; the new ones are in no sum."""
        more = families - len(self._of)
        self._of = np.concatenate([self._of, np.zeros(more, dtype=np.int64)])
        self._size = self._size + more * (np.arange(len(self._size)) == 0)

    def sizes(self, watched: Places) -> Sizes:
        """The size of the group that each of the watched families is in."""
        return self._size[self._of[watched]]

    def split(self, members: Places) -> Groups:
        """The groups when these families' sum is known besides."""
        inside = np.bincount(self._of[members], minlength=len(self._size))
        parted = np.flatnonzero((inside > 0) & (inside < self._size))
        if inside[0] and inside[0] == self._size[0]:
            # They are in a sum now, and not with those who come later.
            parted = np.concatenate([[0], parted])
        number = np.arange(len(self._size))
        number[parted] = len(self._size) + np.arange(len(parted))
        other = copy(self)
        other._of = self._of.copy()
        other._of[members] = number[self._of[members]]
        other._size = np.concatenate([self._size, inside[parted]])
        other._size[parted] -= inside[parted]
        return other
