"""Nested cohorts: the families of a larger cohort less those of the smaller one it holds are a group of their own.

Source: "differencing of subpopulations", Hundepool et al., "Statistical Disclosure Control" (2012), 5.4; Duncan and Mukherjee,
"Optimal disclosure limitation strategy in statistical databases: deterring tracker attacks" (JASA 2000). Background
knowledge: the definitions of the cohorts. With `purposes` the two halves are asked by two people for two purposes, so that
neither holds both (collusion).
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.redteam.disclosure.asker import EVALUATION, Answers, Asker
from tests.redteam.disclosure.knowledge import BANDS_OF, table
from tests.redteam.disclosure.sums import Claim, cell, cost_claim, count_claim, minus

TABLES = (
    ("issues",),
    ("district", "issues"),
    ("agency", "issues"),
    ("agency", "district", "issues"),
    ("issues", "known_to"),
    ("issues", "period"),
    ("district", "issues", "period"),
)
MEASURES = {"families": ("families", "cost"), "cost": ("families", "cost")}


def attack(asker: Asker, purposes: tuple[str, str] = (EVALUATION, EVALUATION)) -> list[Claim]:
    """Claims of the families, and their cost, that are in a band and not in the cohort of that band."""
    answers = Answers(asker)
    return [claim for by in TABLES for claim in _claims(answers, by, purposes)]


def _claims(answers: Answers, by: tuple[str, ...], purposes: tuple[str, str]) -> Iterator[Claim]:
    whole = table("families", "cost", by=by, purpose=purposes[0])
    for cohort, bands in BANDS_OF.items():
        part = table("families", "cost", by=by, cohort=cohort, purpose=purposes[1])
        for measure in ("families", "cost"):
            for place, _ in list(answers.cells(part, measure, 1)):
                if dict(place)["issues"] not in bands:
                    continue
                all_of_them = cell(whole, measure, place)
                target = minus(all_of_them, cell(part, measure, place))
                if measure == "families":
                    claim = count_claim(answers, target, who=(0, 1))
                else:
                    claim = cost_claim(answers, target, beside=all_of_them, who=(0, 1))
                if claim is not None:
                    yield claim
