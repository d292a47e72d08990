"""The prior: the share of record pairs that are matches, settled by the scores themselves.

Goes in: scored pairs in the engine. Comes out: the model with the prior at which the matches it expects
among the pairs compared are as many as it says there are (the fixed point of EM in this one parameter).
"""

from dataclasses import replace
from math import log2

import numpy as np

from linkage.engine import Engine
from linkage.train import PRIOR, PROFILES, Trained, significant

# Weights are counted in bins so narrow that no sum changes in its first four digits.
_BINS_PER_BIT = 32
_ROUNDS = 200
_CLOSE = 1e-6


def settled(engine: Engine, predictions: str, trained: Trained) -> tuple[Trained, float]:
    """The model with its prior settled, and the bits to add to every match weight for it.

    The strict rules that the prior starts from are guesswork: what share of the matches they find
    depends on how many errors there are. Measured on historical persons, a start a quarter of
    the truth was settled to within a tenth of it. Matches that no blocking rule finds are not
    counted, so the prior errs to the low side.

    Args:
        predictions: a table with `match_weight` by the prior in `trained`.
    """
    binned = engine.fetch(
        f"""SELECT CAST(floor(match_weight * {_BINS_PER_BIT}) AS INTEGER) AS bin, count(*) AS pairs
            FROM {predictions} GROUP BY 1 ORDER BY 1"""
    )
    before = float(trained.settings[PRIOR])
    weights = (binned["bin"].to_numpy() + 0.5) / _BINS_PER_BIT - bits(before)
    prior = _fixed_point(weights, binned["pairs"].to_numpy(), before, _comparable(engine))
    settings = {**trained.settings, PRIOR: prior}
    return replace(trained, settings=settings), bits(prior) - bits(before)


def bits(probability: float) -> float:
    """A probability as a match weight: the log of its odds to base 2."""
    return log2(probability / (1 - probability))


def _fixed_point(weights: np.ndarray, pairs: np.ndarray, prior: float, comparable: int) -> float:
    # Fewer than one match among all pairs would be none, and none has no logarithm.
    least, most = 1 / max(2, comparable), 0.5
    for _ in range(_ROUNDS):
        expected = float((pairs / (1 + np.exp2(-(weights + bits(prior))))).sum())
        found = min(most, max(least, expected / max(1, comparable)))
        if abs(found / prior - 1) < _CLOSE:
            break
        prior = found
    return significant(prior)


def _comparable(engine: Engine) -> int:
    """Pairs of profiles that could be one person: all but those of one list."""
    counted = engine.fetch(
        f"""SELECT CAST(sum(n) AS BIGINT) AS profiles, CAST(sum(n * n) AS BIGINT) AS same
            FROM (SELECT count(*) AS n FROM {PROFILES} GROUP BY list_no)"""
    )
    return (int(counted["profiles"][0]) ** 2 - int(counted["same"][0])) // 2
