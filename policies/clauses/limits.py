"""Rules of sections 6 and 7: size of the question, number of questions, freshness of people's objections."""

from __future__ import annotations

from collections.abc import Iterator

from policies.clauses.items import SUBMIT
from policies.clauses.rule import Rule, always, listed, set_of
from policies.clauses.scope import QUERY
from policies.protocol import Protocol
from policies.sections.disclosure import Budget
from policies.sections.duties import OptOut


def rules(protocol: Protocol) -> Iterator[Rule]:
    """Limits of section 6 that show before any figure exists, then each list of objections."""
    for clause in protocol.disclosure:
        if clause.max_dimensions is not None:
            yield _dimensions(clause.clause, clause.max_dimensions)
        if clause.max_cells is not None:
            yield _cells(clause.clause, clause.max_cells)
        if clause.budget is not None:
            yield _budget(clause.clause, clause.budget)
    for objections in protocol.optout:
        yield _sent(objections) if objections.applied_by else _applied_here(objections)


def _dimensions(clause: str, limit: int) -> Rule:
    says = always(
        f"A table has at most {limit} breakdowns.",
        f"Leave out breakdowns until {limit} remain.",
    )
    return Rule(clause, QUERY, f"context.dimension_count <= {limit}", says)


def _cells(clause: str, limit: int) -> Rule:
    condition = (
        f"if context has cells then (context.cells >= 0 && context.cells <= {limit}) else true"
    )
    says = always(
        f"A table has at most {limit} cells.",
        "Use coarser levels, or fewer breakdowns or measures.",
    )
    return Rule(clause, QUERY, condition, says)


def _budget(clause: str, budget: Budget) -> Rule:
    condition = (
        "context has queries_today && context has queries_this_quarter"
        f" && context.queries_today >= 0 && context.queries_today < {budget.queries_per_day}"
        " && context.queries_this_quarter >= 0"
        f" && context.queries_this_quarter < {budget.queries_per_quarter}"
    )
    says = always(
        f"One person asks at most {budget.queries_per_day} questions a day and "
        f"{budget.queries_per_quarter} a quarter.",
        "Ask again tomorrow, or next quarter.",
    )
    return Rule(clause, QUERY, condition, says)


def _applied_here(objections: OptOut) -> Rule:
    condition = (
        "context has optout_age_days && context.optout_age_days >= 0"
        f" && context.optout_age_days <= {objections.max_age_days}"
    )
    says = always(
        f"People's objections were not applied within the last {objections.max_age_days} days.",
        "Apply the list of objections, then ask again.",
    )
    return Rule(objections.clause, QUERY | {"link"}, condition, says)


def _sent(objections: OptOut) -> Rule:
    fresh = (
        "(context has attestation_age_days && context.attestation_age_days >= 0"
        f" && context.attestation_age_days <= {objections.max_age_days})"
    )
    condition = fresh
    if objections.applies_to != "*":
        senders = set_of(objections.applies_to)
        condition = (
            f"if context has dataset_agency && {senders}.contains(context.dataset_agency)"
            f" then {fresh} else true"
        )
    who = "any agency" if objections.applies_to == "*" else listed(objections.applies_to)
    says = always(
        f"An extract of {who} needs an attestation that the opt-out was applied within {objections.max_age_days} days.",
        "Apply the opt-out before sending, and attest to it with the extract.",
    )
    return Rule(objections.clause, SUBMIT, condition, says)
