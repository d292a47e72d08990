"""Deciding: what combines over protocols, what fails closed, what a decision carries."""

from dataclasses import replace
from datetime import date

import cedarpy
import pytest

from policies import Actor, ProtocolInvalid, Rulebook, conflicting_roles, decide
from policies.compile import cedar_text, rules_of, schema_text
from policies.decide import NO_PROTOCOL
from policies.sections.disclosure import DisclosureClause
from policies.terms import ACTIONS, DATA_ACTIONS, OVERSIGHT_ACTIONS


def _second(edited, change=lambda doc: None):
    """Another protocol for the same purpose."""

    def other(doc):
        doc["id"] = "isp:exampleshire/second"
        change(doc)

    return edited(other)


def test_a_permitted_question_carries_the_obligations_of_the_protocol(rulebook, shipped, ask):
    decision = decide(rulebook, ask())
    assert decision.permitted
    assert decision.reasons == ()
    held = decision.obligations
    assert (held.min_cell, held.rounding, held.cost_rounding_gbp) == (10, 5, 500)
    assert (held.max_dimensions, held.max_cells) == (3, 500)
    assert (held.count_noise.sd, held.count_noise.clip) == (2, 5)
    assert (held.cost_noise.low, held.cost_noise.high) == (0.10, 0.20)
    assert (held.line.min_cells, held.line.min_families) == (2, 10)
    assert held.release == "auto"
    assert held.release_why
    assert held.clauses["min_cell"] == "6.1"
    assert (decision.protocol, decision.digest) == (shipped.name, shipped.digest)


def test_an_empty_rulebook_refuses_every_action(ask):
    for action in sorted(ACTIONS):
        decision = decide(Rulebook(), ask(action=action))
        assert not decision.permitted
        assert decision.reasons


def test_a_purpose_that_no_protocol_names_is_refused_in_those_words(rulebook, ask):
    for purpose in ("marketing", None, ""):
        decision = decide(rulebook, ask(purpose=purpose))
        assert [reason.text for reason in decision.reasons] == [NO_PROTOCOL]
        assert decision.nearest is None


@pytest.mark.parametrize("status", ["draft", "proposed", "suspended", "expired", "withdrawn"])
def test_a_protocol_that_is_not_in_force_answers_no_question(edited, ask, status):
    rulebook = Rulebook([edited(lambda doc: doc.update(status=status))])
    assert decide(rulebook, ask()).clauses == ("0.1",)


@pytest.mark.parametrize(
    ("status", "permitted"),
    [("in_force", True), ("suspended", True), ("expired", True), ("draft", False)],
)
def test_the_log_stays_readable_after_the_sharing_stopped_but_not_before_it_began(
    edited, ask, status, permitted
):
    rulebook = Rulebook([edited(lambda doc: doc.update(status=status))])
    request = ask(actor=Actor("i", "ig_officer", "police"), action="read_audit")
    assert decide(rulebook, request).permitted is permitted


def test_every_action_either_handles_data_or_oversees_it():
    assert DATA_ACTIONS.isdisjoint(OVERSIGHT_ACTIONS)
    assert DATA_ACTIONS | OVERSIGHT_ACTIONS == ACTIONS


def test_two_protocols_for_one_purpose_must_both_permit(edited, shipped, ask):
    stricter = _second(edited, lambda doc: doc["roles"][1].update(of=["health"]))
    assert decide(Rulebook([shipped]), ask()).permitted
    both = decide(Rulebook([shipped, stricter]), ask())
    assert not both.permitted
    assert [(r.clause, r.protocol) for r in both.reasons] == [("5.2", stricter.name)]


def test_over_two_protocols_the_strictest_of_each_obligation_wins(edited, shipped, ask):
    def change(doc):
        doc["disclosure"][0]["min_cell"] = 20
        doc["disclosure"][2]["max_dimensions"] = 5
        doc["disclosure"][4]["count_noise"] = {"sd": 1, "clip": 9}

    other = _second(edited, change)
    for pair in ([shipped, other], [other, shipped]):
        held = decide(Rulebook(pair), ask()).obligations
        assert held.min_cell == 20
        assert held.max_dimensions == 3
        assert (held.count_noise.sd, held.count_noise.clip) == (2, 9)


def _of_method(name, **more):
    """Exact counts in one protocol cannot be merged with noisy ones in another."""

    def change(doc):
        doc["disclosure"][4] = {"clause": "6.5", "method": name, **more}

    return change


BUDGET = {"epsilon": 1.0, "delta": 1e-7, "tables": 10, "unit": "family", "per": "vintage"}
METHODS = {
    "suppression": _of_method("suppression"),
    "differential_privacy": _of_method("differential_privacy", privacy_budget=BUDGET),
}


@pytest.mark.parametrize("method", METHODS)
def test_a_protocol_may_name_its_method(edited, ask, method):
    held = decide(Rulebook([edited(METHODS[method])]), ask()).obligations
    assert held.method == method
    assert held.clauses["method"] == "6.5"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("silent", [True, False])
def test_two_protocols_of_different_methods_are_never_merged_into_one(
    edited, shipped, ask, method, silent
):
    other = _second(edited, METHODS[method])
    # A protocol that names no method obliges to the house's own.
    first = edited(lambda doc: doc["disclosure"].pop(4)) if silent else shipped
    for pair in ([first, other], [other, first]):
        decision = decide(Rulebook(pair), ask())
        assert not decision.permitted
        assert decision.clauses == ("6",)
        assert "different methods" in decision.reasons[0].text


def test_over_two_budgets_the_smaller_and_the_smaller_share_of_it_win(edited, ask):
    one = edited(METHODS["differential_privacy"])
    smaller = {**BUDGET, "epsilon": 0.5, "delta": 0, "tables": 5}
    two = _second(edited, _of_method("differential_privacy", privacy_budget=smaller))
    held = decide(Rulebook([one, two]), ask()).obligations.privacy_budget
    assert (held.epsilon, held.delta, held.tables) == (0.5, 0, 10)


def test_an_obligation_nobody_can_weigh_is_a_refusal(shipped, ask, monkeypatch):
    stated = DisclosureClause.stated
    monkeypatch.setattr(DisclosureClause, "stated", lambda self: {**stated(self), "bury_it": True})
    decision = decide(Rulebook([shipped]), ask())
    assert not decision.permitted
    assert decision.clauses == ("6",)


def test_an_expired_protocol_does_not_hold_up_the_one_in_force(edited, shipped, ask):
    old = _second(edited, lambda doc: doc.update(status="expired"))
    assert decide(Rulebook([old, shipped]), ask()).permitted


def test_suspending_one_of_two_protocols_stops_the_purpose(edited, shipped, ask):
    suspended = _second(edited, lambda doc: doc.update(status="suspended"))
    assert decide(Rulebook([suspended, shipped]), ask()).clauses == ("0.1",)


def test_two_versions_of_one_protocol_make_no_rulebook(edited, shipped):
    newer = edited(lambda doc: doc.update(version="1.1.0"))
    with pytest.raises(ProtocolInvalid, match="protocol_twice"):
        Rulebook([shipped, newer])


def test_the_rulebook_digest_does_not_depend_on_order(edited, shipped):
    other = _second(edited)
    one, two = Rulebook([shipped, other]), Rulebook([other, shipped])
    assert one.digest == two.digest != Rulebook([shipped]).digest


@pytest.mark.parametrize(
    "strange",
    [
        {"optout_age_days": True},
        {"optout_age_days": 10**30},
        {"optout_age_days": 1.5},
        {"optout_age_days": "1"},
        {"cells": [1]},
        {"measures": ("\ud800",)},
        {"actor": Actor("\ud800", "evaluator", "council", {"five_safes": 1, "isp_briefing": 1})},
        {"actor": Actor("a", "evaluator", "council", {"five_safes": None, "isp_briefing": 1})},
    ],
)
def test_a_value_that_cedar_cannot_take_is_a_refusal_not_a_crash(rulebook, ask, strange):
    decision = decide(rulebook, ask(**strange))
    assert not decision.permitted
    assert decision.clauses == ("0",)


@pytest.mark.parametrize("missing", ["cohort", "unit"])
def test_what_a_clause_needs_and_the_request_leaves_out_is_a_refusal(rulebook, ask, missing):
    assert not decide(rulebook, ask(**{missing: None})).permitted


@pytest.mark.parametrize("age", [-1, 366])
def test_training_from_the_future_counts_as_little_as_lapsed_training(rulebook, ask, age):
    actor = Actor("a", "evaluator", "council", {"five_safes": age, "isp_briefing": 1})
    assert decide(rulebook, ask(actor=actor)).clauses == ("5.2.training",)


def test_half_of_the_training_is_not_enough(rulebook, ask):
    actor = Actor("a", "evaluator", "council", {"five_safes": 1})
    assert decide(rulebook, ask(actor=actor)).clauses == ("5.2.training",)


def test_a_second_factor_is_asked_for_where_the_protocol_asks_for_it(edited, ask):
    strict = edited(lambda doc: doc["roles"][1]["needs"].update(mfa=True))
    rulebook = Rulebook([strict])
    assert decide(rulebook, ask()).clauses == ("5.2.mfa",)
    assert decide(rulebook, ask(actor=replace(ask().actor, mfa=True))).permitted


def test_a_budget_counts_and_an_unknown_count_is_a_refusal(edited, ask):
    budget = {"clause": "6.10", "budget": {"queries_per_day": 3, "queries_per_quarter": 9}}
    rulebook = Rulebook([edited(lambda doc: doc["disclosure"].append(budget))])
    assert decide(rulebook, ask(queries_today=2, queries_this_quarter=8)).permitted
    for counts in ({}, {"queries_today": 3, "queries_this_quarter": 3}, {"queries_today": 0}):
        assert decide(rulebook, ask(**counts)).clauses == ("6.10",)


def test_operations_are_decided_without_a_purpose_and_carry_no_obligations(rulebook, ask):
    officer = Actor("d", "data_officer", "police")
    request = ask(
        actor=officer,
        action="submit",
        dataset=("police", "contacts"),
        purpose=None,
        measures=(),
        attestation_age_days=0,
    )
    decision = decide(rulebook, request)
    assert decision.permitted
    assert decision.obligations is None


def test_a_dataset_of_another_agency_is_refused_for_every_own_action(rulebook, ask):
    officer = Actor("d", "data_officer", "police")
    for action in ("submit", "withdraw_own", "see_own_submissions"):
        request = ask(
            actor=officer,
            action=action,
            dataset=("schools", "exclusions"),
            attestation_age_days=0,
        )
        assert decide(rulebook, request).clauses == ("5.1.own",)


def test_a_reason_shows_the_askers_words_only_in_about(rulebook, ask):
    typed = "jane example 1990"
    decision = decide(
        rulebook,
        ask(measures=(typed,), dimensions={typed: typed, "district": typed}, cohort=typed),
    )
    assert {reason.clause for reason in decision.reasons} == {"4", "4.7", "2.10"}
    assert not any(typed in reason.text + reason.fix for reason in decision.reasons)
    assert any(typed in " ".join(reason.about) for reason in decision.reasons)


def test_words_that_look_like_cedar_do_not_become_cedar(rulebook, ask):
    for word in ('"] || true || ["', "cost\u0000", 'cost") || principal == principal || ("'):
        assert not decide(rulebook, ask(measures=(word,))).permitted
        assert not decide(rulebook, ask(purpose=word)).permitted
        assert not decide(rulebook, ask(dimensions={word: word})).permitted


def test_the_published_cedar_text_validates_and_has_a_forbid_for_every_rule(shipped):
    text = cedar_text(shipped)
    assert cedarpy.validate_policies(text, schema_text(shipped)).validation_passed
    assert text.count("forbid (") == len(rules_of(shipped))
    assert "when" not in text.split("forbid", 1)[1]


def test_conflicting_roles_are_found_before_they_are_given(rulebook):
    assert conflicting_roles(rulebook, ["evaluator", "ig_officer"])[0].clause == "5.9"
    assert conflicting_roles(rulebook, ["evaluator"]) == ()


def test_the_day_is_the_requests_own_and_not_the_clocks(rulebook, ask):
    assert decide(rulebook, ask(day=date(2028, 12, 31))).permitted
    assert not decide(rulebook, ask(day=date(2029, 1, 1))).permitted
