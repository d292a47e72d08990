"""THE LEDGER. One for each vintage, over all purposes and people: which cells of a new table may be served beside all others.

What was served of the vintages before it counts for the nested-difference rule; what sums tell is counted anew.

In: exact tables with their population, and which cells would be shown. Out: which of them may be. Never a figure; it holds sets.

INVARIANT, whatever was asked in whatever order: no two different counts are about sets that differ by one to nine families, nor
two costs that have each a figure of their own; no family's attribute, no withheld cost or count of few and no small group's cost
is much better known than before the first answer. What it holds depends on the entered
tables and their order alone, so that it can be made again from the releases.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.rules import FLOORS
from gateway.disclosure.tables import ExactTable, Quotient

from .registry import Registry, Rows
from .state import Standing, State

Flags = NDArray[np.bool_]
Shown = Mapping[str, Flags]

LEAST_CELL = int(FLOORS["min_cell"])


NOTHING = np.zeros(0, dtype=np.bool_)


@dataclass(frozen=True)
class _Beside:
    """A table beside all that was served: its rows, and what would be known once it is entered without a figure."""

    rows: Rows
    registry: Registry
    state: State
    min_cell: int
    measures: frozenset[str]


class Ledger:
    """What was served of one vintage. `screen` says what may be served, `enter` records that it was."""

    def __init__(self, before: Ledger | None = None) -> None:
        """A vintage's first; or, with the ledger `before` it, the next one's: differences between the two are differences too."""
        self._registry: Registry = before._registry.copied() if before else Registry()
        self._state: State = before._state.following() if before else State.empty()
        # A table is screened again and again, and then entered.
        self._last: _Beside | None = None

    def standing(
        self, table: ExactTable, names: Iterable[str], min_cell: int
    ) -> dict[str, Standing]:
        """By measure the cells in which an earlier figure stands, because they are served sets give or take a few families.

        They may be shown, with that figure, whatever else holds: it has left. Raises `Unprotectable` as `screen` does.
        """
        beside = self._beside(table, {name: NOTHING for name in names}, min_cell)
        return {name: beside.state.standing(beside.rows, name, min_cell) for name in names}

    def screen(self, table: ExactTable, shown: Shown, min_cell: int) -> dict[str, Flags]:
        """Which of the shown cells, besides standing ones, may be served: inner grids by measure.

        Raises `Unprotectable` without a population.

        Nothing is kept: what is only screened never counts.
        """
        beside = self._beside(table, shown, min_cell)
        state, served = beside.state.copied(), {}
        # What one measure shows, the next one is screened beside.
        for name in _in_order(table, shown):
            served[name] = state.admissible(beside.rows, name, shown[name], min_cell)
            state.take(beside.rows, name, served[name], min_cell)
        return {name: served[name] for name in shown if name in served}

    def enter(self, table: ExactTable, shown: Shown, min_cell: int = LEAST_CELL) -> None:
        """These cells have left, and the others were withheld: its small cells are watched from now on, since a refusal counts.

        Raises `Unprotectable` as `screen` does; then nothing is entered.
        """
        beside = self._beside(table, shown, min_cell)
        state = beside.state.copied()
        for name in _in_order(table, shown):
            # What stands has left before, about another set.
            stands = state.standing(beside.rows, name, min_cell).flags
            state.take(beside.rows, name, shown[name] & ~stands, min_cell)
        self._registry, self._state, self._last = beside.registry, state, None

    def margins(self, min_cell: int) -> dict[str, float]:
        """How near to its limits the vintage is: for each audit the most that is told, as a share of what may be."""
        return self._state.margins(min_cell)

    def _beside(self, table: ExactTable, shown: Shown, min_cell: int) -> _Beside:
        measures = frozenset(shown)
        last = self._last
        if (
            last
            and last.rows.table is table
            and (last.min_cell, last.measures)
            == (
                min_cell,
                measures,
            )
        ):
            return last
        registry, state = self._registry.copied(), self._state.copied()
        rows = Rows(table, registry)
        state.widen(len(registry.families))
        for name in _in_order(table, shown):
            state.watch(rows, name, min_cell)
            state.stand(rows, name, min_cell)
        self._last = _Beside(rows, registry, state, min_cell, measures)
        return self._last


def _in_order(table: ExactTable, shown: Shown) -> list[str]:
    """The counts and costs by name, so that the order in which they are asked for is no matter."""
    return sorted(name for name in shown if not isinstance(table.measures[name], Quotient))
