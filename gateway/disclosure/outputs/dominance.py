"""Dominance: is a sum mostly one family's. In: each family's contribution to a sum. Out: whether the sum may not be shown.

Contributions decide by their absolute value, so a refund dominates as a cost does, and a sum near zero hides nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gateway.disclosure.dominance import HOUSE, is_dominated_by
from gateway.disclosure.tables import Integers
from gateway.disclosure.threshold import Flags

from .contributions import Codes

if TYPE_CHECKING:
    from numpy.typing import NDArray


def is_dominated(contributions: NDArray[np.float64]) -> bool:
    """Whether one of the house's rules flags the sum of these contributions, one number a family.

    A sum to which nobody contributes is dominated: it says so of everybody.
    """
    absolute = np.abs(contributions)
    return not np.isfinite(absolute).all() or any(is_dominated_by(absolute, r) for r in HOUSE)


def net(cell: Codes, family: Codes, pence: Integers) -> tuple[Codes, Codes, Integers]:
    """Cell, family and net pence of each pair, without those whose costs and refunds cancel out: they contribute nothing."""
    most = int(family.max(initial=0)) + 1
    pairs, place = np.unique(cell * most + family, return_inverse=True)
    sums = np.zeros(len(pairs), dtype=np.int64)
    np.add.at(sums, place, pence)
    kept = sums != 0
    return pairs[kept] // most, pairs[kept] % most, sums[kept]


def dominated_cells(cell: Codes, pence: Integers, cells: int) -> Flags:
    """Which of the cells are dominated; `cell` and `pence`: the net contributions."""
    order = np.argsort(cell, kind="stable")
    bounds = np.searchsorted(cell[order], np.arange(cells + 1))
    return np.array(
        [
            is_dominated(pence[order][start:end].astype(np.float64))
            for start, end in zip(bounds[:-1], bounds[1:], strict=True)
        ],
        dtype=np.bool_,
    ).reshape(cells)
