"""What would a changed protocol change? Two rulebooks and the same requests -> the decisions that differ.

Takes plain requests (of the document's own tests, or recorded ones); never changes anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from policies.check import request_of
from policies.decide import decide
from policies.decision import Decision
from policies.protocol import Protocol
from policies.request import Request
from policies.rulebook import Rulebook

Kind = Literal["newly_permitted", "newly_refused", "other_clauses", "other_obligations"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One request that the two rulebooks decide differently."""

    request: Request
    kind: Kind
    before: Decision
    after: Decision


def simulate(
    before: Rulebook, after: Rulebook, requests: Iterable[Request]
) -> tuple[Difference, ...]:
    """Every request whose decision, failing clauses or obligations would change."""
    found = []
    for request in requests:
        old = decide(before, request, seek_nearest=False)
        new = decide(after, request, seek_nearest=False)
        kind = _kind(old, new)
        if kind is not None:
            found.append(Difference(request, kind, old, new))
    return tuple(found)


def requests_of(protocol: Protocol) -> tuple[Request, ...]:
    """The requests of a document's own tests: the least that a change should be tried on."""
    return tuple(request_of(protocol, trial) for trial in protocol.tests)


def _kind(old: Decision, new: Decision) -> Kind | None:
    if old.permitted != new.permitted:
        return "newly_permitted" if new.permitted else "newly_refused"
    if {reason.clause for reason in old.reasons} != {reason.clause for reason in new.reasons}:
        return "other_clauses"
    return "other_obligations" if old.obligations != new.obligations else None
