"""The search for a cheaper choice of cells: drop a few neighbouring cells, meet the broken needs otherwise, clean up, compare.

In: a `Suppressor` and its first choice. Out: a choice no heavier. Large-neighbourhood search (Shaw 1998) with a fixed seed and a
fixed number of rounds, so that the same table always ends with the same cells.
"""

from __future__ import annotations

import numpy as np

from gateway.disclosure.errors import Unprotectable

from .heuristic import Choice, Suppressor
from .linear import Reals
from .programme import BudgetSpent

SEED = 1
MOST_DROPPED = 3
BAN = 1e3
# A detour worth more than so many cells of the heaviest weight is not cleaned up: it does not come back.
DETOUR = 3.5
MOST_TRIED = 60


def improve(suppressor: Suppressor, choice: Choice, rounds: int) -> Choice:
    """The lightest choice met in so many rounds."""
    rng = np.random.default_rng(SEED)
    for _ in range(rounds):
        if not suppressor.further(choice).size:
            return choice
        found = _detour(suppressor, choice, rng)
        if found is not None and suppressor.weight(found) <= suppressor.weight(choice):
            choice = found
    return choice


def _detour(suppressor: Suppressor, choice: Choice, rng: np.random.Generator) -> Choice | None:
    dropped = _neighbours(suppressor, choice, rng)
    price: Reals = suppressor.price * rng.uniform(0.8, 1.25, suppressor.price.size)
    price[dropped] *= BAN
    hidden = choice.hidden.copy()
    hidden[dropped] = False
    broken = np.flatnonzero(choice.used[:, dropped].any(axis=1))
    try:
        found = suppressor.meet(Choice(hidden, choice.used), rng.permutation(broken), price)
    except BudgetSpent:
        raise
    except Unprotectable:
        return None
    allowed = DETOUR * float(suppressor.table.weights.max(initial=0.0))
    if suppressor.weight(found) > suppressor.weight(choice) + allowed:
        return None
    cells = suppressor.further(found)
    seldom = found.used[:, cells].sum(axis=0) + rng.uniform(0.0, 3.0, cells.size)
    return suppressor.give_back(found, cells[np.argsort(seldom)[:MOST_TRIED]].tolist())


def _neighbours(suppressor: Suppressor, choice: Choice, rng: np.random.Generator) -> list[int]:
    """A further cell and up to two others that share a relation with it."""
    cells = suppressor.further(choice)
    start = int(rng.choice(cells))
    relations = suppressor.table.relations
    lines = np.flatnonzero(relations[:, [start]].toarray()[:, 0])
    near = np.unique(relations[lines].nonzero()[1])
    near = near[np.isin(near, cells) & (near != start)]
    many = int(rng.integers(0, MOST_DROPPED))
    return [start, *rng.permutation(near)[:many].tolist()]
