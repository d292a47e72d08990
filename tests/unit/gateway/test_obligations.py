"""No obligation of a protocol is passed over: it is kept, or nothing leaves."""

from dataclasses import fields, replace
from datetime import date

import pytest

from gateway.disclosure import Rules, Unprotectable
from gateway.disclosure.dominance import HOUSE, DominanceRule
from gateway.disclosure.methods import ExactRules, PrivacyRules
from gateway.pipeline.obligations import ObligationNotKept, rules_of, terms_of
from policies import Actor, Obligations, Request, Rulebook, decide, shipped_protocols
from policies.sections.disclosure import (
    CostNoise,
    CountNoise,
    Differencing,
    Dominance,
    LineRule,
    PrivacyBudget,
)

EVALUATOR = Actor("e", "evaluator", "council", {"five_safes": 1, "isp_briefing": 1})
# Kept by the decision itself, before any figure is made, or after the release.
KEPT_ELSEWHERE = {"budget", "output_retention_days", "release_why", "clauses"}
# Zeros and small cells share one mark whatever the protocol says.
ALWAYS_KEPT = {"also_suppress_zero"}
IN_THE_RULES = {
    *("min_cell", "rounding", "cost_rounding_gbp", "count_noise", "max_dimensions", "max_cells"),
    *("method", "privacy_budget", "dominance"),
}
BUDGET = PrivacyBudget(epsilon=1.0, delta=0.0, tables=8, unit="family", per="vintage")
REFUSED = {
    "method": "swapping",
    "privacy_budget": BUDGET,
    "rounding_method": "controlled_seeded",
    "cost_noise": CostNoise(low=0.2, high=0.3),
    "line": LineRule(min_cells=3, min_families=10),
    "differencing": Differencing(
        min_population_change=10, window_days=365, on_hit="hold_for_checker"
    ),
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


def test_the_protocols_rule_of_dominance_stands_beside_the_houses(shipped):
    assert rules_of(shipped).dominance == HOUSE
    stated = rules_of(replace(shipped, dominance=Dominance(n=1, k=0.5))).dominance
    assert stated == (*HOUSE, DominanceRule(n=1, k=0.5, p=0))
    with pytest.raises(ObligationNotKept, match="clause 6"):
        terms_of(silent(shipped, "suppression", dominance=Dominance(n=1, k=0.5)))


def silent(held: Obligations, method: str, *names: str, **changed) -> Obligations:
    """The obligations of a protocol that names a method and leaves what goes with another to the house."""
    clauses = {**held.clauses, **dict.fromkeys(("count_noise", "line", *names), "6")}
    return replace(held, method=method, clauses=clauses, **changed)


def test_exact_margins_are_rounded_as_the_protocol_says(shipped):
    assert terms_of(silent(shipped, "suppression")) == ExactRules(
        min_cell=10, rounding=5, cost_rounding_gbp=500, max_dimensions=3, max_cells=500
    )
    assert terms_of(silent(shipped, "suppression", rounding=1)).rounding == 1


def test_differential_privacy_has_the_budget_of_the_protocol(shipped):
    terms = terms_of(silent(shipped, "differential_privacy", privacy_budget=BUDGET))
    assert isinstance(terms, PrivacyRules)
    assert (terms.epsilon, terms.delta, terms.tables, terms.min_cell) == (1.0, 0.0, 8, 10)


@pytest.mark.parametrize("method", ["suppression", "differential_privacy"])
def test_noise_that_a_method_does_not_add_is_not_passed_over(shipped, method):
    budget = BUDGET if method == "differential_privacy" else None
    held = replace(silent(shipped, method, privacy_budget=budget), clauses=shipped.clauses)
    assert held.count_noise == CountNoise(sd=2.0, clip=5)
    with pytest.raises(ObligationNotKept, match=r"clause 6\.5: this method adds no such noise"):
        terms_of(held)


def test_differential_privacy_without_a_budget_or_with_lines_is_a_refusal(shipped):
    with pytest.raises(ObligationNotKept, match="budget"):
        terms_of(silent(shipped, "differential_privacy"))
    held = silent(shipped, "differential_privacy", privacy_budget=BUDGET)
    with pytest.raises(ObligationNotKept, match="lines"):
        terms_of(replace(held, clauses={**held.clauses, "line": "6.6"}))


@pytest.mark.parametrize("method", ["suppression", "differential_privacy"])
@pytest.mark.parametrize("name", ["differencing", "min_agencies_in_cell", "release"])
def test_another_method_does_not_lift_what_cannot_be_kept(shipped, method, name):
    budget = BUDGET if method == "differential_privacy" else None
    held = silent(shipped, method, privacy_budget=budget, **{name: REFUSED[name]})
    with pytest.raises(ObligationNotKept, match="clause 6"):
        terms_of(held)


WITHHELD = Differencing(min_population_change=10, window_days=365, on_hit="withhold")


def test_tables_are_compared_by_the_ledger_as_far_as_a_cell_needs_families(shipped):
    """Ten families between two figures is what the ledger keeps; a protocol may have it keep more by a larger cell."""
    assert isinstance(terms_of(replace(shipped, differencing=WITHHELD)), Rules)
    wider = WITHHELD.model_copy(update={"min_population_change": 11})
    with pytest.raises(ObligationNotKept, match="tables are compared"):
        terms_of(replace(shipped, differencing=wider))
    assert terms_of(replace(shipped, differencing=wider, min_cell=11)).min_cell == 11


@pytest.mark.parametrize("method", ["suppression", "differential_privacy"])
def test_a_method_without_a_ledger_does_not_compare_tables(shipped, method):
    budget = BUDGET if method == "differential_privacy" else None
    with pytest.raises(ObligationNotKept, match="tables are compared"):
        terms_of(silent(shipped, method, privacy_budget=budget, differencing=WITHHELD))


def test_whoever_needs_rules_of_keyed_noise_does_not_get_others(shipped):
    with pytest.raises(ObligationNotKept, match=r"clause 6\.5"):
        rules_of(silent(shipped, "suppression"))


def test_a_number_below_the_houses_floor_is_a_refusal(shipped):
    with pytest.raises(Unprotectable):
        rules_of(replace(shipped, min_cell=5, line=LineRule(min_cells=2, min_families=5)))


def test_every_obligation_has_somebody_who_keeps_it():
    named = {field.name for field in fields(Obligations)}
    assert named == IN_THE_RULES | set(REFUSED) | KEPT_ELSEWHERE | ALWAYS_KEPT
