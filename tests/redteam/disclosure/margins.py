"""Subtraction from margins: a withheld cell is its line's total less the cells that are shown.

Source: Hundepool et al., "Statistical Disclosure Control" (2012), chapter 4; Cox, "Suppression methodology and statistical
disclosure control" (JASA 1980). Background knowledge: none. A method without a threshold shows the small cell itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.redteam.disclosure.asker import Answers, Asker, Place
from tests.redteam.disclosure.knowledge import ADDITIVE, COHORTS, categories, dropped, lines, table
from tests.redteam.disclosure.sums import Claim, Target, cell, cost_claim, count_claim, minus

AXES = (
    ("district", "issues"),
    ("agency", "district"),
    ("agency", "issues"),
    ("agency", "district", "issues"),
    ("known_to", "issues"),
)


def attack(asker: Asker) -> list[Claim]:
    """A claim for every withheld cell that stands alone in a line with a total."""
    answers = Answers(asker)
    return [
        claim
        for by in AXES
        for cohort in COHORTS
        for measure in ("families", "cost")
        for claim in _claims(answers, by, cohort, measure)
    ]


def _claims(answers: Answers, by: tuple[str, ...], cohort: str, measure: str) -> Iterator[Claim]:
    asked = table("families", "cost", by=by, cohort=cohort)
    for place, found in list(answers.cells(asked, measure)):
        target = cell(asked, measure, place)
        for axis in by:
            coarser = table("families", "cost", by=tuple(d for d in by if d != axis), cohort=cohort)
            total = cell(coarser, measure, dropped(place, axis))
            if found.value is not None:
                claim = _claim(answers, target, target, total, measure)
            elif measure == "cost" or axis in ADDITIVE:
                others = [cell(asked, measure, other) for other in lines(place, axis)]
                claim = _claim(answers, target, minus(total, *others), total, measure)
            else:
                claim = None
            if claim is not None:
                yield claim


def _claim(
    answers: Answers, target: Target, route: Target, total: Target, measure: str
) -> Claim | None:
    if measure == "families":
        return count_claim(answers, target, route)
    return cost_claim(answers, target, route, beside=total)


def line_routes(by: tuple[str, str], place: Place, cohort: str) -> list[Target]:
    """Ways to a count of a table of two additive dimensions: total less the others, by each axis."""
    asked = table("families", by=by, cohort=cohort)
    routes = []
    for axis in by:
        coarser = table("families", by=tuple(d for d in by if d != axis), cohort=cohort)
        others = [cell(asked, "families", other) for other in lines(place, axis)]
        routes.append(minus(cell(coarser, "families", dropped(place, axis)), *others))
    return routes


def small_places(by: tuple[str, ...]) -> Iterator[Place]:
    """Every place of a table."""
    places: list[Place] = [()]
    for name in sorted(by):
        places = [(*place, (name, c)) for place in places for c in categories(name)]
    yield from places
