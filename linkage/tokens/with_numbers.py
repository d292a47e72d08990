"""A linkage key whose national numbers are tokenised in another way; every other field as ever.

In: a linkage key and a maker of number tokens. Out: a key that `tokenise` takes like any other. Never shows either.
"""

import polars as pl

from linkage.oprf.keyring import NATIONAL_NUMBERS
from linkage.tokens.keys import LinkageKey, Pseudonymiser
from linkage.tokens.oblivious import NumberTokens


class WithNumbers(LinkageKey):
    """Takes the tokens of NHS numbers, NINOs and UPNs from elsewhere, and the rest from `key`."""

    __slots__ = ("_key", "_numbers")

    def __init__(self, key: LinkageKey, numbers: NumberTokens) -> None:
        self._key = key
        self._numbers = numbers

    def __repr__(self) -> str:
        return "WithNumbers(keys withheld)"

    def level_key(self, field: str, level: str) -> bytes:
        """The key of one field and level; that of a number is used for nothing here."""
        return self._key.level_key(field, level)

    def pseudonymiser(self, field: str, level: str) -> Pseudonymiser:
        """What makes the tokens of one field and level."""
        if field in NATIONAL_NUMBERS:
            return _Numbers(self._numbers, field)
        return self._key.pseudonymiser(field, level)


class _Numbers(Pseudonymiser):
    """One kind of number."""

    __slots__ = ("_made_by", "_number")

    def __init__(self, made_by: NumberTokens, number: str) -> None:
        self._made_by = made_by
        self._number = number

    def tokens(self, values: pl.Series) -> pl.Series:
        """One token for each distinct value, put where the value stands; null for null."""
        given = pl.Series("value", values, dtype=pl.String)
        distinct = given.drop_nulls().unique(maintain_order=True)
        tokens = self._made_by.tokens(self._number, distinct.to_list())
        return given.replace_strict(distinct, tokens, default=None, return_dtype=pl.UInt64)
