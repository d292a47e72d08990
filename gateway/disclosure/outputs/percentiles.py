"""Medians and percentiles of what families cost: never one family's figure, and never the least or the most.

In: rows of perturbed costs. Out: for each cell and percentile the mean of the ten costs about it (as many as the threshold), to two
significant figures; withheld where fewer than ten families lie beyond it on either side.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.noise import require_key
from gateway.disclosure.rules import Rules
from gateway.disclosure.tables import Dimension
from gateway.disclosure.threshold import Flags, small_complement

from .answer import Answer
from .contributions import Contributions, read, require_dimensions
from .dominance import is_dominated
from .figures import significant
from .grid import Grid
from .guarded import Guarded
from .sets import full_grid, members_of, too_near

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    from scipy.sparse import csr_array

# Far enough apart that the costs about one are never those about another, wherever both may be shown.
PERCENTILES = (5, 10, 25, 50, 75, 90, 95)
DIGITS = 2
PENCE = 100


def percentiles(
    frame: pl.DataFrame | pd.DataFrame,
    by: Sequence[Dimension],
    rules: Rules,
    key: bytes,
    *,
    at: Sequence[int] = (25, 50, 75),
    family: str = "family",
    perturbed_pence: str = "perturbed_pence",
) -> Guarded:
    """Percentiles `at` of the families' costs in pounds, one cell for each category of `by` and percentile.

    `frame`: one or more rows a family with `perturbed_pence` (see `perturb`); a family's cost is the sum of its rows in the cell,
    and a family with a row counts also if that is 0. Raises `Unprotectable` for a percentile that is not in PERCENTILES.
    """
    require_key(key)
    _require_percentiles(at)
    rows = read(frame, family)
    grid = Grid.of(rows, require_dimensions(by), rules)
    if grid.cells * len(at) > rules.max_cells:
        raise Unprotectable("by", "too_fine", "more cells than the rules allow")
    members, pence = grid.members(), rows.pence(perturbed_pence)
    costs = _costs(rows, grid.place, pence, grid.cells)
    unsafe = _differences(grid, members, rules)
    answer = Answer(rows)
    for flat, keys in enumerate(grid.places()):
        own = np.sort(costs[flat, members_of(members, flat)])
        for each in sorted(at):
            figure = None if unsafe[flat] else _about(own, each, rules.min_cell)
            answer.add({**keys, "percentile": str(each)}, "cost", figure, [members[[flat], :]])
    names = [d.name for d in grid.dimensions]
    return answer.guarded("percentiles", [*names, "percentile"], rules)


def _require_percentiles(at: Sequence[int]) -> None:
    whole = bool(at) and len(set(at)) == len(at) and all(type(p) is int for p in at)
    if not whole or not set(at) <= set(PERCENTILES):
        raise Unprotectable("at", "percentile", f"each once, of {PERCENTILES}")


def _differences(grid: Grid, members: csr_array, rules: Rules) -> Flags:
    """Cells that lie a few families from another cell or from a coarser one."""
    families = full_grid(grid.codes, grid.rows.family, grid.dimensions)
    outside = small_complement(families, grid.dimensions, rules.min_cell)
    unsafe: Flags = np.asarray(outside).reshape(grid.cells) | too_near(members, rules.min_cell)
    return unsafe


def _costs(
    rows: Contributions, place: NDArray[np.int64], pence: NDArray[np.int64], cells: int
) -> NDArray[np.float64]:
    """Cells x families: what each family costs in each cell."""
    costs = np.zeros((cells, rows.families), dtype=np.float64)
    np.add.at(costs, (place, rows.family), pence.astype(np.float64))
    return costs


def _about(costs: NDArray[np.float64], percentile: int, width: int) -> float | None:
    """Mean of the `width` of the sorted costs about the percentile, in pounds; None where it may not be shown."""
    many = len(costs)
    # Whole numbers throughout: n x 0.35 is not what it should be in floating point.
    if many * min(percentile, 100 - percentile) < width * 100:
        return None
    start = many * percentile // 100 - width // 2
    middle = costs[start : start + width]
    if middle[0] == middle[-1]:
        # All ten are one figure, a cost of nothing as a rule: it is everybody's unless enough families have another.
        others = many - int((costs == middle[0]).sum())
        return None if others < width else significant(float(middle[0]) / PENCE, DIGITS)
    if is_dominated(middle):
        return None
    return significant(float(middle.mean()) / PENCE, DIGITS)
