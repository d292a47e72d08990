"""A proof that many elements were multiplied by one key, and that it is the key that belongs to a public key.

RFC 9497 section 2.2: a batched Chaum-Pedersen proof of equal discrete logarithms (DLEQ), made non-interactive. In: the
key and both lists of elements. Out: 64 bytes, or yes and no. Says nothing about the key or the elements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha512

from linkage.oprf import group
from linkage.oprf.suite import Suite, framed, length

PROOF_BYTES = 2 * group.SCALAR_BYTES
# The position of an element is written in two bytes.
MOST_ELEMENTS = 2**16 - 1

Elements = Sequence[bytes]


@dataclass(frozen=True)
class Prover:
    """Makes and checks proofs for one suite and public key."""

    suite: Suite
    public_key: bytes

    def prove(self, key: bytes, before: Elements, after: Elements, random: bytes) -> bytes:
        """The proof that every element of `after` is `key` times its fellow of `before`.

        `random` is a fresh scalar: the same one for two proofs would give the key away.
        """
        combined = self._combined(before, self._weights(before, after))
        result = group.multiple(key, combined)
        commitments = (group.multiple_of_base(random), group.multiple(random, combined))
        challenge = self._challenge(combined, result, *commitments)
        return challenge + group.less_product(random, challenge, key)

    def holds(self, proof: bytes, before: Elements, after: Elements) -> bool:
        """Whether the proof is one for these elements and the public key. Raises OprfRefused."""
        challenge = group.require_scalar(proof[: group.SCALAR_BYTES])
        response = group.require_scalar(proof[group.SCALAR_BYTES :])
        weights = self._weights(before, after)
        combined, result = self._combined(before, weights), self._combined(after, weights)
        commitments = (
            group.total(
                group.multiple_of_base(response), group.multiple(challenge, self.public_key)
            ),
            group.total(group.multiple(response, combined), group.multiple(challenge, result)),
        )
        return self._challenge(combined, result, *commitments) == challenge

    def _weights(self, before: Elements, after: Elements) -> list[bytes]:
        """A scalar for each position, drawn from both lists: nobody can choose elements to fit them."""
        seed = sha512(framed(self.public_key, b"Seed-" + self.suite.context)).digest()
        begun = framed(seed)
        return [
            self.suite.hash_to_scalar(begun + length(place) + framed(*pair) + b"Composite")
            for place, pair in enumerate(zip(before, after, strict=True))
        ]

    @staticmethod
    def _combined(elements: Elements, weights: Elements) -> bytes:
        weighted = map(group.multiple, weights, elements)
        combined = next(weighted)
        for each in weighted:
            combined = group.total(combined, each)
        return combined

    def _challenge(self, *elements: bytes) -> bytes:
        return self.suite.hash_to_scalar(framed(self.public_key, *elements) + b"Challenge")
