"""Windows of time that overlap: what two of them cost, less what they cost together, is what the quarter in both of them cost.

Source: the general tracker of Denning, Denning and Schwartz (ACM TODS 1979), with a period in the place of a formula; costs add up,
so that nothing of the padding is left. Background knowledge: none. The quarter is never asked for, the three windows are long, and
no two of the figures are near one another.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from gateway.questions.period import Period
from tests.redteam.disclosure.asker import Answers, Asker, Place, place_of
from tests.redteam.disclosure.knowledge import WHOLE, categories, table
from tests.redteam.disclosure.sums import Claim, Target, cell, cost_claim, minus, plus

SPAN = Period.of_months(*WHOLE)
BROKEN_DOWN = (("agency", "district"), ("agency", "district", "issues"))
# For each table all of the time, and two windows around each quarter but the first and the last.
QUESTIONS = len(BROKEN_DOWN) * (1 + 2 * (SPAN.last - SPAN.first - 1))


def attack(asker: Asker) -> list[Claim]:
    """Claims of what each quarter cost in each cell."""
    answers, claims = Answers(asker), []
    for by in BROKEN_DOWN:
        for quarter, place in product(range(SPAN.first + 1, SPAN.last), _places(by)):
            claim = _claim(answers, by, quarter, place)
            if claim is not None:
                claims.append(claim)
    return claims


def _claim(answers: Answers, by: tuple[str, ...], quarter: int, place: Place) -> Claim | None:
    def cost(first: int, last: int) -> Target:
        return cell(table("cost", by=by, period=Period(first, last).months), "cost", place)

    whole = cost(SPAN.first, SPAN.last)
    route = minus(plus(cost(SPAN.first, quarter), cost(quarter, SPAN.last)), whole)
    return cost_claim(answers, cost(quarter, quarter), route, beside=whole)


def _places(by: tuple[str, ...]) -> Iterator[Place]:
    for chosen in product(*(categories(name) for name in by)):
        yield place_of(dict(zip(by, chosen, strict=True)))
