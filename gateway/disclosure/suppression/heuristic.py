"""Secondary suppression by linear programmes: a first choice, cells given back, then a seeded search for a cheaper choice.

In: `LinearTable`. Out: `Suppression`. For each need the cheapest movement is taken and the shown cells in it are hidden (Kelly,
Golden & Assad 1992; Fischetti & Salazar 2001); then each further cell is shown again if the attacker still cannot rule the
needs out. The search hides some cells' neighbours anew and keeps what is no worse. Deterministic: the seed is fixed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.threshold import Flags

from .linear import LinearTable, Reals
from .movements import Attacker, Flows
from .needs import Need, needs_of
from .programme import Budget

# Per need: the cells its movement uses. A need stays met as long as these are hidden.
Used = NDArray[np.bool_]


@dataclass(frozen=True)
class Choice:
    """Hidden cells, and for each need (row) the cells (column) whose movement meets it."""

    hidden: Flags = field(repr=False)
    used: Used = field(repr=False)


@dataclass(frozen=True)
class Suppressor:
    """One table's needs and the programme of its cheapest movements."""

    table: LinearTable
    needs: tuple[Need, ...]
    flows: Flows
    budget: Budget

    @classmethod
    def of(cls, table: LinearTable, budget: Budget) -> Suppressor:
        """Raises `Unprotectable` for a need that cannot be met."""
        return cls(table, needs_of(table), Flows(table, budget), budget)

    @property
    def price(self) -> Reals:
        """The weights; a cell without weight costs a little, so that none is hidden for nothing."""
        heaviest = float(self.table.weights.max(initial=0.0)) or 1.0
        result: Reals = self.table.weights + 0.01 * heaviest
        return result

    def weight(self, choice: Choice) -> float:
        """Total weight of the further cells."""
        return float(self.table.weights[choice.hidden & ~self.table.unsafe].sum())

    def empty(self) -> Choice:
        """Only the unsafe cells, and no need met."""
        used = np.zeros((len(self.needs), self.table.values.size), dtype=np.bool_)
        return Choice(self.table.unsafe.copy(), used)

    def meet(self, choice: Choice, which: Iterable[int], price: Reals) -> Choice:
        """Hides what the given needs lack, one after the other. Raises `Unprotectable` where nothing would do."""
        hidden, used = choice.hidden.copy(), choice.used.copy()
        attacker = Attacker(self.table, hidden, self.budget)
        for i in which:
            # Mostly the hidden cells do already, and a programme of them alone is small.
            movement = attacker.witness(self.needs[i])
            if movement is None:
                movement = self._cheapest(self.needs[i], np.where(hidden, 0.0, price))
                hidden = hidden | (movement != 0.0)
                attacker = Attacker(self.table, hidden, self.budget)
            used[i] = movement != 0.0
        return Choice(hidden, used)

    def _cheapest(self, need: Need, price: Reals) -> Reals:
        movement = self.flows.cheapest(need, price)
        if movement is None:
            raise Unprotectable(f"cell {need.cell}", "cannot_hide", "no other cells protect it")
        return movement

    def give_back(self, choice: Choice, order: Iterable[int]) -> Choice:
        """Shows each cell of `order` again, in turn, if every need is still met without it."""
        hidden, used = choice.hidden.copy(), choice.used.copy()
        attacker = Attacker(self.table, hidden, self.budget)
        for cell in order:
            room = attacker.show(cell)
            instead = self._instead(attacker, np.flatnonzero(used[:, cell]))
            if instead is None:
                attacker.hide(cell, room)
                continue
            hidden[cell] = False
            for i, movement in instead.items():
                used[i] = movement != 0.0
        return replace(choice, hidden=hidden, used=used)

    def _instead(self, attacker: Attacker, which: NDArray[np.intp]) -> dict[int, Reals] | None:
        found: dict[int, Reals] = {}
        for i in which.tolist():
            movement = attacker.witness(self.needs[i])
            if movement is None:
                return None
            found[i] = movement
        return found

    def further(self, choice: Choice) -> NDArray[np.intp]:
        """The hidden cells that are not unsafe, largest figure first."""
        cells = np.flatnonzero(choice.hidden & ~self.table.unsafe)
        return cells[np.argsort(-self.table.values[cells], kind="stable")]

    def first(self) -> Choice:
        """A choice that meets every need, and without any one of its further cells would not."""
        choice = self.meet(self.empty(), range(len(self.needs)), self.price)
        return self.give_back(choice, self.further(choice).tolist())
