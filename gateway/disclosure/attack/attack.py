"""The attack: all that left is turned on groups of few that were drawn by chance.

In: a notebook and a seed. Out: findings, a line for each kind of group: how many were drawn, how near the nearest came to its
limit, how many passed it, and which releases tell of those. Never a figure, and never who is in a group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .bounds import bounds
from .fronts import FEW, Front, fronts
from .notebook import Notebook
from .page import COST, PEOPLE, Page
from .share import explained
from .sums import Places, Reals
from .unknowns import Unknowns

Order = NDArray[np.intp]
Tell = Callable[[str, float], None]

PINNED: Final = "between two bounds"
# An interval as wide as this tells a count to within 1, or a cost to within 10 %.
WIDTH_OF_COUNT, WIDTH_OF_COST = 2.0, 0.2
MOST_RELEASES: Final = 5
# Shares are compared with so much more: they come out of floating point.
HAIR: Final = 1e-6


@dataclass(frozen=True)
class Effort:
    """Groups of each kind that are drawn; linear programmes that are solved for each page, in how many simplex steps each."""

    sample: int = 400
    programmes: int = 20
    steps: int = 200_000


@dataclass(frozen=True)
class Finding:
    """One line. `of`: one family, few, or few between two bounds; `about`: costs, an attribute, or who is counted.

    `most`: the largest share told, over its limit (of bounds: 1 where a group is pinned, else 0). `releases`: those that tell
    most of what `passed`, five at most. `undecided`: of so many it is not known.
    """

    of: str
    about: str
    drawn: int
    most: float
    passed: int
    releases: tuple[int, ...] = ()
    undecided: int = 0


def attack(
    notebook: Notebook, seed: int, effort: Effort | None = None, tell: Tell | None = None
) -> tuple[Finding, ...]:
    """Every line of the attack; the same notebook and seed give the same ones. `tell`: what is attacked, and the share done."""
    effort, rng = effort or Effort(), np.random.default_rng(seed)
    many = len(notebook.about) + len(notebook.pages)
    found: list[Finding] = []
    for at, front in enumerate(fronts(notebook, effort.sample, rng)):
        if tell:
            tell(f"{front.of}: {front.about}", at / many)
        found += _attacked(front, notebook.pages.get(front.about), effort)
    return tuple(found)


def _attacked(front: Front, page: Page | None, effort: Effort) -> Iterator[Finding]:
    told, weights = explained(front.rows, front.noise, front.groups)
    near = told / front.limit
    passed = np.flatnonzero(near > 1 + HAIR)
    yield Finding(
        front.of,
        front.about,
        len(near),
        round(float(near.max(initial=0.0)), 3),
        len(passed),
        _telling(front.releases, weights[:, passed]),
    )
    # Of people it is not written down how many a family has in a figure.
    if page is not None and front.of == FEW and front.about != PEOPLE:
        yield _bounded(front, page, weights, effort)


def _bounded(front: Front, page: Page, weights: Reals, effort: Effort) -> Finding:
    """The same groups, but for those that come to nothing."""
    true = front.groups.astype(np.float64) @ page.value
    there = np.flatnonzero(true > 0)
    widths = WIDTH_OF_COST * true if front.about == COST else np.full(len(true), WIDTH_OF_COUNT)
    unknowns = Unknowns.of(page.all_sums(), front.groups[there], page.value)
    found = bounds(unknowns, widths[there], effort.programmes, effort.steps)
    passed = there[found.pinned]
    return Finding(
        PINNED,
        front.about,
        len(there),
        float(len(passed) > 0),
        len(passed),
        _telling(front.releases, weights[:, passed]),
        int(found.undecided.sum()),
    )


def _telling(releases: Places, weights: Reals) -> tuple[int, ...]:
    """The releases whose sums weigh most in what is told."""
    if not weights.size:
        return ()
    numbers, place = np.unique(releases, return_inverse=True)
    weight = np.bincount(place, weights=np.abs(weights).sum(axis=1))
    return tuple(numbers[np.argsort(-weight, kind="stable")[:MOST_RELEASES]].tolist())
