"""Protects a table given as linear algebra: hides unsafe cells and as few others as the heuristic finds, and proves it.

In: `LinearTable`. Out: `Suppression`. Never a choice that the attacker's own programme has not been run against.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.threshold import Flags

from .attacker import attack
from .heuristic import Suppressor
from .linear import LinearTable
from .programme import Budget
from .search import improve

ROUNDS = 100
STEPS = 3_000_000


@dataclass(frozen=True)
class Suppression:
    """What is hidden (one flag a cell), how many cells were not unsafe themselves, and their weight."""

    hidden: Flags = field(repr=False)
    secondary: int
    weight: float


def suppress(table: LinearTable, *, rounds: int = ROUNDS, steps: int = STEPS) -> Suppression:
    """The cells to hide so that every unsafe one has its protection levels.

    `rounds` of search after the first choice; `steps`: simplex steps in all. Raises `Unprotectable` where some cell
    cannot be protected or the steps do not suffice. The same table gives the same cells.
    """
    budget = Budget(steps)
    suppressor = Suppressor.of(table, budget)
    choice = improve(suppressor, suppressor.first(), rounds)
    if attack(table, choice.hidden, budget=budget).outcome != "safe":
        raise Unprotectable("table", "not_proven", "the choice did not stand up to the attacker")
    further = choice.hidden & ~table.unsafe
    return Suppression(choice.hidden, int(further.sum()), suppressor.weight(choice))
