"""The lines of a table: whoever sees every cell of one knows its sum. In: a table's shape. Out: which cells make up which line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.threshold import axis_sets

Flags = NDArray[np.bool_]
Places = NDArray[np.int64]
Order = NDArray[np.intp]


def line_of_cells(shape: tuple[int, ...]) -> Iterator[Places]:
    """For each set of axes that a line may run along: the line that each inner cell (C order) is in, from 0."""
    at = np.indices(shape).reshape(len(shape), prod(shape))
    for along in axis_sets(len(shape)):
        line = np.zeros(prod(shape), dtype=np.int64)
        for axis, size in enumerate(shape):
            if axis not in along:
                line = line * size + at[axis]
        yield line


@dataclass(frozen=True)
class Lines:
    """The lines of a table; `of` (sets of axes x cells): which line, numbered over all sets; `counts`: cells that have a part."""

    of: Places
    counts: Flags

    @classmethod
    def over(cls, shape: tuple[int, ...], counts: Flags) -> Lines:
        """All lines of a table of that shape."""
        found, first = [np.zeros((0, prod(shape)), dtype=np.int64)], 0
        for line in line_of_cells(shape):
            found.append(line[None, :] + first)
            first += int(line.max(initial=-1)) + 1
        return cls(np.concatenate(found), counts)

    def __len__(self) -> int:
        """How many lines there are."""
        return int(self.of.max(initial=-1)) + 1

    def lacking(self, shown: Flags) -> Places:
        """For each line how many of the cells that have a part in it are not shown."""
        return self._cells(self.counts & ~shown)

    def whole(self, shown: Flags) -> Order:
        """The lines of which every cell that has a part is shown, and there is one."""
        return np.flatnonzero((self.lacking(shown) == 0) & (self._cells(self.counts) > 0))

    def open(self, shown: Flags, told: Flags, closed: Flags, order: Order) -> Flags:
        """Which of the shown cells may stay, so that no `closed` line becomes whole: its last cell in `order` gives way.

        What is `told` already is shown whatever is decided here.
        """
        kept, lacking = np.zeros_like(shown), self.lacking(told)
        for cell in order[shown[order]]:
            counts = self.counts[cell] and not told[cell]
            lines = self.of[:, cell] if counts else self.of[:0, cell]
            if not (closed[lines] & (lacking[lines] == 1)).any():
                kept[cell] = True
                lacking[lines] -= 1
        return kept

    def sums(self, pence: Places) -> Places:
        """What the cells of each line come to."""
        summed = np.zeros(len(self), dtype=np.int64)
        np.add.at(summed, self.of, pence[None, :])
        return summed

    def _cells(self, flags: Flags) -> Places:
        many: Places = np.bincount(self.of[:, flags].ravel(), minlength=len(self))
        return many
