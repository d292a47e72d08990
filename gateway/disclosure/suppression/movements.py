"""The two questions asked of a table's relations: can a cell move so far, and which cells would best move along with it.

In: a `LinearTable` and the cells that may move. Out: movements, one number a cell, that break no relation and no bound.
`Attacker` moves hidden cells only: what it finds, nobody can rule out. `Flows` may move shown cells, at a price.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.threshold import Flags

from .linear import LinearTable, Reals
from .needs import Direction, Need
from .programme import FARTHEST, TOLERANCE, Budget, Programme


class Attacker:
    """Movements of the `hidden` cells of a table; `known` is how far the shown ones may be off (rounding), None if exact."""

    def __init__(
        self,
        table: LinearTable,
        hidden: Flags,
        budget: Budget,
        known: tuple[Reals, Reals] | None = None,
    ) -> None:
        from scipy.sparse import csc_array

        down, up = known or (np.zeros_like(table.values), np.zeros_like(table.values))
        self._down = np.where(hidden, table.room_down, np.minimum(down, table.room_down))
        self._up = np.where(hidden, table.room_up, np.minimum(up, table.room_up))
        self._columns: NDArray[np.intp] = np.flatnonzero((self._down > 0) | (self._up > 0))
        self._places = {cell: i for i, cell in enumerate(self._columns.tolist())}
        part = csc_array(table.relations)[:, self._columns]
        rows = np.flatnonzero(np.bincount(part.indices, minlength=part.shape[0]))
        self._programme = Programme(
            csc_array(part.tocsr()[rows]),
            table.row_room_down[rows],
            table.row_room_up[rows],
            budget,
        )

    def show(self, cell: int) -> tuple[float, float]:
        """From now on the cell is shown exactly; returns what `hide` needs to take that back."""
        room = (float(self._down[cell]), float(self._up[cell]))
        self._down[cell] = self._up[cell] = 0.0
        return room

    def hide(self, cell: int, room: tuple[float, float]) -> None:
        """Takes `show` back."""
        self._down[cell], self._up[cell] = room

    def witness(self, need: Need) -> Reals | None:
        """A movement (one number a cell) that gives the cell what it needs, or None. Raises `BudgetSpent`."""
        low, high = self._bounds(need.amount)
        place = self._places.get(need.cell)
        if place is None or not low[place] <= need.direction <= high[place]:
            return None
        low[place] = high[place] = need.direction
        return self._movement(self._programme.solve(low, high, need.amount), need.amount)

    def farthest(self, cell: int, direction: Direction, amount: float) -> Reals:
        """The movement in which the cell goes as far as it can, but not over `amount`. Raises `BudgetSpent`."""
        place = self._places.get(cell)
        if place is None:
            return np.zeros_like(self._down)
        low, high = self._bounds(amount)
        (high if direction > 0 else low)[place] = np.clip(
            (high if direction > 0 else low)[place], -1.0, 1.0
        )
        costs = np.zeros(self._columns.size)
        costs[place] = -direction
        self._programme.set_costs(costs)
        found = self._movement(self._programme.solve(low, high, amount), amount)
        self._programme.set_costs(np.zeros(self._columns.size))
        return np.zeros_like(self._down) if found is None else found

    def _bounds(self, unit: float) -> tuple[Reals, Reals]:
        columns = self._columns
        low = -np.minimum(self._down[columns] / unit, FARTHEST)
        return low, np.minimum(self._up[columns] / unit, FARTHEST)

    def _movement(self, found: Reals | None, unit: float) -> Reals | None:
        if found is None:
            return None
        whole = np.zeros_like(self._down)
        whole[self._columns] = np.where(np.abs(found) > TOLERANCE, found * unit, 0.0)
        return whole


class Flows:
    """Cheapest movements of all cells that are not pinned, where hidden cells move for nothing."""

    def __init__(self, table: LinearTable, budget: Budget) -> None:
        from scipy.sparse import csc_array, hstack

        self._cells = table.values.size
        up = np.where(table.pinned, 0.0, table.room_up)
        down = np.where(table.pinned, 0.0, table.room_down)
        self._rooms: Reals = np.concatenate([up, down])
        both = csc_array(hstack([table.relations, -table.relations]))
        self._programme = Programme(both, table.row_room_down, table.row_room_up, budget)

    def cheapest(self, need: Need, costs: Reals) -> Reals | None:
        """A movement that meets the need; `costs`: the price of hiding each cell. None if there is none at any price.

        A price is spread over as much of the cell's room as the need can use (the relaxation of a fixed charge).
        """
        room = np.minimum(self._rooms / need.amount, FARTHEST)
        self._programme.set_costs(np.tile(costs, 2) / np.clip(room, TOLERANCE, 1.0))
        low, high = np.zeros_like(room), room
        along, against = (need.cell, need.cell + self._cells)[:: need.direction]
        if high[along] < 1.0 - TOLERANCE:
            return None
        low[along] = high[along] = 1.0
        high[against] = 0.0
        found = self._programme.solve(low, high, need.amount)
        if found is None:
            return None
        found = np.where(found > TOLERANCE, found * need.amount, 0.0)
        return found[: self._cells] - found[self._cells :]
