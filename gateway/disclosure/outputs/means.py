"""Means: cost per family as the quotient of two released figures, with totals and subtotals as the coarser questions give them.

In: rows of perturbed costs. Out: families, cost and cost per family. Never a mean that is not made of a released cost and a released
count; so never of fewer than ten families, or of fewer than ten that pay.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.noise import require_key
from gateway.disclosure.quotient import pounds_each
from gateway.disclosure.rules import Rules
from gateway.disclosure.tables import Dimension
from gateway.disclosure.threshold import axis_sets

from .answer import Answer
from .contributions import read, require_dimensions
from .grid import Grid, Part
from .guarded import Guarded

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

MEASURES = ("families", "cost", "cost_per_family")
ALL = "(all)"


def means(
    frame: pl.DataFrame | pd.DataFrame,
    by: Sequence[Dimension],
    rules: Rules,
    key: bytes,
    *,
    measures: Sequence[str] = MEASURES,
    totals: bool = False,
    family: str = "family",
    perturbed_pence: str = "perturbed_pence",
) -> Guarded:
    """Costs of the cells of `by`, in pounds. `totals`: also every coarser table, with "(all)" for the dimensions left out.

    `frame`: one or more rows a family; a family with a row is counted, also where it costs nothing. Raises `Unprotectable` for an
    unknown measure or a faulty frame.
    """
    require_key(key)
    wanted = require_measures(measures, MEASURES)
    rows = read(frame, family)
    dimensions = require_dimensions(by)
    if any(ALL in d.categories for d in dimensions):
        raise Unprotectable("by", "categories", "a name is kept for the totals")
    grid = Grid.of(rows, dimensions, rules)
    pence = rows.pence(perturbed_pence)
    answer = Answer(rows)
    axes = tuple(range(len(dimensions)))
    coarser = [a for a in ((), *axis_sets(len(axes))) if a != axes] if totals else []
    for kept in (axes, *coarser):
        part = grid.kept(kept)
        whole = {d.name: ALL for d in dimensions}
        places = [whole | keys for keys in part.places()]
        count, cost = part.counts(rules, key), part.costs(pence, rules)
        parts = {"families": count, "cost": cost, "cost_per_family": per_family(cost, count)}
        for measure in wanted:
            _add(answer, places, measure, parts[measure], count)
    return answer.guarded("means", [d.name for d in dimensions], rules)


def per_family(cost: Part, count: Part) -> Part:
    """Released pounds by released families, to the pound."""
    shown = cost.shown & count.shown
    each = pounds_each(cost.figures, count.figures, shown).astype(np.int64)
    return Part(each, shown, shown & cost.low, cost.members)


def require_measures(measures: object, known: Sequence[str]) -> tuple[str, ...]:
    """The measures asked for, each once. Raises `Unprotectable` for anything but a list of known names."""
    if isinstance(measures, str) or not isinstance(measures, Sequence):
        raise Unprotectable("measures", "unknown_measure", "a list of names is expected")
    if not measures or not all(isinstance(m, str) and m in known for m in measures):
        raise Unprotectable("measures", "unknown_measure", ", ".join(known))
    if len(set(measures)) != len(measures):
        raise Unprotectable("measures", "unknown_measure", "a measure stands twice")
    return tuple(measures)


def _add(
    answer: Answer, places: Sequence[dict[str, str]], measure: str, part: Part, count: Part
) -> None:
    if measure == "families":
        answer.add_part(places, measure, part)
        return
    for i, keys in enumerate(places):
        behind = [part.members[[i], :]]
        if measure == "cost_per_family":
            behind.append(count.members[[i], :])
        value = int(part.figures[i]) if part.shown[i] else None
        # A cost withheld later would follow from the others of its line, or from their means.
        answer.add(keys, measure, value, behind, low=bool(part.low[i]), tie="costs")
