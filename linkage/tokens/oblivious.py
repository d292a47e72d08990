"""Tokens of national numbers by an oblivious function: no agency holds the key, and the gateway sees no number.

In: standard numbers of one kind, each once. Out: one 64-bit token each. Both makers give the same token for the same
number: `DirectNumbers` where the key is (raw extracts at the gateway), `ObliviousNumbers` where the number is (an agency).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Protocol

import polars as pl

from linkage.oprf import Evaluation, blind, evaluate, finalise
from linkage.oprf.keyring import NumberKeys, fingerprint

MOST_AT_ONCE: Final = 10_000
_TOKEN_BYTES: Final = 8

Ask = Callable[[str, Sequence[bytes]], Evaluation]


class NumberTokens(Protocol):
    """Makes the tokens of national numbers in place of the linkage key."""

    @property
    def key_id(self) -> str:
        """The fingerprint of the keys that the tokens are made with: tokens of two never compare."""

    def tokens(self, number: str, values: Sequence[str]) -> pl.Series:
        """One UInt64 for each standard value of one kind of number, in order."""


class DirectNumbers:
    """For whoever holds the key and is given the number itself."""

    def __init__(self, keys: NumberKeys) -> None:
        self._keys = keys
        self.key_id = keys.key_id

    def tokens(self, number: str, values: Sequence[str]) -> pl.Series:
        """The tokens. Raises OprfRefused for a kind of number without a key."""
        pair = self._keys.pair(number)
        return _tokens(evaluate(pair, value.encode()) for value in values)


class ObliviousNumbers:
    """For an agency: `ask` sends blinded elements to whoever holds the key, and gets them back multiplied.

    `public` are the public keys that were agreed beforehand. An answer made with any other key is refused, so that
    nobody can be marked by a key of their own.
    """

    def __init__(self, public: Mapping[str, bytes], ask: Ask, at_once: int = MOST_AT_ONCE) -> None:
        self._public = dict(public)
        self._ask = ask
        self._at_once = at_once
        self.key_id = fingerprint(public)

    def tokens(self, number: str, values: Sequence[str]) -> pl.Series:
        """The tokens, asked for in batches. Raises OprfRefused, or what `ask` raises."""
        return _tokens(self._outputs(number, values))

    def _outputs(self, number: str, values: Sequence[str]) -> Iterator[bytes]:
        for start in range(0, len(values), self._at_once):
            blinded = [blind(value.encode()) for value in values[start : start + self._at_once]]
            evaluation = self._ask(number, [each.element for each in blinded])
            yield from finalise(blinded, evaluation, self._public[number])


def _tokens(outputs: Iterator[bytes]) -> pl.Series:
    made = [int.from_bytes(output[:_TOKEN_BYTES], "big") for output in outputs]
    return pl.Series("token", made, dtype=pl.UInt64)
