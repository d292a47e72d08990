"""The checks of a document: its tests run, a lost clause is noticed, gaps in the paperwork are named."""

from dataclasses import replace

from policies import Rulebook
from policies.check import concerns, run_tests, survivors
from policies.simulate import requests_of, simulate


def test_a_test_that_no_longer_holds_is_a_failure_with_both_sides(edited):
    failures = run_tests(edited(lambda doc: doc["disclosure"][2].update(max_dimensions=4)))
    by_name = {failure.name: failure for failure in failures}
    assert by_name["four breakdowns"].expected == ("6.3",)
    assert by_name["four breakdowns"].found == ()


def test_a_clause_without_a_test_survives_being_dropped(edited):
    def forget(doc):
        doc["tests"] = [test for test in doc["tests"] if "4.9" not in test.get("clauses", [])]

    assert survivors(edited(forget)) == ("4.9",)


def test_a_permit_without_a_test_survives_being_dropped(edited):
    def forget(doc):
        doc["tests"] = [test for test in doc["tests"] if test["do"] != "see_health"]

    assert survivors(edited(forget)) == ("permit see_health",)


def test_a_document_without_tests_fails(edited):
    assert run_tests(edited(lambda doc: doc.update(tests=[])))


def test_gaps_in_the_paperwork_are_named(edited):
    def gaps(doc):
        doc["register"]["dea_register_ref"] = None
        doc["legal"] = [c for c in doc["legal"] if c["clause"] not in {"3.3", "3.7"}]

    found = {(fault.path, fault.rule) for fault in concerns(edited(gaps))}
    assert ("register.dea_register_ref", "no_register_entry") in found
    assert ("parties[3]", "no_power_stated") in found
    assert any(rule == "no_condition_stated" for _, rule in found)


def test_a_simulation_shows_what_a_change_would_open_and_close(edited, shipped):
    def change(doc):
        doc["data"]["items"][7]["levels"] = ["month", "quarter", "year"]
        doc["roles"][1]["of"] = ["council", "police"]
        doc["roles"][4]["may"] = ["manage_users"]

    changed = edited(change)
    found = simulate(Rulebook([shipped]), Rulebook([changed]), requests_of(shipped))
    kinds = {(d.request.action, d.request.actor.role, d.kind) for d in found}
    assert ("query", "evaluator", "newly_permitted") in kinds
    assert ("see_health", "administrator", "newly_refused") in kinds
    assert ("read_protocol", "data_officer", "newly_refused") not in kinds


def test_nothing_changes_between_a_rulebook_and_itself(shipped):
    rulebook = Rulebook([shipped])
    assert simulate(rulebook, rulebook, requests_of(shipped)) == ()


def test_a_simulation_also_shows_changed_obligations(edited, shipped, ask):
    gentler = edited(lambda doc: doc["disclosure"][0].update(min_cell=5))
    found = simulate(Rulebook([shipped]), Rulebook([gentler]), [ask()])
    assert [d.kind for d in found] == ["other_obligations"]
    assert replace(found[0].before, digest="") != replace(found[0].after, digest="")
