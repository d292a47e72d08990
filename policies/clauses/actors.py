"""Rules of section 5: the role may do this, for that agency, with training, and with no conflicting role."""

from __future__ import annotations

from collections.abc import Iterator

from policies.clauses.rule import Rule, Wording, all_of, always, listed, quote, set_of
from policies.protocol import Protocol
from policies.request import Request
from policies.sections.people import ConflictClause, Needs, RoleClause
from policies.terms import ACTIONS, OWN_ACTIONS
from policies.words import said, spoken


def rules(protocol: Protocol) -> Iterator[Rule]:
    """Unknown roles (5); each role's actions and agencies, own data, training, second factor; conflicts."""
    yield _known_role(protocol)
    for clause in protocol.role_clauses:
        yield _role(clause)
        if OWN_ACTIONS.intersection(clause.may):
            yield _own(clause)
        if clause.needs and clause.needs.training:
            yield _training(clause, clause.needs)
        if clause.needs and clause.needs.mfa:
            yield _second_factor(clause)
    for conflict in protocol.conflict_clauses:
        yield _conflict(conflict)


def _known_role(protocol: Protocol) -> Rule:
    names = [clause.role for clause in protocol.role_clauses]

    def says(request: Request) -> Wording:
        fix = f"Roles: {listed(names)}."
        return Wording("This protocol knows no such role.", fix, (request.actor.role,))

    return Rule("5", ACTIONS, f"{set_of(names)}.contains(context.role)", says)


def _role(clause: RoleClause) -> Rule:
    named = ", ".join(f"Action::{quote(action)}" for action in clause.may)
    granted = f"{set_of(clause.of)}.contains(context.agency) && action in [{named}]"

    def says(request: Request) -> Wording:
        if request.action in clause.may:
            text = f"Only {listed(clause.of)} may have {spoken(clause.role)} who may {said(request.action)}."
            return Wording(text, f"Ask {spoken(clause.role)} of {listed(clause.of)}.")
        may = listed(said(action) for action in clause.may)
        return Wording(f"{_subject(clause)} may not {said(request.action)}.", f"May: {may}.")

    return Rule(clause.clause, ACTIONS, _for_role(clause, granted), says)


def _own(clause: RoleClause) -> Rule:
    own = (
        "(if context has dataset_agency then context.dataset_agency == context.agency else true)"
        " && [context.agency].containsAll(context.agencies)"
    )
    says = always(
        f"{_subject(clause)} acts on the extracts of the own agency only.",
        "Leave it to the data officer of that agency.",
    )
    actions = OWN_ACTIONS.intersection(clause.may)
    return Rule(f"{clause.clause}.own", actions, _for_role(clause, own), says)


def _training(clause: RoleClause, needs: Needs) -> Rule:
    fresh = all_of(
        f"context.training has {quote(course)} && context.training[{quote(course)}] >= 0 "
        f"&& context.training[{quote(course)}] <= {needs.max_age_days}"
        for course in needs.training
    )
    courses = listed(course.replace("_", " ") for course in needs.training)
    says = always(
        f"{_subject(clause)} needs training not older than {needs.max_age_days} days: {courses}.",
        f"Take the training ({courses}) and have it recorded.",
    )
    return Rule(f"{clause.clause}.training", ACTIONS, _for_role(clause, fresh), says)


def _second_factor(clause: RoleClause) -> Rule:
    says = always(
        f"{_subject(clause)} has to sign in with a second factor.",
        "Sign in again with a second factor.",
    )
    return Rule(f"{clause.clause}.mfa", ACTIONS, _for_role(clause, "context.mfa"), says)


def _conflict(clause: ConflictClause) -> Rule:
    apart = all_of(f"!context.holds.containsAll({set_of(pair)})" for pair in clause.conflicts)

    def says(request: Request) -> Wording:
        held = {request.actor.role, *request.actor.holds}
        pairs = [pair for pair in clause.conflicts if held.issuperset(pair)]
        named = listed(f"{spoken(one)} and {spoken(two)}" for one, two in pairs)
        return Wording(
            f"One person may not be both: {named}.", "Have one of the two roles taken away."
        )

    return Rule(clause.clause, ACTIONS, apart, says)


def _subject(clause: RoleClause) -> str:
    words = spoken(clause.role)
    return words[0].upper() + words[1:]


def _for_role(clause: RoleClause, condition: str) -> str:
    return f"context.role != {quote(clause.role)} || ({condition})"
