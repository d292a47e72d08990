"""A gateway does not start where its catalogue computes something other than what a protocol agreed."""

import pytest

from gateway.pipeline.agreement import AgreementBroken, family_rule, require_agreement
from gateway.questions import shipped_catalogue
from linkage import FAMILY_RULES
from policies import Rulebook, shipped_protocols


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return Rulebook.load(*shipped_protocols())


def changed(**differences):
    """The shipped catalogue with its complex-needs cohort changed."""
    catalogue = shipped_catalogue()
    cohorts = tuple(
        cohort.model_copy(update=differences) if cohort.name == "complex-needs" else cohort
        for cohort in catalogue.cohorts
    )
    return catalogue.model_copy(update={"cohorts": cohorts})


def test_the_shipped_catalogue_computes_what_the_shipped_protocol_agreed(rulebook):
    require_agreement(rulebook, shipped_catalogue())
    assert family_rule(rulebook).name == "household-and-kin@1"


@pytest.mark.parametrize(
    "difference",
    [
        {"least_issues": 4},
        {"most_issues": 9},
        {"least_agencies": 1},
        {"least_children": 0},
        {"version": 2},
    ],
)
def test_any_other_definition_is_refused_and_the_clause_is_named(rulebook, difference):
    with pytest.raises(AgreementBroken, match=r"clause 2\.12"):
        require_agreement(rulebook, changed(**difference))


def with_family_rule(tmp_path, name):
    """The shipped protocols with another family rule in clause 2.4."""
    written = []
    for path in shipped_protocols():
        changed_to = path.read_text("utf-8").replace("rule: household-and-kin@1", f"rule: {name}")
        written.append(tmp_path / path.name)
        written[-1].write_text(changed_to, "utf-8")
    return Rulebook.load(*written)


@pytest.mark.parametrize("name", FAMILY_RULES)
def test_a_protocol_chooses_its_family_rule_by_name(tmp_path, name):
    rulebook = with_family_rule(tmp_path, name)
    require_agreement(rulebook, shipped_catalogue())
    assert family_rule(rulebook).name == name


def test_a_family_rule_that_nobody_defined_is_refused_with_its_clause(tmp_path):
    with pytest.raises(AgreementBroken, match=r"clause 2\.4: no such family rule here"):
        require_agreement(with_family_rule(tmp_path, "household@7"), shipped_catalogue())
