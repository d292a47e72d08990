"""Plain words: a protocol and a decision can be read by a person who has never seen the file."""

from policies import decide
from policies.explain import changes, explain, explain_decision
from policies.terms import ACTIONS
from policies.words import lasting, said, spoken


def test_every_purpose_role_measure_breakdown_and_cohort_is_explained(shipped):
    text = explain(shipped).text()
    wanted = [purpose.id for purpose in shipped.purposes]
    wanted += [item.item for item in (*shipped.measures, *shipped.dimensions)]
    wanted += [cohort.names[1] for cohort in shipped.cohorts.agreed]
    wanted += [f"[{clause.clause}]" for clause in shipped.roles]
    wanted += [shipped.digest, "household-and-kin@1", "fewer than 10 families"]
    assert [word for word in wanted if word not in text] == []


def test_every_action_has_words_of_its_own():
    assert len({said(action) for action in ACTIONS}) == len(ACTIONS)
    assert "do this" not in {said(action) for action in ACTIONS}


def test_roles_and_durations_are_spoken():
    assert spoken("evaluator") == "an evaluator"
    assert spoken("data_officer") == "a data officer"
    assert spoken("ig_officer") == "an IG officer"
    assert lasting("P2Y") == "for 2 years"
    assert lasting("P0D") == "not kept"


def test_a_refusal_says_clause_reason_fix_and_what_to_ask_instead(rulebook, ask):
    asked = ask(measures=("cost", "gp_visits"), dimensions={"period": "month"})
    text = explain_decision(asked, decide(rulebook, asked)).text()
    for part in ("Clause 4.9", "quarter or year", "Clause 4\n", "You wrote: gp_visits."):
        assert part in text
    assert "break period down by quarter instead of month" in text
    assert "leave out the measure gp_visits" in text


def test_a_permission_says_what_goes_with_it(rulebook, ask):
    text = explain_decision(ask(), decide(rulebook, ask())).text()
    assert text.startswith("Permitted under isp:exampleshire/families-2026@1.0.0")
    assert "No cell of fewer than 10 families [6.1]." in text


def test_a_request_needs_no_change_to_become_itself(ask):
    assert changes(ask(), ask()) == ()


def test_the_method_is_explained_with_its_clause(edited, ask):
    def explained(clause):
        protocol = edited(lambda doc: doc["disclosure"].__setitem__(4, {"clause": "6.5", **clause}))
        return explain(protocol).text()

    exact = explained({"method": "suppression"})
    assert "One table is published, with exact counts and totals" in exact
    assert "keyed noise" not in exact
    budget = {"epsilon": 2, "tables": 20, "unit": "family", "per": "vintage"}
    private = explained({"method": "differential_privacy", "privacy_budget": budget})
    assert "20 tables share epsilon 2 for each vintage [6.5]." in private
    assert "No figure under 10 families [6.1]." in private
    assert "A line with a withheld cell" not in private
