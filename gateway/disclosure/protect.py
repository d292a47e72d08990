"""Protects an exact table: threshold, noise, line rule, rounding, quotients. In: `ExactTable`, `Rules`, the vintage's key.

Out: `ProtectedTable`. Never: a figure of a cell under the threshold, a figure where a rule cannot be applied (`Unprotectable`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from .dominance import dominated_costs
from .errors import Unprotectable
from .ledger import Ledger, Standing
from .noise import draw_noise, require_key
from .protected import LOW, WITHHELD, Cell, ProtectedTable
from .quality import Quality, grade_cells
from .quotient import pounds_each, share
from .rounding import round_to
from .rules import Rules
from .suppression import hide_further, withhold
from .tables import Count, ExactTable, Integers, Magnitude, Quotient
from .threshold import Flags, below_threshold, inner, small_complement

PENCE = 100


@dataclass(frozen=True)
class Shown:
    """Released figures of one measure: a value counts only where `shown`; `low` marks a cost that rounds to nothing."""

    figures: NDArray[np.int64] | NDArray[np.float64]
    shown: Flags
    low: Flags


def protect_table(
    exact: ExactTable, rules: Rules, key: bytes, ledger: Ledger | None = None
) -> ProtectedTable:
    """The table as it may leave. Raises `Unprotectable`; the same table, rules, key and ledger give the same answer.

    With a ledger, beside everything that was served before; what then leaves is entered by the caller (`Ledger.enter`).
    """
    require_key(key)
    cells = int(np.prod(exact.shape, dtype=np.int64))
    if len(exact.dimensions) > rules.max_dimensions or cells > rules.max_cells:
        raise Unprotectable(
            "dimensions", "too_fine", "more dimensions or cells than the rules allow"
        )
    parts: dict[str, Shown] = {}
    for name in _needed(exact):
        measure = exact.measures[name]
        if isinstance(measure, Count):
            parts[name] = _protect_count(measure, exact, rules, key)
        elif isinstance(measure, Magnitude):
            parts[name] = _protect_cost(measure, exact, rules)
    if ledger is not None:
        parts = _beside_all_others(exact, parts, rules, key, ledger)
    for name in exact.asked:
        measure = exact.measures[name]
        if isinstance(measure, Quotient):
            parts[name] = _protect_quotient(measure, parts)
    grades = grade_cells(exact, {name: part.figures for name, part in parts.items()}, rules, key)
    return ProtectedTable(
        dimensions=tuple((d.name, d.level) for d in exact.dimensions),
        measures=exact.asked,
        cells=_cells(exact, parts, grades),
        rules=rules.to_dict(),
    )


def _needed(exact: ExactTable) -> list[str]:
    """The counts and costs that are shown or that a shown quotient is made of."""
    names = list(exact.asked)
    for name in exact.asked:
        measure = exact.measures[name]
        if isinstance(measure, Quotient):
            names += [measure.numerator, measure.denominator]
    return list(dict.fromkeys(names))


def _protect_count(count: Count, exact: ExactTable, rules: Rules, key: bytes) -> Shown:
    unsafe = below_threshold(count.families, rules.min_cell)
    cells = inner(count.families.ndim)
    if rules.secondary == "all":
        unsafe = withhold(unsafe, count.families, exact.dimensions, rules.min_cell)
    # Along an axis that does not tell the counted apart, the cell is its line by construction.
    told_apart = [
        replace(d, sensitive=d.sensitive and axis not in count.same_along)
        for axis, d in enumerate(exact.dimensions)
    ]
    complement = small_complement(count.families, told_apart, rules.min_cell)
    shown = ~(unsafe[cells] | complement)
    return Shown(_count_figures(count, rules, key), shown, np.zeros_like(shown))


def _count_figures(count: Count, rules: Rules, key: bytes) -> Integers:
    rounded = round_to(count.figure + draw_noise(count, rules, key), rules.rounding)
    # Everybody knows that a shown cell has reached the threshold; a figure below it would only show the noise.
    return np.maximum(rounded, -(-rules.min_cell // rules.rounding) * rules.rounding)


def _protect_cost(cost: Magnitude, exact: ExactTable, rules: Rules) -> Shown:
    hidden = _withheld_costs(cost, _unsafe_costs(cost, rules), exact, rules)
    pounds = _pounds(cost, rules)
    shown = ~hidden[inner(cost.families.ndim)]
    return Shown(pounds, shown, shown & (pounds == 0))


def _pounds(cost: Magnitude, rules: Rules) -> Integers:
    return round_to(cost.pence, rules.cost_rounding_gbp * PENCE) // PENCE


def _unsafe_costs(cost: Magnitude, rules: Rules) -> Flags:
    """Full grid: too few families, or, where it is told who pays, few that pay nearly all."""
    unsafe = below_threshold(cost.families, rules.min_cell)
    if cost.units is not None:
        cells = unsafe[inner(unsafe.ndim)]
        cells |= dominated_costs(cost.units, rules.dominance).reshape(cells.shape)
    return unsafe


def _withheld_costs(cost: Magnitude, unsafe: Flags, exact: ExactTable, rules: Rules) -> Flags:
    """Full grid: the line rule, and after it an attacker with linear programmes."""
    axes, least = exact.dimensions, rules.min_cell
    by_lines = withhold(unsafe, cost.families, axes, least)
    return hide_further(by_lines, cost.families, cost.pence, axes, least).hidden


def _beside_all_others(
    exact: ExactTable, parts: dict[str, Shown], rules: Rules, key: bytes, ledger: Ledger
) -> dict[str, Shown]:
    """The parts beside all that was served: what stands as it was told, what is not admitted withheld.

    The line rule is held again for what is left.
    """
    standing = ledger.standing(exact, tuple(parts), rules.min_cell)
    while True:
        shown = {name: part.shown & ~standing[name].flags for name, part in parts.items()}
        admitted = ledger.screen(exact, shown, rules.min_cell)
        parts = {
            name: _narrowed(exact, name, part, admitted[name], rules)
            for name, part in parts.items()
        }
        if all((parts[name].shown == admitted[name]).all() for name in parts):
            break
    return {name: _with_standing(part, standing[name], rules, key) for name, part in parts.items()}


def _with_standing(part: Shown, standing: Standing, rules: Rules, key: bytes) -> Shown:
    if isinstance(standing.measure, Count):
        figures = _count_figures(standing.measure, rules, key)
    else:
        figures = _pounds(standing.measure, rules)
    shown = part.shown | standing.flags
    low = shown & (figures == 0) if isinstance(standing.measure, Magnitude) else part.low
    return Shown(figures, shown, low)


def _narrowed(exact: ExactTable, name: str, part: Shown, admitted: Flags, rules: Rules) -> Shown:
    measure, shown = exact.measures[name], part.shown & admitted
    if isinstance(measure, Magnitude):
        unsafe = _unsafe_costs(measure, rules)
        unsafe[inner(unsafe.ndim)] |= ~shown
        shown = shown & ~_withheld_costs(measure, unsafe, exact, rules)[inner(unsafe.ndim)]
    return replace(part, shown=shown, low=part.low & shown)


def _protect_quotient(quotient: Quotient, parts: dict[str, Shown]) -> Shown:
    top, bottom = parts[quotient.numerator], parts[quotient.denominator]
    shown = top.shown & bottom.shown
    divide = pounds_each if quotient.unit == "gbp" else share
    figures = divide(top.figures.astype(np.int64), bottom.figures.astype(np.int64), shown)
    return Shown(figures, shown, shown & top.low)


def _cells(
    exact: ExactTable, parts: dict[str, Shown], grades: dict[str, list[Quality]]
) -> tuple[Cell, ...]:
    names = [d.name for d in exact.dimensions]
    keys = [
        dict(zip(names, chosen, strict=True))
        for chosen in product(*(d.categories for d in exact.dimensions))
    ]
    cells = []
    for name in exact.asked:
        part = parts[name]
        figures, shown, low = (a.ravel().tolist() for a in (part.figures, part.shown, part.low))
        columns = zip(keys, figures, shown, low, grades[name], strict=True)
        for place, figure, is_shown, is_low, quality in columns:
            mark = WITHHELD if not is_shown else LOW if is_low else None
            value = figure if mark is None else None
            cells.append(Cell(place, name, value, mark, quality if is_shown else None))
    return tuple(cells)
