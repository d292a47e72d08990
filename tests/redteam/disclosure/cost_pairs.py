"""The cost of one family by many pairs with and without it, and the median of what they say.

Source: Dinur and Nissim, "Revealing information while preserving privacy" (PODS 2003), on many overlapping sums; Evans, Zayatz
and Slanta, "Using noise for disclosure limitation of establishment tabular data" (J. Official Statistics 1998), on what noise
must withstand. Background knowledge: that the family is the one of its district and band that is outside the cohort (it has no
child). Pairs: in all, by agency, by quarter, by year, and sums of these; the median is divided by the usual multiplier.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from tests.redteam.disclosure.asker import Answers, Asker, Body, Place, place_of
from tests.redteam.disclosure.game import Trial
from tests.redteam.disclosure.knowledge import AGENCIES, table
from tests.redteam.disclosure.sums import (
    Claim,
    OneFamily,
    Target,
    cell,
    cost_claim_of,
    minus,
    total_of,
)

COHORT = {"complex": "complex-needs", "at risk": "at-risk"}
SPLITS = ((), ("agency",), ("period",))
HALVES = (("2024-04", "2025-03"), ("2025-04", "2026-03"))


def attack(asker: Asker, trials: Sequence[Trial]) -> list[Claim]:
    """Two kinds of claim for each family that is known to be alone outside its cohort: in all, and for each agency."""
    answers = Answers(asker)
    claims = []
    for trial in trials if asker.method.has_costs else ():
        beside = cell(table("cost", by=("district", "issues")), "cost", trial.place)
        for agency in (None, *AGENCIES):
            totals = [
                total
                for routes in _routes(trial, agency)
                if (total := _sum(answers, routes)) is not None
            ]
            if totals:
                target = OneFamily(trial.family, agency)
                claims.append(cost_claim_of(answers, target, median(totals), 2, beside, True))
    return claims


def _sum(answers: Answers, routes: Sequence[Target]) -> float | None:
    totals = [total_of(answers, route, (0, 1)) for route in routes]
    known = [total for total in totals if total is not None]
    return sum(known) if len(known) == len(totals) else None


def _routes(trial: Trial, agency: str | None) -> Iterator[list[Target]]:
    """Each route is a list of differences to be added up."""
    chosen = () if agency is None else (agency,)
    yield [_pair(trial, ("district", "issues"), trial.place, chosen)]
    yield [
        _pair(trial, ("district", "issues"), trial.place, chosen, period=half) for half in HALVES
    ]
    if agency is None:
        yield [
            _pair(trial, ("agency", "district", "issues"), _at(trial, "agency", a))
            for a in AGENCIES
        ]
    else:
        yield [_pair(trial, ("agency", "district", "issues"), _at(trial, "agency", agency))]
        rest = tuple(a for a in AGENCIES if a != agency)
        whole = _pair(trial, ("district", "issues"), trial.place, AGENCIES)
        yield [minus(whole, _pair(trial, ("district", "issues"), trial.place, rest))]


def _at(trial: Trial, dimension: str, category: str) -> Place:
    return place_of({**dict(trial.place), dimension: category})


def _pair(
    trial: Trial,
    by: tuple[str, ...],
    place: Place,
    agencies: tuple[str, ...] = (),
    period: tuple[str, str] = ("2024-04", "2026-03"),
) -> Target:
    def asked(cohort: str) -> Body:
        return table("cost", by=by, cohort=cohort, agencies=agencies, period=period)

    return minus(
        cell(asked("all-families"), "cost", place), cell(asked(COHORT[trial.kind]), "cost", place)
    )
