"""Each fault of a protocol document has a path, a rule and a fix, and all of them come at once."""

import hashlib
from copy import deepcopy

import pytest
import rfc8785

from policies import ProtocolInvalid
from policies.protocol import protocol_of, read_protocol
from policies.strict_yaml import Document


def _drop_signoff(party):
    def change(doc):
        kept = [s for s in doc["approval"]["signoffs"] if s["party"] != party]
        doc["approval"]["signoffs"] = kept

    return change


def _set(*path, to):
    def change(doc):
        for step in path[:-1]:
            doc = doc[step]
        doc[path[-1]] = to

    return change


BUDGET = {"epsilon": 1.0, "delta": 0, "tables": 10, "unit": "family", "per": "vintage"}
_BUDGET_AT = "disclosure[4].privacy_budget"


def _private(**changed):
    return {
        "clause": "6.5",
        "method": "differential_privacy",
        "privacy_budget": {**BUDGET, **changed},
    }


FAULTS = [
    (_set("colour", to="blue"), "colour", "unknown_key"),
    (_set("data", "items", 0, "colour", to="blue"), "data.items[0].colour", "unknown_key"),
    (_set("disclosure", 0, "min_shells", to=3), "disclosure[0].min_shells", "unknown_key"),
    (lambda d: d.pop("title"), "title", "missing_key"),
    (_set("schema", to="isp/v2"), "schema", "unknown_word"),
    (_set("status", to="active"), "status", "unknown_word"),
    (_set("data", "items", 3, "clause", to=4.10), "data.items[3].clause", "clause_number"),
    (_set("purposes", 0, "clause", to="0.2"), "purposes[0].clause", "clause_number"),
    (_set("purposes", 0, "clause", to="2"), "purposes[0].clause", "clause_number"),
    (_set("purposes", 1, "clause", to="2.1"), "purposes[1].clause", "clause_used_twice"),
    (_set("roles", 0, "may", to=["fly"]), "roles[0].may[0]", "unknown_word"),
    (_set("roles", 0, "of", to=["probation"]), "roles 5.1", "unknown_party"),
    (_set("dates", "expires", to="2026-04-02"), "dates", "order"),
    (_set("dates", "expires", to="soon"), "dates.expires", "not_a_date"),
    (_set("parties", 1, "id", to="council"), "parties[1]", "named_twice"),
    (_set("data", "items", 5, "levels", to=[]), "data.items[5]", "dimension_without_levels"),
    (_set("data", "items", 9, "not_with", to=["wealth"]), "data.items[9].not_with", "unknown_item"),
    (_set("disclosure", 0, "min_cell", to=1), "disclosure[0].min_cell", "out_of_range"),
    (_set("disclosure", 0, "min_cell", to="10"), "disclosure[0].min_cell", "not_a_whole_number"),
    (_set("disclosure", 2, to={"clause": "6.3"}), "disclosure", "missing_obligation"),
    (_set("disclosure", 3, "max_dimensions", to=9), "disclosure[2]", "stated_twice"),
    (_set("disclosure", 4, "method", to="suppression"), "disclosure", "other_method"),
    (
        _set("disclosure", 4, "method", to="differential_privacy"),
        "disclosure",
        "missing_obligation",
    ),
    (_set("disclosure", 4, "method", to="swapping"), "disclosure[4].method", "unknown_word"),
    (_set("disclosure", 4, "privacy_budget", to=BUDGET), "disclosure", "other_method"),
    (_set("disclosure", 4, to=_private(epsilon=0)), _BUDGET_AT + ".epsilon", "out_of_range"),
    (_set("disclosure", 4, to=_private(delta=0.01)), _BUDGET_AT + ".delta", "out_of_range"),
    (_set("disclosure", 4, to=_private(tables=0)), _BUDGET_AT + ".tables", "out_of_range"),
    (_set("disclosure", 4, to=_private(unit="person")), _BUDGET_AT + ".unit", "unknown_word"),
    (_set("disclosure", 4, to=_private(per="release")), _BUDGET_AT + ".per", "unknown_word"),
    (_set("purposes", 1, "why", to=None), "purposes[1]", "prohibited_without_why"),
    (_set("approval", "rule", "proposer_may_sign", to=True), None, "unknown_word"),
    (_drop_signoff("dwp"), "approval.signoffs", "signature_missing"),
    (_drop_signoff("health"), "approval.signoffs", "signature_missing"),
]


@pytest.mark.parametrize(("change", "path", "rule"), FAULTS)
def test_a_fault_is_named_by_path_and_rule(edited, change, path, rule):
    with pytest.raises(ProtocolInvalid) as caught:
        edited(change)
    found = [(fault.path, fault.rule) for fault in caught.value.faults]
    assert (path, rule) in found or (path is None and rule in [rule for _, rule in found])
    assert all(fault.fix for fault in caught.value.faults)


def test_faults_in_several_sections_come_together(edited):
    def change(doc):
        doc["colour"] = "blue"
        doc["roles"][0]["may"] = ["fly"]
        doc["data"]["items"][0]["clause"] = 4.2

    with pytest.raises(ProtocolInvalid) as caught:
        edited(change)
    assert len(caught.value.faults) == 3


def test_a_fault_gives_the_line_and_never_the_value(shipped, content):
    text = "schema: isp/v1\ntitle: 7\nid: Jane Example 01/02/1990\n"
    with pytest.raises(ProtocolInvalid) as caught:
        read_protocol(text)
    by_path = {fault.path: fault for fault in caught.value.faults}
    assert by_path["title"].line == 2
    assert by_path["id"].line == 3
    assert "Jane" not in str(caught.value)


def test_a_draft_needs_no_signatures_but_the_proposer_may_never_sign(edited):
    def unsigned(doc):
        doc["status"] = "draft"
        doc["approval"]["signoffs"] = []

    assert edited(unsigned).status == "draft"

    def signed_by_proposer(doc):
        doc["approval"]["signoffs"][0]["user"] = doc["approval"]["proposed_by"]["user"]

    with pytest.raises(ProtocolInvalid, match="proposer_signed"):
        edited(signed_by_proposer)


def test_the_digest_is_of_the_canonical_document_without_signoffs(shipped, content):
    unsigned = deepcopy(content)
    del unsigned["approval"]["signoffs"]
    assert shipped.digest == hashlib.sha256(rfc8785.dumps(unsigned)).hexdigest()


def test_a_signature_leaves_the_digest_alone_and_any_other_word_changes_it(edited, shipped):
    signed = edited(lambda d: d["approval"]["signoffs"][0].update(name="L. Byrne"))
    reworded = edited(lambda d: d.update(title="Another title"))
    assert signed.digest == shipped.digest
    assert reworded.digest != shipped.digest


def test_the_order_of_keys_does_not_change_the_digest(content, shipped):
    turned = dict(reversed(content.items()))
    assert protocol_of(Document(turned, {})).digest == shipped.digest


def test_a_document_that_is_no_map_is_refused():
    for text in ("- a\n", "word\n", "null\n"):
        with pytest.raises(ProtocolInvalid):
            read_protocol(text)


def test_a_protocol_cannot_be_changed_after_it_was_read(shipped):
    with pytest.raises(ValueError, match="frozen"):
        shipped.status = "draft"


@pytest.mark.parametrize("epsilon", [float("nan"), float("inf"), -1.0, "1", True, None, [1]])
def test_a_budget_is_a_number_within_its_limits_or_no_protocol(edited, epsilon):
    with pytest.raises(ProtocolInvalid):
        edited(_set("disclosure", 4, to=_private(epsilon=epsilon)))
