"""Noise for counts, keyed by the set that is counted, and the keyed random values such a set key is made of.

In: set keys and a secret key. Out: draws from N(0, sd) clipped at +-limit. The draw depends on the set, who is counted and
the rules alone, so the same families give the same figure by whatever route they are asked for (cell key method of the ABS:
Fraser & Wooton 2005, with HMAC-SHA256 in the place of record keys and a lookup table).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from .errors import Unprotectable
from .rules import Rules
from .tables import Count

SHORTEST_KEY = 32
_NORMAL = NormalDist()


def require_key(key: bytes) -> None:
    """Raises `Unprotectable` unless the key has at least 32 bytes."""
    if not isinstance(key, bytes) or len(key) < SHORTEST_KEY:
        raise Unprotectable("key", "short_key", f"at least {SHORTEST_KEY} bytes are needed")


def uniform(key: bytes, message: bytes) -> float:
    """A keyed number in the open interval (0, 1), of 52 bits."""
    digest = hmac.digest(key, message, hashlib.sha256)
    return ((int.from_bytes(digest[:8], "big") >> 12) + 0.5) / 2**52


def draw_noise(count: Count, rules: Rules, key: bytes) -> NDArray[np.float64]:
    """Inner grid of draws for a count, N(0, noise_sd) clipped at +-noise_limit."""
    # The rules are part of the message: two draws scaled from one would give the figure away by subtraction.
    head = f"noise:{count.counted}:{rules.noise_sd!r}:{rules.noise_limit!r}:".encode()
    draws = [
        _NORMAL.inv_cdf(uniform(key, head + b"%016x%016x" % (hi, lo))) * rules.noise_sd
        for lo, hi in zip(count.key_lo.ravel().tolist(), count.key_hi.ravel().tolist(), strict=True)
    ]
    grid = np.array(draws, dtype=np.float64).reshape(count.figure.shape)
    return grid.clip(-rules.noise_limit, rules.noise_limit)


def draw_set_keys(
    ids: Iterable[int | str], key: bytes, *, counted: str
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Keyed random values (key_lo, key_hi), 64 bits each, for every family or person id; drawn once, at linkage."""
    require_key(key)
    head = f"set:{counted}:".encode()
    digests = b"".join(hmac.digest(key, head + str(i).encode(), hashlib.sha256)[:16] for i in ids)
    halves = np.frombuffer(digests, dtype="<u8").reshape(-1, 2)
    return halves[:, 0].astype(np.uint64), halves[:, 1].astype(np.uint64)
