"""Released counts and costs of a grid of cells: the figures that means, rates, changes, overlaps, profiles and maps are made of.

In: checked rows and dimensions. Out: `Part`: figures that may leave, whether they do, and who is behind them. The rules and draws are
those of `protect_table`; here costs may be refunds too, and a cell that one family dominates is withheld before the line rule is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.rounding import round_to
from gateway.disclosure.rules import Rules
from gateway.disclosure.suppression.secondary import withhold
from gateway.disclosure.tables import Dimension, Integers
from gateway.disclosure.threshold import Flags, axis_sets, below_threshold, inner, small_complement

from .contributions import Codes, Contributions
from .dominance import dominated_cells, net
from .sets import flat_cells, full_grid, incidence, released_counts, too_near

if TYPE_CHECKING:
    from scipy.sparse import csr_array

PENCE = 100


@dataclass(frozen=True)
class Part:
    """One measure over the cells, flat in C order. `low`: a shown cost that rounds to nothing. `members`: cells x families."""

    figures: Integers = field(repr=False)
    shown: Flags = field(repr=False)
    low: Flags = field(repr=False)
    members: csr_array = field(repr=False)


@dataclass(frozen=True)
class Grid:
    """Rows placed in the cells of some dimensions."""

    rows: Contributions
    dimensions: tuple[Dimension, ...]
    codes: tuple[Codes, ...] = field(repr=False)

    @classmethod
    def of(cls, rows: Contributions, dimensions: tuple[Dimension, ...], rules: Rules) -> Grid:
        """The grid. Raises `Unprotectable` for more dimensions or cells than the rules allow."""
        codes = tuple(rows.codes(d) for d in dimensions)
        # Whether a family is in two categories is seen, not believed: counted twice it would hide itself.
        seen = tuple(
            replace(d, overlapping=d.overlapping or _overlaps(code, rows.family))
            for d, code in zip(dimensions, codes, strict=True)
        )
        grid = cls(rows, seen, codes)
        if len(dimensions) > rules.max_dimensions or grid.cells > rules.max_cells:
            raise Unprotectable("by", "too_fine", "more dimensions or cells than the rules allow")
        return grid

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of categories of each dimension."""
        return tuple(len(d.categories) for d in self.dimensions)

    @property
    def cells(self) -> int:
        """Number of cells."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def place(self) -> Codes:
        """The cell of each row."""
        return flat_cells(self.codes, self.shape, len(self.rows.family))

    def places(self) -> Iterator[dict[str, str]]:
        """Dimension to category, for each cell in order."""
        names = [d.name for d in self.dimensions]
        for chosen in product(*(d.categories for d in self.dimensions)):
            yield dict(zip(names, chosen, strict=True))

    def kept(self, axes: Sequence[int]) -> Grid:
        """The coarser grid of these dimensions."""
        return replace(
            self,
            dimensions=tuple(self.dimensions[a] for a in axes),
            codes=tuple(self.codes[a] for a in axes),
        )

    def members(self) -> csr_array:
        """Who has a row in each cell."""
        return incidence(self.place, self.rows.family, (self.cells, self.rows.families))

    def counts(self, rules: Rules, key: bytes, unsafe: Flags | None = None) -> Part:
        """Families of each cell; `unsafe`: cells that a guard withholds for reasons of its own."""
        families, members = full_grid(self.codes, self.rows.family, self.dimensions), self.members()
        hidden = np.array(below_threshold(families, rules.min_cell))
        hidden[inner(families.ndim)] |= self._extra(unsafe)
        if rules.secondary == "all":
            hidden = withhold(hidden, families, self.dimensions, rules.min_cell)
        outside = small_complement(families, self.dimensions, rules.min_cell)
        shown = ~np.asarray(hidden[inner(families.ndim)] | outside).reshape(self.cells)
        shown &= ~too_near(members, rules.min_cell)
        figures = released_counts(members, self.rows.ids, rules, key)
        return Part(figures, shown, np.zeros_like(shown), members)

    def costs(self, pence: Integers, rules: Rules, unsafe: Flags | None = None) -> Part:
        """Sums of perturbed costs in pounds. Behind a cell are the families whose net cost in it is not nothing."""
        cell, family, sums = net(self.place, self.rows.family, pence)
        codes = tuple(np.unravel_index(cell, self.shape)) if self.shape else ()
        payers = replace(self, rows=replace(self.rows, family=family), codes=codes)
        families = full_grid(codes, family, self.dimensions)
        hidden = np.array(below_threshold(families, rules.min_cell) | payers.dominated(sums))
        hidden[inner(families.ndim)] |= self._extra(unsafe)
        hidden = withhold(hidden, families, self.dimensions, rules.min_cell)
        total = np.zeros(self.cells, dtype=np.int64)
        np.add.at(total, cell, sums)
        pounds = round_to(total, rules.cost_rounding_gbp * PENCE) // PENCE
        shown = ~np.asarray(hidden[inner(families.ndim)]).reshape(self.cells)
        members = incidence(cell, family, (self.cells, self.rows.families))
        return Part(pounds, shown, shown & (pounds == 0), members)

    def dominated(self, pence: Integers) -> Flags:
        """Full grid: which cells and which totals one or two families make, by absolute net contributions."""
        full = np.zeros([n + 1 for n in self.shape], dtype=np.bool_)
        for axes in ((), *axis_sets(len(self.shape))):
            part = self.kept(axes)
            cell, _, sums = net(part.place, self.rows.family, pence)
            flags = dominated_cells(cell, sums, part.cells).reshape(part.shape)
            full[tuple(slice(0, -1) if a in axes else -1 for a in range(full.ndim))] = flags
        return full

    def _extra(self, unsafe: Flags | None) -> Flags:
        if unsafe is None:
            return np.zeros(self.shape, dtype=np.bool_)
        return unsafe.reshape(self.shape)


def _overlaps(code: Codes, family: Codes) -> bool:
    most = int(code.max(initial=0)) + 1
    return len(np.unique(family * most + code)) > len(np.unique(family))
