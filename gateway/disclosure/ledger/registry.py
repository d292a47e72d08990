"""The ledger's own columns, and the rows that a table has in them. In: exact tables. Out: sparse rows of 0 and 1. No figure.

A family and a unit of cost have the same column in every table of a vintage; a family's share in a sum has the same word.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.tables import Count, ExactTable, Keys, Magnitude, Units

from .lines import Lines
from .nested import Shares
from .pieces import NOBODYS
from .sets import Columns, Places, in_columns, standing
from .sound import (
    require_members,
    require_people,
    require_population,
    require_units,
)

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Words = NDArray[np.uint64]


@dataclass
class Registry:
    """Columns for families and units; they only grow."""

    families: Columns = field(default_factory=Columns)
    units: Columns = field(default_factory=Columns)

    def copied(self) -> Registry:
        """The same columns, to grow apart."""
        return Registry(copy(self.families), copy(self.units))


@dataclass(frozen=True)
class CostRows:
    """A cost's cells: the units in each and the shares; and the table's lines with their shares.

    `payer`: whose each unit is, `pence`: what it comes to; NOBODYS and 0 where the table has no such unit.
    """

    units: csr_array
    payer: Places
    pence: Places = field(repr=False)
    shares: Shares
    lines: Lines
    shares_of_lines: Shares


class Rows:
    """The rows of one table, each kind made once. Raises `Unprotectable` where the table does not say who is in a cell."""

    def __init__(self, table: ExactTable, registry: Registry) -> None:
        self.table, self._registry = table, registry
        self._places = registry.families.place(require_population(table).families)
        self._units: dict[str, tuple[Units, Places]] = {}
        for name, measure in table.measures.items():
            # Every row is as wide as the whole table needs, whichever measure is looked at first.
            if isinstance(measure, Magnitude) and measure.units is not None:
                units = require_units(name, measure, len(self._places))
                self._units[name] = units, registry.units.place(units.ids)
        self._standing: dict[int | None, csr_array] = {}
        self._counted: dict[str, Shares] = {}
        self._costs: dict[str, CostRows] = {}

    def shares(self, name: str, count: Count) -> Shares:
        """Who is behind the cells of a count, and of people with just which of theirs."""
        if name not in self._counted:
            members = require_members(name, count, len(self._places))
            rows = self._in_families(members)
            if count.counted == "people":
                words = require_people(name, count, len(self._places))
                rows = in_columns(words, self._places, rows.shape[1], _told_by(words.data))
            self._counted[name] = Shares(rows)
        return self._counted[name]

    def standing(self, without: int | None = None) -> csr_array:
        """Inner cells x families: who may be in the cell, as if the axis `without` were not asked."""
        if without not in self._standing:
            self._standing[without] = self._in_families(standing(self.table, without))
        return self._standing[without]

    def cost(self, name: str) -> CostRows:
        """The cells of a cost."""
        if name not in self._costs:
            if name not in self._units:
                raise Unprotectable(name, "no_members", "a ledger needs to know who is in a cell")
            units, places = self._units[name]
            rows = in_columns(units.cells, places, len(self._registry.units))
            payer = np.full(rows.shape[1], NOBODYS, dtype=np.int64)
            payer[places] = self._places[units.family]
            pence = np.zeros(rows.shape[1], dtype=np.int64)
            pence[places] = units.pence
            self._costs[name] = self._with_lines(units, rows, payer, pence)
        return self._costs[name]

    def _with_lines(self, units: Units, rows: csr_array, payer: Places, pence: Places) -> CostRows:
        # With what they cost: corrected in a later vintage, a unit is another share.
        words = _mixed(units.ids + _mixed(units.pence.astype(np.uint64)))
        cell, family, word = _paid(units, words, len(self._places))
        has_payers = np.zeros(units.cells.shape[0], dtype=np.bool_)
        has_payers[cell] = True
        lines = Lines.over(self.table.shape, has_payers)
        many = len(self._places)
        sums = [_summed(line[cell], family, word, many) for line in lines.of]
        line, of_line, word_of_line = (
            np.concatenate(each)
            for each in zip(*sums, (cell[:0], family[:0], word[:0]), strict=True)
        )
        return CostRows(
            rows,
            payer,
            pence,
            self._shares(cell, family, word, units.cells.shape[0]),
            lines,
            self._shares(line, of_line, word_of_line, len(lines)),
        )

    def _shares(self, row: Places, family: Places, word: Words, rows: int) -> Shares:
        from scipy.sparse import csr_array

        places = (row, self._places[family])
        shape = (rows, len(self._registry.families))
        return Shares(csr_array((_told_by(word), places), shape=shape))

    def _in_families(self, rows: csr_array) -> csr_array:
        return in_columns(rows, self._places, len(self._registry.families))


def _paid(units: Units, words: Words, families: int) -> tuple[Places, Places, Words]:
    """For each cell and each family that pays in it one word that stands for just the units it has there.

    Whose costs and refunds cancel out pays nothing.
    """
    from scipy.sparse import coo_array

    found = coo_array(units.cells)
    unit = found.coords[1]
    place = found.coords[0].astype(np.int64) * families + units.family[unit]
    place, word, pence = _added(place, words[unit], units.pence[unit])
    pays = pence != 0
    cell, family = np.divmod(place[pays], families)
    return cell, family, word[pays]


def _summed(
    line: Places, family: Places, word: Words, families: int
) -> tuple[Places, Places, Words]:
    """The words of each family in each line added up."""
    place, summed = _added(line * families + family, word)
    return *np.divmod(place, families), summed


def _added(place: Places, *columns: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """Each place once, and what stands there in each column added up (words without carry)."""
    # Places come in runs, one for each cell: those are merged, and not sorted once more.
    order = np.argsort(place, kind="stable")
    ordered = place[order]
    first = np.flatnonzero(np.diff(ordered, prepend=-1) != 0)
    if not len(first):
        return place, *columns
    return ordered[first], *(np.add.reduceat(each[order], first) for each in columns)


def _mixed(ids: Keys) -> Words:
    """Words without the structure of the ids, so that no two sets of units have one sum (splitmix64, Steele et al. 2014)."""
    word = ids + np.uint64(0x9E3779B97F4A7C15)
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Words = word ^ (word >> np.uint64(31))
    return mixed


def _told_by(words: Words) -> NDArray[np.uint32]:
    """Four bytes of each word, and never 0: two shares of a family are taken for one in four thousand million times."""
    return np.maximum((words >> np.uint64(32)).astype(np.uint32), np.uint32(1))
