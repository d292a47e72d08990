"""The rank-alignment attack: the most frequent pseudonym is the most frequent name, and so on down.

Source: frequency analysis of deterministic encryption (Naveed, Kamara and Wright, CCS 2015), on keyed name tokens with
their coarser levels as in Christen et al., "Precise and Fast Cryptanalysis for Bloom Filter Based PPRL" (2018), which
likewise begins with public frequencies. In: a column's profile and the profile of a public list of names. Out: a name for each
value. No key is used.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from tests.redteam.profiles import Floats, Profile

MOST_LETTERS = 40
# Names of different lengths are hardly ever the same name.
WRONG_LENGTH = 1.0


def align(encoded: Profile, public: Profile, names: dict[object, str]) -> dict[object, str]:
    """A guess for each value of `encoded`; `names` says what each value of `public` is called."""
    guesses = {}
    for group, letter in _groups(encoded, public):
        ours, theirs = np.flatnonzero(group), np.flatnonzero(letter)
        for at, to in _pairs(encoded, public, ours, theirs):
            guesses[encoded.values[at]] = names[public.values[to]]
    return guesses


def _groups(encoded: Profile, public: Profile) -> list[tuple[Floats, Floats]]:
    """Groups of the coarsest level, matched by their sizes and the lengths in them; one group where there is no level."""
    if len(np.unique(encoded.coarse)) < 2:
        return [(np.ones_like(encoded.coarse), np.ones_like(public.coarse))]
    left, right = _histograms(encoded), _histograms(public)
    cost = ((left[1][:, None] - right[1][None]) ** 2).sum(axis=-1)
    return [
        (encoded.coarse == left[0][i], public.coarse == right[0][j])
        for i, j in zip(*linear_sum_assignment(cost), strict=True)
    ]


def _histograms(of: Profile) -> tuple[Floats, Floats]:
    """The square root (Hellinger) of the share of each length in each group."""
    groups = np.unique(of.coarse)
    shares = np.zeros((len(groups), MOST_LETTERS))
    lengths = np.minimum(of.length, MOST_LETTERS - 1)
    np.add.at(shares, (np.searchsorted(groups, of.coarse), lengths), of.share)
    return groups, np.sqrt(shares)


def _pairs(
    encoded: Profile, public: Profile, ours: Floats, theirs: Floats
) -> list[tuple[int, int]]:
    levels = min(encoded.shares_of_levels.shape[1], public.shares_of_levels.shape[1])
    if not levels and not encoded.length.any():
        return list(zip(ours, theirs, strict=False))  # nothing but the ranks
    cost = _distance(encoded.share[ours, None], public.share[theirs, None])
    cost += _distance(
        encoded.shares_of_levels[ours, :levels], public.shares_of_levels[theirs, :levels]
    )
    cost += WRONG_LENGTH * (encoded.length[ours, None] != public.length[None, theirs])
    found = linear_sum_assignment(cost)
    return [(ours[i], theirs[j]) for i, j in zip(*found, strict=True)]


def _distance(left: Floats, right: Floats) -> Floats:
    return ((np.sqrt(left)[:, None] - np.sqrt(right)[None]) ** 2).sum(axis=-1)
