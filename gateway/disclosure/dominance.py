"""Dominance: sums that are mostly one family's, or a few families', so that the sum tells what theirs is.

In: contributions of families to cells in pence. Out: flags of cells that may not be shown. A rule on top of the threshold: ten
families do not hide one that has nearly all of the cost. Source: Hundepool et al., Statistical Disclosure Control (2012),
section 4.2.2; a cell that cannot be judged is flagged.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .errors import Unprotectable
from .tables import Units
from .threshold import Flags

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Pence = NDArray[np.float64]


def _require_share(place: str, value: object, *, at_least_some: bool) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    share = float(value) if is_number else float("nan")  # type: ignore[arg-type]
    if not isfinite(share) or not 0 <= share <= 1 or (at_least_some and share == 0):
        raise Unprotectable(place, "out_of_range", "a share from 0 to 1 is expected")


@dataclass(frozen=True)
class DominanceRule:
    """(n, k): no `n` families have more than the share `k` of a sum. `p`: nobody who knows his own contribution and the sum
    comes within the share `p` of another's; 0 switches this second rule off.
    """

    n: int = 1
    k: float = 0.5
    p: float = 0.1

    def __post_init__(self) -> None:
        """Raises `Unprotectable` for numbers that make no rule."""
        if isinstance(self.n, bool) or not isinstance(self.n, int) or not self.n >= 1:
            raise Unprotectable("dominance.n", "out_of_range", "a whole number of at least 1")
        _require_share("dominance.k", self.k, at_least_some=True)
        _require_share("dominance.p", self.p, at_least_some=False)


# Hundepool et al. 2012, section 4.2: no two families over 90 %, nobody within 10 % of another. And noise must not bring a
# figure near what one family costs: told as 0.8 of the truth or more, and divided by 1.2 at most, a figure of which she has
# 60 % is still over 1.1 times her cost (0.8 / 0.6 / 1.2), whatever multiplier is undone.
HOUSE = (DominanceRule(n=2, k=0.9, p=0.1), DominanceRule(n=1, k=0.6, p=0))
# No dominated sum comes to more than so many times what one family pays: two pay nine tenths of it (2 / 0.9).
LARGEST_DOMINATED = 2.25


def dominated_costs(units: Units, rules: Iterable[DominanceRule] = HOUSE) -> Flags:
    """One flag for each row of the units' cells: whether what its families pay is dominated by one of the rules."""
    from scipy.sparse import coo_array, csr_array

    found = coo_array(units.cells)
    cell, unit = found.coords
    shape = (units.cells.shape[0], int(units.family.max(initial=-1)) + 1)
    amounts = csr_array((found.data * units.pence[unit], (cell, units.family[unit])), shape=shape)
    amounts.sum_duplicates()
    flags: Flags = np.any([dominated(amounts, rule) for rule in rules], axis=0)
    return flags


def dominated(contributions: csr_array, rule: DominanceRule) -> Flags:
    """One flag for each row of `contributions` (cells x families, pence): whether the sum is dominated.

    Contributions count by their size, so that a refund dominates as a cost does. A family's entries in one cell must stand
    together as one; entries of zero are nobody's. A cell without any contribution is flagged. Raises `Unprotectable` for a
    contribution that is not finite, or that is stored in two parts.
    """
    rows = contributions.tocsr()
    if not rows.has_canonical_format:
        raise Unprotectable("contributions", "not_summed", "a family stands twice in a cell")
    amounts = np.abs(rows.data.astype(np.float64))
    if not np.isfinite(amounts).all():
        raise Unprotectable("contributions", "not_finite", "a contribution is not a number")
    bounds = zip(rows.indptr[:-1].tolist(), rows.indptr[1:].tolist(), strict=True)
    return np.array([is_dominated_by(amounts[start:end], rule) for start, end in bounds], np.bool_)


def is_dominated_by(amounts: Pence, rule: DominanceRule) -> bool:
    """Whether the sum of these amounts is; each is of one family and none is negative."""
    largest = np.sort(amounts)[::-1]
    total = float(largest.sum())
    # Asked the safe way round: whatever does not compare is dominated.
    is_spread = total > 0 and float(largest[: rule.n].sum()) <= rule.k * total
    return not (is_spread and _is_hidden_from_the_second(largest, rule.p))


def _is_hidden_from_the_second(largest: Pence, p: float) -> bool:
    """p per cent rule: what is left beside the two largest is at least the share `p` of the largest."""
    if p == 0:
        return True
    return largest.size > 2 and float(largest[2:].sum()) >= p * float(largest[0])
