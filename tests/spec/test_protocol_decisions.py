"""What the shipped protocol permits and refuses, clause by clause, as a reader would ask it."""

from datetime import date
from typing import Any

import pytest

from policies import Actor, Decision, Request, Rulebook, decide, shipped_protocols

title = "The protocol decides every request, and a refusal names every clause that fails"

TRAINED = {"five_safes": 30, "isp_briefing": 30}


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return Rulebook.load(*shipped_protocols())


def rows(table: str) -> list[dict[str, str]]:
    head, *body = (line.strip() for line in table.strip().splitlines())
    names = [name.strip() for name in head.split("|")]
    return [
        dict(zip(names, (cell.strip() for cell in line.split("|")), strict=True)) for line in body
    ]


def levels(text: str) -> dict[str, str]:
    pairs = (part.split(":") for part in text.split(",") if part.strip())
    return {name.strip(): level.strip() for name, level in pairs}


def words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def asked(row: dict[str, str]) -> Request:
    role, agency = row.get("who", "evaluator@council").split("@")
    differences: dict[str, Any] = {}
    if row.get("dataset"):
        agency_of, name = row["dataset"].split(".")
        differences["dataset"] = (agency_of, name)
    return Request(
        actor=Actor("a1", role, agency, TRAINED),
        action=row.get("does", "query"),
        day=date.fromisoformat(row.get("day", "2026-11-22")),
        purpose=row.get("purpose", "sf-evaluation"),
        cohort=row.get("cohort", "all-families"),
        unit=row.get("unit", "family"),
        measures=words(row.get("measures", "families")),
        dimensions=levels(row.get("by", "")),
        optout_age_days=0,
        attestation_age_days=0,
        **differences,
    )


def shown(decision: Decision) -> str:
    return "permitted" if decision.permitted else ", ".join(decision.clauses)


def assert_decided(rulebook: Rulebook, table: str) -> None:
    for row in rows(table):
        assert shown(decide(rulebook, asked(row))) == row["decision"], row


def test_an_evaluator_gets_tables_that_were_agreed_and_nothing_finer(rulebook):
    assert_decided(
        rulebook,
        """
        measures         | by                                                 | decision
        families         |                                                    | permitted
        families, cost   | district: district, period: quarter                | permitted
        cost_per_family  | district: county, period: year, agency: agency     | permitted
        people           | known_to: combination                              | permitted
        issue_prevalence | issue: issue, district: district                   | permitted
        families         | issues: banded                                     | permitted
        families         | period: month                                      | 4.9
        families         | district: postcode                                 | 4.7
        issue_prevalence | issue: issue, known_to: combination                | 4.11
        gp_visits        |                                                    | 4
        families         | religion: religion                                 | 4
        offence_group    |                                                    | 4.22
        """,
    )


def test_every_failing_clause_is_named_not_only_the_first(rulebook):
    assert_decided(
        rulebook,
        """
        purpose          | cohort     | by                                                                                 | decision
        sf-evaluation    | one-street | period: month                                                                      | 2.10, 4.9
        sf-evaluation    | at-risk    | offence_group: group, district: district, period: month, known_to: combination     | 4.9, 4.22, 6.3
        direct-case-work | at-risk    | offence_group: group, district: street, period: month, known_to: name              | 2.2, 4.7, 4.9, 4.12, 4.22, 6.3
        """,
    )


def test_each_role_does_its_own_work_and_no_other(rulebook):
    assert_decided(
        rulebook,
        """
        who                     | does                | dataset            | decision
        data_officer@police     | submit              | police.contacts    | permitted
        data_officer@police     | submit              | council.early_help | 5.1.own
        data_officer@police     | submit              | police.custody     | 4.dataset
        data_officer@police     | submit              |                    | 4.dataset
        data_officer@gateway    | submit              | police.contacts    | 5.1, 5.1.own
        data_officer@police     | see_own_submissions |                    | permitted
        data_officer@police     | query               |                    | 5.1
        data_officer@police     | read_audit          |                    | 5.1
        evaluator@council       | query               |                    | permitted
        evaluator@health        | query               |                    | 5.2
        evaluator@council       | link                |                    | 5.2
        evaluator@council       | submit              | council.early_help | 5.2
        linkage_officer@gateway | link                |                    | permitted
        linkage_officer@gateway | measure_quality     |                    | permitted
        linkage_officer@gateway | query               |                    | 5.3
        ig_officer@health       | read_audit          |                    | permitted
        ig_officer@health       | export_audit        |                    | permitted
        ig_officer@health       | attack_ledger       |                    | permitted
        evaluator@council       | attack_ledger       |                    | 5.2
        administrator@gateway   | attack_ledger       |                    | 5.5
        ig_officer@health       | query               |                    | 5.4
        administrator@gateway   | manage_users        |                    | permitted
        administrator@gateway   | deliver_key         | police.contacts    | permitted
        administrator@gateway   | deliver_key         | police.custody     | 4.dataset
        administrator@gateway   | rotate_key          |                    | permitted
        administrator@police    | deliver_key         | police.contacts    | 5.5
        linkage_officer@gateway | deliver_key         | police.contacts    | 5.3
        administrator@gateway   | see_health          |                    | permitted
        administrator@gateway   | read_audit          |                    | 5.5
        administrator@gateway   | query               |                    | 5.5
        stranger@council        | read_protocol       |                    | 5
        evaluator@council       | become_root         |                    | 5
        """,
    )


def test_the_protocol_holds_between_its_dates(rulebook):
    assert_decided(
        rulebook,
        """
        day        | decision
        2026-03-31 | 0.2
        2026-04-01 | permitted
        2026-11-22 | permitted
        2028-12-31 | permitted
        2029-01-01 | 0.2
        """,
    )


def test_a_refused_question_comes_with_the_nearest_one_that_would_pass(rulebook):
    table = """
        measures           | by                                                                             | nearest measures | nearest by
        families           | period: month                                                                  | families         | period: quarter
        families, gp_visits| district: ward                                                                 | families         | district: district
        families, cost     | offence_group: group, district: district, period: month, known_to: combination | families, cost   | district: district, period: quarter, known_to: combination
    """
    for row in rows(table):
        nearest = decide(rulebook, asked(row)).nearest
        assert nearest is not None
        assert nearest.measures == words(row["nearest measures"])
        assert nearest.dimensions == levels(row["nearest by"])
        assert decide(rulebook, nearest).permitted


def test_a_purpose_that_nobody_agreed_is_refused_in_plain_words(rulebook):
    decision = decide(rulebook, asked({"purpose": "marketing"}))
    assert [reason.text for reason in decision.reasons] == [
        "No protocol in force covers this purpose."
    ]


def test_without_any_protocol_nothing_at_all_is_permitted():
    assert shown(decide(Rulebook(), asked({}))) == "2"
    assert shown(decide(Rulebook(), asked({"does": "see_health"}))) == "0"
