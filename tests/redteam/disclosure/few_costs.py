"""Costs of few: what a withheld cell of one to nine families cost, from all the costs that were served around it.

Source: the regression attack on linear queries of Dinur and Nissim (PODS 2003), with magnitudes: every served cost is a sum of
unknown ones, and a Gaussian posterior joins them all (Cox 1995 on estimating what is suppressed). Background knowledge:
every family's place in all dimensions, as in an electoral roll; how costs are distributed; the method, and so that a figure
told twice of nearly the same families was made of those it was told of first.

The honest guess: the exact mean of the smallest group of ten or more that the cell is part of, for each of its families.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tests.redteam.disclosure.asker import Method, Place
from tests.redteam.disclosure.frames import KNOWN, FrameAsker
from tests.redteam.disclosure.judge import LARGEST, SMALLEST, WITHIN, Score, compare
from tests.redteam.disclosure.relations import Relations

Floats = NDArray[np.float64]
Members = NDArray[np.intp]
Guesses = Mapping[Place, float]
PENCE = 100


def random_tables(number: int, seed: int) -> list[tuple[str, ...]]:
    """Different tables of one to three dimensions, each at one level, in random order."""
    every = [
        chosen
        for size in (1, 2, 3)
        for chosen in combinations(KNOWN, size)
        if len({name.split("_")[0] for name in chosen}) == size
    ]
    rng = np.random.default_rng(seed)
    return [every[i] for i in rng.permutation(len(every))[:number]]


def attack(asker: FrameAsker, known: pl.DataFrame, tables: list[tuple[str, ...]]) -> Guesses:
    """For each withheld cell of few families the best guess of what they cost, in pounds."""
    told: dict[float, Members] = {}
    relations, withheld = Relations(known.height), {}
    error = _error(asker.method, known)
    for names in tables:
        for cell in asker.table(names, ("cost",)):
            place = tuple((name, str(cell.keys[name])) for name in names)
            members = members_of(known, place)
            if cell.value is None and SMALLEST <= len(members) <= LARGEST:
                withheld[place] = members
            if cell.value is None or _is_near(members, told.get(cell.value)):
                continue
            told[cell.value] = members
            relations.say(members, cell.value, np.inf, error)
    each = _posterior(relations, known)
    return {place: float(each[members].sum()) for place, members in withheld.items()}


def _error(method: Method, known: pl.DataFrame) -> float:
    """Rounding; and of ours, where an earlier figure may stand, the costs of as many as nine families."""
    rounding = method.cost_reach / 3**0.5
    return float(np.hypot(rounding, LARGEST**0.5 * _pounds(known).std() * method.multiplies))


def _is_near(members: Members, earlier: Members | None) -> bool:
    return earlier is not None and len(np.setxor1d(members, earlier)) <= LARGEST


def _posterior(relations: Relations, known: pl.DataFrame) -> Floats:
    """Each family's cost, with a mean and a spread beforehand that anybody can read in a report."""
    pounds = _pounds(known)
    prior = np.full(known.height, pounds.mean()), np.full(known.height, pounds.std())
    if not relations.values:
        return prior[0]
    mean, _ = relations.posterior(*prior)
    return mean


def _pounds(known: pl.DataFrame) -> Floats:
    return np.asarray(known["cost_pence"].to_numpy() / PENCE)


def members_of(known: pl.DataFrame, place: Place) -> Members:
    """The families of a cell."""
    here = np.ones(known.height, dtype=np.bool_)
    for name, category in place:
        here &= (known[name] == category).to_numpy()
    return np.flatnonzero(here)


def judged(known: pl.DataFrame, guesses: Guesses) -> Score:
    """Costs within 10 %, beside the honest guess."""
    pounds = _pounds(known)
    hits, honest, clusters = [], [], []
    for place, guess in guesses.items():
        members = members_of(known, place)
        true = float(pounds[members].sum())
        around = _smallest_around(known, place)
        mean = float(pounds[around].mean()) * len(members)
        hits.append(abs(guess - true) <= WITHIN * true)
        honest.append(abs(mean - true) <= WITHIN * true)
        # The same families are in cells of many tables.
        clusters.append(str(members[0]))
    return compare("cost", hits, honest, clusters=clusters)


def _smallest_around(known: pl.DataFrame, place: Place) -> Members:
    groups = [
        members_of(known, chosen)
        for size in range(len(place))
        for chosen in combinations(place, size)
    ]
    return min((g for g in groups if len(g) > LARGEST), key=len)
