"""Rates: which share of families has something, as the quotient of two released counts.

In: rows with true or false. Out: families, those with it, the share. Withheld where those with it, or those without, are fewer than
ten families; also where all have it, since that is said of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.noise import require_key
from gateway.disclosure.quotient import share
from gateway.disclosure.rules import Rules
from gateway.disclosure.tables import Dimension
from gateway.disclosure.threshold import Flags, small_complement

from .answer import Answer
from .contributions import Contributions, read, require_dimensions
from .grid import Grid, Part
from .guarded import Guarded
from .means import require_measures
from .sets import full_grid, released_counts, sizes, too_near

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

MEASURES = ("families", "having", "share")


def rates(
    frame: pl.DataFrame | pd.DataFrame,
    by: Sequence[Dimension],
    has: Sequence[str],
    rules: Rules,
    key: bytes,
    *,
    measures: Sequence[str] = MEASURES,
    family: str = "family",
) -> Guarded:
    """For each cell of `by` and each column of `has` (true or false): families, families having it, their share (0 to 1).

    A family has it in a cell where any of its rows there says so. Key `has` names the column. Raises `Unprotectable`.
    """
    require_key(key)
    wanted = require_measures(measures, MEASURES)
    rows = read(frame, family)
    dimensions = require_dimensions(by)
    columns = require_columns(has)
    if "has" in {d.name for d in dimensions}:
        raise Unprotectable("by", "names", "a name is kept for the answer")
    grid = Grid.of(rows, dimensions, rules)
    if grid.cells * len(columns) > rules.max_cells:
        raise Unprotectable("has", "too_fine", "more cells than the rules allow")
    whole = grid.counts(rules, key)
    answer = Answer(rows)
    for column in columns:
        part = having(grid, whole, rows.flags(column), rules, key)
        _add(answer, grid, column, whole, part, wanted)
    return answer.guarded("rates", [*(d.name for d in dimensions), "has"], rules)


def _add(
    answer: Answer, grid: Grid, column: str, whole: Part, part: Part, wanted: Sequence[str]
) -> None:
    ratio = share(part.figures, whole.figures, part.shown & whole.shown)
    for i, keys in enumerate(grid.places()):
        own, everyone = part.members[[i], :], whole.members[[i], :]
        shown = bool(part.shown[i] and whole.shown[i])
        values = {
            "families": (int(whole.figures[i]) if whole.shown[i] else None, [everyone]),
            "having": (int(part.figures[i]) if shown else None, [own]),
            "share": (float(ratio[i]) if shown else None, [own, everyone]),
        }
        for measure in wanted:
            answer.add({**keys, "has": column}, measure, *values[measure], is_count=True)


def having(grid: Grid, whole: Part, flags: Flags, rules: Rules, key: bytes) -> Part:
    """The families of each cell that have it, withheld with the threshold on them and on the rest of the cell."""
    some = _only(grid.rows, flags)
    part = replace(grid, rows=some, codes=tuple(c[flags] for c in grid.codes))
    members = part.members()
    having, everyone = sizes(members), sizes(whole.members)
    # None without it counts as few: a share of 100 % says something of each family.
    shown = (having >= rules.min_cell) & (everyone - having >= rules.min_cell)
    shown &= ~too_near(members, rules.min_cell)
    shown &= _totals_hold(part, grid, rules)
    figures = released_counts(members, grid.rows.ids, rules, key)
    return Part(figures, shown, np.zeros_like(shown), members)


def _totals_hold(part: Grid, grid: Grid, rules: Rules) -> Flags:
    """Cells that leave none, or enough, of those who have it in each coarser line outside."""
    plain = tuple(replace(d, sensitive=False) for d in grid.dimensions)
    counts = full_grid(part.codes, part.rows.family, plain)
    flags: Flags = ~small_complement(counts, plain, rules.min_cell).reshape(grid.cells)
    return flags


def _only(rows: Contributions, flags: Flags) -> Contributions:
    return replace(rows, family=rows.family[flags])


def require_columns(has: object) -> tuple[str, ...]:
    """Names of columns, each once. Raises `Unprotectable` for anything else."""
    if isinstance(has, str) or not isinstance(has, Sequence) or not has:
        raise Unprotectable("has", "columns", "a list of columns is expected")
    if not all(isinstance(each, str) for each in has) or len(set(has)) != len(has):
        raise Unprotectable("has", "columns", "each column once, by its name")
    return tuple(has)
