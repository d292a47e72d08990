"""The suite ristretto255-SHA512 in mode OPRF or VOPRF: how bytes become elements and scalars.

RFC 9497 sections 3.1 and 4.1, expand_message_xmd of RFC 9380 section 5.3.1. In: bytes. Out: bytes. Keeps nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from hashlib import sha512

from linkage.oprf import group

_IDENTIFIER = b"ristretto255-SHA512"
_HASH_BYTES = 64
_BLOCK_BYTES = 128


class Mode(Enum):
    """Modes of RFC 9497 section 3.1 that are built; the value is the RFC's number."""

    OPRF = 0
    VOPRF = 1


def length(number: int, size: int = 2) -> bytes:
    """I2OSP of RFC 8017: a number as `size` bytes, the highest first."""
    return number.to_bytes(size, "big")


def framed(*parts: bytes) -> bytes:
    """Each part after its own length, so that no two lists of parts are the same bytes."""
    return b"".join(length(len(part)) + part for part in parts)


def expand(message: bytes, domain: bytes) -> bytes:
    """expand_message_xmd with SHA-512 to 64 bytes, which is one block. `domain` has at most 255 bytes."""
    tag = domain + length(len(domain), 1)
    padded = bytes(_BLOCK_BYTES) + message + length(_HASH_BYTES) + b"\0" + tag
    return sha512(sha512(padded).digest() + b"\1" + tag).digest()


@dataclass(frozen=True)
class Suite:
    """One mode of the suite; every hash says which mode and for what it is."""

    mode: Mode

    @property
    def context(self) -> bytes:
        """contextString of RFC 9497 section 3.1."""
        return b"OPRFV1-" + length(self.mode.value, 1) + b"-" + _IDENTIFIER

    def hash_to_element(self, message: bytes) -> bytes:
        """HashToGroup; no message is known that gives the identity."""
        return group.element_of(expand(message, b"HashToGroup-" + self.context))

    def hash_to_scalar(self, message: bytes, purpose: bytes = b"HashToScalar-") -> bytes:
        """HashToScalar; `purpose` stands before the context in the domain separation."""
        return group.scalar_of(expand(message, purpose + self.context))
