"""Repeats and other words: the same question many times, or put another way, and the mean of the answers.

Source: Fraser and Wooton (ABS 2005) on averaging out random noise; Adam and Wortmann, "Security-control methods for
statistical databases" (ACM Computing Surveys 1989), 5.2. Other words: measures in another order or company, the cohort's
version named, a longer period in which nothing more happened, agencies in another order, another purpose or person.
The targets are the tracker's: families that only one agency met. Background knowledge: none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.redteam.disclosure.asker import Asker, Body, Place, Refused, place_of
from tests.redteam.disclosure.knowledge import AGENCIES, table
from tests.redteam.disclosure.margins import small_places
from tests.redteam.disclosure.sums import Claim, cell, minus

BY = ("district", "issues")
TIMES, FORMS = 16, 8
# Everybody, and everybody whom some other agency than one met.
SETS = 1 + len(AGENCIES)
Phrasing = Callable[[Body], Iterator[Body]]


def same_words(asked: Body) -> Iterator[Body]:
    """The question again and again."""
    for _ in range(TIMES):
        yield asked


def other_words(asked: Body) -> Iterator[Body]:
    """The same set of families in eight forms."""
    agencies = asked["where"]["agency"]
    yield asked
    yield {**asked, "measures": ["families", "cost"], "cohort": "all-families@1"}
    yield {**asked, "measures": ["cost_per_family", "cost", "families"]}
    yield {**asked, "by": dict(reversed(list(asked["by"].items())))}
    yield {**asked, "where": {"agency": [*reversed(agencies), agencies[0]]}}
    yield {k: v for k, v in asked.items() if k != "period"}
    yield {**asked, "period": {"from": "2024-01", "to": "2026-06"}}
    yield {**asked, "period": {"to": "2026-03", "from": "2023-10"}}


def attack(asker: Asker, phrasing: Phrasing = same_words) -> list[Claim]:
    """Families that only one agency met, as all less all the others, each figure being the mean over all askings."""
    everybody = table("families", by=BY, agencies=AGENCIES)
    whole = _means(asker, phrasing(everybody))
    claims = []
    for agency in AGENCIES:
        others = table("families", by=BY, agencies=tuple(a for a in AGENCIES if a != agency))
        part = _means(asker, phrasing(others))
        for place in small_places(BY):
            if place in whole and place in part:
                target = minus(cell(everybody, "families", place), cell(others, "families", place))
                claims.append(_claim(asker, target, whole[place], part[place]))
    return claims


def _claim(asker: Asker, target: tuple, one: tuple[float, int], two: tuple[float, int]) -> Claim:
    """A figure that never changed is as good as one; one that did, as the root of how often."""
    method, value = asker.method, one[0] - two[0]
    sd = float((method.count_sd**2 / one[1] + method.count_sd**2 / two[1]) ** 0.5)
    reach = 2 * method.count_reach
    return Claim(target, max(value - reach, 0), max(value + reach, 0), value, sd)


def _means(asker: Asker, bodies: Iterator[Body]) -> dict[Place, tuple[float, int]]:
    """The mean of each cell, and of how many independent answers it seems to be."""
    seen: dict[Place, list[float]] = {}
    for number, body in enumerate(bodies):
        try:
            cells = asker.ask(body, number % 2)
        except Refused:
            continue
        for each in cells:
            if each.measure == "families" and each.value is not None:
                seen.setdefault(place_of(each.keys), []).append(each.value)
    return {
        place: (sum(values) / len(values), len(values) if len(set(values)) > 1 else 1)
        for place, values in seen.items()
    }
