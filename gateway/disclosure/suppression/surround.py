"""Surrounds withheld cells: the cheapest further cells that leave none of them determined by the sums of the table.

In: a full grid of what is withheld and the price of its inner cells. Out: the grid with further inner cells withheld. Figures play no
part, only what sums to what: a movement of one unit that closes in itself, with as few cells in it as a linear programme finds.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gateway.disclosure.threshold import Flags

from .determined import determined_cells
from .grid import table_of_grid
from .linear import LinearTable, Reals
from .movements import Attacker, Flows
from .needs import Need
from .programme import Budget, BudgetSpent

STEPS = 200_000


def surround(hidden: Flags, price: Reals) -> Flags:
    """The flags with inner cells added until no withheld cell is determined, or as far as inner cells can help.

    `price`: full grid, above 0. Margins are not touched: those that are shown stay shown.
    """
    flags = hidden.copy()
    known = np.flatnonzero(determined_cells(flags))
    if known.size == 0:
        return flags
    table, budget = _structure(hidden, price), Budget(STEPS)
    try:
        flows = Flows(table, budget)
        for cell in known.tolist():
            need = Need(cell, 1, 1.0)
            if Attacker(table, flags.ravel(), budget).witness(need) is None:
                movement = flows.cheapest(need, np.where(flags.ravel(), 0.0, table.weights))
                if movement is not None:
                    flags |= (movement != 0.0).reshape(flags.shape)
    except BudgetSpent:
        flags[(slice(0, -1),) * flags.ndim] = True
    return flags


def _structure(hidden: Flags, price: Reals) -> LinearTable:
    """A table of nothing in which everything could be anything, but for the margins that are shown."""
    none, pinned = np.zeros(hidden.shape), ~hidden
    pinned[(slice(0, -1),) * hidden.ndim] = False
    table = table_of_grid(
        none.astype(np.int64),
        unsafe=np.zeros(hidden.shape, dtype=np.bool_),
        pinned=pinned,
        weights=price,
        levels=(none, none, none),
        overlapping=(False,) * hidden.ndim,
    )
    return replace(table, least=np.full(none.size, -np.inf))
