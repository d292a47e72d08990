"""What each unsafe cell of a table needs: to be able to move so far up or down, in the eyes of the attacker.

In: `LinearTable`. Out: a tuple of `Need`. Raises `Unprotectable` for a need that the attacker's own bounds rule out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from gateway.disclosure.errors import Unprotectable

from .linear import LinearTable

Direction = Literal[1, -1]


@dataclass(frozen=True)
class Need:
    """`cell` must be able to be `amount` (> 0) more (`direction` 1) or less (-1) than it is."""

    cell: int
    direction: Direction
    amount: float


def needs_of(table: LinearTable) -> tuple[Need, ...]:
    """The needs of every unsafe cell, largest first. A sliding level is met by going farther up, or down if up is barred."""
    needs = []
    for cell in np.flatnonzero(table.unsafe).tolist():
        up, down = float(table.upper[cell]), float(table.lower[cell])
        missing = float(table.sliding[cell]) - up - down
        if missing > 0 and up + missing <= table.room_up[cell]:
            up += missing
        elif missing > 0:
            down += missing
        if up > table.room_up[cell] or down > table.room_down[cell]:
            raise Unprotectable(f"cell {cell}", "known_bounds", "its bounds are known too well")
        needs += [Need(cell, 1, up)] if up > 0 else []
        needs += [Need(cell, -1, down)] if down > 0 else []
    return tuple(sorted(needs, key=lambda need: -need.amount))
