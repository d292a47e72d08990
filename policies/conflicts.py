"""Roles that one person may not be given together, asked before a role is given rather than when it is used."""

from __future__ import annotations

from collections.abc import Iterable

from policies.decision import Reason
from policies.rulebook import Rulebook
from policies.words import spoken


def conflicting_roles(rulebook: Rulebook, roles: Iterable[str]) -> tuple[Reason, ...]:
    """Every clause that keeps two of these roles apart; empty when one person may hold them all."""
    held = set(roles)
    return tuple(
        Reason(
            clause.clause,
            f"One person may not be both {spoken(one)} and {spoken(two)}.",
            "Give one of the two roles to somebody else.",
            protocol=protocol.name,
        )
        for protocol in rulebook.protocols
        for clause in protocol.conflict_clauses
        for one, two in clause.conflicts
        if held.issuperset((one, two))
    )
