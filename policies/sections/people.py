"""Sections 5 and 13 of a protocol: who may do what, which roles exclude each other, who has signed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from policies.terms import Action, Clause, Days, Name, Section, Text


class Needs(Section):
    """What a person must show before acting in a role; training lapses after `max_age_days`."""

    training: tuple[Name, ...] = ()
    max_age_days: Days = 365
    mfa: bool = False


class Quorum(Section):
    """k of n people, from at least so many parties."""

    n: Annotated[int, Field(ge=1)]
    k: Annotated[int, Field(ge=1)]
    distinct_parties: Annotated[int, Field(ge=1)]


class RoleClause(Section):
    """What one role may do, and of which parties its holders may be."""

    clause: Clause
    role: Name
    may: Annotated[tuple[Action, ...], Field(min_length=1)]
    of: Annotated[tuple[Name, ...], Field(min_length=1)]
    needs: Needs | None = None
    quorum: Quorum | None = None


class ConflictClause(Section):
    """Pairs of roles that one person may never hold together."""

    clause: Clause
    conflicts: Annotated[tuple[tuple[Name, Name], ...], Field(min_length=1)]
    same_person_same_output: Literal["forbidden"] = "forbidden"


def _which(clause: object) -> str:
    # Without this, one fault in a role clause would be told as the faults of both kinds.
    is_conflict = isinstance(clause, ConflictClause) or (
        isinstance(clause, dict) and "conflicts" in clause
    )
    return "ConflictClause" if is_conflict else "RoleClause"


PeopleClause = Annotated[
    Annotated[RoleClause, Tag("RoleClause")] | Annotated[ConflictClause, Tag("ConflictClause")],
    Discriminator(_which),
]


class Proposal(Section):
    """Who proposed this version, and when."""

    user: Text
    at: datetime


class Signer(Section):
    """One sign-off that has to be there."""

    role: Name
    party: Name


class EachParty(Section):
    """Which officer signs for a party that `all_of` does not name."""

    role: Literal["dpo", "siro", "dpo_or_siro"]


class ApprovalRule(Section):
    """Who has to sign before the protocol is in force."""

    clause: Clause
    all_of: tuple[Signer, ...] = ()
    each_party: EachParty
    proposer_may_sign: Literal[False]


class Signoff(Section):
    """One sign-off; `note` is a detached signature over the document's digest."""

    party: Name
    role: Name
    at: datetime
    user: Text | None = None
    name: Text | None = None
    note: Text | None = None


class Approval(Section):
    """Proposal, rule and sign-offs; the sign-offs are outside the digest."""

    proposed_by: Proposal
    rule: ApprovalRule
    signoffs: tuple[Signoff, ...] = ()
