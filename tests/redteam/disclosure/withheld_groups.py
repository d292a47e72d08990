"""Subtraction of a withheld group's cost: what is hidden in one table is the difference of two others.

Source: "secondary disclosure across linked tables", de Wolf and Giessing, "Adjusting the tau-ARGUS modular approach to deal
with linked tables" (Data & Knowledge Engineering 2009). Routes: all agencies less the others (`where`), a pair of agencies
less one, the whole period less all but one quarter. Background knowledge: none.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.redteam.disclosure.asker import Answers, Asker, Place, place_of
from tests.redteam.disclosure.knowledge import AGENCIES, WHOLE, dropped, table
from tests.redteam.disclosure.sums import Claim, Target, cell, cost_claim_of, minus, total_of

FINE = ("agency", "district", "issues")
COARSE = ("district", "issues")
QUARTERS = ("agency", "district", "period")
LAST, SHORT = "2026-Q1", ("2024-04", "2025-12")


def attack(asker: Asker) -> list[Claim]:
    """A claim for each withheld cost of agency by district by band, and by quarter: the mean of all routes to it."""
    answers = Answers(asker)
    if not asker.method.has_costs:
        return []
    claims = []
    fine, quarters = table("cost", by=FINE), table("cost", by=QUARTERS)
    for asked, routes in ((fine, by_agency), (quarters, by_quarter)):
        for place, found in list(answers.cells(asked, "cost")):
            if found.value is not None or (asked is quarters and dict(place)["period"] != LAST):
                continue
            totals = [(total_of(answers, r), len(r)) for r in routes(place)]
            got = [(total, terms) for total, terms in totals if total is not None]
            if got:
                mean = sum(total for total, _ in got) / len(got)
                beside = _beside(place)
                terms = min(terms for _, terms in got)
                target = cell(asked, "cost", place)
                claims.append(cost_claim_of(answers, target, mean, terms, beside, False))
    return claims


def by_agency(place: Place) -> Iterator[Target]:
    """Ways to a cost by agency, district and band: some agencies less all of them but this."""
    here, spot = dict(place), dropped(place, "agency")
    agency = here["agency"]

    def paid(*agencies: str) -> Target:
        return cell(table("cost", by=COARSE, agencies=tuple(sorted(agencies))), "cost", spot)

    rest = tuple(a for a in AGENCIES if a != agency)
    yield minus(paid(*AGENCIES), paid(*rest))
    yield minus(cell(table("cost", by=COARSE), "cost", spot), paid(*rest))
    for other in rest:
        yield minus(paid(agency, other), paid(other))
        two = tuple(a for a in rest if a != other)
        yield minus(paid(agency, *two), paid(*two))


def by_quarter(place: Place) -> Iterator[Target]:
    """Ways to an agency's cost of the last quarter in a district: the whole period less all but that."""
    spot = dropped(place, "period")
    by = ("agency", "district")
    yield minus(
        cell(table("cost", by=by, period=WHOLE), "cost", spot),
        cell(table("cost", by=by, period=SHORT), "cost", spot),
    )
    agency, district = dict(spot)["agency"], place_of({"district": dict(spot)["district"]})
    only = {
        p: table("cost", by=("district",), period=p, agencies=(agency,)) for p in (WHOLE, SHORT)
    }
    yield minus(cell(only[WHOLE], "cost", district), cell(only[SHORT], "cost", district))


def _beside(place: Place) -> Target:
    """The agency's cost in all districts, whose mean anybody may guess."""
    agency = (("agency", dict(place)["agency"]),)
    return cell(table("cost", by=("agency",)), "cost", agency)
