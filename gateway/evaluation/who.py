"""Who is in which cell, for the ledger of disclosure control. In: members of a question. Out: a population and sparse rows.

Families are told apart by the keyed random value that they have in a vintage, never by an id.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.tables import Population

from .grids import Integers, Keys
from .places import Axis, cell_count
from .sets import Members
from .vintage import VintageFaulty

if TYPE_CHECKING:
    import pyarrow as pa
    from scipy.sparse import csr_array


@dataclass(frozen=True)
class Who:
    """The cohort's families by rising key, and their places on the axes in which a family has one."""

    keys: Keys
    group: Integers
    axes: tuple[Axis, ...]
    fixed: tuple[Axis, ...]

    @classmethod
    def of(cls, cohort: Members, axes: tuple[Axis, ...], fixed: tuple[Axis, ...]) -> Who:
        """The families (or people) of a cohort. Raises `VintageFaulty` where two have the same key."""
        order = np.argsort(cohort.key_lo)
        keys = cohort.key_lo[order]
        if (keys[1:] == keys[:-1]).any():
            raise VintageFaulty("families.key_lo", "not_unique", "two have one key")
        return cls(keys, cohort.group[order], axes, tuple(a for a in axes if a in fixed))

    def population(self, restricted: tuple[str, ...]) -> Population:
        """The families as the ledger wants them."""
        fixed = tuple(self.axes.index(axis) for axis in self.fixed)
        return Population(self.keys, self.group, fixed, restricted)

    def at(self, keys: Keys) -> Integers:
        """The place of each key in the population."""
        return np.searchsorted(self.keys, keys).astype(np.int64)

    def cells(self, members: Members) -> csr_array:
        """Inner cells in C order x families, from who is in which cell of the loose axes."""
        loose, who = np.nonzero(members.bits)
        return self._rows(members.group[who], loose, self.at(members.key_lo[who]))

    def everywhere(self) -> csr_array:
        """As `cells`, where every family is in every cell of the loose axes."""
        loose = np.repeat(np.arange(cell_count(self.loose)), len(self.keys))
        who = np.tile(np.arange(len(self.keys)), cell_count(self.loose))
        return self._rows(self.group[who], loose, who)

    def people(self, counted: Who, people: Members, owners: pa.Table) -> csr_array:
        """Inner cells x families: a word for just the people that a family has in a cell, of their keys (which are keyed).

        `counted`: the people as this class has families; `owners`: the key of each and of its family.
        """
        from scipy.sparse import csr_array

        keys, owner = owners["key_lo"].to_numpy(), owners["owner"].to_numpy()
        places = (counted.at(keys), self.at(owner))
        words = csr_array((keys, places), shape=(len(counted.keys), len(self.keys)))
        return csr_array(counted.cells(people).astype(np.uint64) @ words)

    @property
    def loose(self) -> tuple[Axis, ...]:
        """The axes in which a family may be in several places."""
        return tuple(axis for axis in self.axes if axis not in self.fixed)

    def inner_cell(self, group: Integers, loose: Integers) -> Integers:
        """The flat inner cell of places on the fixed and on the loose axes."""
        places = dict(zip(self.fixed, _unravelled(group, self.fixed), strict=True))
        places |= zip(self.loose, _unravelled(loose, self.loose), strict=True)
        cell = np.zeros(len(group), dtype=np.int64)
        for axis in self.axes:
            cell = cell * axis.size + places[axis]
        return cell

    def _rows(self, group: Integers, loose: Integers, who: Integers) -> csr_array:
        from scipy.sparse import csr_array

        places = (self.inner_cell(group, loose), who)
        shape = (cell_count(self.axes), len(self.keys))
        return csr_array((np.ones(len(who), dtype=np.bool_), places), shape=shape)


def _unravelled(flat: Integers, axes: tuple[Axis, ...]) -> tuple[NDArray[np.intp], ...]:
    return np.unravel_index(flat, [a.size for a in axes]) if axes else ()
