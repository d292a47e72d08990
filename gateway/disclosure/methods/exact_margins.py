"""Exact margins with suppression: figures as they are, totals too, with every small cell hidden and what would give it away.

In: an exact table, `ExactRules`. Out: a protected table with totals. For a table that is published once: a second one could be
subtracted from it, so the caller lets no other leave. Costs are exact sums of perturbed pence: the evaluation has no others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gateway.disclosure.dominance import dominated_costs
from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.protect import PENCE, Shown
from gateway.disclosure.protected import ProtectedTable
from gateway.disclosure.rounding import round_to
from gateway.disclosure.suppression import hide_further, withhold, withhold_with_exact_margins
from gateway.disclosure.tables import Count, Dimension, ExactTable, Integers, Magnitude
from gateway.disclosure.threshold import Flags, below_threshold, inner, small_complement

from .exact_rules import ExactRules
from .limits import require_size
from .parts import cells_of, needed, with_quotients
from .words import say_exact

if TYPE_CHECKING:
    from scipy.sparse import csr_array


def protect_exactly(exact: ExactTable, rules: ExactRules) -> ProtectedTable:
    """The table with its totals; a place is hidden in all measures or in none.

    Raises `Unprotectable` where no choice of cells protects it, or where a measure has no exact totals: people along a
    dimension in which one person can be in several categories. The same table and rules give the same answer.
    """
    require_size(exact, rules)
    figures: dict[str, Integers] = {}
    hidden = np.zeros([n + 1 for n in exact.shape], dtype=np.bool_)
    for name in needed(exact):
        measure = exact.measures[name]
        if isinstance(measure, Count):
            figures[name] = round_to(_full_count(name, measure, exact), rules.rounding)
            hidden |= _hidden_count(measure, _full_count(name, measure, exact), exact, rules)
        elif isinstance(measure, Magnitude):
            base = rules.cost_rounding_gbp * PENCE
            figures[name] = round_to(_with_totals(measure.pence), base) // PENCE
            hidden |= _hidden_cost(name, measure, exact, rules)
    # What one measure hides another would give back: people of a cell tell about how many families they are.
    parts = {name: _shown(exact, name, grid, ~hidden) for name, grid in figures.items()}
    return ProtectedTable(
        dimensions=tuple((d.name, d.level) for d in exact.dimensions),
        measures=exact.asked,
        cells=cells_of(exact, with_quotients(exact, parts), totals=True),
        rules=rules.to_dict() | {"method": "suppression", "explained": say_exact(rules)},
    )


def _shown(exact: ExactTable, name: str, figures: Integers, shown: Flags) -> Shown:
    low = shown & (figures == 0) if isinstance(exact.measures[name], Magnitude) else shown & False
    return Shown(figures, shown, low)


def _lines_of(shape: Sequence[int]) -> csr_array:
    """Places of the full grid x inner cells: which cells each place is the sum of, both in C order."""
    from scipy.sparse import csr_array, kron

    lines = csr_array(np.ones((1, 1), dtype=np.int64))
    for cells in shape:
        with_total = csr_array(np.vstack([np.eye(cells), np.ones((1, cells))]).astype(np.int64))
        lines = csr_array(kron(lines, with_total))
    return lines


def _full_count(name: str, count: Count, exact: ExactTable) -> Integers:
    """The count with its totals. Distinct families are known for every total, people only where they add up."""
    if count.counted == "families":
        return count.families
    if any(d.overlapping and len(d.categories) > 1 for d in exact.dimensions):
        raise Unprotectable(name, "no_totals", "people have no exact total along this dimension")
    return _with_totals(count.figure)


def _with_totals(grid: Integers) -> Integers:
    """A full grid of sums."""
    for axis in range(grid.ndim):
        grid = np.concatenate([grid, grid.sum(axis=axis, keepdims=True)], axis=axis)
    return grid


def _hidden_count(count: Count, figures: Integers, exact: ExactTable, rules: ExactRules) -> Flags:
    """Full grid of what is hidden of a count: small cells, small complements, and what would give them away."""
    unsafe = below_threshold(count.families, rules.min_cell)
    unsafe[inner(unsafe.ndim)] |= _complement(count, exact, rules)
    # Where a count is the same all along an axis, the axis is no line: one slice says it all.
    once = tuple(-1 if a in count.same_along else slice(None) for a in range(unsafe.ndim))
    lines = [d for a, d in enumerate(exact.dimensions) if a not in count.same_along]
    reduced: Flags = np.any(unsafe, axis=count.same_along)
    families = count.families[(..., *once)]
    chosen = withhold_with_exact_margins(figures[(..., *once)], reduced, lines, rules.min_cell)
    both = withhold(chosen | reduced, families, lines, rules.min_cell)
    return np.broadcast_to(np.expand_dims(both, count.same_along), unsafe.shape)


def _complement(count: Count, exact: ExactTable, rules: ExactRules) -> Flags:
    told_apart: Sequence[Dimension] = [
        replace(d, sensitive=d.sensitive and axis not in count.same_along)
        for axis, d in enumerate(exact.dimensions)
    ]
    return small_complement(count.families, told_apart, rules.min_cell)


def _hidden_cost(name: str, cost: Magnitude, exact: ExactTable, rules: ExactRules) -> Flags:
    """Full grid of what is hidden of a cost: few families, or few that pay nearly all of it, and what would give it away."""
    unsafe = below_threshold(cost.families, rules.min_cell)
    if cost.units is not None:
        rows = _lines_of(exact.shape) @ cost.units.cells
        unsafe |= dominated_costs(replace(cost.units, cells=rows)).reshape(unsafe.shape)
    axes, least = exact.dimensions, rules.min_cell
    by_lines = withhold(unsafe, cost.families, axes, least)
    further = hide_further(by_lines, cost.families, cost.pence, axes, least)
    if further.exposed.any():
        raise Unprotectable(name, "exposed", "no choice of cells has been found")
    return further.hidden
