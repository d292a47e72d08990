"""Exact margins: which cells of a one-off table of counts to withhold so that all others, margins too, may leave exactly.

In: the full grid of counts and what is unsafe by itself. Out: the full grid of what is withheld. For a table that is
published once: two tables protected apart from one another may undo each other (the ledger does not know this method).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.tables import Dimension, Integers
from gateway.disclosure.threshold import Flags

from .grid import table_of_grid
from .suppress import suppress

ROUNDS = 20
STEPS = 1_000_000


def withhold_with_exact_margins(
    figures: Integers, unsafe: Flags, dimensions: Sequence[Dimension], min_cell: int
) -> Flags:
    """Full grid of withheld cells (True), a superset of `unsafe`; everything else may be shown as it is.

    `figures`: full grid of exact counts (families or people), one more place on each axis for "all". `unsafe`: full
    grid, for example `below_threshold(families, min_cell)`. An attacker with every shown cell and margin, who knows
    that no count is negative, cannot narrow an unsafe cell further than from `min_cell` below (or 0) to `min_cell`
    (or, if it is not less than that, `min_cell` above it). Deterministic. Raises `Unprotectable` where no such
    choice exists or is found within the budget: then nothing may leave.
    """
    full = tuple(len(d.categories) + 1 for d in dimensions)
    if figures.shape != full or figures.dtype != np.int64 or bool((figures < 0).any()):
        raise Unprotectable("figures", "grid", "a full grid of counts is expected")
    if unsafe.shape != full or unsafe.dtype != np.bool_:
        raise Unprotectable("unsafe", "grid", "a full grid of flags is expected")
    if isinstance(min_cell, bool) or not min_cell >= 1:
        raise Unprotectable("min_cell", "out_of_range", "a whole number of at least 1 is expected")
    lower = np.where(unsafe, np.minimum(figures, min_cell), 0)
    upper = np.where(unsafe, np.where(figures < min_cell, min_cell - figures, min_cell), 0)
    table = table_of_grid(
        figures,
        unsafe=unsafe,
        pinned=np.zeros(full, dtype=np.bool_),
        # A figure of many is worth more than one of few, but one cell more is worse than either.
        weights=1.0 + np.log2(1.0 + figures) / 20.0,
        levels=(lower.astype(np.float64), upper.astype(np.float64), np.zeros(full)),
        overlapping=tuple(d.overlapping for d in dimensions),
    )
    return suppress(table, rounds=ROUNDS, steps=STEPS).hidden.reshape(full)
