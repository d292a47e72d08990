"""Secondary suppression: the line rule, for a table of one to three dimensions and every coarser table of the question.

In: a full grid of families and the cells that are unsafe by themselves. Out: a full grid of what is withheld.
INVARIANT: a line with a withheld cell (or a withheld total) hides at least two cells and at least `min_cell` families, or all
its cells; and no withheld cell follows from the others. Deterministic, so that asking again hides the same cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gateway.disclosure.tables import Dimension, Integers
from gateway.disclosure.threshold import Flags, axis_sets

from .determined import determined_cells
from .surround import surround

Region = tuple[slice | int, ...]


@dataclass(frozen=True)
class Lines:
    """The lines of one inner grid: families, which axes overlap, and per axis whether the line's total is withheld."""

    families: Integers
    overlapping: tuple[bool, ...]
    total_withheld: tuple[Flags, ...]
    min_cell: int

    def faulty(self, hidden: Flags) -> list[Flags]:
        """For each axis the lines that break the rule (shape of the grid with 1 on that axis)."""
        return [self._faulty_along(axis, hidden) for axis in range(hidden.ndim)]

    def _faulty_along(self, axis: int, hidden: Flags) -> Flags:
        cells = hidden.sum(axis=axis, keepdims=True)
        behind = np.where(hidden, self.families, 0)
        # A family may be in several cells of an overlapping line, so there only the largest cell is sure to add none twice.
        reduce = np.max if self.overlapping[axis] else np.sum
        enough = (cells >= 2) & (reduce(behind, axis=axis, keepdims=True) >= self.min_cell)
        touched = (cells > 0) | self.total_withheld[axis]
        faulty: Flags = touched & ~enough & (cells < hidden.shape[axis])
        return faulty


def withhold(
    unsafe: Flags, families: Integers, dimensions: Sequence[Dimension], min_cell: int
) -> Flags:
    """Full grid of withheld cells; a margin is treated as the question without that dimension treats it."""
    # One order of axes for all ways to ask: what is withheld does not hang on the order of dimensions.
    order = sorted(range(len(dimensions)), key=lambda a: (dimensions[a].name, dimensions[a].level))
    result = _withhold_in_order(
        unsafe.transpose(order), families.transpose(order), [dimensions[a] for a in order], min_cell
    )
    return result.transpose(np.argsort(order))


def _withhold_in_order(
    unsafe: Flags, families: Integers, dimensions: Sequence[Dimension], min_cell: int
) -> Flags:
    # The only category of a dimension is its line; such an axis is left out and put back.
    kept = tuple(0 if len(d.categories) == 1 else slice(None) for d in dimensions)
    overlapping = tuple(d.overlapping for d in dimensions if len(d.categories) > 1)
    hidden = unsafe[(..., *kept)].copy()
    _withhold_by_level(hidden, families[(..., *kept)], overlapping, min_cell)
    full = np.expand_dims(hidden, tuple(a for a, k in enumerate(kept) if k == 0))
    return np.broadcast_to(full, unsafe.shape)


def _withhold_by_level(
    hidden: Flags, families: Integers, overlapping: tuple[bool, ...], min_cell: int
) -> None:
    """Coarse tables first: each is then fixed, as the question without the other dimensions would release it."""
    for axes in axis_sets(hidden.ndim):
        region: Region = tuple(slice(0, -1) if a in axes else -1 for a in range(hidden.ndim))
        totals = tuple(
            np.expand_dims(hidden[tuple(-1 if a == axis else r for a, r in enumerate(region))], i)
            for i, axis in enumerate(axes)
        )
        lines = Lines(families[region], tuple(overlapping[a] for a in axes), totals, min_cell)
        corner: Region = tuple(slice(None) if a in axes else -1 for a in range(hidden.ndim))
        at_rest = not any(faulty.any() for faulty in lines.faulty(hidden[region]))
        if at_rest and not determined_cells(hidden[corner]).any():
            continue
        ways = [_withhold_inner(hidden[corner], lines, by_lines) for by_lines in (True, False)]
        # Few withheld cells are surrounded best one by one, many best line by line; what hides fewer is not known before.
        hidden[corner] = min(ways, key=lambda flags: int(flags.sum()))


def _withhold_inner(before: Flags, lines: Lines, by_lines: bool) -> Flags:
    """The table with further inner cells withheld: lines mended first, or withheld cells surrounded first."""
    hidden = before.copy()
    region: Region = (slice(0, -1),) * hidden.ndim
    view = hidden[region]
    price = np.ones(hidden.shape)
    price[region] += lines.families / max(int(lines.families.max(initial=1)), 1)
    if not by_lines:
        hidden[...] = surround(hidden, price)
    primary = view.copy()
    _extend(view, lines)
    _spare(view, primary, lines)
    while (known := determined_cells(hidden)).any():
        many = hidden.sum()
        if not by_lines:
            hidden[...] = surround(hidden, price)
        if hidden.sum() == many and not _hide_near(view, known, lines.families):
            break
        _extend(view, lines)
    return hidden


def _extend(hidden: Flags, lines: Lines) -> None:
    """Withholds further cells, in place, until no line is faulty; each time the one that mends most for fewest families."""
    while True:
        needed = sum(f.astype(np.int64) for f in lines.faulty(hidden))
        score = np.where(hidden, 0, np.broadcast_to(needed, hidden.shape))
        if not score.any():
            return
        cost = np.where(score > 0, (lines.families + 1) / np.maximum(score, 1), np.inf)
        hidden[np.unravel_index(int(np.argmin(cost)), hidden.shape)] = True


def _spare(hidden: Flags, primary: Flags, lines: Lines) -> None:
    """Gives back, in place, each further cell that the rule turned out not to need; the largest first."""
    chosen = np.argwhere(hidden & ~primary)
    order = np.argsort(-lines.families[hidden & ~primary], kind="stable")
    for place in (tuple(chosen[i]) for i in order):
        hidden[place] = False
        if any(faulty.any() for faulty in lines.faulty(hidden)):
            hidden[place] = True


def _hide_near(hidden: Flags, known: Flags, families: Integers) -> bool:
    """Withholds, in place, the smallest shown cell in line with a determined one (`known`: full grid); False if none is left."""
    near = np.zeros(hidden.shape, dtype=np.bool_)
    for axis in range(hidden.ndim):
        lines: Flags = np.any(known, axis=axis, keepdims=True)
        near |= lines[tuple(slice(0, 1 if a == axis else -1) for a in range(hidden.ndim))]
    candidates = ~hidden & near if (~hidden & near).any() else ~hidden
    if not candidates.any():
        return False
    cost = np.where(candidates, families, np.iinfo(np.int64).max)
    hidden[np.unravel_index(int(np.argmin(cost)), hidden.shape)] = True
    return True
