"""What a protected table shows, as the ledger counts it. In: the exact table and the protected one. Out: flags by measure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.protected import ProtectedTable
from gateway.disclosure.tables import ExactTable, Quotient

Flags = NDArray[np.bool_]


def served_cells(exact: ExactTable, protected: ProtectedTable) -> dict[str, Flags]:
    """Inner grids of the counts and costs that left; a quotient tells of both its parts where it is shown."""
    served: dict[str, Flags] = {}
    for name in protected.measures:
        flags = np.array([not c.is_withheld for c in protected.cells if c.measure == name])
        measure = exact.measures[name]
        parts = [name]
        if isinstance(measure, Quotient):
            parts = [measure.numerator, measure.denominator]
        for part in parts:
            before = served.get(part, np.zeros(exact.shape, dtype=np.bool_))
            served[part] = before | flags.reshape(exact.shape)
    return served
