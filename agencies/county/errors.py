"""The errors of people who type: a slip of one character, a date turned round, a nickname, an earlier surname.

In: a generator, values, and which of them go wrong. Out: new arrays; the input is left as it was.
A mistyped postcode or date keeps a valid form, so that it passes the checks at the door and linkage has to cope.
"""

from __future__ import annotations

import string
from datetime import date

import numpy as np

from agencies.county.chance import Ints
from agencies.county.names import nicknames
from agencies.county.numbers import Strings

_LETTERS = string.ascii_lowercase


def some(rng: np.random.Generator, size: int, rate: float) -> Ints:
    """Places that go wrong, each with probability `rate`."""
    return np.flatnonzero(rng.random(size) < rate)


def slip(rng: np.random.Generator, text: str) -> str:
    """One character inserted, lost, replaced or exchanged with its neighbour; rarely the first."""
    if len(text) < 3:
        return text
    at = int(rng.integers(0 if rng.random() < 0.1 else 1, len(text) - 1))
    letter = _LETTERS[int(rng.integers(0, 26))]
    if text[at].isdigit():
        letter = str(int(rng.integers(0, 10)))
    match int(rng.integers(0, 4)):
        case 0:
            return text[:at] + letter + text[at:]
        case 1:
            return text[:at] + text[at + 1 :]
        case 2:
            return text[:at] + letter + text[at + 1 :]
        case _:
            return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def mistyped(rng: np.random.Generator, values: Strings, rate: float) -> Strings:
    """Values with slips at the given rate; the letter's case follows the first character of a word."""
    out = values.copy()
    for place in some(rng, len(values), rate).tolist():
        if out[place] is not None:
            changed = slip(rng, out[place])
            out[place] = changed[:1].upper() + changed[1:]
    return out


def mistyped_postcodes(rng: np.random.Generator, values: Strings, rate: float) -> Strings:
    """One character of the inward code replaced by another of its kind."""
    out = values.copy()
    for place in some(rng, len(values), rate).tolist():
        text = out[place]
        if text is None:
            continue
        at = len(text) - int(rng.integers(1, 4))
        choices = string.digits[1:] if text[at].isdigit() else "ABDEFGHJLNPQRSTUWXYZ"
        out[place] = text[:at] + choices[int(rng.integers(0, len(choices)))] + text[at + 1 :]
    return out


def mistyped_numbers(rng: np.random.Generator, values: Strings, rate: float) -> Strings:
    """House numbers with a digit replaced, lost, doubled or exchanged with its neighbour; never empty or zero first.

    Nothing is drawn at rate 0, so that a county without such errors stays what it is.
    """
    out = values.astype(object)
    for place in some(rng, len(out), rate).tolist() if rate else ():
        out[place] = _slipped_number(rng, out[place])
    return out


def _slipped_number(rng: np.random.Generator, number: str) -> str:
    at, last = int(rng.integers(0, len(number))), len(number) - 1
    match int(rng.integers(0, 4)):
        case 0 if last > 0:
            changed = number[:at] + number[at + 1 :]
        case 1:
            changed = number[:at] + number[at] + number[at:]
        case 2 if at < last:
            changed = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
        case _:
            changed = number[:at] + str(int(rng.integers(1, 10))) + number[at + 1 :]
    return changed if changed[0] != "0" else number


def familiar(rng: np.random.Generator, forenames: Strings, rate: float) -> Strings:
    """Forenames replaced by a nickname, where there is one."""
    out, table = forenames.copy(), nicknames()
    for place in some(rng, len(out), rate).tolist():
        options = table.get(out[place])
        if options:
            out[place] = options[int(rng.integers(0, len(options)))]
    return out


def misdated(
    rng: np.random.Generator, births: list[date], typing: float, swapped: float, latest: date
) -> list[date]:
    """Dates with one part off, or day and month exchanged; always a day of the calendar, not after `latest`."""
    out = list(births)
    for place in some(rng, len(out), swapped).tolist():
        born = out[place]
        if born.day <= 12:
            out[place] = _not_after(date(born.year, born.day, born.month), born, latest)
    for place in some(rng, len(out), typing).tolist():
        out[place] = _not_after(_one_part_off(rng, out[place]), out[place], latest)
    return out


def _one_part_off(rng: np.random.Generator, born: date) -> date:
    step = int(rng.integers(1, 9))
    match int(rng.integers(0, 3)):
        case 0:
            return born.replace(day=1 + (born.day - 1 + step) % 28)
        case 1:
            return born.replace(day=min(born.day, 28), month=1 + (born.month - 1 + step) % 12)
        case _:
            return born.replace(day=min(born.day, 28), year=born.year - (1 if step < 5 else 10))


def _not_after(changed: date, original: date, latest: date) -> date:
    return changed if changed <= latest else original
