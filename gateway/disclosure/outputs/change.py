"""Change from before to after: differences of released figures, of families that are the same or changed in great enough number.

In: rows of perturbed costs in two periods. Out: before, after, difference, per cent; and the difference in differences of two arms,
which is the table that a saturated regression stands for. Never a change of one side that is withheld.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.noise import require_key
from gateway.disclosure.rules import Rules
from gateway.disclosure.tables import Dimension
from gateway.disclosure.threshold import Flags

from .answer import Answer
from .contributions import read, require_dimensions
from .grid import Grid, Part
from .guarded import Guarded
from .means import per_family

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    from scipy.sparse import csr_array

SIDES = 2


def change(
    frame: pl.DataFrame | pd.DataFrame,
    by: Sequence[Dimension],
    period: Dimension,
    rules: Rules,
    key: bytes,
    *,
    measure: str = "cost",
    family: str = "family",
    perturbed_pence: str = "perturbed_pence",
) -> Guarded:
    """before, after, difference and percent of a measure (families, cost, cost_per_family) for each cell of `by`.

    `period`: two categories, the earlier first. A family that is followed has a row in both, costs or none. Where 1 to 9 families
    are in one period alone, the cell has no figure. Raises `Unprotectable`.
    """
    require_key(key)
    rows = read(frame, family)
    dimensions = require_dimensions([*require_dimensions(by), period])
    if len(period.categories) != SIDES:
        raise Unprotectable(period.name, "categories", "two periods are compared")
    grid = Grid.of(rows, dimensions, rules)
    part, members = _sides(grid, rows.pence(perturbed_pence), measure, rules, key)
    answer = Answer(rows)
    names = [d.name for d in dimensions[:-1]]
    for i, keys in enumerate(grid.kept(range(len(names))).places()):
        before, after = SIDES * i, SIDES * i + 1
        both = [m[[side], :] for m in members for side in (before, after)]
        shown = bool(part.shown[before] and part.shown[after])
        for name, value in _figures(part, before, after, shown=shown).items():
            answer.add(keys, name, value, both, tie=None if measure == "families" else "costs")
    return answer.guarded("change", names, rules, {"measure": measure})


def difference_in_differences_of_means(
    frame: pl.DataFrame | pd.DataFrame,
    arm: Dimension,
    period: Dimension,
    rules: Rules,
    key: bytes,
    *,
    family: str = "family",
    perturbed_pence: str = "perturbed_pence",
) -> Guarded:
    """What the second arm's released cost per family changed by, less what the first arm's did, in pounds."""
    require_key(key)
    rows = read(frame, family)
    dimensions = require_dimensions([arm, period])
    if [len(d.categories) for d in dimensions] != [SIDES, SIDES]:
        raise Unprotectable("arm, period", "categories", "two arms and two periods are compared")
    grid = Grid.of(rows, dimensions, rules)
    pence = rows.pence(perturbed_pence)
    part, members = _sides(grid, pence, "cost_per_family", rules, key)
    first, second = part.figures.reshape(SIDES, SIDES).tolist()
    figure = (second[1] - second[0]) - (first[1] - first[0]) if bool(part.shown.all()) else None
    answer = Answer(rows)
    behind = [m[[cell], :] for m in members for cell in range(grid.cells)]
    answer.add({}, "difference_in_differences", figure, behind)
    return answer.guarded("difference in differences", (), rules)


def _sides(
    grid: Grid, pence: np.ndarray, measure: str, rules: Rules, key: bytes
) -> tuple[Part, list[csr_array]]:
    """The measure in both periods, and the sets behind it; the period is the last axis."""
    unsafe = ~_same_or_enough(grid.members(), rules.min_cell)
    if measure == "families":
        part = grid.counts(rules, key, unsafe)
        return part, [part.members]
    if measure not in ("cost", "cost_per_family"):
        raise Unprotectable("measure", "unknown_measure", "families, cost, cost_per_family")
    cost = grid.costs(pence, rules, unsafe)
    if measure == "cost":
        return cost, [cost.members]
    count = grid.counts(rules, key, unsafe)
    return per_family(cost, count), [cost.members, count.members]


def _same_or_enough(members: csr_array, min_cell: int) -> Flags:
    """For each cell: whether none, or enough, have left since before, and none, or enough, have come."""
    before, after = members[0::SIDES, :], members[1::SIDES, :]
    both = np.asarray((before * after).sum(axis=1)).ravel()
    left = np.asarray(before.sum(axis=1)).ravel() - both
    came = np.asarray(after.sum(axis=1)).ravel() - both
    safe = ((left == 0) | (left >= min_cell)) & ((came == 0) | (came >= min_cell))
    return np.repeat(safe, SIDES).astype(np.bool_)


def _figures(part: Part, before: int, after: int, *, shown: bool) -> dict[str, float | None]:
    if not shown:
        return dict.fromkeys(("before", "after", "difference", "percent"))
    first, second = int(part.figures[before]), int(part.figures[after])
    # Of a sum that is nothing or a refund there is no share.
    percent = round(100 * (second - first) / first, 1) if first > 0 else None
    return {"before": first, "after": second, "difference": second - first, "percent": percent}
