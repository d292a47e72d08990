"""Sums of perturbed costs by cell. In: the events asked for and the cohort's families. Out: an inner grid of pence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .engine import Engine
from .grids import Integers, in_order
from .places import Axis, cell_count, code
from .vintage import VintageFaulty

if TYPE_CHECKING:
    import ibis


def sum_costs(
    engine: Engine,
    families: ibis.Table,
    events: ibis.Table,
    axes: tuple[Axis, ...],
    fixed: tuple[Axis, ...],
) -> Integers:
    """Inner grid of perturbed pence, axes in the order of `axes`. Raises `VintageFaulty` for an unregistered category."""
    loose = tuple(a for a in axes if a not in fixed)
    listed = families.select("family", group=code(fixed, families))
    # Grouped by the columns as they are, and turned into places afterwards: a few hundred rows, not a million.
    raw = [axis.column for axis in loose]
    sums = (
        events.inner_join(listed, "family")
        .group_by(["group", *raw])
        .agg(pence=lambda t: t.perturbed_pence.sum())
    )
    placed = sums.select("group", "pence", cell=code(loose, sums))
    table = engine.run(placed)
    group, cell, pence = (table[name].to_numpy() for name in ("group", "cell", "pence"))
    if (cell >= cell_count(loose)).any() or (group >= cell_count(fixed)).any():
        raise VintageFaulty("events", "category", "a category not registered")
    grid = np.zeros((cell_count(fixed), cell_count(loose)), dtype=np.int64)
    np.add.at(grid, (group, cell), pence)
    return in_order(grid.reshape([a.size for a in fixed + loose]), fixed + loose, axes)
