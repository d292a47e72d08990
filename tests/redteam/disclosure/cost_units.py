"""What costs are made of, unit by unit, as a very well informed attacker knows it; and what they truly are, for the judge.

In: a vintage. Out: the units of each cell of a question (which family met which agency in which quarter), what such a quarter
costs in the mean, and the truth.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from gateway.disclosure import ExactTable, Magnitude
from gateway.disclosure.dominance import HOUSE, is_dominated_by
from gateway.disclosure.tables import Units
from gateway.evaluation import exact_table
from gateway.questions import Question
from tests.redteam.disclosure.asker import Body, Place, place_of
from tests.redteam.disclosure.baselines import PENCE, with_true_costs
from tests.redteam.disclosure.judge import LARGEST
from tests.redteam.disclosure.knowledge import table

Floats = NDArray[np.float64]
Members = NDArray[np.int64]
FEW, DOMINATED = "one to nine families", "the dearest of a dominated cost"
# Quarters dearer than this share of all are no ordinary ones.
ORDINARY = 0.99


@dataclass(frozen=True)
class CostUnits:
    """`ids`, `pounds`, `family`, `agency` (units): a family's costs at an agency in a quarter; `tables`: the vintage."""

    ids: NDArray[np.uint64]
    pounds: Floats
    family: Members
    agency: Members
    tables: Mapping[str, pa.Table]

    @classmethod
    def of(cls, vintage: Mapping[str, pl.DataFrame]) -> CostUnits:
        """All of them, as they truly are."""
        tables = with_true_costs(vintage)
        _, units = _asked(tables, table("cost", by=("agency",)))
        cells, order = units.cells.tocoo(), np.argsort(units.ids)
        agency = np.zeros(len(order), dtype=np.int64)
        agency[cells.coords[1]] = cells.coords[0]
        pounds = units.pence[order] / PENCE
        return cls(units.ids[order], pounds, units.family[order], agency[order], tables)

    def cells(self, question: Body) -> Iterator[tuple[Place, Members]]:
        """Each place of a question for costs, with its units."""
        exact, units = _asked(self.tables, question)
        at, cells = np.searchsorted(self.ids, units.ids), units.cells.tocsr()
        names = [d.name for d in exact.dimensions]
        for row, chosen in enumerate(product(*(d.categories for d in exact.dimensions))):
            inside = cells.indices[cells.indptr[row] : cells.indptr[row + 1]]
            yield place_of(dict(zip(names, chosen, strict=True))), np.sort(at[inside])

    def expected(self) -> tuple[Floats, Floats]:
        """Mean and spread of each, as reports have them: by agency."""
        mean = self._mean(self.pounds)
        return mean, np.sqrt(self._mean(self.pounds**2) - mean**2)

    def ordinary(self) -> Floats:
        """The mean of each if it is none of the dearest."""
        is_ordinary = self.pounds <= np.quantile(self.pounds, ORDINARY)
        return self._mean(self.pounds * is_ordinary) / self._mean(is_ordinary.astype(float))

    def kind(self, members: Members) -> str | None:
        """Of few families or dominated, or None for what may be published."""
        paid = self._paid(members)
        if len(paid) <= LARGEST:
            return FEW
        return DOMINATED if any(is_dominated_by(paid, rule) for rule in HOUSE) else None

    def dearest(self, members: Members) -> tuple[int, Members]:
        """The family that paid most, and the units that are not hers."""
        family = int(np.unique(self.family[members])[np.argmax(self._paid(members))])
        return family, members[self.family[members] != family]

    def _paid(self, members: Members) -> Floats:
        """What each of the families paid."""
        _, place = np.unique(self.family[members], return_inverse=True)
        return np.bincount(place, weights=self.pounds[members])

    def _mean(self, values: Floats) -> Floats:
        """Of each unit's agency."""
        mean: Floats = np.bincount(self.agency, weights=values) / np.bincount(self.agency)
        return mean[self.agency]


def _asked(tables: Mapping[str, pa.Table], question: Body) -> tuple[ExactTable, Units]:
    exact = exact_table(tables, Question.from_mapping(question), members=True)
    cost = exact.measures["cost"]
    if not isinstance(cost, Magnitude) or cost.units is None:
        raise TypeError("costs with their units")
    return exact, cost.units
