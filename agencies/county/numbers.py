"""National numbers with right check digits, made in bulk: NHS number, UPN, NINO, UPRN.

In: a generator and how many. Out: arrays of strings, all different.
NHS numbers come from 999..., the range kept for tests; UPRNs from 9990..., which is not allocated. NINOs and UPNs
have no test range that a check at the door would accept, so they are of valid form and made up.
Sources: NHS Data Dictionary (modulus 11), DfE UPN guidance (modulus 23, letters without I, O, S), HMRC NIM39110.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agencies.county.chance import Ints

Strings = NDArray[np.object_]

_UPN_LETTERS = np.array(list("ABCDEFGHJKLMNPQRTUVWXYZ"))
_NINO_LETTERS = np.array(list("ABCEHJKLMPRSTWXYZ"))
_NINO_SUFFIXES = np.array(list("ABCD"))
_LA_NUMBER = 855


def _digits(values: Ints, width: int) -> Ints:
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return (values[:, None] // powers) % 10


def _distinct(rng: np.random.Generator, size: int, below: int) -> Ints:
    return rng.choice(below, size=size, replace=False, shuffle=True)


def nhs_numbers(rng: np.random.Generator, size: int) -> Strings:
    """`size` distinct ten-digit NHS numbers in the test range 999."""
    base = 999_000_000 + _distinct(rng, size + size // 8 + 64, 1_000_000)
    check = (11 - (_digits(base, 9) * np.arange(10, 1, -1)).sum(axis=1) % 11) % 11
    good = check < 10
    numbers = (base[good] * 10 + check[good])[:size]
    return np.asarray(numbers.astype(str), dtype=object)


def upns(rng: np.random.Generator, size: int, years: Ints) -> Strings:
    """`size` distinct 13-character UPNs; `years` holds the year in which each was given."""
    serial = _distinct(rng, size, 10_000_000)
    digits = _digits(serial, 7)
    body = np.column_stack(
        [
            _digits(np.full(size, _LA_NUMBER), 3),
            digits[:, :4],
            _digits(years % 100, 2),
            digits[:, 4:],
        ]
    )
    check = (body * np.arange(2, 14)).sum(axis=1) % 23
    letters = _UPN_LETTERS[check]
    numbers = (body * 10 ** np.arange(11, -1, -1, dtype=np.int64)).sum(axis=1)
    return np.char.add(letters, numbers.astype(str)).astype(object)


def ninos(rng: np.random.Generator, size: int) -> Strings:
    """`size` distinct NINOs of valid form (no O in second place, no prefix kept for other uses)."""
    number = np.char.zfill(_distinct(rng, size, 1_000_000).astype(str), 6)
    first = rng.choice(np.array(list("HJLM")), size)
    second = rng.choice(_NINO_LETTERS, size)
    suffix = rng.choice(_NINO_SUFFIXES, size)
    return np.char.add(np.char.add(np.char.add(first, second), number), suffix).astype(object)


def uprns(rng: np.random.Generator, size: int) -> Strings:
    """`size` distinct twelve-digit UPRNs in a range that is not allocated."""
    return (999_000_000_000 + _distinct(rng, size, 100_000_000)).astype(str).astype(object)


def spoil_check_digit(number: str) -> str:
    """The same ten-digit NHS number with its last digit one too high: the right form, the wrong check."""
    return number[:-1] + str((int(number[-1]) + 1) % 10)
