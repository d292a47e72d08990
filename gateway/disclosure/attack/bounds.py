"""What groups can be at least and at most, by linear programming over everything that left.

In: unknowns, and a width for each group. Out: which groups are pinned, because no room of that width is left to them. The
interval attacker of Fischetti & Salazar (2001), over all tables of a vintage in the place of one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.suppression import Attack, LinearTable
from gateway.disclosure.suppression import attack as push_to_bounds
from gateway.disclosure.suppression.programme import Budget

from .slide import slides
from .sums import Reals
from .unknowns import Unknowns

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Bounds:
    """Which groups are `pinned`, and of which it is not known (`undecided`)."""

    pinned: Flags
    undecided: Flags


def bounds(unknowns: Unknowns, widths: Reals, most: int, steps: int) -> Bounds:
    """Whether each group has room of its width; of those that do not slide at once, the `most` that slide least are pushed on.

    `steps` of the simplex for a group. Whoever attacks knows what is in the same figures, and that nothing is negative but what is.
    """
    far = slides(unknowns) / widths
    outcome = np.where(far >= 1, "safe", "over_budget")
    stuck = np.flatnonzero(far < 1)
    for group in stuck[np.argsort(far[stuck], kind="stable")][:most].tolist():
        outcome[group] = _pushed(unknowns.chosen(np.array([group])), widths[group], steps).outcome
    return Bounds(outcome == "exposed", outcome == "over_budget")


def _pushed(unknowns: Unknowns, width: float, steps: int) -> Attack:
    """The attack on one group: everything moves but the sums, and those as far as they may be off."""
    table, many = _as_table(unknowns, width), len(unknowns.values)
    is_sum = np.isin(np.arange(len(table.values)), np.arange(many, len(table.values) - 1))
    down, up = np.zeros(len(is_sum)), np.zeros(len(is_sum))
    down[is_sum], up[is_sum] = unknowns.reach.down, unknowns.reach.up
    return push_to_bounds(table, ~is_sum, known=(down, up), budget=Budget(steps))


def _as_table(unknowns: Unknowns, width: float) -> LinearTable:
    """Cells: the unknowns, the sums, the group."""
    from scipy.sparse import csr_array, eye_array, hstack, vstack

    made = csr_array(vstack([unknowns.sums, unknowns.groups]))
    rows, many = made.shape
    true = np.concatenate([unknowns.values, made @ unknowns.values])
    none, is_group = np.zeros(many + rows), np.arange(many + rows) == many + rows - 1
    is_unknown = np.arange(many + rows) < many
    return LinearTable(
        values=true,
        weights=none,
        unsafe=is_group,
        pinned=np.zeros(many + rows, dtype=np.bool_),
        least=np.where(is_unknown, np.minimum(true, 0.0), -np.inf),
        most=np.full(many + rows, np.inf),
        lower=none,
        upper=none,
        sliding=np.where(is_group, width, 0.0),
        relations=csr_array(hstack([made, -eye_array(rows)])),
        row_least=np.zeros(rows),
        row_most=np.zeros(rows),
    )
