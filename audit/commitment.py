"""The commitment of a staff id: what an entry holds in the place of a name.

In: a staff id and a salt, or a line of the table of actors. Out: the commitment, or the line's parts once they are
found to belong together. Pure; knows no file.
"""

import hmac
import json
from dataclasses import dataclass

import rfc8785


@dataclass(frozen=True, slots=True)
class ActorLine:
    """A staff id with its salt (32 bytes) and its commitment (64 hex digits)."""

    actor: str
    salt: bytes
    commitment: str

    @classmethod
    def of(cls, actor: str, salt: bytes) -> "ActorLine":
        """The line that commits to a staff id under a salt."""
        return cls(actor, salt, hmac.new(salt, actor.encode(), "sha256").hexdigest())

    def to_bytes(self) -> bytes:
        """The line in canonical JSON (RFC 8785), without its end."""
        fields = {"actor": self.actor, "commitment": self.commitment, "salt": self.salt.hex()}
        return rfc8785.dumps(fields)


def read_line(raw: bytes) -> ActorLine:
    """The parts of a line. Raises ValueError unless it is canonical and commits to its staff id.

    A name exchanged for another would otherwise put somebody else's deeds under it.
    """
    try:
        fields = json.loads(raw)
        line = ActorLine.of(fields["actor"], bytes.fromhex(fields["salt"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError("a line of the table of actors is not in its form") from None
    if line.to_bytes() != raw:
        raise ValueError("a line of the table of actors does not commit to its staff id")
    return line
