"""How far groups can slide for certain, all at once: one long step of the affine scaling method for each of them.

In: unknowns. Out: for each group a width of what it can be, at least. The step keeps every sum within what was told of it and
every unknown within its bounds, so whoever knows only what was told cannot rule it out; a group that does not slide far by it
may still slide by others. Source: Dikin 1967; Barnes, Mathematical Programming 36 (1986), 174-182.
"""

from __future__ import annotations

import numpy as np

from .sums import Reals
from .unknowns import Unknowns

# Of the mean of what is solved with: sums that follow from others are solved as well.
RIDGE = 1e-9
# So many numbers of groups by unknowns are held at a time.
AT_A_TIME = 20_000_000


def slides(unknowns: Unknowns) -> Reals:
    """Width for each group, in the unit of the values."""
    weights, far = _weights(unknowns), [np.zeros(0)]
    many = max(AT_A_TIME // max(len(unknowns.values), 1), 1)
    for first in range(0, weights.shape[1], many):
        part = np.arange(first, min(first + many, weights.shape[1]))
        far.append(_far(unknowns.chosen(part), weights[:, part]))
    return np.concatenate(far)


def _weights(unknowns: Unknowns) -> Reals:
    """Sums x groups: how the other unknowns make up for what a group moves, large values first."""
    from scipy.linalg import cho_factor, cho_solve

    scaled = unknowns.sums.multiply(unknowns.room_down**2).tocsr()
    covariance = (scaled @ unknowns.sums.T).toarray()
    slack = np.minimum(unknowns.reach.down, unknowns.reach.up) ** 2
    ridge = RIDGE * (1 + covariance.trace() / max(len(covariance), 1))
    covariance[np.diag_indices_from(covariance)] += slack + ridge
    reach = (scaled @ unknowns.groups.T).toarray()
    weights: Reals = cho_solve(cho_factor(covariance, lower=True), reach)
    return weights


def _far(unknowns: Unknowns, weights: Reals) -> Reals:
    """For each group how far up and down together."""
    along = (unknowns.groups.toarray() - (unknowns.sums.T @ weights).T) * unknowns.room_down**2
    moved = unknowns.sums @ along.T
    far = _times(unknowns, along, moved) + _times(unknowns, -along, -moved)
    by_step = np.asarray(unknowns.groups.multiply(along).sum(axis=1)).ravel()
    # A direction that moves nothing can be gone for ever.
    widths: Reals = np.where(by_step > 0, far, 0.0) * by_step
    return widths


def _times(unknowns: Unknowns, along: Reals, moved: Reals) -> Reals:
    """How many times each direction can be gone before an unknown or a sum is at its bound."""
    with np.errstate(divide="ignore", invalid="ignore"):
        of_unknowns = np.where(along < 0, unknowns.room_down / -along, np.inf).min(axis=1)
        room = np.where(moved > 0, unknowns.reach.up[:, None], unknowns.reach.down[:, None])
        of_sums = np.where(moved != 0, room / np.abs(moved), np.inf).min(axis=0, initial=np.inf)
    times: Reals = np.minimum(of_unknowns, of_sums)
    return times
