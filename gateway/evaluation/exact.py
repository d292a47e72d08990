"""Answers a question exactly. In: a vintage, a question, the catalogue. Out: `ExactTable`, for disclosure control only.

All registered categories are there, also those nobody is in: a missing cell would say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gateway.disclosure import Count, Dimension, ExactTable, Magnitude, Quotient
from gateway.disclosure.tables import Measure
from gateway.disclosure.threshold import inner
from gateway.questions import Catalogue, Question, shipped_catalogue

from .costs import sum_costs
from .engine import Engine, open_engine
from .grids import Integers, T, full_count, set_keys
from .places import Axis
from .records import Asked
from .sets import Members, read_members
from .units import read_units, sums_of
from .vintage import complete, has_unknown
from .who import Who

THREADS = 2


def exact_table(
    vintage: Mapping[str, pa.Table],
    question: Question,
    catalogue: Catalogue | None = None,
    *,
    threads: int = THREADS,
    members: bool = False,
    every_category: bool = False,
) -> ExactTable:
    """The exact figures a question asks for; with `members`, who is in which cell as well, for a ledger.

    With `every_category`, the category of the unknown is there as well where nobody is in it.

    Raises `VintageFaulty`, `QuestionRefused`, `Unprotectable`.
    """
    tables = complete(vintage)
    registered = catalogue or shipped_catalogue()
    gaps = frozenset(
        name
        for name, entry in registered.dimensions.items()
        if entry.unknown
        and (every_category or has_unknown(tables["families"], entry.column, entry.unknown))
    )
    asked = Asked.of(question, registered, gaps)
    with open_engine(tables, threads) as engine:
        return Figures(asked, engine, members).table()


@dataclass(frozen=True)
class Figures:
    """The measures of one question, each made once."""

    asked: Asked
    engine: Engine
    members: bool = False

    def table(self) -> ExactTable:
        """Every measure asked for and everything those are made of."""
        asked, catalogue = self.asked.question.measures, self.asked.catalogue
        made: dict[str, Measure] = {}
        needed = dict.fromkeys(asked)
        for name in asked:
            entry = catalogue.measures[name]
            if entry.type == "quotient" and entry.numerator and entry.denominator:
                made[name] = Quotient(
                    entry.numerator,
                    entry.denominator,
                    "gbp" if catalogue.measures[entry.numerator].type == "magnitude" else "share",
                )
                needed |= dict.fromkeys((entry.numerator, entry.denominator))
        made |= self._counts_and_costs(set(needed))
        told = self._who.population(self.asked.restricted) if self.members else None
        return ExactTable(self._dimensions(), made, asked, told)

    @cached_property
    def _who(self) -> Who:
        """Who is in which cell, by the families of the cohort in the order of their keys."""
        fixed = self.asked.by_family
        cohort = read_members(self.engine, self.asked.families(), "family", fixed, (), None)
        return Who.of(cohort, self.asked.axes, fixed)

    def _counts_and_costs(self, needed: set[str]) -> dict[str, Measure]:
        made: dict[str, Measure] = {}
        by_event = any(a.carried_by == "event" for a in self.asked.axes) or self.asked.restricts
        shared = self._paying_families() if "cost" in needed else None
        if "families" in needed:
            made["families"] = self._count_families(shared if by_event else None)
        if "people" in needed:
            made["people"] = self._count_people()
        if "cohort_families" in needed:
            made["cohort_families"] = self._count_cohort()
        if shared is not None:
            made["cost"] = self._cost(shared)
        return made

    def _loose(self, fixed: tuple[Axis, ...]) -> tuple[Axis, ...]:
        return tuple(a for a in self.asked.axes if a not in fixed)

    def _paying_families(self) -> Members:
        fixed = self.asked.by_family
        families, events = self.asked.families(), self.asked.events()
        return read_members(self.engine, families, "family", fixed, self._loose(fixed), events)

    def _families(self) -> Members:
        fixed, rows = self.asked.by_family, self.asked.rows_of_families()
        if rows is not None and "perturbed_pence" in rows.columns:
            rows = rows.drop("perturbed_pence")
        families = self.asked.families()
        return read_members(self.engine, families, "family", fixed, self._loose(fixed), rows)

    def _full(self, members: Members, *, paying: bool = False) -> Integers:
        fixed = self.asked.by_family
        bits = members.require_paying() if paying else members.bits
        whole = not paying and not self.asked.restricts
        return full_count(members, bits, self.asked.axes, fixed, self._loose(fixed), whole=whole)

    def _count_families(self, known: Members | None) -> Count:
        members = known or self._families()
        fixed = self.asked.by_family
        full = self._full(members)
        lo, hi = set_keys(members, self.asked.axes, fixed, self._loose(fixed))
        told = self._who.cells(members) if self.members else None
        return Count("families", full[inner(full.ndim)].copy(), full, lo, hi, members=told)

    def _count_people(self) -> Count:
        fixed, rows = self.asked.by_unit, self.asked.rows_of_people()
        loose = self._loose(fixed)
        if rows is not None:
            rows = rows.drop("perturbed_pence")
        people = read_members(self.engine, self.asked.people(), "person", fixed, loose, rows)
        figure = full_count(people, people.bits, self.asked.axes, fixed, loose, whole=False)
        lo, hi = set_keys(people, self.asked.axes, fixed, loose)
        behind, told, words = self._families(), None, None
        if self.members:
            told = self._who.cells(behind)
            words = self._who.people(Who.of(people, self.asked.axes, fixed), people, self._owners())
        figures = figure[inner(figure.ndim)].copy()
        full = self._full(behind)
        return Count("people", figures, full, lo, hi, members=told, people=words)

    def _owners(self) -> pa.Table:
        """The key of each of the cohort's people, and that of the family (`owner`)."""
        families = self.asked.families().select("family", owner="key_lo")
        people = self.asked.people().inner_join(families, "family")
        return self.engine.run(people.select("key_lo", "owner"))

    def _count_cohort(self) -> Count:
        """The cohort's families in the cell, the same along every axis that families do not carry."""
        fixed, axes = self.asked.by_family, self.asked.axes
        members = read_members(self.engine, self.asked.families(), "family", fixed, (), None)
        own = tuple(a for a in axes if a in fixed)
        full = full_count(members, members.bits, own, fixed, (), whole=False)
        lo, hi = set_keys(members, own, fixed, ())
        same = tuple(i for i, a in enumerate(axes) if a not in fixed)
        cells, all_too = tuple(a.size for a in axes), tuple(a.size + 1 for a in axes)
        return Count(
            counted="families",
            figure=_spread(full[inner(full.ndim)], same, cells),
            families=_spread(full, same, all_too),
            key_lo=_spread(lo, same, cells),
            key_hi=_spread(hi, same, cells),
            same_along=same,
            members=self._who.everywhere() if self.members else None,
        )

    def _cost(self, paying: Members) -> Magnitude:
        families, events = self.asked.families(), self.asked.events()
        axes, full = self.asked.axes, self._full(paying, paying=True)
        if self.members:
            units = read_units(self.engine, families, events, axes, self._who)
            return Magnitude(sums_of(units, axes), full, units)
        pence = sum_costs(self.engine, families, events, axes, self.asked.by_family)
        return Magnitude(pence, full)

    def _dimensions(self) -> tuple[Dimension, ...]:
        fixed = self.asked.by_family
        return tuple(
            Dimension(a.name, a.level, a.categories, a.is_sensitive, overlapping=a not in fixed)
            for a in self.asked.axes
        )


def _spread(grid: NDArray[T], along: tuple[int, ...], shape: tuple[int, ...]) -> NDArray[T]:
    """The grid repeated along further axes."""
    return np.broadcast_to(np.expand_dims(grid, along), shape).copy()
