"""Figures of one kind, families or people or costs, as an attacker collects them. In: sets that left. Out: sums, each told once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.ledger.lines import Lines
from gateway.disclosure.ledger.nested import Flags, Shares
from gateway.disclosure.ledger.pieces import NOBODYS
from gateway.disclosure.ledger.sets import Sets
from gateway.disclosure.ledger.told import Told

from .printed import Printed
from .sums import Places, Reals, Sums

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Order = NDArray[np.intp]

COST: Final = "cost"
PEOPLE: Final = "people"


class About:
    """Sums over families that tell of something that each of them has, each sum once, with the release it is from."""

    def __init__(self) -> None:
        self.sets = Sets()
        self.releases: list[int] = []

    def write(self, rows: csr_array, release: int) -> None:
        """These left as well."""
        self.releases += [release] * self.sets.add(rows).shape[0]


@dataclass(frozen=True)
class Written:
    """The cells of one measure. `sets` (cells x columns); `shares`: the same by family, as sets are compared.

    `payer` (columns): whose it is, NOBODYS where the table has no such column; `value`: what it comes to.
    """

    kind: str
    sets: csr_array
    shares: Shares
    payer: Places
    value: Reals
    # Of costs the table's lines, the shares in each, and what each sum is printed as.
    lines: tuple[Lines, Shares, Reals] | None = None


class Page:
    """What left, the small sets that were `withheld`, and of each column whose it is and what it comes to."""

    def __init__(self) -> None:
        self.withheld = Sets()
        self.payer: Places = np.zeros(0, dtype=np.int64)
        self.value: Reals = np.zeros(0)
        self._told = Told()
        self._sums: list[Sums] = []

    def widen(self, written: Written) -> None:
        """These columns there are now."""
        payer, value = written.payer.copy(), written.value.copy()
        here = np.flatnonzero(payer[: len(self.payer)] == NOBODYS)
        payer[here], value[here] = self.payer[here], self.value[here]
        self.payer, self.value = payer, value

    def write(self, written: Written, shown: Order, printed: Printed, least: int) -> Order:
        """The `shown` cells left; returns those that tell something.

        A figure about nearly the same families as an earlier one, and the same figure, is the earlier one.
        """
        stands = self._stands(written.shares, printed, least)
        fresh = shown[~stands[shown]]
        self._told.add(written.shares, fresh, printed.own[:, None], least)
        self._sums.append(Sums(written.sets[fresh], printed.reach.chosen(fresh)))
        if written.lines is not None:
            lines, shares, own = written.lines
            # Whoever has every cell of a line has its sum, which stands from then on like any other figure.
            whole = lines.whole(self._told.has(written.shares, least))
            self._told.add(shares, whole, own[:, None], least)
        return fresh

    def _stands(self, shares: Shares, printed: Printed, least: int) -> Flags:
        near, earlier = self._told.standing(shares, printed.own[:, None], least)
        said, before = printed.said, earlier[:, 0]
        stands: Flags = near & (np.isnan(said) | np.isnan(before) | (said == before))
        return stands

    def all_sums(self) -> Sums:
        """All that left, over all columns that there are."""
        return Sums.together(self._sums, len(self.payer))
