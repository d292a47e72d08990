"""A question: its canonical form, its digest, and every way to refuse it."""

from __future__ import annotations

import json

import pytest

from gateway.questions import Question, QuestionRefused, load_catalogue, shipped_catalogue
from gateway.questions.faults import CatalogueFaulty

ASKED = """
purpose: sf-evaluation
cohort: complex-needs
unit: family
measures: [families, cost, cost_per_family]
by: {district: district}
period: {from: 2024-04, to: 2026-03, step: quarter}
where: {agency: [police, health]}
"""


def faults(text: str) -> dict[str, str]:
    with pytest.raises(QuestionRefused) as refused:
        Question.from_yaml(text)
    return {fault.key: fault.rule for fault in refused.value.faults}


def test_yaml_and_json_give_the_same_question() -> None:
    question = Question.from_yaml(ASKED)
    again = Question.from_json(json.dumps(question.canonical()))
    assert again == question
    assert again.digest == question.digest
    assert len(question.digest) == 64


def test_other_words_for_the_same_question_give_the_same_digest() -> None:
    other = """
where: {agency: [health, police, health]}
by: {period: quarter, district: district}
period: {to: 2026-03, from: 2024-04}
measures: [cost, cost_per_family, families, cost]
unit: family
cohort: complex-needs@1
purpose: sf-evaluation
"""
    assert Question.from_yaml(other).digest == Question.from_yaml(ASKED).digest


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("complex-needs", "at-risk"),
        ("[families, cost, cost_per_family]", "[families]"),
        ("2026-03", "2025-03"),
        ("step: quarter", "step: year"),
        ("[police, health]", "[police]"),
        ("sf-evaluation", "sf-monitoring"),
    ],
)
def test_another_question_has_another_digest(was: str, now: str) -> None:
    assert Question.from_yaml(ASKED.replace(was, now)).digest != Question.from_yaml(ASKED).digest


def test_a_step_is_the_dimension_period() -> None:
    assert dict(Question.from_yaml(ASKED).by) == {"district": "district", "period": "quarter"}


def test_a_question_cannot_be_changed() -> None:
    question = Question.from_yaml(ASKED)
    with pytest.raises(ValueError, match="frozen"):
        question.cohort = "all-families@1"  # type: ignore[misc]
    with pytest.raises(TypeError):
        question.by["agency"] = "agency"  # type: ignore[index]


def test_categories_are_there_whether_or_not_anybody_is_in_them() -> None:
    catalogue = shipped_catalogue()
    question = Question.from_yaml(ASKED)
    assert question.categories("period", catalogue)[0] == "2024-Q2"
    assert question.categories("period", catalogue)[-1] == "2026-Q1"
    assert question.cell_count(catalogue) == len(question.categories("district", catalogue)) * 8


def test_financial_years_are_named_by_both_years() -> None:
    question = Question.from_yaml(ASKED.replace("step: quarter", "step: year"))
    assert question.categories("period", shipped_catalogue()) == ("2024/25", "2025/26")


@pytest.mark.parametrize(
    ("was", "now", "key", "rule"),
    [
        ("unit: family", "unit: household", "unit", "wrong_form"),
        ("unit: family", "unit: person", "unit", "unit_of_measure"),
        ("purpose: sf-evaluation", "", "purpose", "missing_key"),
        ("purpose:", "sql: select\npurpose:", "sql", "unknown_key"),
        ("purpose:", "compare: {anchor: programme_start}\npurpose:", "compare", "not_offered"),
        ("complex-needs", "complex", "cohort", "unknown_cohort"),
        ("complex-needs", "complex-needs@2", "cohort", "unknown_cohort"),
        ("[families,", "[famlies,", "measures", "unknown_measure"),
        ("[families, cost, cost_per_family]", "[]", "measures", "wrong_form"),
        ("district: district", "ward: ward", "by.ward", "unknown_dimension"),
        ("district: district", "district: postcode", "by.district", "unknown_level"),
        ("district: district", "issue: issue", "by.issue", "not_by"),
        ("2024-04", "2024-05", "period.from", "whole_quarters"),
        ("2026-03", "2026-02", "period.to", "whole_quarters"),
        ("2024-04", "2024-13", "period.from", "not_a_month"),
        ("2024-04", "2027-04", "period", "wrong_order"),
        ("from: 2024-04", "form: 2024-04", "period.form", "unknown_key"),
        ("step: quarter", "step: month", "period.step", "unknown_level"),
        ("2026-03, step: quarter", "2025-12, step: year", "period", "whole_years"),
        ("{district: district}", "{period: year}", "period.step", "says_two_things"),
        ("period: {from: 2024-04, to: 2026-03, step: quarter}", "", "?", "none"),
        ("agency: [police", "district: [melton", "where.district", "unknown_filter"),
        ("[police, health]", "[police, fire]", "where.agency", "unknown_category"),
        ("[police, health]", "[]", "where.agency", "empty"),
        ("[families, cost, cost_per_family]", "[issue_prevalence]", "by", "needs_dimension"),
        ("district: district", "known_to: combination", "where.agency", "kept_apart"),
    ],
)
def test_a_wrong_key_is_refused_with_its_rule(was: str, now: str, key: str, rule: str) -> None:
    text = ASKED.replace(was, now)
    if rule == "none":
        assert Question.from_yaml(text).quarters is None
    else:
        assert faults(text)[key] == rule


def test_by_period_needs_a_period() -> None:
    text = ASKED.replace("{district: district}", "{period: quarter}")
    text = text.replace("period: {from: 2024-04, to: 2026-03, step: quarter}", "")
    assert faults(text)["period"] == "missing_key"


def test_every_fault_is_named_at_once() -> None:
    text = ASKED.replace("complex-needs", "x").replace("2024-04", "2024-05")
    assert set(faults(text)) == {"cohort", "period.from"}


def test_a_refusal_offers_what_is_registered_and_never_repeats_a_value() -> None:
    with pytest.raises(QuestionRefused) as refused:
        Question.from_yaml(ASKED.replace("[police, health]", "[Jane Doe]"))
    assert "council, dwp, health, housing, police, schools" in str(refused.value)
    assert "Jane" not in str(refused.value)
    near = ASKED.replace("complex-needs", "complex-neds")
    with pytest.raises(QuestionRefused, match="perhaps complex-needs@1 is meant"):
        Question.from_yaml(near)


@pytest.mark.parametrize(
    "text",
    ["- a list", "a: &x 1\nb: *x", "a: 1\na: 2", "a: [", "!!python/object:os.system x", ""],
)
def test_only_strict_yaml_is_read(text: str) -> None:
    assert "question" in faults(text)


@pytest.mark.parametrize("text", ['{"purpose": "a", "purpose": "b"}', "{", "[" * 100_000, "NaN"])
def test_only_strict_json_is_read(text: str) -> None:
    with pytest.raises(QuestionRefused):
        Question.from_json(text)


def test_a_very_long_question_is_not_read() -> None:
    assert faults("a" * 70_000) == {"question": "too_long"}


def test_numbers_are_not_taken_for_words() -> None:
    assert faults(ASKED.replace("cohort: complex-needs", "cohort: 5"))["cohort"] == "wrong_form"


def test_the_catalogue_names_the_agencies_reference_issues() -> None:
    assert len(shipped_catalogue().issues) == 25
    assert len(shipped_catalogue().categories("known_to", "combination")) == 2**6 - 1


def test_every_measure_can_be_asked_for() -> None:
    for name, entry in shipped_catalogue().measures.items():
        body = {
            "purpose": "p",
            "cohort": "all-families",
            "unit": entry.unit,
            "measures": [name],
            "by": {"issue": "issue"} if entry.requires else {"district": "district"},
        }
        assert Question.from_mapping(body).measures == (name,)


def test_the_newest_version_of_a_cohort_is_meant() -> None:
    cohorts = """
cohorts:
  - {name: c, version: 1, title: t, help: h}
  - {name: c, version: 2, title: t, help: h, least_issues: 3}
"""
    catalogue = load_catalogue(cohorts=cohorts)
    body = {"purpose": "p", "cohort": "c", "unit": "family", "measures": ["families"]}
    assert Question.from_mapping(body, catalogue).cohort == "c@2"
    assert Question.from_mapping({**body, "cohort": "c@1"}, catalogue).cohort == "c@1"


@pytest.mark.parametrize(
    "cohorts",
    [
        "cohorts: [{name: c, version: 1, title: t, help: h}, {name: c, version: 1, title: t, help: h}]",
        "cohorts: [{name: c, version: 1, title: t, help: h, sql: 'x > 5'}]",
        "cohorts: [{name: Jane Doe, version: 1, title: t, help: h}]",
        "[]",
    ],
)
def test_a_faulty_catalogue_is_an_error(cohorts: str) -> None:
    with pytest.raises(CatalogueFaulty):
        load_catalogue(cohorts=cohorts)
