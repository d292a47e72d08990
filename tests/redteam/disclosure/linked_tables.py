"""Linked tables: everything that is shown in all of them at once, solved by linear programming.

Source: Fischetti and Salazar, "Solving the cell suppression problem on tabular data with linear constraints" (Management
Science 2001), the attacker's problem; de Wolf and Giessing (2009) for linked tables. Counts by district, band and cohort (the
two smaller cohorts and the rest); costs by agency, district and band, with every pair of agencies. Background knowledge: none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, product

import numpy as np

from tests.redteam.disclosure.asker import Answers, Asker, Place, place_of
from tests.redteam.disclosure.knowledge import AGENCIES, BANDS_OF, categories, table
from tests.redteam.disclosure.relations import Relations
from tests.redteam.disclosure.sums import (
    LEAST_FACTOR,
    MOST_FACTOR,
    Claim,
    cell,
)

DISTRICTS, BANDS = categories("district"), categories("issues")
KINDS = ("complex-needs", "at-risk", "rest")
SUBSETS = (("district", "issues"), ("district",), ("issues",), ())
MOST_TARGETS = 60


def attack(asker: Asker) -> list[Claim]:
    """Interval and estimate of every withheld small cell, counts and then costs."""
    answers = Answers(asker)
    claims = list(_counts(answers))
    return [*claims, *_costs(answers)] if asker.method.has_costs else claims


def _counts(answers: Answers) -> Iterator[Claim]:
    cells = list(product(DISTRICTS, BANDS, KINDS))
    grid = np.array([list(each) for each in cells])
    relations = _said(answers, grid)
    for number, (_, band, kind) in enumerate(cells):
        if kind != "rest" and band not in BANDS_OF[kind]:
            relations.say(np.array([number]), 0.0, 0.0, 0.01)
    estimate, sd = relations.posterior(np.full(len(cells), 6.0), np.full(len(cells), 20.0))
    for number in _hidden(answers, cells):
        district, band, kind = cells[number]
        place = place_of({"district": district, "issues": band})
        target = cell(table("families", by=SUBSETS[0], cohort=kind), "families", place)
        low, high = relations.interval(np.array([number]), most=1000.0)
        yield Claim(target, low, high, float(estimate[number]), float(sd[number]))


def _said(answers: Answers, grid: np.ndarray) -> Relations:
    """What every table of families says of district x band x cohort."""
    relations, method = Relations(len(grid)), answers.asker.method
    for cohort, by in product(("all-families", *BANDS_OF), SUBSETS):
        chosen = np.ones(len(grid), bool) if cohort == "all-families" else grid[:, 2] == cohort
        for place, found in list(
            answers.cells(table("families", by=by, cohort=cohort), "families")
        ):
            columns = np.flatnonzero(chosen & _at(grid, place, ("district", "issues")))
            if found.value is not None:
                relations.say(columns, found.value, method.count_reach, method.count_sd)
            elif method.withheld_below:
                middle = (method.withheld_below - 1) / 2
                relations.say(columns, middle, middle, middle / 1.7)
    return relations


def _hidden(answers: Answers, cells: Sequence[tuple[str, str, str]]) -> list[int]:
    """Cells of the smaller cohorts that are withheld; where none are, those that look small."""
    found = []
    for number, (district, band, kind) in enumerate(cells):
        if kind == "rest" or band not in BANDS_OF[kind]:
            continue
        asked = table("families", by=SUBSETS[0], cohort=kind)
        value = answers.value(asked, "families", place_of({"district": district, "issues": band}))
        if value is None or value < 10:
            found.append(number)
    return found[:MOST_TARGETS]


def _costs(answers: Answers) -> Iterator[Claim]:
    by = ("agency", "district", "issues")
    cells = list(product(AGENCIES, DISTRICTS, BANDS))
    grid = np.array([list(each) for each in cells])
    relations, method = Relations(len(cells)), answers.asker.method
    for asked, chosen in _cost_tables(grid):
        for place, found in list(answers.cells(asked, "cost")):
            value = 0.0 if found.mark == "[low]" else found.value
            if value is not None:
                columns = np.flatnonzero(chosen & _at(grid, place, by))
                relations.say(columns, value, method.cost_reach, max(method.cost_reach / 1.7, 1.0))
    fine = table("cost", by=by)
    hidden = [i for i, c in enumerate(cells) if answers.value(fine, "cost", _place(c)) is None]
    typical = float(np.median([v for v in relations.values] or [1.0])) / 10 + 1.0
    size = len(cells)
    estimate, sd = relations.posterior(np.full(size, typical), np.full(size, 5 * typical))
    for number in hidden[:MOST_TARGETS]:
        low, high = relations.interval(np.array([number]), most=1e9)
        if method.multiplies:
            low, high = low / MOST_FACTOR, high / LEAST_FACTOR
        target, agency = cell(fine, "cost", _place(cells[number])), cells[number][0]
        beside = cell(table("cost", by=("agency",)), "cost", (("agency", agency),))
        yield Claim(target, low, high, float(estimate[number]), float(sd[number]), beside)


def _cost_tables(grid: np.ndarray) -> Iterator[tuple[dict, np.ndarray]]:
    """Each question about costs, and which cells it is about."""
    everything = np.ones(len(grid), bool)
    names = ("agency", "district", "issues")
    for size in range(len(names) + 1):
        for by in combinations(names, size):
            yield dict(table("cost", by=by)), everything
    for size in (1, 2, 5):
        for agencies in combinations(AGENCIES, size):
            chosen = np.isin(grid[:, 0], agencies)
            yield dict(table("cost", by=("district", "issues"), agencies=agencies)), chosen


def _at(grid: np.ndarray, place: Place, names: tuple[str, ...]) -> np.ndarray:
    """Which cells lie in a place."""
    here = np.ones(len(grid), bool)
    for name, category in place:
        here &= grid[:, names.index(name)] == category
    return here


def _place(chosen: tuple[str, str, str]) -> Place:
    return place_of(dict(zip(("agency", "district", "issues"), chosen, strict=True)))
