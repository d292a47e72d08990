"""What an attack aims at: a sum and difference of cells, each of some question; and what it claims to know of it.

In: released cells. Out: an estimate with the reach and deviation that follow from the published method.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.redteam.disclosure.asker import Answers, Body, Place

# 1 plus or minus 10 to 20 %: what isolates one family's cost is divided by the usual size of the factor.
USUAL_FACTOR, LEAST_FACTOR, MOST_FACTOR = 1.13, 0.8, 1.2


@dataclass(frozen=True)
class Term:
    """A cell, counted `sign` times."""

    sign: int
    question: Body
    measure: str
    place: Place = ()


@dataclass(frozen=True)
class OneFamily:
    """What one family cost one agency, or all, between two quarters (numbers, both included)."""

    family: int
    agency: str | None
    first: int = 0
    last: int = 99_999


Target = tuple[Term, ...]


@dataclass(frozen=True)
class Claim:
    """What an attack says of a target: it lies in [low, high]; `best` is its one guess, `sd` how sure it is of that.

    `beside`: a larger group of which the target's families are some; its mean is what anybody may guess of them.
    """

    target: Target | OneFamily
    low: float
    high: float
    best: float
    sd: float
    beside: Target = ()


def cell(question: Body, measure: str, place: Place = ()) -> Target:
    """The target that is one cell."""
    return (Term(1, question, measure, place),)


def minus(*targets: Target) -> Target:
    """The first less all others."""
    first, *others = targets
    turned = [Term(-t.sign, t.question, t.measure, t.place) for each in others for t in each]
    return (*first, *turned)


def plus(*targets: Target) -> Target:
    """All of them together."""
    return tuple(term for each in targets for term in each)


def count_claim(
    answers: Answers, target: Target, route: Target | None = None, who: Sequence[int] = ()
) -> Claim | None:
    """A count by the cells of `route` (the target's own by default); None where one of them is withheld."""
    total = total_of(answers, route or target, who)
    if total is None:
        return None
    method, terms = answers.asker.method, len(route or target)
    reach = method.count_reach * terms
    low, high = max(total - reach, 0.0), max(total + reach, 0.0)
    return Claim(target, low, high, total, method.count_sd * terms**0.5)


def cost_claim(
    answers: Answers,
    target: Target,
    route: Target | None = None,
    *,
    beside: Target,
    is_one_family: bool = False,
    who: Sequence[int] = (),
) -> Claim | None:
    """A cost by the cells of `route`; one family's is corrected for the usual size of its multiplier."""
    total = total_of(answers, route or target, who)
    if total is None or not answers.asker.method.has_costs:
        return None
    return cost_claim_of(answers, target, total, len(route or target), beside, is_one_family)


def cost_claim_of(
    answers: Answers,
    target: Target | OneFamily,
    total: float,
    terms: int,
    beside: Target,
    is_one_family: bool,
) -> Claim:
    """The claim that follows from an estimate of the (perturbed) sum made of so many released cells."""
    method = answers.asker.method
    reach = method.cost_reach * terms
    low, high = max(total - reach, 0.0), max(total + reach, 0.0)
    if not method.multiplies:
        return Claim(target, low, high, total, reach / 2, beside)
    best = total / USUAL_FACTOR if is_one_family else total
    return Claim(target, low / MOST_FACTOR, high / LEAST_FACTOR, best, reach, beside)


def total_of(answers: Answers, route: Target, who: Sequence[int] = ()) -> float | None:
    """The sum of released figures; `who` names the asker of each term, by turns."""
    total = 0.0
    for number, term in enumerate(route):
        asker = who[number % len(who)] if who else 0
        value = answers.value(term.question, term.measure, term.place, asker)
        if value is None:
            return None
        total += term.sign * value
    return total
