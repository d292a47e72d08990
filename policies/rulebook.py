"""A Rulebook: the protocols that decide, compiled once. Frozen; an empty one refuses everything."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import rfc8785

from policies.compile import Compiled, compile_protocol
from policies.faults import Fault, ProtocolInvalid
from policies.protocol import Protocol, load_protocol


class Rulebook:
    """All protocols of one gateway, one version of each."""

    __slots__ = ("_compiled", "_digest")

    def __init__(self, protocols: Iterable[Protocol | Compiled] = ()) -> None:
        """Compile the protocols.

        Raises ProtocolInvalid when one id appears twice: which version decides must not be a matter of order.
        """
        compiled = tuple(p if isinstance(p, Compiled) else compile_protocol(p) for p in protocols)
        ids = [each.protocol.id for each in compiled]
        if len(ids) != len(set(ids)):
            raise ProtocolInvalid([Fault("id", "protocol_twice", "keep one version of a protocol")])
        self._compiled = compiled
        digests = sorted(each.protocol.digest for each in compiled)
        self._digest = hashlib.sha256(rfc8785.dumps(digests)).hexdigest()

    @classmethod
    def load(cls, *paths: Path) -> Rulebook:
        """A rulebook from protocol files. Raises ProtocolInvalid."""
        return cls(load_protocol(path) for path in paths)

    @property
    def protocols(self) -> tuple[Protocol, ...]:
        """The protocols, in the order given."""
        return tuple(each.protocol for each in self._compiled)

    @property
    def compiled(self) -> tuple[Compiled, ...]:
        """The compiled protocols, in the order given."""
        return self._compiled

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over the protocols' digests; the order they were given in does not matter."""
        return self._digest

    def covering(self, purpose: str | None, day: date) -> tuple[Compiled, ...]:
        """The protocols that decide a question for this purpose on this day.

        Those that name the purpose and bind on that day; if none binds, every one that names it, so that
        the refusal can say why. A suspended protocol binds: suspending may never open what it had closed.
        """
        named = tuple(each for each in self._compiled if _names(each.protocol, purpose))
        return tuple(each for each in named if _binds(each.protocol, day)) or named


def _names(protocol: Protocol, purpose: str | None) -> bool:
    return any(stated.id == purpose for stated in protocol.purposes)


def _binds(protocol: Protocol, day: date) -> bool:
    within = protocol.dates.effective <= day <= protocol.dates.expires
    return within and protocol.status in {"in_force", "suspended"}
