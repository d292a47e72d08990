"""A cohort as an expression: the families its definition takes in. In: the registered definition. Out: Ibis tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.questions import Cohort

from .vintage import unbound

if TYPE_CHECKING:
    import ibis


def families_of(cohort: Cohort) -> ibis.Table:
    """The families table, restricted to the cohort."""
    import ibis

    families = unbound("families")
    known_to = families.known_to
    # "health+police" names two agencies; an empty text none.
    joins = known_to.length() - known_to.replace("+", "").length()
    agencies = (known_to == "").ifelse(0, joins + 1)
    tests = []
    if cohort.least_issues:
        tests.append(families.issue_count >= cohort.least_issues)
    if cohort.most_issues is not None:
        tests.append(families.issue_count <= cohort.most_issues)
    if cohort.least_agencies:
        tests.append(agencies >= cohort.least_agencies)
    if cohort.least_children:
        tests.append(families.children >= cohort.least_children)
    return families.filter(ibis.and_(*tests)) if tests else families
