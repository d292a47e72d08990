"""Dominance: where one family is most of a cell, the cell's total is that family's cost.

Source: Cox, "Linear sensitivity measures in statistical disclosure control" (Journal of Statistical Planning and Inference
1981): the (n, k) and p % rules; Hundepool et al. (2012), 4.2.2. Background knowledge: who is the costly family of an agency,
its district and its band, as neighbours and staff know; not what it cost. The guess is the whole cell, divided by the usual
multiplier where costs are multiplied.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.questions.period import Period
from tests.redteam.disclosure.asker import Answers, Asker, place_of
from tests.redteam.disclosure.knowledge import WHOLE, table
from tests.redteam.disclosure.sums import Claim, OneFamily, cell, cost_claim_of

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
    claims = []
    for each in costly if asker.method.has_costs else ():
        for by in (("agency", "district", "issues"), ("agency", "district"), ("agency", "issues")):
            asked = table("cost", by=by)
            place = place_of({d: each.place[d] for d in by})
            value = answers.value(asked, "cost", place)
            if value:
                target = OneFamily(each.family, each.agency, SPAN.first, SPAN.last)
                beside = cell(asked, "cost", place)
                claims.append(_claim(answers, target, value, beside))
        asked = table("cost", by=("agency", "district", "period"))
        for quarter in each.quarters:
            label = Period(quarter, quarter).labels("quarter")[0]
            place = place_of(
                {"agency": each.agency, "district": each.place["district"], "period": label}
            )
            value = answers.value(asked, "cost", place)
            if value:
                target = OneFamily(each.family, each.agency, quarter, quarter)
                claims.append(_claim(answers, target, value, cell(asked, "cost", place)))
    return claims


def _claim(answers: Answers, target: OneFamily, value: float, beside: tuple) -> Claim:
    claim = cost_claim_of(answers, target, value, 1, beside, True)
    # Others are in the cell too: all that is certain is that it cost no more than all of them.
    return Claim(claim.target, 0.0, claim.high, claim.best, claim.sd, claim.beside)
