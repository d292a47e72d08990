"""How near a released figure lets anybody come to the true one. In: a table, exact and as it left. Out: `Reach` of its cells.

Noise is at most its limit, rounding at most half its base: what is told is an interval. A figure that was not asked for itself
(the part of a shown quotient) is taken as known to the same width.
"""

from __future__ import annotations

import numpy as np

from gateway.disclosure.protected import ProtectedTable
from gateway.disclosure.rules import Rules
from gateway.disclosure.tables import Count, ExactTable, Magnitude

from .sums import Reach, Reals

PENCE = 100


def reach_of(exact: ExactTable, protected: ProtectedTable, name: str, release: int) -> Reach:
    """Of every inner cell of a count or cost, in C order; those of withheld cells have no meaning."""
    measure, rules = exact.measures[name], Rules.from_dict(protected.rules)
    if isinstance(measure, Magnitude):
        value, reach, unit = measure.pence, rules.cost_rounding_gbp * PENCE / 2, PENCE
    elif isinstance(measure, Count):
        value, reach, unit = measure.figure, rules.noise_limit + rules.rounding / 2, 1
    true = value.ravel().astype(np.float64)
    told = _released(exact, protected, name) * unit
    # An earlier figure may stand in the cell, of other families: the truth stays possible.
    off = np.where(np.isnan(told), 0.0, told - true)
    down, up = np.maximum(reach - off, 0.0), np.maximum(reach + off, 0.0)
    return Reach(down, up, np.full(true.shape, release))


def _released(exact: ExactTable, protected: ProtectedTable, name: str) -> Reals:
    """Inner cells of a measure as they were printed; not a number where there is none."""
    axes = exact.dimensions
    places = [{category: i for i, category in enumerate(d.categories)} for d in axes]
    told = np.full(exact.shape, np.nan)
    for cell in protected.cells:
        at = tuple(places[n].get(cell.keys[d.name]) for n, d in enumerate(axes))
        if cell.measure == name and cell.value is not None and None not in at:
            told[at] = cell.value
    return told.ravel()
