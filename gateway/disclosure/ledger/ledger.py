"""THE LEDGER. One for each vintage, over all purposes and people: which cells of a new table may be served beside all others.

In: exact tables with their population, and which cells would be shown. Out: which of them may be. Never a figure; it holds sets.

INVARIANT, whatever was asked in whatever order: no two served figures are about sets that differ by one to nine families; no
family's attribute, no withheld cost or count of few and no small group's cost is much better known than before the first answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.tables import Count, ExactTable, Magnitude, Population
from gateway.disclosure.threshold import inner

from .costs import ServedCosts
from .counts import ServedCounts
from .known import KnownSums, limits_of_attribute, limits_of_cost
from .sets import (
    Columns,
    in_columns,
    require_members,
    require_population,
    require_units,
    standing,
)

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Flags = NDArray[np.bool_]
Shown = Mapping[str, Flags]
Order = NDArray[np.intp]

COST: Final = "cost"


class Ledger:
    """What was served of one vintage. `screen` says what may be served, `enter` records that it was."""

    def __init__(self) -> None:
        self._families = Columns()
        self._units = Columns()
        self._whose: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._counts: dict[str, ServedCounts] = {}
        self._costs = ServedCosts()
        # Sums over families that are known: of costs, and of each sensitive attribute.
        self._known: dict[str, KnownSums] = {}

    def screen(self, table: ExactTable, shown: Shown, min_cell: int) -> dict[str, Flags]:
        """Which of the shown cells may be served: inner grids by measure. Raises `Unprotectable` without a population.

        The small cells of the table are watched from now on, served or not: a refusal is in the ledger too.
        """
        self._place(require_population(table))
        served = {}
        for name, flags in shown.items():
            measure = table.measures[name]
            if isinstance(measure, Count):
                served[name] = self._screen_count(table, name, measure, flags, min_cell)
            elif isinstance(measure, Magnitude):
                served[name] = self._screen_cost(table, name, measure, flags, min_cell)
        return served

    def enter(self, table: ExactTable, shown: Shown) -> None:
        """These cells have left."""
        self._place(require_population(table))
        for name, flags in shown.items():
            measure, cells = table.measures[name], np.flatnonzero(flags)
            if isinstance(measure, Count):
                self._served_counts(measure).take(self._members(table, name, measure)[cells])
                for attribute, lines in self._lines(table, measure):
                    self._sums(attribute).take(lines[cells])
            elif isinstance(measure, Magnitude):
                self._costs.take(self._unit_rows(table, name, measure)[cells])
                self._sums(COST).take(self._standing(table)[cells])

    def margins(self, min_cell: int) -> dict[str, float]:
        """How near to its limits the vintage is: for each audit the most that is told, as a share of what may be."""
        told = {name: known.margin(min_cell) for name, known in self._known.items()}
        small = {f"few_{kind}": counts.small.margin() for kind, counts in self._counts.items()}
        return {**told, **small, "few_cost": self._costs.small.margin()}

    def _screen_count(
        self, table: ExactTable, name: str, count: Count, shown: Flags, min_cell: int
    ) -> Flags:
        rows, counts = self._members(table, name, count), self._served_counts(count)
        size = np.asarray(rows.sum(axis=1)).ravel()
        counts.watch(rows[np.flatnonzero(size < min_cell)])
        served = counts.admissible(rows, _largest_first(size, shown), min_cell)
        for attribute, lines in self._lines(table, count):
            among = np.asarray(lines.sum(axis=1)).ravel()
            order = _largest_first(among, served.reshape(shown.shape))
            served &= self._sums(attribute).admissible(lines, order, min_cell)
        return served.reshape(shown.shape)

    def _screen_cost(
        self, table: ExactTable, name: str, cost: Magnitude, shown: Flags, min_cell: int
    ) -> Flags:
        rows = self._unit_rows(table, name, cost)
        payers = cost.families[inner(shown.ndim)].ravel()
        few = np.flatnonzero(payers < min_cell)
        self._costs.watch(rows[few], payers[few].astype(np.float64), min_cell)
        size = np.asarray(rows.sum(axis=1)).ravel()
        served = self._costs.admissible(rows, _largest_first(size, shown), min_cell)
        standing = self._standing(table)
        among = np.asarray(standing.sum(axis=1)).ravel()
        order = _largest_first(among, served.reshape(shown.shape))
        served &= self._sums(COST).admissible(standing, order, min_cell)
        return served.reshape(shown.shape)

    def _place(self, population: Population) -> None:
        self._families.place(population.families)
        for counts in self._counts.values():
            counts.widen(len(self._families))
        for known in self._known.values():
            known.widen(len(self._families))

    def _served_counts(self, count: Count) -> ServedCounts:
        if count.counted not in self._counts:
            self._counts[count.counted] = ServedCounts()
            self._counts[count.counted].widen(len(self._families))
        return self._counts[count.counted]

    def _sums(self, name: str) -> KnownSums:
        if name not in self._known:
            self._known[name] = KnownSums(limits_of_cost if name == COST else limits_of_attribute)
            self._known[name].widen(len(self._families))
        return self._known[name]

    def _members(self, table: ExactTable, name: str, count: Count) -> csr_array:
        return self._in_families(table, require_members(name, count))

    def _standing(self, table: ExactTable, without: int | None = None) -> csr_array:
        return self._in_families(table, standing(table, without))

    def _in_families(self, table: ExactTable, rows: csr_array) -> csr_array:
        places = self._families.place(require_population(table).families)
        return in_columns(rows, places, len(self._families))

    def _lines(self, table: ExactTable, count: Count) -> Iterator[tuple[str, csr_array]]:
        """For each sensitive attribute that the cells tell of: who, for each cell, might have had it."""
        for axis, dimension in enumerate(table.dimensions):
            # An only category, or one that is the same along the axis, tells nobody apart.
            if (
                dimension.sensitive
                and axis not in count.same_along
                and len(dimension.categories) > 1
            ):
                yield dimension.name, self._standing(table, without=axis)
        for attribute in require_population(table).restricted:
            yield attribute, self._standing(table)

    def _unit_rows(self, table: ExactTable, name: str, cost: Magnitude) -> csr_array:
        units = require_units(name, cost)
        families = self._families.place(require_population(table).families)
        before = len(self._units)
        places = self._units.place(units.ids)
        self._whose = np.concatenate([self._whose, np.zeros(len(self._units) - before, np.int64)])
        self._whose[places] = families[units.family]
        self._costs.widen(_whose_matrix(self._whose, len(self._families)))
        return in_columns(units.cells, places, len(self._units))


def _whose_matrix(whose: NDArray[np.int64], families: int) -> csr_array:
    from scipy.sparse import csr_array

    ones = np.ones(len(whose), dtype=np.int8)
    return csr_array((ones, (np.arange(len(whose)), whose)), shape=(len(whose), families))


def _largest_first(size: NDArray[np.int64], shown: Flags) -> Order:
    """The shown rows, those of most members first: they tell the least of each."""
    order = np.argsort(-size, kind="stable")
    return order[shown.ravel()[order]]
