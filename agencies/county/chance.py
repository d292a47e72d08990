"""Draws that keep a stated share exactly, so that a published percentage holds for every seed.

In: a generator, a share or weights. Out: NumPy arrays. Never: a draw outside the given generator.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def shares_to_counts(total: int, shares: Sequence[float] | Floats) -> Ints:
    """Whole counts that sum to `total`, in proportion to `shares` (largest remainder)."""
    weights = np.asarray(shares, dtype=np.float64)
    ideal = total * weights / weights.sum()
    counts: Ints = np.floor(ideal).astype(np.int64)
    left = total - int(counts.sum())
    counts[np.argsort(counts - ideal, kind="stable")[:left]] += 1
    return counts


def deal(rng: np.random.Generator, total: int, shares: Sequence[float] | Floats) -> Ints:
    """`total` category numbers in random order, each category as often as its share says."""
    counts = shares_to_counts(total, shares)
    return rng.permutation(np.repeat(np.arange(len(counts)), counts))


def exactly(
    rng: np.random.Generator, size: int, share: float, weights: Floats | None = None
) -> Bools:
    """True for exactly round(size * share) places; heavier places are likelier (Gumbel top-k).

    A place of weight 0 is chosen only when the heavier ones do not suffice.
    """
    if size == 0:
        return np.zeros(0, dtype=np.bool_)
    chosen = np.zeros(size, dtype=np.bool_)
    with np.errstate(divide="ignore"):
        logs = np.zeros(size) if weights is None else np.log(np.maximum(weights, 1e-12))
    keys = logs + rng.gumbel(size=size)
    chosen[np.argsort(-keys)[: round(size * share)]] = True
    return chosen


def pick(rng: np.random.Generator, size: int, shares: Sequence[float] | Floats) -> Ints:
    """`size` independent category numbers with probabilities in proportion to `shares`."""
    cumulated = np.cumsum(np.asarray(shares, dtype=np.float64))
    return np.searchsorted(cumulated / cumulated[-1], rng.random(size), side="right")
