"""Rules of sections 0 and 1: is the protocol in force on that day, and is everyone named a party to it?"""

from __future__ import annotations

from collections.abc import Iterator

from policies.clauses.rule import Rule, Wording, all_of, always, listed, set_of
from policies.protocol import Protocol
from policies.request import Request
from policies.terms import ACTIONS, DATA_ACTIONS


def rules(protocol: Protocol) -> Iterator[Rule]:
    """Status (0.1), dates (0.2), parties (1)."""
    if protocol.status != "in_force":
        yield _status(protocol)
    yield _dates(protocol)
    yield _parties(protocol)


def _status(protocol: Protocol) -> Rule:
    # Before it was ever in force nobody has a right under it; afterwards the oversight of it goes on.
    unborn = protocol.status in {"draft", "proposed"}
    says = always(
        f"This protocol is {protocol.status.replace('_', ' ')}, not in force.",
        "Wait until every controller has signed it and it is in force.",
    )
    return Rule("0.1", ACTIONS if unborn else DATA_ACTIONS, "false", says)


def _dates(protocol: Protocol) -> Rule:
    first, last = protocol.dates.effective, protocol.dates.expires
    condition = f"context.day >= {first.toordinal()} && context.day <= {last.toordinal()}"
    says = always(
        f"This protocol is in force from {first:%-d %B %Y} to {last:%-d %B %Y} only.",
        "Ask within these dates, or under a newer version.",
    )
    return Rule("0.2", DATA_ACTIONS, condition, says)


def _parties(protocol: Protocol) -> Rule:
    parties = [party.id for party in protocol.parties]
    senders = list(dict.fromkeys(agency for agency, _ in protocol.datasets))
    condition = all_of(
        (
            f"{set_of(parties)}.contains(context.agency)",
            f"{set_of(senders)}.containsAll(context.agencies)",
        )
    )

    def says(request: Request) -> Wording:
        strangers = [name for name in request.agencies if name not in senders]
        if request.actor.agency not in parties:
            strangers.insert(0, request.actor.agency)
        return Wording(
            "An agency named here is not a party that shares under this protocol.",
            f"Parties that share: {listed(senders)}.",
            tuple(strangers),
        )

    return Rule("1", ACTIONS, condition, says)
