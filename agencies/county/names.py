"""Names with realistic frequency: some common, many rare; two heritages; nicknames and earlier surnames.

In: a generator and, per person, heritage and sex. Out: arrays of names. Sources: Faker's en_GB, en_IE and en_IN name
lists (MIT) and `nicknames.csv` beside this file. Never: a real person; forename and surname are drawn apart.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from functools import cache
from importlib import resources
from types import ModuleType

import numpy as np
from faker.providers.person import en_GB, en_IE, en_IN

from agencies.county.chance import Bools, Floats, Ints, pick
from agencies.county.numbers import Strings

HERITAGES: tuple[str, ...] = ("british", "indian")
HERITAGE_SHARES: tuple[float, ...] = (0.86, 0.14)
_RARE_SURNAMES = 0.40
_RARE_FORENAMES = 0.30


def _listed(locale: ModuleType, name: str) -> list[str]:
    return list(dict.fromkeys(getattr(locale.Provider, name)))


def _falling(size: int, exponent: float) -> Floats:
    """Zipf's law: the n-th name is 1 / n ** exponent as frequent as the first."""
    weights = 1.0 / np.arange(3, size + 3) ** exponent
    return np.asarray(weights / weights.sum())


def _head_and_tail(head: list[str], tail: list[str], rare: float) -> tuple[Strings, Floats]:
    tail = [name for name in tail if name not in set(head)]
    names = np.array(head + tail, dtype=object)
    flat = np.full(len(tail), 1.0 / len(tail))
    return names, np.concatenate([(1 - rare) * _falling(len(head), 0.75), rare * flat])


@cache
def _forenames(heritage: str, sex: str) -> tuple[Strings, Floats]:
    attribute = "first_names_female" if sex == "F" else "first_names_male"
    if heritage == "indian":
        names = _listed(en_IN, attribute)
        return np.array(names, dtype=object), _falling(len(names), 0.6)
    return _head_and_tail(_listed(en_GB, attribute), _listed(en_IE, attribute), _RARE_FORENAMES)


@cache
def _surnames(heritage: str) -> tuple[Strings, Floats]:
    if heritage == "indian":
        names = _listed(en_IN, "last_names")
        return np.array(names, dtype=object), _falling(len(names), 0.8)
    weighted = en_GB.Provider.last_names
    head = sorted(weighted, key=lambda name: -weighted[name])
    return _head_and_tail(head, _listed(en_IE, "last_names"), _RARE_SURNAMES)


def surnames(rng: np.random.Generator, heritage: Ints) -> Strings:
    """One surname for each place of `heritage` (numbers into HERITAGES)."""
    drawn = np.empty(len(heritage), dtype=object)
    for number, name in enumerate(HERITAGES):
        here = heritage == number
        names, weights = _surnames(name)
        drawn[here] = names[pick(rng, int(here.sum()), weights)]
    return drawn


def forenames(rng: np.random.Generator, heritage: Ints, female: Bools) -> Strings:
    """One forename for each person, by heritage and sex."""
    drawn = np.empty(len(heritage), dtype=object)
    for number, name in enumerate(HERITAGES):
        for sex in ("F", "M"):
            here = (heritage == number) & (female == (sex == "F"))
            names, weights = _forenames(name, sex)
            drawn[here] = names[pick(rng, int(here.sum()), weights)]
    return drawn


@cache
def nicknames() -> dict[str, list[str]]:
    """Forename -> the nicknames by which an agency may know the person."""
    table: dict[str, list[str]] = defaultdict(list)
    text = resources.files("agencies.county").joinpath("nicknames.csv").read_text("utf-8")
    for row in csv.DictReader(text.splitlines()):
        table[row["forename"]].append(row["nickname"])
    return dict(table)
