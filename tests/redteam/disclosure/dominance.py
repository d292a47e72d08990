"""Dominance: where one family is most of a cell, the cell's total is that family's cost.

Source: Cox, "Linear sensitivity measures in statistical disclosure control" (Journal of Statistical Planning and Inference
1981): the (n, k) and p % rules; Hundepool et al. (2012), 4.2.2. Background knowledge: who is the costly family of an agency,
its district and its band, as neighbours and staff know; not what it cost. The guess is the whole cell, or where it is withheld
what others leave for it, divided by the usual multiplier where costs are multiplied.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.questions.period import Period
from tests.redteam.disclosure.asker import Answers, Asker, Body, Place, place_of
from tests.redteam.disclosure.knowledge import WHOLE, dropped, table
from tests.redteam.disclosure.sums import Claim, OneFamily, cell, cost_claim_of, total_of
from tests.redteam.disclosure.withheld_groups import FINE, LAST, QUARTERS, by_agency, by_quarter

SPAN = Period.of_months(*WHOLE)


@dataclass(frozen=True)
class Costly:
    """A family that costs an agency far more than others, and where it is in each dimension; `quarters` it was seen in."""

    family: int
    agency: str
    place: Mapping[str, str]
    quarters: tuple[int, ...]


def attack(asker: Asker, costly: Sequence[Costly]) -> list[Claim]:
    """A claim for each costly family in each cell that it is said to make up."""
    answers = Answers(asker)
    return [
        claim
        for each in (costly if asker.method.has_costs else ())
        for asked, place, target in _cells(each)
        if (claim := _claim(answers, asked, place, target)) is not None
    ]


def _cells(each: Costly) -> Iterator[tuple[Body, Place, OneFamily]]:
    target = OneFamily(each.family, each.agency, SPAN.first, SPAN.last)
    for by in (FINE, ("agency", "district"), ("agency", "issues")):
        yield table("cost", by=by), place_of({d: each.place[d] for d in by}), target
    here = {"agency": each.agency, "district": each.place["district"]}
    for quarter in each.quarters:
        label = Period(quarter, quarter).labels("quarter")[0]
        own = OneFamily(each.family, each.agency, quarter, quarter)
        yield table("cost", by=QUARTERS), place_of({**here, "period": label}), own


def _claim(answers: Answers, asked: Body, place: Place, target: OneFamily) -> Claim | None:
    value = answers.value(asked, "cost", place)
    found = _behind(answers, asked, place) if value is None else value
    if not found or found < 0:
        return None
    claim = cost_claim_of(answers, target, found, 1, cell(asked, "cost", place), True)
    # Others are in the cell too: all that is certain is that it cost no more than all of them.
    return Claim(claim.target, 0.0, claim.high, claim.best, claim.sd, claim.beside)


def _behind(answers: Answers, asked: Body, place: Place) -> float | None:
    """A withheld cell by the difference of two others, or at least what is left of the line that has least left."""
    names = set(dict(place))
    routes = by_agency if names == set(FINE) else by_quarter if names == set(QUARTERS) else None
    if routes is not None and dict(place).get("period", LAST) == LAST:
        found = [total_of(answers, route) for route in routes(place)]
        got = [total for total in found if total is not None]
        if got:
            return sum(got) / len(got)
    left = [_left(answers, asked, place, axis) for axis in sorted(names)]
    return min((total for total in left if total is not None), default=None)


def _left(answers: Answers, asked: Body, place: Place, axis: str) -> float | None:
    """A line's cost less all that is shown of it."""
    coarser = table("cost", by=tuple(name for name, _ in place if name != axis))
    total = answers.value(coarser, "cost", dropped(place, axis))
    if total is None:
        return None
    here = dropped(place, axis)
    line = [at for at, _ in answers.cells(asked, "cost") if dropped(at, axis) == here]
    return total - sum(answers.value(asked, "cost", at) or 0.0 for at in line)
