"""THE LEDGER. One for each vintage, over all purposes and people: which cells of a new table may be served beside all others.

What was served of the vintages before it counts for the nested-difference rule; what sums tell is counted anew.

In: exact tables with their population, and which cells would be shown. Out: which of them may be. Never a figure; it holds sets.

INVARIANT, whatever was asked in whatever order: no two served figures are about sets that differ by one to nine families; no
family's attribute, no withheld cost or count of few and no small group's cost is much better known than before the first answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.tables import Count, ExactTable, Magnitude
from gateway.disclosure.threshold import inner

from .costs import ServedCosts
from .counts import ServedCounts
from .known import KnownSums, limits_of_attribute, limits_of_cost
from .registry import Registry, Rows
from .sets import require_population

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Flags = NDArray[np.bool_]
Shown = Mapping[str, Flags]
Order = NDArray[np.intp]

COST: Final = "cost"


class Ledger:
    """What was served of one vintage. `screen` says what may be served, `enter` records that it was."""

    def __init__(self, before: Ledger | None = None) -> None:
        """A vintage's first; or, with the ledger `before` it, the next one's: differences between the two are differences too."""
        self._rows: Rows | None = None
        self._registry: Registry = before._registry if before else Registry()
        counts: dict[str, ServedCounts] = before._counts if before else {}
        following = {name: each.following() for name, each in counts.items()}
        self._counts: dict[str, ServedCounts] = following
        self._costs: ServedCosts = before._costs.following() if before else ServedCosts()
        # Sums over families that are known: of costs, and of each sensitive attribute.
        self._known: dict[str, KnownSums] = {}

    def screen(self, table: ExactTable, shown: Shown, min_cell: int) -> dict[str, Flags]:
        """Which of the shown cells may be served: inner grids by measure. Raises `Unprotectable` without a population.

        The small cells of the table are watched from now on, served or not: a refusal is in the ledger too.
        """
        rows, served = self._rows_of(table), {}
        for name, flags in shown.items():
            measure = table.measures[name]
            if isinstance(measure, Count):
                served[name] = self._screen_count(rows, name, measure, flags, min_cell)
            elif isinstance(measure, Magnitude):
                served[name] = self._screen_cost(rows, name, measure, flags, min_cell)
        return served

    def enter(self, table: ExactTable, shown: Shown) -> None:
        """These cells have left."""
        rows = self._rows_of(table)
        for name, flags in shown.items():
            measure, cells = table.measures[name], np.flatnonzero(flags)
            if isinstance(measure, Count):
                self._served_counts(measure).take(rows.members(name, measure)[cells])
                for attribute, lines in _lines(rows, measure):
                    self._sums(attribute).take(lines[cells])
            elif isinstance(measure, Magnitude):
                self._costs.take(rows.cost(name, measure).chosen(cells))
                self._sums(COST).take(rows.standing()[cells])

    def margins(self, min_cell: int) -> dict[str, float]:
        """How near to its limits the vintage is: for each audit the most that is told, as a share of what may be."""
        told = {name: known.margin(min_cell) for name, known in self._known.items()}
        small = {f"few_{kind}": counts.small.margin() for kind, counts in self._counts.items()}
        return {**told, **small, "few_cost": self._costs.small.margin()}

    def _rows_of(self, table: ExactTable) -> Rows:
        """The table's rows; a table is screened again and again, and then entered."""
        if self._rows is None or self._rows.table is not table:
            self._rows = Rows(table, self._registry)
            families = len(self._registry.families)
            for counts in self._counts.values():
                counts.widen(families)
            for known in self._known.values():
                known.widen(families)
        return self._rows

    def _screen_count(
        self, rows: Rows, name: str, count: Count, shown: Flags, min_cell: int
    ) -> Flags:
        members, counts = rows.members(name, count), self._served_counts(count)
        size = np.asarray(members.sum(axis=1)).ravel()
        counts.watch(members[np.flatnonzero(size < min_cell)])
        served = counts.admissible(members, _largest_first(size, shown), min_cell)
        for attribute, lines in _lines(rows, count):
            served &= self._known_may_be(attribute, lines, served.reshape(shown.shape), min_cell)
        return served.reshape(shown.shape)

    def _screen_cost(
        self, rows: Rows, name: str, cost: Magnitude, shown: Flags, min_cell: int
    ) -> Flags:
        cells = rows.cost(name, cost)
        self._costs.small.widen(cells.units.shape[1])
        payers = cost.families[inner(shown.ndim)].ravel()
        few = np.flatnonzero(payers < min_cell)
        self._costs.watch(cells.units[few], payers[few].astype(np.float64), min_cell)
        size = np.asarray(cells.units.sum(axis=1)).ravel()
        served = self._costs.admissible(cells, _largest_first(size, shown), min_cell)
        served &= self._known_may_be(COST, rows.standing(), served.reshape(shown.shape), min_cell)
        return served.reshape(shown.shape)

    def _known_may_be(self, name: str, sums: csr_array, shown: Flags, min_cell: int) -> Flags:
        order = _largest_first(np.asarray(sums.sum(axis=1)).ravel(), shown)
        return self._sums(name).admissible(sums, order, min_cell)

    def _served_counts(self, count: Count) -> ServedCounts:
        if count.counted not in self._counts:
            self._counts[count.counted] = ServedCounts()
            self._counts[count.counted].widen(len(self._registry.families))
        return self._counts[count.counted]

    def _sums(self, name: str) -> KnownSums:
        if name not in self._known:
            self._known[name] = KnownSums(limits_of_cost if name == COST else limits_of_attribute)
            self._known[name].widen(len(self._registry.families))
        return self._known[name]


def _lines(rows: Rows, count: Count) -> Iterator[tuple[str, csr_array]]:
    """For each sensitive attribute that the cells tell of: who, for each cell, might have had it."""
    for axis, dimension in enumerate(rows.table.dimensions):
        # An only category, or one that is the same along the axis, tells nobody apart.
        if dimension.sensitive and axis not in count.same_along and len(dimension.categories) > 1:
            yield dimension.name, rows.standing(without=axis)
    for attribute in require_population(rows.table).restricted:
        yield attribute, rows.standing()


def _largest_first(size: NDArray[np.int64], shown: Flags) -> Order:
    """The shown rows, those of most members first: they tell the least of each."""
    order = np.argsort(-size, kind="stable")
    return order[shown.ravel()[order]]
