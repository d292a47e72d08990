"""Rules of section 2: prohibited purposes, agreed cohorts and their units, what may be counted."""

from __future__ import annotations

from collections.abc import Iterator

from policies.clauses.rule import Rule, Wording, always, either, listed, quote, set_of
from policies.protocol import Protocol
from policies.request import Request
from policies.sections.purposes import Cohort, Cohorts, Purpose, Units

QUERY = frozenset({"query"})


def rules(protocol: Protocol) -> Iterator[Rule]:
    """One rule for each prohibited purpose, the list of cohorts, each restricted cohort, the units."""
    allowed = [purpose.id for purpose in protocol.purposes if not purpose.prohibited]
    for purpose in protocol.purposes:
        if purpose.prohibited:
            yield _prohibited(purpose, allowed)
    if protocol.cohorts:
        yield _cohort_list(protocol.cohorts)
        for cohort in protocol.cohorts.agreed:
            if len(set(cohort.units)) < 2:
                yield _cohort_units(cohort)
    if protocol.units:
        yield _units(protocol.units)


def _prohibited(purpose: Purpose, allowed: list[str]) -> Rule:
    condition = f"context has purpose && context.purpose != {quote(purpose.id)}"
    says = always(
        f"{purpose.title} is prohibited. {purpose.why}",
        f"Purposes that this protocol allows: {listed(allowed)}.",
    )
    return Rule(purpose.clause, QUERY, condition, says)


def _cohort_list(cohorts: Cohorts) -> Rule:
    names = [name for cohort in cohorts.agreed for name in cohort.names]
    condition = f"context has cohort && {set_of(names)}.contains(context.cohort)"
    agreed = listed(cohort.names[1] for cohort in cohorts.agreed)

    def says(request: Request) -> Wording:
        about = (request.cohort,) if request.cohort is not None else ()
        return Wording("Nobody agreed this cohort.", f"Agreed cohorts: {agreed}.", about)

    return Rule(cohorts.clause, QUERY, condition, says)


def _cohort_units(cohort: Cohort) -> Rule:
    condition = (
        f"if context has cohort && {set_of(cohort.names)}.contains(context.cohort) "
        f"then (context has unit && {set_of(cohort.units)}.contains(context.unit)) else true"
    )
    says = always(
        f"The cohort {cohort.id} may be counted by {either(cohort.units)} only.",
        f"Count by {either(cohort.units)}.",
    )
    return Rule(cohort.clause, QUERY, condition, says)


def _units(units: Units) -> Rule:
    condition = f"context has unit && {set_of(units.allowed)}.contains(context.unit)"
    says = always(
        f"Figures count {either(units.allowed)} and nothing else.",
        f"Name the unit: {either(units.allowed)}.",
    )
    return Rule(units.clause, QUERY, condition, says)
