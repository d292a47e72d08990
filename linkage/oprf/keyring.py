"""The keys of the national numbers: one key pair for each kind of number, all from one secret seed.

In: 32 bytes. Out: public keys with a fingerprint to compare, and answers to blinded elements. Sees no number: what is
blinded stays so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from linkage.errors import OprfRefused
from linkage.oprf.protocol import Evaluation, KeyPair, derive_key_pair, evaluate_blinded
from linkage.oprf.suite import framed

# The identifier roles that are national numbers: few enough to be counted through by whoever has their key.
NATIONAL_NUMBERS: Final = ("nhs_number", "nino", "upn")
_PURPOSE: Final = "families-data-gateway/national-number/v1/"
_ID_HEX_DIGITS: Final = 32


@dataclass(frozen=True, slots=True)
class NumberKeys:
    """A key pair for each kind of number, so that an answer about one says nothing of another."""

    pairs: Mapping[str, KeyPair]

    @classmethod
    def derive(cls, seed: bytes) -> NumberKeys:
        """The keys of one linkage domain and epoch. Raises OprfMissing without the extra `oprf`."""
        return cls({n: derive_key_pair(seed, f"{_PURPOSE}{n}".encode()) for n in NATIONAL_NUMBERS})

    @property
    def public(self) -> dict[str, bytes]:
        """What everybody is given to check answers by."""
        return {number: pair.public for number, pair in self.pairs.items()}

    @property
    def key_id(self) -> str:
        """The fingerprint of the public keys."""
        return fingerprint(self.public)

    def pair(self, number: str) -> KeyPair:
        """The key pair of one kind of number. Raises OprfRefused for a kind that has none."""
        if number not in self.pairs:
            raise OprfRefused(f"there is a key for {', '.join(self.pairs)} only")
        return self.pairs[number]

    def answer(self, number: str, elements: Sequence[bytes]) -> Evaluation:
        """The answer to blinded numbers of one kind, with its proof. Raises OprfRefused."""
        return evaluate_blinded(self.pair(number), elements)


def fingerprint(public: Mapping[str, bytes]) -> str:
    """32 hexadecimal digits, the same for everybody who was given the same public keys."""
    parts = (part for name in sorted(public) for part in (name.encode(), public[name]))
    return sha256(framed(*parts)).hexdigest()[:_ID_HEX_DIGITS]
