"""The cell key method of the ABS and of the census of 2021 in England and Wales, for counts.

Source: Fraser and Wooton, "A proposed method for confidentialising tabular output to protect against differencing" (ABS,
2005); Office for National Statistics, "Protecting personal data in Census 2021 results" (2022). Each record has a random
key; a cell's key is theirs combined, modulo 256; a table of perturbations says what is added for that key and count. The
same records get the same noise. The key is combined by exclusive or in place of a sum: both are uniform. The published
method has a secret table; this one has small variance, no bias and leaves 0 alone, as that is described.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

KEYS = 256
LARGEST = 4
VARIANCE = 1.0


def _table() -> NDArray[np.int64]:
    """What is added for each key: the quantiles of a normal distribution, to whole numbers, symmetric about 0."""
    steps = np.arange(-LARGEST, LARGEST + 1)
    weights = np.exp(-(steps**2) / (2 * VARIANCE))
    edges = np.cumsum(weights / weights.sum())
    return steps[np.searchsorted(edges, (np.arange(KEYS) + 0.5) / KEYS)]


PERTURBATION = _table()


def perturb_counts(counts: NDArray[np.int64], keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Counts with the perturbation of their cell keys; never negative, and 0 stays 0."""
    added = PERTURBATION[(keys % np.uint64(KEYS)).astype(np.int64)]
    # A small count cannot lose more than itself, so it gains no more either: no bias.
    return counts + np.clip(added, -counts, counts)
