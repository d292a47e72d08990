"""What a released table prints, and how near that lets anybody come to the truth. In: a table, exact and as it left. Out: `Printed`.

Noise is at most its limit, rounding at most half its base: what is told is an interval. A figure that was not asked for itself
(the part of a shown quotient) is taken as known to the same width.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gateway.disclosure.protected import ProtectedTable
from gateway.disclosure.rounding import round_to
from gateway.disclosure.rules import Rules
from gateway.disclosure.tables import Count, ExactTable, Integers, Magnitude

from .sums import Reach, Reals

PENCE = 100


@dataclass(frozen=True)
class Printed:
    """Of every inner cell of a count or cost, in C order. `said`: the figure, not a number where none is printed.

    `own`: what the cell's own figure is printed as, where an earlier one does not stand in it.
    """

    said: Reals
    own: Reals
    reach: Reach


def printed_in(exact: ExactTable, protected: ProtectedTable, name: str, release: int) -> Printed:
    """A measure as this release printed it; `reach` has no meaning where nothing is shown."""
    measure, rules = exact.measures[name], Rules.from_dict(protected.rules)
    said = _said(exact, protected, name)
    if isinstance(measure, Magnitude):
        own = as_pounds(measure.pence.ravel(), protected)
        room = rules.cost_rounding_gbp * PENCE / 2
        return Printed(said, own, _reach(measure.pence, said * PENCE, room, release))
    room = rules.noise_limit + rules.rounding / 2
    figure = measure.figure if isinstance(measure, Count) else np.zeros(0, dtype=np.int64)
    return Printed(said, said, _reach(figure, said, room, release))


def as_pounds(pence: Integers, protected: ProtectedTable) -> Reals:
    """Costs as the release's rules print them."""
    base = Rules.from_dict(protected.rules).cost_rounding_gbp * PENCE
    return (round_to(pence, base) // PENCE).astype(np.float64)


def _reach(true: Integers, said: Reals, room: float, release: int) -> Reach:
    # An earlier figure may stand in the cell, of other families: the truth stays possible.
    off = np.where(np.isnan(said), 0.0, said - true.ravel())
    down, up = np.maximum(room - off, 0.0), np.maximum(room + off, 0.0)
    return Reach(down, up, np.full(said.shape, release))


def _said(exact: ExactTable, protected: ProtectedTable, name: str) -> Reals:
    told = np.full(exact.shape, np.nan)
    for place, cell in protected.placed(name, exact.dimensions):
        if not cell.is_withheld:
            # A low figure is told as well: it is one that rounds to nothing.
            told[place] = 0.0 if cell.value is None else cell.value
    return told.ravel()
