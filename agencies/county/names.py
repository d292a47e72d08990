"""Names with realistic frequency: some common, many rare; two heritages; nicknames and earlier surnames.

In: a generator and, per person, heritage and sex. Out: arrays of names. Sources: `names.txt` (Faker's lists, with their
licence) and `nicknames.csv` beside this file. Never: a real person; forename and surname are drawn apart.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from functools import cache
from importlib import resources

import numpy as np

from agencies.county.chance import Bools, Floats, Ints, pick
from agencies.county.numbers import Strings

HERITAGES: tuple[str, ...] = ("british", "indian")
HERITAGE_SHARES: tuple[float, ...] = (0.86, 0.14)
_RARE_SURNAMES = 0.40
_RARE_FORENAMES = 0.30


@cache
def _lists() -> dict[str, list[str]]:
    """Heading -> names: "british female common", "british female rare", ... "indian surname common"."""
    lists: dict[str, list[str]] = {}
    text = resources.files("agencies.county").joinpath("names.txt").read_text("utf-8")
    for line in text.splitlines():
        if line.startswith("["):
            names = lists.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            names.append(line)
    return lists


def _falling(size: int, exponent: float) -> Floats:
    """Zipf's law: the n-th name is 1 / n ** exponent as frequent as the first."""
    weights = 1.0 / np.arange(3, size + 3) ** exponent
    return np.asarray(weights / weights.sum())


def _weighted(heritage: str, kind: str, exponent: float, rare: float) -> tuple[Strings, Floats]:
    """The names of a kind with their shares; `rare`: what the alike rare ones have together, where there are any."""
    head = _lists()[f"{heritage} {kind} common"]
    tail = _lists().get(f"{heritage} {kind} rare", [])
    falling = _falling(len(head), exponent)
    if not tail:
        return np.array(head, dtype=object), falling
    flat = np.full(len(tail), 1.0 / len(tail))
    return np.array(head + tail, dtype=object), np.concatenate([(1 - rare) * falling, rare * flat])


@cache
def _forenames(heritage: str, sex: str) -> tuple[Strings, Floats]:
    kind = "female" if sex == "F" else "male"
    return _weighted(heritage, kind, 0.6 if heritage == "indian" else 0.75, _RARE_FORENAMES)


@cache
def _surnames(heritage: str) -> tuple[Strings, Floats]:
    return _weighted(heritage, "surname", 0.8 if heritage == "indian" else 0.75, _RARE_SURNAMES)


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
