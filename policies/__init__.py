"""May this be done, for this purpose, by this role? Pure decisions on a sharing protocol."""

from policies.conflicts import conflicting_roles
from policies.decide import decide
from policies.decision import Decision, Reason
from policies.faults import Fault, ProtocolInvalid
from policies.obligations import Obligations
from policies.protocol import Protocol, load_protocol
from policies.request import Actor, Request, RequestInvalid
from policies.rulebook import Rulebook
from policies.shipped import shipped_protocols

__all__ = [
    "Actor",
    "Decision",
    "Fault",
    "Obligations",
    "Protocol",
    "ProtocolInvalid",
    "Reason",
    "Request",
    "RequestInvalid",
    "Rulebook",
    "conflicting_roles",
    "decide",
    "load_protocol",
    "shipped_protocols",
]
