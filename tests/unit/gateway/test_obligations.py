"""No obligation of a protocol is passed over: it is kept, or nothing leaves."""

from dataclasses import fields, replace
from datetime import date

import pytest

from gateway.disclosure import Unprotectable
from gateway.pipeline.obligations import ObligationNotKept, rules_of
from policies import Actor, Obligations, Request, Rulebook, decide, shipped_protocols
from policies.sections.disclosure import CostNoise, Differencing, Dominance, LineRule

EVALUATOR = Actor("e", "evaluator", "council", {"five_safes": 1, "isp_briefing": 1})
# Kept by the decision itself, before any figure is made, or after the release.
KEPT_ELSEWHERE = {"budget", "output_retention_days", "release_why", "clauses"}
# Zeros and small cells share one mark whatever the protocol says.
ALWAYS_KEPT = {"also_suppress_zero"}
IN_THE_RULES = {
    *("min_cell", "rounding", "cost_rounding_gbp", "count_noise", "max_dimensions", "max_cells"),
}
REFUSED = {
    "method": "exact_margins",
    "rounding_method": "controlled_seeded",
    "cost_noise": CostNoise(low=0.2, high=0.3),
    "line": LineRule(min_cells=3, min_families=10),
    "differencing": Differencing(min_population_change=10, window_days=365, on_hit="withhold"),
    "dominance": Dominance(n=1, k=0.5),
    "min_agencies_in_cell": 2,
    "release": "four_eyes",
}


@pytest.fixture(scope="module")
def shipped() -> Obligations:
    asked = Request(
        actor=EVALUATOR,
        action="query",
        day=date(2026, 11, 22),
        purpose="sf-evaluation",
        cohort="all-families",
        unit="family",
        measures=("families",),
        cells=1,
    )
    obligations = decide(Rulebook.load(*shipped_protocols()), asked).obligations
    assert obligations is not None
    return obligations


def test_the_shipped_protocol_obliges_to_nothing_beyond_this_gateway(shipped):
    rules = rules_of(shipped)
    assert (rules.min_cell, rules.rounding, rules.cost_rounding_gbp) == (10, 5, 500)


@pytest.mark.parametrize("name", REFUSED)
def test_an_obligation_that_cannot_be_kept_is_a_refusal(shipped, name):
    with pytest.raises(ObligationNotKept, match="clause 6"):
        rules_of(replace(shipped, **{name: REFUSED[name]}))


def test_a_number_below_the_houses_floor_is_a_refusal(shipped):
    with pytest.raises(Unprotectable):
        rules_of(replace(shipped, min_cell=5, line=LineRule(min_cells=2, min_families=5)))


def test_every_obligation_has_somebody_who_keeps_it():
    named = {field.name for field in fields(Obligations)}
    assert named == IN_THE_RULES | set(REFUSED) | KEPT_ELSEWHERE | ALWAYS_KEPT
