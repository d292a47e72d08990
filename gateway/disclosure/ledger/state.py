"""What a ledger knows at one time. In: the rows of a table and which cells are served. Out: which may be served beside them.

A copy shares every array with what it was copied from and goes on apart, so that a table on trial leaves no trace.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.dominance import dominated_costs
from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.tables import Count, Magnitude
from gateway.disclosure.threshold import inner

from .costs import ServedCosts
from .counts import ServedCounts
from .known import (
    EXACT,
    NOISE_BY_PEOPLE,
    NOISE_OF_ATTRIBUTE,
    KnownSums,
    limits_of_attribute,
    limits_of_cost,
)
from .registry import Rows
from .sound import require_population, require_units

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Flags = NDArray[np.bool_]
Order = NDArray[np.intp]

COST: Final = "cost"
# People are told with less noise: each family's part is as many.
BY_PEOPLE: Final = "_by_people"


@dataclass(frozen=True)
class Standing:
    """Cells (inner grid) in which an earlier figure stands, and the measure with that figure in the place of its own."""

    flags: Flags
    measure: Count | Magnitude


class State:
    """Served counts by who is counted, served costs, and the sums that are known: of costs and of each sensitive attribute."""

    def __init__(self, counts: Mapping[str, ServedCounts], costs: ServedCosts) -> None:
        self._counts, self._costs = dict(counts), costs
        self._known: dict[str, KnownSums] = {}
        self._families = 0

    @classmethod
    def empty(cls) -> State:
        """Before the first answer."""
        return cls({}, ServedCosts())

    def following(self) -> State:
        """Of the next vintage: what was served is still near, and what sums tell is counted anew."""
        counts = {name: each.following() for name, each in self._counts.items()}
        return State(counts, self._costs.following())

    def copied(self) -> State:
        """The same, to go on apart."""
        other = State(
            {name: each.copied() for name, each in self._counts.items()}, self._costs.copied()
        )
        other._known = {name: each.copied() for name, each in self._known.items()}
        other._families = self._families
        return other

    def margins(self, min_cell: int) -> dict[str, float]:
        """For each audit the most that is told, as a share of what may be."""
        told = {name: known.margin(min_cell) for name, known in self._known.items()}
        small = {f"few_{kind}": counts.small.margin() for kind, counts in self._counts.items()}
        return {**told, **small, "few_cost": self._costs.small.margin()}

    def widen(self, families: int) -> None:
        """There are so many families now."""
        self._families = families
        for counts in self._counts.values():
            counts.widen(families)
        for known in self._known.values():
            known.widen(families)

    def watch(self, rows: Rows, name: str, min_cell: int) -> None:
        """The small cells of a measure, and costs that few nearly pay alone, are watched from now on, served or not."""
        measure = rows.table.measures[name]
        if isinstance(measure, Count):
            members = rows.shares(name, measure).families
            few = np.flatnonzero(_size(members) < min_cell)
            self._served_counts(measure).watch(members[few])
        elif isinstance(measure, Magnitude):
            units = rows.cost(name).units
            payers = measure.families[inner(measure.families.ndim)].ravel()
            paid = require_units(name, measure, len(require_population(rows.table).families))
            few = np.flatnonzero((payers < min_cell) | dominated_costs(paid))
            self._costs.small.widen(units.shape[1])
            self._costs.watch(units[few], payers[few].astype(np.float64), min_cell)

    def stand(self, rows: Rows, name: str, min_cell: int) -> None:
        """The cells of a count that show an earlier figure are told of as well from now on, with that figure.

        Not those of a cost: between two sums that are near a third one lie ten families, and what those tell of fewer is audited.
        """
        measure = rows.table.measures[name]
        if isinstance(measure, Count):
            self._served_counts(measure).stand(rows.shares(name, measure), min_cell)

    def standing(self, rows: Rows, name: str, min_cell: int) -> Standing:
        """The cells of a measure that are served ones give or take a few families, with what was told of those."""
        measure, shape = rows.table.measures[name], rows.table.shape
        if isinstance(measure, Count):
            counts, cells = self._served_counts(measure), rows.shares(name, measure)
            flags, told = counts.standing(cells, _figures(measure), min_cell)
            figure, lo, hi = (each.reshape(shape) for each in told.T)
            stood = replace(measure, figure=figure.astype(np.int64), key_lo=lo, key_hi=hi)
            return Standing(flags.reshape(shape), stood)
        if isinstance(measure, Magnitude):
            paid = rows.cost(name)
            flags, pence = self._costs.standing(paid, measure.pence.ravel(), min_cell)
            return Standing(flags.reshape(shape), replace(measure, pence=pence.reshape(shape)))
        raise Unprotectable(name, "unknown_type", "not a count or a cost")

    def admissible(self, rows: Rows, name: str, shown: Flags, min_cell: int) -> Flags:
        """Which of the shown cells of a measure may be served (inner grid)."""
        measure = rows.table.measures[name]
        if isinstance(measure, Count):
            counted = rows.shares(name, measure)
            order = _largest_first(counted.families, shown)
            served = self._served_counts(measure).admissible(counted, order, min_cell)
        elif isinstance(measure, Magnitude):
            cells = rows.cost(name)
            order = _largest_first(cells.units, shown)
            served = self._costs.admissible(cells, order, min_cell)
        for about, sums in told_of(rows, name):
            order = _largest_first(sums, served)
            served &= self._sums(about).admissible(sums, order, min_cell)
        return served.reshape(shown.shape)

    def take(self, rows: Rows, name: str, shown: Flags, min_cell: int) -> None:
        """These cells of a measure are served now."""
        measure = rows.table.measures[name]
        if isinstance(measure, Count):
            counted = rows.shares(name, measure)
            order = _largest_first(counted.families, shown)
            self._served_counts(measure).take(counted, order, _figures(measure), min_cell)
        elif isinstance(measure, Magnitude):
            cells = rows.cost(name)
            order = _largest_first(cells.units, shown)
            self._costs.take(cells, order, measure.pence.ravel(), min_cell)
        for about, sums in told_of(rows, name):
            self._sums(about).take(sums, _largest_first(sums, shown))

    def _served_counts(self, count: Count) -> ServedCounts:
        if count.counted not in self._counts:
            self._counts[count.counted] = ServedCounts()
            self._counts[count.counted].widen(self._families)
        return self._counts[count.counted]

    def _sums(self, about: str) -> KnownSums:
        if about not in self._known:
            self._known[about] = _unknown(about)
            self._known[about].widen(self._families)
        return self._known[about]


def told_of(rows: Rows, name: str) -> Iterator[tuple[str, csr_array]]:
    """What a measure tells of: costs, or each sensitive attribute; and who, for each cell, might have a part in it."""
    measure, table = rows.table.measures[name], rows.table
    if isinstance(measure, Magnitude):
        yield COST, rows.standing()
    if isinstance(measure, Count):
        by = BY_PEOPLE if measure.counted == "people" else ""
        for axis, dimension in enumerate(table.dimensions):
            # An only category, or one that is the same along the axis, tells nobody apart.
            is_told = axis not in measure.same_along and len(dimension.categories) > 1
            if dimension.sensitive and is_told:
                yield f"{dimension.name}{by}", rows.standing(without=axis)
        for attribute in require_population(table).restricted:
            yield f"{attribute}{by}", rows.standing()


def noise_about(about: str) -> float:
    """The variance of the noise in a sum, in variances of one family's part of it."""
    if about == COST:
        return EXACT
    return NOISE_BY_PEOPLE if about.endswith(BY_PEOPLE) else NOISE_OF_ATTRIBUTE


def _unknown(about: str) -> KnownSums:
    """Before the first sum."""
    limits = limits_of_cost if about == COST else limits_of_attribute
    return KnownSums(limits, noise_about(about))


def _figures(count: Count) -> NDArray[np.uint64]:
    """Inner cells x what a figure is made of: the count and its set's keys."""
    own = (count.figure, count.key_lo, count.key_hi)
    return np.stack([each.ravel().astype(np.uint64) for each in own], axis=1)


def _size(rows: csr_array) -> NDArray[np.int64]:
    return np.asarray(rows.sum(axis=1), dtype=np.int64).ravel()


def _largest_first(rows: csr_array, shown: Flags) -> Order:
    """The shown rows, those of most members first: they tell the least of each."""
    order = np.argsort(-_size(rows), kind="stable")
    return order[shown.ravel()[order]]
