"""Pieces of a line: some of its shown costs added up, against one figure of nearly the same.

Source: Denning, Denning and Schwartz, "The tracker: a threat to statistical database security" (ACM TODS 1979): a set is put
together from others that may be asked for. Background knowledge: none. No single cell and no whole line is near the figure;
three quarters of a line of quarters are, or two agencies of a line of agencies. What is left is what few families cost in the
last quarter, a cell that is never asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from gateway.questions.period import Period
from tests.redteam.disclosure.asker import Answers, Asker, Place, place_of
from tests.redteam.disclosure.knowledge import AGENCIES, WHOLE, categories, table
from tests.redteam.disclosure.sums import Claim, Target, cell, cost_claim, minus

SPAN = Period.of_months(*WHOLE)
DISTRICTS = categories("district")
# A table and five periods of it; a table and every two agencies.
QUESTIONS = 1 + 5 + 1 + len(AGENCIES) * (len(AGENCIES) - 1) // 2


def attack(asker: Asker) -> list[Claim]:
    """Claims of what each agency's last quarter cost in each district."""
    answers = Answers(asker)
    return [*_by_quarters(answers), *_by_agencies(answers)]


def _by_quarters(answers: Answers) -> Iterator[Claim]:
    """The last quarters of a cost less those that were shown one by one, the last of all left out."""
    before = SPAN.last - 1
    pieces = table("cost", by=("agency", "district", "period"), period=_months(SPAN.first, before))
    for first in range(SPAN.first + 1, before):
        whole = table("cost", by=("agency", "district"), period=_months(first, SPAN.last))
        for place in _places():
            quarters = [_quarter(place, number) for number in range(first, before + 1)]
            parts = [cell(pieces, "cost", quarter) for quarter in quarters]
            yield from _claim(answers, cell(whole, "cost", place), parts, _last(place))


def _by_agencies(answers: Answers) -> Iterator[Claim]:
    """Two agencies' costs less what each was until the last quarter."""
    pieces = table("cost", by=("agency", "district"), period=_months(SPAN.first, SPAN.last - 1))
    for pair in combinations(AGENCIES, 2):
        whole = table("cost", by=("district",), agencies=pair)
        last = table("cost", by=("district",), agencies=pair, period=_months(SPAN.last, SPAN.last))
        for district in DISTRICTS:
            here = place_of({"district": district})
            each = [place_of({"agency": agency, "district": district}) for agency in pair]
            parts = [cell(pieces, "cost", place) for place in each]
            yield from _claim(answers, cell(whole, "cost", here), parts, cell(last, "cost", here))


def _claim(answers: Answers, whole: Target, parts: list[Target], last: Target) -> Iterator[Claim]:
    claim = cost_claim(answers, last, minus(whole, *parts), beside=whole)
    if claim is not None:
        yield claim


def _last(place: Place) -> Target:
    asked = table("cost", by=("agency", "district"), period=_months(SPAN.last, SPAN.last))
    return cell(asked, "cost", place)


def _months(first: int, last: int) -> tuple[str, str]:
    return Period(first, last).months


def _places() -> Iterator[Place]:
    for agency in AGENCIES:
        for district in DISTRICTS:
            yield place_of({"agency": agency, "district": district})


def _quarter(place: Place, number: int) -> Place:
    return place_of({**dict(place), "period": f"{number // 4}-Q{number % 4 + 1}"})
