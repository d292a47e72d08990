"""Medians and percentiles of what families cost: never one family's figure, and never the least or the most.

In: rows of perturbed costs. Out: for each cell and percentile the mean of the ten costs about it (as many as the threshold), to two
significant figures; withheld where fewer than ten families lie beyond it on either side.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.noise import require_key
from gateway.disclosure.protected import WITHHELD, Cell
from gateway.disclosure.rules import Rules
from gateway.disclosure.tables import Dimension
from gateway.disclosure.threshold import small_complement

from .contributions import Contributions, read, require_dimensions
from .dominance import is_dominated
from .figures import significant
from .guarded import Behind, Guarded, assemble
from .sets import flat_cells, full_grid, incidence, members_of, stack, too_near

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

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
    if not at or len(set(at)) != len(at) or any(type(p) is not int for p in at):
        raise Unprotectable("at", "percentile", f"each once, of {PERCENTILES}")
    if not set(at) <= set(PERCENTILES):
        raise Unprotectable("at", "percentile", f"each once, of {PERCENTILES}")
    rows = read(frame, family)
    dimensions = require_dimensions(by)
    if len(dimensions) > rules.max_dimensions:
        raise Unprotectable("by", "too_fine", "more dimensions than the rules allow")
    shape = [len(d.categories) for d in dimensions]
    cells = int(np.prod(shape, dtype=np.int64))
    if cells * len(at) > rules.max_cells:
        raise Unprotectable("by", "too_fine", "more cells than the rules allow")
    codes = [rows.codes(d) for d in dimensions]
    place = flat_cells(codes, shape, len(rows.family))
    members = incidence(place, rows.family, (cells, rows.families))
    costs = _costs(rows, place, rows.pence(perturbed_pence), cells)
    unsafe = small_complement(
        full_grid(codes, rows.family, dimensions), dimensions, rules.min_cell
    ).reshape(cells)
    unsafe |= too_near(members, rules.min_cell)
    names = [d.name for d in dimensions]
    released = []
    for flat, chosen in enumerate(product(*(d.categories for d in dimensions))):
        own = np.sort(costs[flat, members_of(members, flat)])
        for each in sorted(at):
            figure = None if unsafe[flat] else _about(own, each, rules.min_cell)
            keys = {**dict(zip(names, chosen, strict=True)), "percentile": str(each)}
            mark = WITHHELD if figure is None else None
            released.append(Cell(keys, "cost", figure, mark))
    behind = Behind(
        rows.ids,
        stack([members[[flat], :] for flat in range(cells) for _ in at]),
        np.arange(cells * len(at)),
    )
    return assemble("percentiles", (*names, "percentile"), released, behind, rules)


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
