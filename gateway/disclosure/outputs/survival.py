"""Survival curves: how many families have not yet had an event, from counts that are rounded before anything is worked out.

In: one row a unit (family or person) with a time and whether it ended in the event, a fixed grid of times. Out: for each step of the
grid, steps merged until at least ten families have the event in it and at least ten leave, those at risk, events and the
Kaplan-Meier estimate of the rounded figures. Never a time of a single unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.noise import require_key
from gateway.disclosure.protected import WITHHELD, Cell
from gateway.disclosure.rules import Rules
from gateway.disclosure.tables import Dimension
from gateway.disclosure.threshold import Flags, small_complement

from .contributions import Codes, read, require_dimensions
from .figures import midpoint
from .guarded import Behind, Guarded, assemble
from .sets import flat_cells, full_grid, incidence, too_near

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    from scipy.sparse import csr_array

# Midpoint 6 is OpenSAFELY's; where the protocol rounds to more, so does the curve.
LEAST_BASE = 6


@dataclass(frozen=True)
class Units:
    """One place a unit: its family, the step of the grid in which it leaves (len(grid): after the last), and whether by event."""

    family: Codes
    step: Codes
    event: Flags

    def at(self, units: Flags) -> Units:
        """Some of them."""
        return Units(self.family[units], self.step[units], self.event[units])


@dataclass(frozen=True)
class Step:
    """Steps `first` to `last` of the grid as one; `shown` whether its figures may leave."""

    first: int
    last: int
    shown: bool


def survival(
    frame: pl.DataFrame | pd.DataFrame,
    by: Sequence[Dimension],
    grid: Sequence[int],
    rules: Rules,
    key: bytes,
    *,
    family: str = "family",
    time: str = "time",
    event: str = "event",
) -> Guarded:
    """Curves on the grid of times, one for each category of `by`; keys `from`, `to`, measures at_risk, events, survival.

    `frame`: `time` >= 0 until the event or the end of observation, `event` true or false. `grid`: registered ends of steps, rising
    whole numbers in the unit of `time`. A group that may not be shown has one withheld step. Raises `Unprotectable`.
    """
    require_key(key)
    ends = _require_grid(grid)
    rows = read(frame, family)
    dimensions = require_dimensions(by)
    shape = [len(d.categories) for d in dimensions]
    cells = int(np.prod(shape, dtype=np.int64))
    if len(dimensions) > rules.max_dimensions or cells * len(ends) > rules.max_cells:
        raise Unprotectable("by", "too_fine", "more dimensions or cells than the rules allow")
    times = rows.numbers(time)
    if bool((times < 0).any()):
        raise Unprotectable(time, "negative", "a time is before the beginning")
    codes = [rows.codes(d) for d in dimensions]
    units = Units(
        rows.family, np.searchsorted(ends, times, side="left").astype(np.int64), rows.flags(event)
    )
    group = flat_cells(codes, shape, len(rows.family))
    families = incidence(group, rows.family, (cells, rows.families))
    unsafe = too_near(families, rules.min_cell) | small_complement(
        full_grid(codes, rows.family, dimensions), dimensions, rules.min_cell
    ).reshape(cells)
    curve = _Curve(tuple(d.name for d in dimensions), tuple(ends.tolist()), rules, rows.families)
    for flat, chosen in enumerate(product(*(d.categories for d in dimensions))):
        curve.add(chosen, units.at(group == flat), flat, unsafe=bool(unsafe[flat]))
    return curve.guarded(rows.ids)


class _Curve:
    """Collects cells, sets and ties, group by group."""

    def __init__(
        self, names: tuple[str, ...], ends: tuple[int, ...], rules: Rules, families: int
    ) -> None:
        self.names, self.ends, self.rules, self.families = names, ends, rules, families
        self.base = max(LEAST_BASE, rules.rounding)
        self.cells: list[Cell] = []
        self.tied: list[int] = []
        self.sets: list[csr_array] = []
        self.of: list[int] = []

    def add(self, chosen: tuple[str, ...], units: Units, group: int, *, unsafe: bool) -> None:
        """The curve of one group. All of it is tied: each estimate follows from those before it."""
        steps = merge_steps(units, len(self.ends), self.rules.min_cell)
        if unsafe or not steps:
            steps = [Step(0, len(self.ends) - 1, shown=False)]
        estimate, before = 1.0, 0
        for step in steps:
            at_risk, happened, both = self._rounded(units, step, before)
            before = both
            estimate *= 1.0 - happened / at_risk if step.shown else 1.0
            values: tuple[float | int, ...] = (at_risk, happened, round(max(estimate, 0.0), 3))
            self._put(chosen, units, step, values, group)

    def _rounded(self, units: Units, step: Step, before: int) -> tuple[int, int, int]:
        """At risk, events in the step, and events so far, as differences of rounded sums from the beginning."""
        risk = int((units.step >= step.first).sum())
        so_far = int((units.event & (units.step <= step.last)).sum())
        rounded = midpoint(np.array([risk, so_far], dtype=np.int64), self.base)
        return int(rounded[0]), int(rounded[1]) - before, int(rounded[1])

    def _put(
        self,
        chosen: tuple[str, ...],
        units: Units,
        step: Step,
        values: tuple[float | int, ...],
        group: int,
    ) -> None:
        start = self.ends[step.first - 1] if step.first else 0
        keys = dict(zip(self.names, chosen, strict=True))
        keys |= {"from": str(start), "to": str(self.ends[step.last])}
        risk, events = units.step >= step.first, units.event & _within(units, step)
        for measure, value in zip(("at_risk", "events", "survival"), values, strict=True):
            mark = None if step.shown else WITHHELD
            for behind in {"at_risk": (risk,), "events": (events,)}.get(measure, (risk, events)):
                self.sets.append(self._set(units.family[behind]))
                self.of.append(len(self.cells))
            self.cells.append(Cell(keys, measure, value if step.shown else None, mark))
            self.tied.append(group)

    def _set(self, family: Codes) -> csr_array:
        return incidence(np.zeros(len(family), dtype=np.int64), family, (1, self.families))

    def guarded(self, ids: tuple[int | str, ...]) -> Guarded:
        from .sets import stack

        behind = Behind(ids, stack(self.sets), np.array(self.of, dtype=np.int64))
        return assemble(
            "survival",
            (*self.names, "from", "to"),
            self.cells,
            behind,
            self.rules,
            tied=self.tied,
        )


def _require_grid(grid: Sequence[int]) -> Codes:
    whole = all(isinstance(each, int) and not isinstance(each, bool) for each in grid)
    ends = np.array(list(grid), dtype=np.int64) if whole and len(grid) else np.zeros(1, np.int64)
    if bool((np.diff(ends, prepend=0) <= 0).any()):
        raise Unprotectable("grid", "grid", "rising whole numbers above 0 are expected")
    return ends


def merge_steps(units: Units, steps: int, min_cell: int) -> list[Step]:
    """Steps with at least `min_cell` families that have the event, as many that leave for good, and not 1 to 9 that are lost.

    What remains at the end joins the last step. The last one is withheld where fewer than `min_cell` families outlast it.
    """
    merged: list[Step] = []
    first = 0
    for last in range(steps):
        if _is_enough(units, Step(first, last, shown=True), min_cell):
            merged.append(Step(first, last, shown=True))
            first = last + 1
    if merged and first < steps:
        merged[-1] = Step(merged[-1].first, steps - 1, shown=True)
    if merged:
        end = merged[-1]
        safe = _is_enough(units, end, min_cell) and _outlasting(units, end) >= min_cell
        merged[-1] = Step(end.first, end.last, shown=safe)
    return merged


def _within(units: Units, step: Step) -> Flags:
    within: Flags = (units.step >= step.first) & (units.step <= step.last)
    return within


def _outlasting(units: Units, step: Step) -> int:
    return len(np.unique(units.family[units.step > step.last]))


def _is_enough(units: Units, step: Step, min_cell: int) -> bool:
    within = _within(units, step)
    events = len(np.unique(units.family[within & units.event]))
    lost = len(np.unique(units.family[within & ~units.event]))
    leaving = len(np.unique(units.family[units.step >= step.first])) - _outlasting(units, step)
    return events >= min_cell and leaving >= min_cell and (lost == 0 or lost >= min_cell)
