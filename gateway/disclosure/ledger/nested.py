"""The nested-difference rule: no two served figures are about sets that differ by one to nine families.

In: rows of 0 and 1 over families, for costs with what each family has in the sum. Out: for each pair of rows by how many families they differ.
A figure about nearly the same set would give away the few by subtraction, with or without noise (trackers: Denning 1980).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Pairs = NDArray[np.int32]
Flags = NDArray[np.bool_]

T = TypeVar("T", bound=np.generic)

# So many rows of about one size are held against the served ones of that size at a time.
CHUNK = 32


@dataclass(frozen=True)
class Shares:
    """Rows over families: who has a share in a figure (`families`), and with just which of its costs or people (`alike`).

    `alike` has one mark a family, in columns of its own; None where everybody in a row is in it whole.
    """

    families: csr_array
    alike: csr_array | None = None

    @cached_property
    def sizes(self) -> Pairs:
        """Families in each row."""
        return np.asarray(self.families.sum(axis=1, dtype=np.int32)).ravel()

    @cached_property
    def families_turned(self) -> csr_array:
        """Families x rows."""
        return _turned(self.families)

    @cached_property
    def alike_turned(self) -> csr_array | None:
        """Marks x rows."""
        return None if self.alike is None else _turned(self.alike)

    @cached_property
    def within(self) -> Pairs:
        """For each pair of its own rows, by how many families they differ."""
        return families_differing(self, self)

    def chosen(self, rows: NDArray[np.intp]) -> Shares:
        """Some of the rows."""
        return Shares(self.families[rows], None if self.alike is None else self.alike[rows])

    @property
    def sets(self) -> csr_array:
        """Rows that are equal where the shares are."""
        return self.families if self.alike is None else self.alike


def families_differing(one: Shares, two: Shares) -> Pairs:
    """For each pair of rows, how many families have another share in the one than in the other, none being a share too.

    `one` is turned around once, however often it is held against others.
    """
    in_either: Pairs = one.sizes[:, None] + two.sizes[None, :]
    shared = _product(two.families, one.families_turned)
    if one.alike is None or two.alike is None or one.alike_turned is None:
        return in_either - 2 * shared
    return in_either - shared - _product(two.alike, one.alike_turned)


def _turned(rows: csr_array) -> csr_array:
    turned: csr_array = rows.astype(np.int32).T.tocsr()
    return turned


def _product(rows: csr_array, turned: csr_array) -> Pairs:
    """How many columns two rows share: those that were turned x the rows."""
    pairs: Pairs = (rows.astype(np.int32) @ turned).toarray().T
    return pairs


def apart(within: Pairs, served: Pairs, order: NDArray[np.intp], min_cell: int) -> Flags:
    """Which rows of `order` differ from every served one, and from those before them that do, by none or by `min_cell`.

    `within`: the pairs of the new rows, `served`: new rows x served ones.
    """
    near = (within > 0) & (within < min_cell)
    ok = np.asarray(~((served > 0) & (served < min_cell)).any(axis=1))
    taken: list[int] = []
    for row in order:
        ok[row] &= not near[row, taken].any()
        if ok[row]:
            taken.append(row)
    return ok


def nearest(served: Pairs, figures: NDArray[T], min_cell: int) -> tuple[Flags, NDArray[T]]:
    """Which new rows differ by fewer than `min_cell` from a served one, and for each row the figure of the nearest one.

    `served`: new rows x served ones; `figures`: a line for each served one. Where nothing is near the figure has no meaning.
    """
    rows = served.shape[0]
    if not served.shape[1]:
        return np.zeros(rows, dtype=np.bool_), np.zeros((rows, *figures.shape[1:]), figures.dtype)
    closest = served.argmin(axis=1)
    is_near = np.asarray(served[np.arange(rows), closest] < min_cell)
    return is_near, figures[closest]


def is_near(one: Shares, served: Shares, min_cell: int) -> Flags:
    """Which rows differ from a served one, and by fewer than `min_cell` families: those of another size need no look."""
    size, theirs = one.sizes, served.sizes
    near, by_size = np.zeros(len(size), dtype=np.bool_), np.argsort(size)
    for start in range(0, len(size), CHUNK):
        rows = by_size[start : start + CHUNK]
        least, most = size[rows[0]] - min_cell, size[rows[-1]] + min_cell
        others = np.flatnonzero((theirs > least) & (theirs < most))
        pairs = families_differing(one.chosen(rows), served.chosen(others))
        near[rows] = ((pairs > 0) & (pairs < min_cell)).any(axis=1)
    return near
