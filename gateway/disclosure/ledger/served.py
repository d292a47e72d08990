"""What a protected table shows, as the ledger counts it. In: the exact table and the protected one. Out: flags by measure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.protected import ProtectedTable
from gateway.disclosure.tables import ExactTable, Quotient

Flags = NDArray[np.bool_]


def served_cells(exact: ExactTable, protected: ProtectedTable) -> dict[str, Flags]:
    """Inner grids of the counts and costs that left; a quotient tells of both its parts where it is shown.

    A category that the exact table has not is one that nobody is in. Raises `Unprotectable` where a cell is missing.
    """
    served: dict[str, Flags] = {}
    for name in protected.measures:
        flags = _shown(exact, protected, name)
        measure = exact.measures[name]
        parts = [name]
        if isinstance(measure, Quotient):
            parts = [measure.numerator, measure.denominator]
        for part in parts:
            before = served.get(part, np.zeros(exact.shape, dtype=np.bool_))
            served[part] = before | flags
    return served


def _shown(exact: ExactTable, protected: ProtectedTable, measure: str) -> Flags:
    flags, found = np.zeros(exact.shape, dtype=np.bool_), np.zeros(exact.shape, dtype=np.bool_)
    for place, cell in protected.placed(measure, exact.dimensions):
        flags[place], found[place] = not cell.is_withheld, True
    if not found.all():
        raise Unprotectable(measure, "not_counted", "an earlier release lacks a cell")
    return flags


def threshold_of(protected: ProtectedTable) -> int:
    """How many families a cell needed. Raises `Unprotectable` where the release does not say so."""
    least = protected.rules.get("min_cell")
    if isinstance(least, bool) or not isinstance(least, int) or least < 1:
        raise Unprotectable(
            "ledger", "not_counted", "an earlier release does not say its threshold"
        )
    return least
