"""The coarse sieve of free text: Polars expressions over whole columns of notes.

`may_hold_reference` and `may_hold_name` are wider than the fine sieves behind them (property tests hold this), so they
save time and cost no finding. `holds_own_value` is exact: a note with a value of its own row points to that person.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from agencies.declaration import Dataset
from agencies.intake.ambiguous import AMBIGUOUS_NAMES

# Roles whose value in the row's own note points to the person, and the shortest value that counts.
_OWN_ROLES: Final = {
    "forename": 3,
    "surname": 3,
    "address": 6,
    "agency_id": 5,
    "guardian_id": 5,
    "partner_id": 5,
    "nhs_number": 10,
    "nino": 8,
    "upn": 13,
    "uprn": 6,
}
_NOT_WORD: Final = r"[^\p{L}\p{M}\p{Nd}]+"
# Each is wider than the recognisers of `recognisers`: seven digits however they are spaced (phone, NHS number),
# letters and digits set like a postcode or a NINO, an @, a house number before a word, a word of birth, a title.
REFERENCE_PATTERNS: Final = (
    r"\p{Nd}(?:[^\p{Nd}]{0,8}\p{Nd}){6}",
    r"(?i)[a-z]\p{Nd}[a-z\p{Nd}]?\s?\p{Nd}[a-z]{2}",
    r"(?i)gir\s?0aa",
    r"(?i)[a-z]{2} ?\p{Nd}{2} ?\p{Nd}{2} ?\p{Nd}{2} ?[a-d]",
    r"@",
    r"(?i)\p{Nd}[a-z]?,?\s+(?:\p{L}[\p{L}'’]*\s+){1,3}"
    r"(?:street|st|road|rd|lane|ln|avenue|ave|close|drive|dr|way|crescent|court|gardens|grove|place|terrace)",
    r"(?i)(?:d\.?o\.?b|born|birth).{0,20}\p{Nd}",
    r"\b(?i:mr|mrs|ms|miss|mx|dr|master)\.? +\p{Lu}",
)


def may_hold_reference(note: pl.Expr) -> pl.Expr:
    """Whether a note could hold a number, postcode, address, date of birth, phone or e-mail."""
    return pl.any_horizontal(note.str.contains(pattern) for pattern in REFERENCE_PATTERNS)


def may_hold_name(note: pl.Expr, spellings: Sequence[str]) -> pl.Expr:
    """Whether one of the spellings stands anywhere in a note, even inside a word."""
    return note.str.contains_any(list(spellings)) if spellings else pl.lit(value=False)


def holds_own_value(note: pl.Expr, dataset: Dataset, columns: Sequence[str]) -> pl.Expr:
    """Whether a note holds, as whole words in any spelling, an identifying value of its own row."""
    words = _as_words(note)
    held = [
        words.str.contains(_as_words(pl.col(name)), literal=True) & _is_telling(name, dataset)
        for name in own_columns(dataset, columns)
    ]
    return pl.any_horizontal(held) if held else pl.lit(value=False)


def own_columns(dataset: Dataset, columns: Sequence[str]) -> list[str]:
    """The columns whose own value may not stand in the row's note."""
    roles = dataset.roles
    return [roles[role] for role in _OWN_ROLES if role in roles and roles[role] in columns]


def _is_telling(name: str, dataset: Dataset) -> pl.Expr:
    role = dataset.columns[name].identifies or ""
    value = pl.col(name)
    return (value.str.len_chars() >= _OWN_ROLES[role]) & ~value.str.to_lowercase().is_in(
        sorted(AMBIGUOUS_NAMES)
    )


def _as_words(text: pl.Expr) -> pl.Expr:
    """Small letters and digits, every other run of characters one space, a space at either end."""
    bare = text.str.to_lowercase().str.replace_all(_NOT_WORD, " ").str.strip_chars()
    return pl.concat_str(pl.lit(" "), bare, pl.lit(" "))
