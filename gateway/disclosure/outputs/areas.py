"""Maps: counts and costs by small area, within districts, beside a published index of the areas.

In: rows with the area of a family, which area lies in which district, and the index. Out: a cell for each area and each district. Never
an area of fewer than ten families; where one is withheld, its district hides at least two areas and ten families, or is itself withheld.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.noise import require_key
from gateway.disclosure.rounding import round_to
from gateway.disclosure.rules import Rules
from gateway.disclosure.suppression.secondary import withhold
from gateway.disclosure.tables import Dimension, Integers
from gateway.disclosure.threshold import Flags

from .answer import Answer
from .contributions import Codes, read
from .dominance import dominated_cells, net
from .grid import PENCE
from .guarded import Guarded
from .means import require_measures
from .sets import incidence, released_counts, sizes, too_near

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    from scipy.sparse import csr_array

MEASURES = ("families", "cost")
WHOLE = "(district)"


@dataclass(frozen=True)
class Hierarchy:
    """District to its areas, with the published index of each area (a decile of deprivation, say)."""

    areas: Mapping[str, Sequence[str]]
    index: Mapping[str, float] | None = None

    def __post_init__(self) -> None:
        """Raises `Unprotectable` for an area in two districts, a district without one, an index that is not for every area."""
        listed = self.listed
        if not listed or not all(self.areas.values()) or len(set(listed)) != len(listed):
            raise Unprotectable("areas", "hierarchy", "each area lies in one district")
        if any(isinstance(each, str) for each in self.areas.values()) or WHOLE in listed:
            raise Unprotectable("areas", "hierarchy", "a list of areas for each district")
        if self.index is not None:
            values = np.array([self.index.get(a, np.nan) for a in listed], dtype=np.float64)
            if set(self.index) != set(listed) or not bool(np.isfinite(values).all()):
                raise Unprotectable("index", "index", "one finite figure for every area")

    @property
    def listed(self) -> tuple[str, ...]:
        """All areas, district by district."""
        return tuple(area for areas in self.areas.values() for area in areas)

    @property
    def district_of(self) -> Codes:
        """The place of each area's district."""
        many = [len(areas) for areas in self.areas.values()]
        return np.repeat(np.arange(len(many), dtype=np.int64), many)


def area_map(
    frame: pl.DataFrame | pd.DataFrame,
    hierarchy: Hierarchy,
    rules: Rules,
    key: bytes,
    *,
    measures: Sequence[str] = MEASURES,
    family: str = "family",
    area: str = "area",
    perturbed_pence: str = "perturbed_pence",
) -> Guarded:
    """Keys `district`, `area` ("(district)": all of it) and, with an index, `index`; measures families and cost (pounds).

    Counts keep the line rule too: an area is a part of its district. Raises `Unprotectable`.
    """
    require_key(key)
    wanted = require_measures(measures, MEASURES)
    rows = read(frame, family)
    listed = hierarchy.listed
    if len(listed) + len(hierarchy.areas) > rules.max_cells:
        raise Unprotectable("areas", "too_fine", "more areas than the rules allow")
    place = rows.codes(Dimension(area, area, listed))
    levels = _Levels(place, rows.family, rows.families, hierarchy.district_of, hierarchy)
    answer = Answer(rows)
    names = ("district", "area") if hierarchy.index is None else ("district", "area", "index")
    for measure in wanted:
        if measure == "families":
            figures, hidden, members = levels.counts(rows.ids, rules, key)
        else:
            figures, hidden, members = levels.costs(rows.pence(perturbed_pence), rules)
        for i, keys in enumerate(_places(hierarchy)):
            value = None if hidden[i] else int(figures[i])
            low = measure == "cost" and value == 0
            answer.add(keys, measure, value, [members[[i], :]], low=low, tie=measure)
    return answer.guarded("map", names, rules)


def _places(hierarchy: Hierarchy) -> list[dict[str, str]]:
    """The districts, then the areas, as `_Levels` numbers them."""
    places = [{"district": d, "area": WHOLE} for d in hierarchy.areas]
    places += [{"district": d, "area": a} for d, areas in hierarchy.areas.items() for a in areas]
    if hierarchy.index is None:
        return places
    listed = hierarchy.index
    return [p | {"index": f"{listed[p['area']]:g}" if p["area"] in listed else ""} for p in places]


@dataclass(frozen=True)
class _Levels:
    """Rows at both levels: cells 0 to d - 1 are the districts, the areas follow; rows of `place` are areas."""

    place: Codes
    family: Codes
    families: int
    district_of: Codes
    hierarchy: Hierarchy

    def counts(
        self, ids: Sequence[int | str], rules: Rules, key: bytes
    ) -> tuple[Integers, Flags, csr_array]:
        """Released counts of all cells, which are withheld, and who is behind each."""
        members = self._members(self.place, self.family)
        unsafe = too_near(members, rules.min_cell)
        hidden = self._hidden(members, unsafe, rules)
        return released_counts(members, ids, rules, key), hidden, members

    def costs(self, pence: Integers, rules: Rules) -> tuple[Integers, Flags, csr_array]:
        """Released sums of perturbed costs, likewise."""
        cell, family, sums = net(self.place, self.family, pence)
        upper, _, of_district = net(self.district_of[self.place], self.family, pence)
        districts, areas = len(self.hierarchy.areas), len(self.district_of)
        members = self._members(cell, family)
        unsafe = np.concatenate(
            [
                dominated_cells(upper, of_district, districts),
                dominated_cells(cell, sums, areas),
            ]
        )
        hidden = self._hidden(members, unsafe, rules)
        total = np.zeros(districts + areas, dtype=np.int64)
        np.add.at(total, districts + cell, sums)
        np.add.at(total, self.district_of[cell], sums)
        return round_to(total, rules.cost_rounding_gbp * PENCE) // PENCE, hidden, members

    def _members(self, place: Codes, family: Codes) -> csr_array:
        districts = len(self.hierarchy.areas)
        both = np.concatenate([self.district_of[place], districts + place])
        shape = (districts + len(self.district_of), self.families)
        return incidence(both, np.concatenate([family, family]), shape)

    def _hidden(self, members: csr_array, unsafe: Flags, rules: Rules) -> Flags:
        """The line rule: among the districts of the county, then among the areas of each district."""
        many = sizes(members)
        districts = len(self.hierarchy.areas)
        everyone = len(np.unique(members.indices))
        hidden = unsafe | (many < rules.min_cell)
        hidden[:districts] = _line(hidden[:districts], many[:districts], everyone, False, rules)
        for district in range(districts):
            within = districts + np.flatnonzero(self.district_of == district)
            hidden[within] = _line(
                hidden[within], many[within], int(many[district]), bool(hidden[district]), rules
            )
        return hidden


def _line(unsafe: Flags, many: Integers, whole: int, hides_whole: bool, rules: Rules) -> Flags:
    if len(unsafe) == 1:
        # The only area of a district is the district.
        return unsafe | hides_whole
    flags = np.append(unsafe, hides_whole or whole < rules.min_cell)
    dimension = Dimension("area", "area", tuple(map(str, range(len(unsafe)))), overlapping=True)
    grid = np.append(many, max(whole, int(many.max(initial=0))))
    return withhold(flags, grid, [replace(dimension)], rules.min_cell)[:-1]
