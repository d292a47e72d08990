"""How many cells of a count one family can be in. In: an exact table. Out: a whole number, or `Unprotectable`.

The unit of privacy is the family: neighbouring vintages differ by one family with all its people and records. What a family
does to the linkage of others is not in it.
"""

from __future__ import annotations

from math import prod

import numpy as np

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.tables import Count, Dimension, ExactTable
from gateway.disclosure.threshold import inner


def cells_of_a_family(count: Count, exact: ExactTable) -> int:
    """The most cells that a family changes by one when it comes or goes: the L1 sensitivity, and the L2 one squared.

    A family is in one category of a dimension, and in all of an overlapping one at worst. Only counts of families have
    a limit: how many people a family has is not bounded.
    """
    if count.counted != "families":
        raise Unprotectable("measures", "counts_only", "this method gives counts of families only")
    _require_once(count, exact.dimensions)
    return prod(
        len(dimension.categories)
        for axis, dimension in enumerate(exact.dimensions)
        if dimension.overlapping and axis not in count.same_along
    )


def _require_once(count: Count, dimensions: tuple[Dimension, ...]) -> None:
    """A family adds at most one to a cell, and stands in one category of a dimension that does not overlap."""
    if (count.figure != count.families[inner(count.families.ndim)]).any():
        raise Unprotectable("measures", "not_once", "a family counts more than once in a cell")
    for axis, dimension in enumerate(dimensions):
        line = np.moveaxis(count.families, axis, 0)
        is_told_apart = not dimension.overlapping and axis not in count.same_along
        if is_told_apart and (line[:-1].sum(axis=0) != line[-1]).any():
            raise Unprotectable(dimension.name, "overlap", "a family is in several categories")
