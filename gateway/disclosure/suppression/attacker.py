"""The attacker inside: what can be worked out of a table's withheld cells by linear programming, and which are too well known.

In: a `LinearTable`, what is hidden, how well shown figures are known. Out: `Attack`. Fails closed: with more hidden cells or more
simplex steps than allowed the outcome is `over_budget`, never `safe`; the caller then withholds more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.threshold import Flags

from .linear import LinearTable, Reals
from .movements import Attacker
from .programme import Budget, BudgetSpent

Outcome = Literal["safe", "exposed", "over_budget"]
MOST_HIDDEN = 600
# About two seconds on one core of 2020.
STEPS = 200_000
# Numbers are compared with this share of what is needed.
NEARLY = 1.0 - 1e-5


@dataclass(frozen=True)
class Attack:
    """`exposed`: the unsafe cells that are under-protected (all of them where the budget did not suffice).

    `lowest`, `highest`: an interval the attacker cannot rule out, at least; searched only as far as protection needs it.
    """

    outcome: Outcome
    exposed: Flags = field(repr=False)
    lowest: Reals = field(repr=False)
    highest: Reals = field(repr=False)


def attack(
    table: LinearTable,
    hidden: Flags,
    *,
    known: tuple[Reals, Reals] | None = None,
    most_hidden: int | None = None,
    budget: Budget | None = None,
) -> Attack:
    """Whether every unsafe cell keeps its levels in the eyes of someone who sees all cells but the hidden.

    `known`: how far below and above its figure each shown cell may be (half the rounding base); None if shown exactly.
    Raises `Unprotectable` if an unsafe cell is not hidden.
    """
    if (table.unsafe & ~hidden).any():
        raise Unprotectable("table", "unsafe_shown", "an unsafe cell is not hidden")
    reached = _Reached(table)
    try:
        if most_hidden is not None and int(hidden.sum()) > most_hidden:
            raise BudgetSpent
        attacker = Attacker(table, hidden, budget or Budget(STEPS), known)
        for cell in np.flatnonzero(table.unsafe).tolist():
            reached.push(attacker, cell)
    except BudgetSpent:
        return reached.result("over_budget", table.unsafe)
    exposed = reached.short()
    return reached.result("exposed" if exposed.any() else "safe", exposed)


def interval(
    table: LinearTable, hidden: Flags, cell: int, known: tuple[Reals, Reals] | None = None
) -> tuple[float, float]:
    """The least and the most that a hidden cell can be, within a thousand times the table's largest figure."""
    attacker = Attacker(table, hidden, Budget(STEPS), known)
    far = 1e3 * max(float(np.abs(table.values).max(initial=0.0)), 1.0)
    value = float(table.values[cell])
    down = value + float(attacker.farthest(cell, -1, far)[cell])
    return down, value + float(attacker.farthest(cell, 1, far)[cell])


def can_slide(table: LinearTable, attacker: Attacker, cell: int) -> bool:
    """Whether the attacker's interval of the cell is as wide as its sliding level. Raises `BudgetSpent`."""
    width = float(table.sliding[cell])
    up = float(attacker.farthest(cell, 1, width)[cell])
    if up >= width * NEARLY:
        return True
    return up - float(attacker.farthest(cell, -1, width)[cell]) >= width * NEARLY


class _Reached:
    """How far each cell has been seen to move down (<= 0) and up; every movement found counts for all cells in it."""

    def __init__(self, table: LinearTable) -> None:
        self.table = table
        self.down, self.up = np.zeros_like(table.values), np.zeros_like(table.values)

    def push(self, attacker: Attacker, cell: int) -> None:
        """Moves the cell as far as it needs, unless it has been seen there."""
        table = self.table
        up, down, whole = (
            float(table.upper[cell]),
            float(table.lower[cell]),
            float(table.sliding[cell]),
        )
        if up > 0 and self.up[cell] < up * NEARLY:
            self._add(attacker.farthest(cell, 1, up))
        if down > 0 and -self.down[cell] < down * NEARLY:
            self._add(attacker.farthest(cell, -1, down))
        if self.up[cell] - self.down[cell] < whole * NEARLY:
            self._add(attacker.farthest(cell, 1, whole))
        if self.up[cell] - self.down[cell] < whole * NEARLY:
            self._add(attacker.farthest(cell, -1, whole))

    def _add(self, movement: Reals) -> None:
        self.down, self.up = np.minimum(self.down, movement), np.maximum(self.up, movement)

    def short(self) -> Flags:
        """Unsafe cells that could not be moved as far as they need."""
        table = self.table
        enough = (self.up >= table.upper * NEARLY) & (-self.down >= table.lower * NEARLY)
        result: Flags = table.unsafe & ~(enough & (self.up - self.down >= table.sliding * NEARLY))
        return result

    def result(self, outcome: Outcome, exposed: Flags) -> Attack:
        values = self.table.values
        return Attack(outcome, exposed.copy(), values + self.down, values + self.up)
