"""What an attacker writes down of everything that left: who is in each figure, how near it is, and what was withheld.

In: released tables, each with its exact one, since the attacker is taken to know who is where. Out: sums by what they are of.
It follows the releases and not the ledger: what a ledger lost would be in here.
"""

from __future__ import annotations

import numpy as np

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.ledger import served_cells, threshold_of
from gateway.disclosure.ledger.registry import Registry, Rows
from gateway.disclosure.ledger.state import told_of
from gateway.disclosure.protected import ProtectedTable
from gateway.disclosure.tables import Count, ExactTable, Magnitude, Units
from gateway.disclosure.threshold import inner

from .page import COST, About, Page, Written
from .printed import as_pounds, printed_in
from .sums import Places


class Notebook:
    """All that left of one vintage, written down in the order in which it left."""

    def __init__(self) -> None:
        # By who is counted, and costs.
        self.pages: dict[str, Page] = {}
        # What sums tell of costs and of each sensitive attribute, family by family.
        self.about: dict[str, About] = {}
        # The threshold: the lowest of those that the tables were made with.
        self.least = 0
        self._registry = Registry()

    @property
    def families(self) -> int:
        """How many families are in any table so far."""
        return len(self._registry.families)

    def write(self, release: int, exact: ExactTable, protected: ProtectedTable) -> None:
        """This table left under this number. Raises `Unprotectable` where it does not say who is in a cell."""
        rows, least = Rows(exact, self._registry), threshold_of(protected)
        self.least = min(self.least or least, least)
        for name, flags in served_cells(exact, protected).items():
            written, behind = self._written(rows, name, protected)
            page = self.pages.setdefault(written.kind, Page())
            page.widen(written)
            # Of costs those too that few families nearly pay alone; which are of few is looked at when groups are drawn.
            asked = (behind > 0) & ((behind < least) | (written.kind == COST)) & ~flags.ravel()
            page.withheld.add(written.sets[np.flatnonzero(asked)])
            printed = printed_in(exact, protected, name, release)
            fresh = page.write(written, np.flatnonzero(flags), printed, least)
            for about, told in told_of(rows, name):
                self.about.setdefault(about, About()).write(told[fresh], release)

    def _written(self, rows: Rows, name: str, protected: ProtectedTable) -> tuple[Written, Places]:
        """The cells of a measure, and how many families are behind each."""
        match rows.table.measures[name]:
            case Count() as count:
                shares, each = rows.shares(name, count), np.arange(self.families)
                written = Written(count.counted, shares.families, shares, each, np.ones(len(each)))
                return written, _inner(count)
            case Magnitude(units=Units() as units) as magnitude:
                cost = rows.cost(name)
                pence = np.zeros(len(cost.payer))
                pence[self._registry.units.place(units.ids)] = units.pence
                of_lines = as_pounds(cost.lines.sums(magnitude.pence.ravel()), protected)
                lines = (cost.lines, cost.shares_of_lines, of_lines)
                written = Written(COST, cost.units, cost.shares, cost.payer, pence, lines)
                return written, _inner(magnitude)
        raise Unprotectable(name, "no_members", "an attack needs to know who is in a cell")


def _inner(measure: Count | Magnitude) -> Places:
    families: Places = measure.families[inner(measure.families.ndim)].ravel()
    return families
