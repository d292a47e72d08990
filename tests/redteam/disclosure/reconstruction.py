"""Reconstruction of an attribute: every family's secret from many tables of counts.

Source: Dinur and Nissim (PODS 2003); Cohen and Nissim (2020) for linear programs in practice; Garfinkel, Abowd and Martindale,
"Understanding database reconstruction attacks on public data" (ACM Queue 2018). Three solvers: a linear program (least absolute
error), least squares within 0 and 1, and a Gaussian posterior that begins with the rates. Background knowledge: every
family's place in all dimensions but the secret, as in an electoral roll; the method.

The honest guess: for each permitted single table (the secret by at most two other dimensions), say of every family what most
of its group have, by the *exact* rates of groups of ten or more families, of the whole where the group is smaller; and of
all these tables the best one, chosen with the truth in hand. No single answer could give anybody more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import linprog, lsq_linear
from scipy.sparse import csr_array, eye_array, hstack, vstack

from tests.redteam.disclosure.frames import BITS, KNOWN, SECRET, FrameAsker
from tests.redteam.disclosure.judge import Score, compare
from tests.redteam.disclosure.relations import Relations

Floats = NDArray[np.float64]
LEAST = 10


def random_tables(number: int, seed: int) -> list[tuple[str, ...]]:
    """Different tables of up to three dimensions, the secret in each, in random order."""
    rng = np.random.default_rng(seed)
    every = [(*chosen, SECRET) for chosen in _chosen()]
    return [every[i] for i in rng.permutation(len(every))[:number]]


def _chosen() -> list[tuple[str, ...]]:
    """At most two dimensions beside the secret, each at one level."""
    pairs = [p for p in combinations(KNOWN, 2) if p[0].split("_")[0] != p[1].split("_")[0]]
    return [(), *((name,) for name in KNOWN), *pairs]


def attack(asker: FrameAsker, known: pl.DataFrame, tables: list[tuple[str, ...]]) -> Relations:
    """What the released cells say of the families' secrets: each is a sum of unknowns of 0 or 1."""
    relations, method = Relations(known.height), asker.method
    columns = {name: known[name].to_numpy() for name in KNOWN}
    for names in tables:
        for each in asker.table(names):
            if each.value is None or SECRET not in each.keys:
                continue
            here = np.ones(known.height, dtype=bool)
            for name, category in each.keys.items():
                if name != SECRET:
                    here &= columns[name] == category
            members = np.flatnonzero(here)
            # Of those without the secret, everybody else has it.
            value = each.value if each.keys[SECRET] == BITS[1] else len(members) - each.value
            relations.say(members, float(value), method.count_reach, max(method.count_sd, 0.1))
    return relations


def by_linear_program(relations: Relations) -> Floats:
    """Least sum of absolute errors."""
    matrix = relations.matrix()
    rows, families = matrix.shape
    both = vstack(
        [hstack([matrix, -eye_array(rows)]), hstack([-matrix, -eye_array(rows)])], format="csr"
    )
    values = np.array(relations.values)
    aim = np.concatenate([np.zeros(families), np.ones(rows)])
    bounds = [(0, 1)] * families + [(0, None)] * rows
    found = linprog(aim, A_ub=both, b_ub=np.concatenate([values, -values]), bounds=bounds)
    return np.asarray(found.x[:families]) if found.success else np.full(families, 0.5)


def by_least_squares(relations: Relations) -> Floats:
    """Least squares, each unknown within 0 and 1."""
    weight = 1.0 / np.array(relations.sd)
    matrix = csr_array(relations.matrix().multiply(weight[:, None]))
    found = lsq_linear(matrix, np.array(relations.values) * weight, bounds=(0, 1), max_iter=40)
    return np.asarray(found.x)


def by_posterior(relations: Relations) -> Floats:
    """Mean of a Gaussian with the rates of the released tables as prior."""
    families = relations.size
    sizes = [len(c) for c in relations.columns]
    rate = sum(relations.values) / max(sum(sizes), 1)
    mean, _ = relations.posterior(np.full(families, rate), np.full(families, 0.5))
    return mean


SOLVERS: Mapping[str, Callable[[Relations], Floats]] = {
    "LP": by_linear_program,
    "least squares": by_least_squares,
    "posterior": by_posterior,
}


def honest_guess(frame: pl.DataFrame) -> NDArray[np.bool_]:
    """The best honest prediction of each family's secret (see above)."""
    secret = (frame[SECRET] == BITS[1]).to_numpy()
    best, right = np.zeros(len(secret), dtype=bool), -1
    for chosen in _chosen():
        guess = _by_rate(frame, secret, chosen)
        if (guess == secret).sum() > right:
            best, right = guess, int((guess == secret).sum())
    return best


def _by_rate(
    frame: pl.DataFrame, secret: NDArray[np.bool_], chosen: tuple[str, ...]
) -> NDArray[np.bool_]:
    told = frame.select(*chosen, s=pl.Series(secret).cast(pl.Int64))
    if not chosen:
        return np.full(len(secret), secret.mean() >= 0.5)
    rate = told.select(
        pl.when(pl.len().over(chosen) >= LEAST)
        .then(pl.col("s").mean().over(chosen))
        .otherwise(pl.col("s").mean())
    )
    return rate.to_series().to_numpy() >= 0.5


def judged(frame: pl.DataFrame, estimate: Floats) -> Score:
    """Families whose secret was told rightly, beside the honest guess."""
    secret = (frame[SECRET] == BITS[1]).to_numpy()
    hits = (estimate >= 0.5) == secret
    return compare("attribute", hits.tolist(), (honest_guess(frame) == secret).tolist())
