"""The ledger's own columns, and the rows that a table has in them. In: exact tables. Out: sparse rows of 0 and 1. No figure.

A family, a unit of cost and a family's share in a sum have the same column in every table of a vintage.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.tables import Count, ExactTable, Keys, Magnitude, Units

from .nested import Shares
from .sets import Columns, Places, in_columns, standing
from .sound import payers, require_members, require_population, require_units

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Words = NDArray[np.uint64]


@dataclass
class Registry:
    """Columns for families, units and shares; they only grow."""

    families: Columns = field(default_factory=Columns)
    units: Columns = field(default_factory=Columns)
    shares: Columns = field(default_factory=Columns)

    def copied(self) -> Registry:
        """The same columns, to grow apart."""
        return Registry(copy(self.families), copy(self.units), copy(self.shares))


@dataclass(frozen=True)
class CostRows:
    """A cost's cells: the units in each, and whose shares they are."""

    units: csr_array
    shares: Shares


class Rows:
    """The rows of one table, each kind made once. Raises `Unprotectable` where the table does not say who is in a cell."""

    def __init__(self, table: ExactTable, registry: Registry) -> None:
        self.table, self._registry = table, registry
        self._places = registry.families.place(require_population(table).families)
        for name, measure in table.measures.items():
            # Every row is as wide as the whole table needs, whichever measure is looked at first.
            if isinstance(measure, Magnitude) and measure.units is not None:
                registry.units.place(require_units(name, measure, len(self._places)).ids)
        self._standing: dict[int | None, csr_array] = {}
        self._members: dict[str, csr_array] = {}
        self._costs: dict[str, CostRows] = {}

    def members(self, name: str, count: Count) -> csr_array:
        """Inner cells x families: who is behind the count."""
        if name not in self._members:
            self._members[name] = self._in_families(require_members(name, count, len(self._places)))
        return self._members[name]

    def standing(self, without: int | None = None) -> csr_array:
        """Inner cells x families: who may be in the cell, as if the axis `without` were not asked."""
        if without not in self._standing:
            self._standing[without] = self._in_families(standing(self.table, without))
        return self._standing[without]

    def cost(self, name: str, cost: Magnitude) -> CostRows:
        """The cells of a cost."""
        if name not in self._costs:
            units = require_units(name, cost, len(self._places))
            places = self._registry.units.place(units.ids)
            rows = in_columns(units.cells, places, len(self._registry.units))
            self._costs[name] = CostRows(rows, self._shares(units))
        return self._costs[name]

    def _shares(self, units: Units) -> Shares:
        paying = payers(units, len(self._places))
        # With what they cost: corrected in a later vintage, a unit is another share.
        words = _mixed(units.ids + _mixed(units.pence.astype(np.uint64)))
        cell, family, mark = _marks(units.cells, units.family, words)
        pays = np.isin(cell * len(self._places) + family, _flat(paying))
        different, which = np.unique(mark[pays], return_inverse=True)
        places = self._registry.shares.place(different)[which]
        shape = (units.cells.shape[0], len(self._registry.shares))
        return Shares(self._in_families(paying), _rows(cell[pays], places, shape))

    def _in_families(self, rows: csr_array) -> csr_array:
        return in_columns(rows, self._places, len(self._registry.families))


def _marks(cells: csr_array, family: Places, words: Words) -> tuple[Places, Places, Words]:
    """For each cell and each family in it one word that stands for just the units it has there."""
    from scipy.sparse import coo_array

    found = coo_array(cells)
    cell, unit = found.coords[0].astype(np.int64), found.coords[1]
    order = np.lexsort((family[unit], cell))
    cell, whose, word = cell[order], family[unit][order], words[unit][order]
    first = np.flatnonzero((np.diff(cell, prepend=-1) != 0) | (np.diff(whose, prepend=-1) != 0))
    if not len(first):
        return cell, whose, word
    return cell[first], whose[first], np.add.reduceat(word, first)


def _mixed(ids: Keys) -> Words:
    """Words without the structure of the ids, so that no two sets of units have one sum (splitmix64, Steele et al. 2014)."""
    word = ids + np.uint64(0x9E3779B97F4A7C15)
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Words = word ^ (word >> np.uint64(31))
    return mixed


def _flat(rows: csr_array) -> Places:
    """The flat places that are not zero, in C order."""
    row, column = rows.nonzero()
    flat: Places = row.astype(np.int64) * rows.shape[1] + column
    return flat


def _rows(row: Places, column: Places, shape: tuple[int, int]) -> csr_array:
    from scipy.sparse import csr_array

    return csr_array((np.ones(len(row), dtype=np.int8), (row, column)), shape=shape)
