"""The nested-difference rule: no two served figures are about sets that differ by one to nine families.

In: the shares that families have in figures. Out: which pairs of figures are too near one another, and how near.
A figure about nearly the same set would give away the few by subtraction, with or without noise (trackers: Denning 1980).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from .sets import stacked, widened

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Order = NDArray[np.intp]
Counts = NDArray[np.int32]
Flags = NDArray[np.bool_]

T = TypeVar("T", bound=np.generic)

# Families are counted by so many slots of their columns: what two rows differ by in these, they differ by at least.
SLOTS = 64
# So many entries of pairs are held against one another at a time.
CHUNK = 2_000_000


@dataclass(frozen=True)
class Shares:
    """Who has a share in which figure. `rows` (figures x families): 1 for who is in it whole, else a word for the share.

    The word (not 0, four bytes) stands for just what the family has in the figure: equal words are equal shares.
    """

    rows: csr_array

    @cached_property
    def families(self) -> csr_array:
        """The same with 1 for whoever has any share."""
        from scipy.sparse import csr_array

        ones = np.ones(self.rows.nnz, dtype=np.int8)
        return csr_array((ones, self.rows.indices, self.rows.indptr), shape=self.rows.shape)

    @cached_property
    def sizes(self) -> Counts:
        """Families in each row."""
        sizes: Counts = np.diff(self.rows.indptr).astype(np.int32)
        return sizes

    @cached_property
    def sketch(self) -> Counts:
        """Rows x slots: how many families of the row have their column there."""
        many = self.rows.shape[0]
        place = np.repeat(np.arange(many), self.sizes) * SLOTS + self.rows.indices % SLOTS
        slots = np.bincount(place, minlength=many * SLOTS).reshape(many, SLOTS)
        told: Counts = slots.astype(np.int32)
        return told

    def chosen(self, rows: Order) -> Shares:
        """Some of the rows."""
        return Shares(self.rows[rows])

    def and_also(self, more: Shares) -> Shares:
        """All rows of both."""
        both = Shares(stacked(self.rows, more.rows))
        # Not counted again: what is told becomes long.
        both.__dict__["sketch"] = np.vstack([self.sketch, more.sketch])
        return both


@dataclass(frozen=True)
class Near:
    """Pairs of rows, of one lot (`one`) and of another (`two`), that differ by fewer families than asked: `by` so many."""

    one: Order
    two: Order
    by: Counts

    def and_also(self, more: Near, after: int) -> Near:
        """With pairs of the same rows and of more others, of which there were `after`."""
        return Near(
            np.concatenate([self.one, more.one]),
            np.concatenate([self.two, more.two + after]),
            np.concatenate([self.by, more.by]),
        )


def near(one: Shares, two: Shares, least: int) -> Near:
    """Every pair of rows that differ by fewer than `least` families: those with a share in the one alone, or another share."""
    pairs = list(_about_equal(one, two, least))
    rows = np.repeat([row for row, _ in pairs], [len(others) for _, others in pairs])
    others = np.concatenate([np.zeros(0, dtype=np.intp), *(found for _, found in pairs)])
    by = _differing(one, two, rows.astype(np.intp), others)
    is_near = by < least
    return Near(rows[is_near].astype(np.intp), others[is_near], by[is_near])


def _about_equal(one: Shares, two: Shares, least: int) -> Iterator[tuple[int, Order]]:
    """For each row the others of about its size that the sketches do not tell apart; none that is near is missing."""
    by_size = np.argsort(two.sizes, kind="stable")
    sizes = two.sizes[by_size]
    first = np.searchsorted(sizes, one.sizes - least, side="right")
    last = np.searchsorted(sizes, one.sizes + least, side="left")
    for row in np.flatnonzero(first < last):
        others = by_size[first[row] : last[row]]
        apart_by = np.abs(two.sketch[others] - one.sketch[row]).sum(axis=1)
        yield int(row), others[apart_by < least]


def _differing(one: Shares, two: Shares, rows: Order, others: Order) -> Counts:
    """By how many families the rows of each pair differ."""
    width = max(one.rows.shape[1], two.rows.shape[1])
    left, right = widened(one.rows, width), widened(two.rows, width)
    found = [np.zeros(0, dtype=np.int32)]
    until = np.cumsum(one.sizes[rows] + 1) // CHUNK
    for part in np.split(np.arange(len(rows)), np.flatnonzero(np.diff(until)) + 1):
        unlike = left[rows[part]] != right[others[part]]
        found.append(np.diff(unlike.indptr).astype(np.int32))
    return np.concatenate(found)


def apart(within: Near, beside: Near, order: Order, rows: int) -> Flags:
    """Which of so many rows, looked at in `order`, are not near to a served one nor to one before them that is not; equal is not near.

    `within`: the near pairs of the rows, `beside`: those with served ones.
    """
    ok = np.zeros(rows, dtype=np.bool_)
    ok[order] = True
    ok[beside.one[beside.by > 0]] = False
    close: dict[int, list[int]] = {}
    for one, two in zip(within.one[within.by > 0], within.two[within.by > 0], strict=True):
        close.setdefault(int(one), []).append(int(two))
    taken = np.zeros(rows, dtype=np.bool_)
    for row in order:
        ok[row] &= not taken[close.get(int(row), [])].any()
        taken[row] = ok[row]
    return ok


def agreeing(
    beside: Near, origin: Order, rows: int, also: Flags | None = None
) -> tuple[Flags, Order]:
    """Which of so many rows are near to an origin and to nothing of another; and for each that origin.

    `origin`: for each told set whose figure it shows, its own place or another's. A told set itself shows what it showed. `also`
    (pairs): where the told one will do, though it is no origin.
    Where a row does not agree its origin has no meaning.
    """
    of, least, most = origin[beside.two], np.full(rows, len(origin)), np.full(rows, -1)
    np.minimum.at(least, beside.one, of)
    np.maximum.at(most, beside.one, of)
    is_near, same = np.zeros(rows, dtype=np.bool_), beside.by == 0
    will_do = of == beside.two if also is None else (of == beside.two) | also
    is_near[beside.one[will_do]] = True
    agrees: Flags = is_near & (least == most)
    agrees[beside.one[same]] = True
    most[beside.one[same]] = of[same]
    return agrees, most.astype(np.intp)
