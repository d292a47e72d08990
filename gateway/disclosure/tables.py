"""The exact table: figures before disclosure control, with what is needed to protect them.

In: arrays from the evaluation or from `tabulate`. Out: a checked `ExactTable`. It is never rendered: its repr shows no figure.
Grids have one axis for each dimension. An *inner* grid has as many places as there are categories; a *full* grid has one
more at the end of each axis for "all", the figure of the question without that dimension.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from .errors import Unprotectable

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Integers = NDArray[np.int64]
Keys = NDArray[np.uint64]


@dataclass(frozen=True)
class Dimension:
    """One axis. `overlapping`: a family can be in several categories; `sensitive`: 100 % says something about each family."""

    name: str
    level: str
    categories: tuple[str, ...]
    sensitive: bool = False
    overlapping: bool = False


@dataclass(frozen=True)
class Population:
    """The n families a table is about, told apart by a keyed identity that is the same in every table of a vintage.

    `families` (n, unique). `place` (n): the flat place of each, in C order, on the axes `fixed`, those in which a family
    has one place; 0 for all where there is no such axis. `restricted`: sensitive attributes by which the table was narrowed
    without being broken down by them.
    """

    families: Keys = field(repr=False)
    place: Integers = field(repr=False)
    fixed: tuple[int, ...] = ()
    restricted: tuple[str, ...] = ()


@dataclass(frozen=True)
class Units:
    """What a cost is made of: one unit for each thing that is in one cell whole (a family's costs at an agency in a quarter).

    `ids` (u, unique): the same in every table; `family` (u): place in the population; `pence` (u): perturbed;
    `cells`: inner cells in C order x u.
    """

    ids: Keys = field(repr=False)
    family: Integers = field(repr=False)
    pence: Integers = field(repr=False)
    cells: csr_array = field(repr=False)


@dataclass(frozen=True)
class Count:
    """A count of families or people. `figure` and set keys: inner grids; `families` behind it: full grid.

    `key_lo`, `key_hi`: exclusive or of the keyed random values of everyone counted, so equal sets have equal keys.
    `counted` names who is counted; equal sets of the same `counted` get the same noise, whatever the measure is called.
    `same_along`: axes along which it is one and the same figure (the cohort's families, set beside each issue).
    `members`: who is behind each cell, inner cells in C order x families of the population; a ledger needs them.
    `people`: where people are counted, for the same places a word (uint64) that stands for just the people counted there.
    """

    counted: Literal["families", "people"]
    figure: Integers = field(repr=False)
    families: Integers = field(repr=False)
    key_lo: Keys = field(repr=False)
    key_hi: Keys = field(repr=False)
    same_along: tuple[int, ...] = ()
    members: csr_array | None = field(default=None, repr=False, compare=False)
    people: csr_array | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Magnitude:
    """A sum of perturbed costs in pence (inner grid), and the families with a cost in it (full grid); `units` for a ledger."""

    pence: Integers = field(repr=False)
    families: Integers = field(repr=False)
    units: Units | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Quotient:
    """Numerator by denominator, both measures of the table; `unit` "gbp" (pounds each) or "share" (0 to 1)."""

    numerator: str
    denominator: str
    unit: Literal["gbp", "share"]


Measure = Count | Magnitude | Quotient


@dataclass(frozen=True)
class ExactTable:
    """Exact figures. `measures` holds everything needed by name; `asked` are those the answer shows, in order.

    `population` is needed, with the members of counts and the units of costs, where a ledger screens the table.
    Raises `Unprotectable` for a grid of the wrong shape or type, a negative figure, an unknown type of measure.
    """

    dimensions: tuple[Dimension, ...]
    measures: Mapping[str, Measure] = field(repr=False)
    asked: tuple[str, ...]
    population: Population | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        names = [d.name for d in self.dimensions]
        if len(set(names)) != len(names) or {"measure", "value", "mark", "quality"} & set(names):
            raise Unprotectable(
                "dimensions", "names", "a name stands twice or is kept for the answer"
            )
        for dimension in self.dimensions:
            chosen = dimension.categories
            if not chosen or len(set(chosen)) != len(chosen):
                raise Unprotectable(dimension.name, "categories", "none, or one stands twice")
        if not self.asked or not set(self.asked) <= set(self.measures):
            raise Unprotectable(
                "asked", "unknown_measure", "every measure asked must be in the table"
            )
        for name, measure in self.measures.items():
            self._require_sound(name, measure)

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of categories of each dimension."""
        return tuple(len(d.categories) for d in self.dimensions)

    def _require_sound(self, name: str, measure: object) -> None:
        inner, full = self.shape, tuple(n + 1 for n in self.shape)
        match measure:
            case Count():
                _require_grid(name, measure.figure, inner, np.int64)
                _require_grid(name, measure.families, full, np.int64)
                _require_margins(name, measure.families)
                _require_grid(name, measure.key_lo, inner, np.uint64)
                _require_grid(name, measure.key_hi, inner, np.uint64)
                if measure.counted not in ("families", "people"):
                    raise Unprotectable(name, "unknown_type", "families or people are counted")
            case Magnitude():
                _require_grid(name, measure.pence, inner, np.int64, signed=True)
                _require_grid(name, measure.families, full, np.int64)
                _require_margins(name, measure.families)
            case Quotient():
                self._require_parts(name, measure)
            case _:
                raise Unprotectable(name, "unknown_type", "not a count, magnitude or quotient")

    def _require_parts(self, name: str, quotient: Quotient) -> None:
        top = self.measures.get(quotient.numerator)
        bottom = self.measures.get(quotient.denominator)
        expected = {"gbp": Magnitude, "share": Count}.get(quotient.unit)
        if expected is None or not isinstance(top, expected) or not isinstance(bottom, Count):
            raise Unprotectable(name, "quotient", "a cost or count by a count of the same table")


def _require_grid(
    name: str,
    grid: object,
    shape: tuple[int, ...],
    dtype: type[np.generic],
    *,
    signed: bool = False,
) -> None:
    """Fails closed: anything but a whole-number grid of that shape; without a negative, unless refunds can make one."""
    if not isinstance(grid, np.ndarray) or grid.dtype != dtype or grid.shape != shape:
        raise Unprotectable(name, "grid", f"a grid of {shape} of {dtype.__name__} is expected")
    if dtype is np.int64 and not signed and bool((grid < 0).any()):
        raise Unprotectable(name, "negative", "a negative figure cannot be protected")


def _require_margins(name: str, families: Integers) -> None:
    """A cell's families are among those of its line: "all" is never less than one of its categories."""
    for axis in range(families.ndim):
        line = np.moveaxis(families, axis, 0)
        if bool((line[:-1] > line[-1]).any()):
            raise Unprotectable(name, "margin", "a cell has more families than its line")
