"""About how many cells a question will lose, guessed from coarser figures that are protected already.

In: the released total and the released figures of each dimension by itself, and the rules. Out: an expected share for counts
and one for costs, and a band for it. It makes up tables in which the dimensions are independent of one another and sees what
the rules would hide there; it never sees a cell of two dimensions, so it can tell no more than its inputs do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from .rules import Rules
from .tables import Dimension, Integers
from .threshold import Flags, below_threshold, inner, small_complement

Loss = Literal["none", "few", "about a quarter", "about half", "most"]
# Largest expected share of each band; so wide that one cell more or less seldom shows.
BANDS: Final[tuple[tuple[Loss, float], ...]] = (
    ("none", 0.02),
    ("few", 0.15),
    ("about a quarter", 0.375),
    ("about half", 0.625),
    ("most", 1.0),
)
DRAWS: Final = 5
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Margin:
    """One dimension by itself: the released families of each category, None where they are withheld."""

    dimension: Dimension
    families: tuple[float | None, ...]


@dataclass(frozen=True)
class Losses:
    """Expected shares (0 to 1) of withheld cells, of a count and of a cost."""

    counts: float
    costs: float


def band_of(share: float) -> Loss:
    """The band of an expected share."""
    return next(name for name, most in BANDS if share <= most)


def expected_losses(total: float, margins: Sequence[Margin], rules: Rules, *, seed: str) -> Losses:
    """Mean over made-up tables; determined by its inputs. `total`: the released families of the whole question."""
    digest = hashlib.sha256(seed.encode()).digest()
    rng = np.random.default_rng(int.from_bytes(digest[:8], "big"))
    dimensions = [margin.dimension for margin in margins]
    shares = [_shares(margin, total, rules.min_cell) for margin in margins]
    drawn = [_made_up(total, shares, dimensions, rng) for _ in range(DRAWS)]
    if len(margins) == 1:
        # Nothing has to be made up: the figures are those of the question.
        drawn = [_with_lines(_known(margins[0], rules.min_cell), shares, dimensions)]
    counts = [_share_of_counts(table, dimensions, rules) for table in drawn]
    costs = [_share_of_costs(table, rules.min_cell) for table in drawn]
    return Losses(float(np.mean(counts)), float(np.mean(costs)))


def _known(margin: Margin, min_cell: int) -> Integers:
    """The families of each category; a withheld one is taken for half the threshold."""
    return np.array(
        [min_cell // 2 if each is None else each for each in margin.families], dtype=np.int64
    )


def _shares(margin: Margin, total: float, min_cell: int) -> Floats:
    """The part of the families in each category."""
    return np.minimum(_known(margin, min_cell) / max(total, 1.0), 1.0)


def _made_up(
    total: float,
    shares: Sequence[Floats],
    dimensions: Sequence[Dimension],
    rng: np.random.Generator,
) -> Integers:
    """A full grid of families: each of them is in a cell by chance, in one dimension independently of the others."""
    expected = np.ones(())
    for share in shares:
        expected = expected[..., None] * share
    drawn = np.asarray(rng.binomial(round(total), expected.clip(0, 1)), dtype=np.int64)
    return _with_lines(drawn, shares, dimensions)


def _with_lines(
    cells: Integers, shares: Sequence[Floats], dimensions: Sequence[Dimension]
) -> Integers:
    """The cells with the distinct families of each line at the end of each axis."""
    grid = cells
    for axis, dimension in enumerate(dimensions):
        line = grid.sum(axis=axis, keepdims=True)
        if dimension.overlapping:
            # A family is in several cells: who is in none of the categories, by chance, is not in the line.
            inside = 1 - float(np.prod(1 - shares[axis]))
            distinct = np.rint(line * inside / max(float(shares[axis].sum()), 1e-9))
            line = np.maximum(distinct.astype(np.int64), grid.max(axis=axis, keepdims=True))
        grid = np.concatenate([grid, line], axis=axis)
    return grid


def _share_of_counts(families: Integers, dimensions: Sequence[Dimension], rules: Rules) -> float:
    cells = inner(families.ndim)
    hidden: Flags = below_threshold(families, rules.min_cell)[cells]
    hidden = hidden | small_complement(families, dimensions, rules.min_cell)
    if rules.secondary == "all":
        return _share_with_line_rule(families[cells], hidden, rules.min_cell)
    return float(hidden.mean())


def _share_of_costs(families: Integers, min_cell: int) -> float:
    cells = families[inner(families.ndim)]
    return _share_with_line_rule(cells, cells < min_cell, min_cell)


def _share_with_line_rule(cells: Integers, hidden: Flags, min_cell: int) -> float:
    """Hidden cells and, for each line that hides too little, one more; lines of the axis that needs most."""
    further = 0
    for axis in range(cells.ndim):
        count = hidden.sum(axis=axis)
        behind = np.where(hidden, cells, 0).sum(axis=axis)
        wants = (count > 0) & (count < cells.shape[axis]) & ((count < 2) | (behind < min_cell))
        further = max(further, int(wants.sum()))
    return min(1.0, (int(hidden.sum()) + further) / max(hidden.size, 1))
