"""Groups that nobody asked for, drawn by chance from what left. In: sets. Out: groups of one to nine families, or mostly of few.

Three kinds: withheld cells; families that stand in just the same figures; what two figures have in common, or one has and the
other has not (the trackers of Denning, Denning & Schwartz, ACM TODS 1979, with any two sets in the place of a formula).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.dominance import dominated_costs
from gateway.disclosure.ledger.sets import Sets, widened
from gateway.disclosure.tables import Units

from .sums import Places, Reals

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Generator = np.random.Generator
Pairs = tuple[NDArray[np.intp], NDArray[np.intp]]

# Of pairs that look near so many are looked at for each group that is wanted: most share more families than they seem to.
LOOKED_AT = 10
# Groups that are mostly of few are looked for among those that are so many times as large as small ones are.
LARGER = 10


@dataclass(frozen=True)
class Few:
    """When a group is of few: fewer than `least` families by `payer`, or, where `pence` are given, few pay nearly all of it."""

    payer: Places
    least: int
    pence: Reals | None = None

    @property
    def most(self) -> int:
        """A few families have so many columns at most."""
        return (self.least - 1) * int(np.bincount(self.payer[self.payer >= 0], minlength=1).max())

    def among(self, groups: csr_array) -> NDArray[np.intp]:
        """Those of the groups that are."""
        many = families_of(groups, self.payer)
        few = (many > 0) & (many < self.least)
        if self.pence is not None:
            few |= (many > 0) & dominated_costs(self._units(groups, self.pence))
        return np.flatnonzero(few)

    def _units(self, groups: csr_array, pence: Reals) -> Units:
        ids = np.arange(groups.shape[1], dtype=np.uint64)
        # A column that no table has is in no group.
        return Units(ids, np.maximum(self.payer, 0), pence.astype(np.int64), groups)


def draw_groups(
    rows: csr_array, withheld: Sets, few: Few, sample: int, rng: Generator
) -> csr_array:
    """Up to `sample` groups of each kind (groups x columns, each once) that are of few."""
    drawn = Sets()
    asked = widened(withheld.rows_of(rows.shape[1]), rows.shape[1])
    for found in (asked, standing_together(rows), *_overlaps(rows, few, sample, rng)):
        drawn.add(found[np.sort(rng.permutation(few.among(found))[:sample])])
    return drawn.rows_of(rows.shape[1])


def standing_together(rows: csr_array) -> csr_array:
    """The columns that are in just the same rows, a group for each set of rows; those in none are in no group."""
    from scipy.sparse import csr_array

    group = alike(rows)
    inside = np.flatnonzero(np.bincount(rows.indices, minlength=rows.shape[1]))
    _, place = np.unique(group[inside], return_inverse=True)
    ones = np.ones(len(inside), dtype=np.int8)
    shape = (int(place.max(initial=-1)) + 1, rows.shape[1])
    return csr_array((ones, (place, inside)), shape=shape)


def alike(rows: csr_array) -> Places:
    """A number for each column, the same for columns that are in just the same rows."""
    # Sums of random words: two sets of rows have one sum once in 2**64 times.
    words = np.random.default_rng(0).integers(1, 2**63, rows.shape[0], dtype=np.uint64)
    summed = np.zeros(rows.shape[1], dtype=np.uint64)
    np.add.at(summed, rows.indices, np.repeat(words, np.diff(rows.indptr)))
    return np.unique(summed, return_inverse=True)[1].astype(np.int64)


def _overlaps(
    rows: csr_array, few: Few, sample: int, rng: Generator
) -> tuple[csr_array, csr_array]:
    """What pairs of rows have in common, and what the first has and the second has not, where that looks like little."""
    ones = rows.astype(np.int32)
    common = (ones @ ones.T).toarray()
    np.fill_diagonal(common, 0)
    one, two = _pairs(np.triu(common), few, sample, rng)
    shared = ones[one].multiply(ones[two])
    left = np.asarray(ones.sum(axis=1))[:, None] - common
    np.fill_diagonal(left, 0)
    one, two = _pairs(left, few, sample, rng)
    apart = ones[one] - ones[one].multiply(ones[two])
    for found in (shared, apart):
        found.eliminate_zeros()
    return shared.astype(np.int8).tocsr(), apart.astype(np.int8).tocsr()


def _pairs(sizes: Places, few: Few, sample: int, rng: Generator) -> Pairs:
    """Pairs of a size that looks like little; where costs decide, and larger ones."""
    one, two = _some((sizes > 0) & (sizes <= few.most), LOOKED_AT * sample, rng)
    if few.pence is None:
        return one, two
    larger = _some((sizes > few.most) & (sizes <= LARGER * few.most), sample, rng)
    return np.concatenate([one, larger[0]]), np.concatenate([two, larger[1]])


def _some(pairs: NDArray[np.bool_], many: int, rng: Generator) -> Pairs:
    one, two = np.nonzero(pairs)
    chosen = rng.permutation(len(one))[:many]
    return one[chosen], two[chosen]


def families_of(groups: csr_array, payer: Places) -> Places:
    """How many families each group is of."""
    of = np.repeat(np.arange(groups.shape[0]), np.diff(groups.indptr))
    pairs = np.unique(np.stack([of, payer[groups.indices]]), axis=1)
    return np.bincount(pairs[0], minlength=groups.shape[0]).astype(np.int64)
