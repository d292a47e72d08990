"""A refresh is a differencing query: which figures of an earlier vintage stand, because too few families changed behind them.

In: exact tables of one question on two vintages, with their population; families are matched by the keyed identity that they
have in every vintage. Out: for each cell how many families entered, left or changed what they contribute, and which cells
stand. Never a figure. A figure that stands is told as it was told before, shown or withheld.

INVARIANT: between the vintage on which a figure was made and the one on which it is made anew, at least `min_cell` families
changed in the cell; of costs, also in what the cells that stand hide along each line. Where nobody changed nothing is made anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .errors import Unprotectable
from .ledger.sets import Columns
from .ledger.sound import require_members, require_people, require_population, require_units
from .suppression.secondary import withhold
from .tables import Count, Dimension, ExactTable, Integers, Keys, Magnitude, Quotient
from .threshold import Flags, below_threshold, inner

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Places = NDArray[np.int64]


def stable_columns(keys_old: Keys, keys_new: Keys) -> tuple[Places, int]:
    """The column of each family of a newer vintage among those of an older one, and how many columns there are then.

    Families of the older vintage keep the columns 0 to n - 1; families that it did not have get the next ones. Raises
    `Unprotectable` where an identity stands twice.
    """
    columns = Columns()
    columns.place(keys_old)
    # `Columns` numbers sorted keys; what is wanted is the order in which the older vintage has them.
    own = np.empty(len(keys_old), dtype=np.int64)
    own[columns.place(keys_old)] = np.arange(len(keys_old))
    placed = columns.place(keys_new)
    known = placed < len(keys_old)
    placed[known] = own[placed[known]]
    return placed, len(columns)


def changed_families(old: ExactTable, new: ExactTable, measure: str) -> Integers:
    """Full grid of `new`: families that entered or left the cell, or contribute another cost to it, since `old`.

    A contribution to a count is that the family is behind the cell; a person more or less in a family does not change it.
    Cells are matched by the names of their categories. Raises `Unprotectable` for tables of different dimensions, a measure
    that is not in both, or tables that do not tell who is in a cell.
    """
    names = [(d.name, d.level) for d in new.dimensions]
    if [(d.name, d.level) for d in old.dimensions] != names:
        raise Unprotectable("dimensions", "vintages", "the tables are not of one question")
    columns, width = stable_columns(
        require_population(old).families, require_population(new).families
    )
    before = _matched(contributions(old, measure), old.dimensions, new.dimensions)
    after = _in_columns(contributions(new, measure), columns, width)
    before.resize((before.shape[0], width))
    spread = _coarser_too(new.shape)
    difference = spread @ after - spread @ before
    difference.eliminate_zeros()
    changed: Integers = np.diff(difference.tocsr().indptr).astype(np.int64)
    return changed.reshape(tuple(n + 1 for n in new.shape))


def contributions(table: ExactTable, measure: str) -> csr_array:
    """Inner cells in C order x families of the population: what of each is in the cell.

    1 for a count of families, a word for just the people of a count of people, perturbed pence for a cost.
    """
    from scipy.sparse import csr_array

    found = table.measures.get(measure)
    families = len(require_population(table).families)
    if isinstance(found, Count) and found.counted == "people":
        # Sums that wrap around: only whether they changed is looked at.
        return csr_array(require_people(measure, found, families).astype(np.int64))
    if isinstance(found, Count):
        return csr_array(require_members(measure, found, families).astype(np.int64))
    if isinstance(found, Magnitude):
        units = require_units(measure, found, families)
        places = (np.arange(len(units.family)), units.family)
        whose = csr_array(
            (units.pence.astype(np.int64), places), shape=(len(units.family), families)
        )
        return csr_array(units.cells.astype(np.int64) @ whose)
    raise Unprotectable(measure, "unknown_type", "a count or a cost is expected")


def standing(changed: Mapping[str, Integers], table: ExactTable, min_cell: int) -> dict[str, Flags]:
    """Inner grids by measure: the cells whose earlier figure stands. `changed`: full grids of `changed_families`.

    Counts stand by themselves, since each has noise of its own. For costs the changes are a table like any other: a change
    of few families must not follow from the changes along its line, so that further cells stand with it. A quotient stands
    where either of its parts does.
    """
    stands: dict[str, Flags] = {}
    for name, grid in changed.items():
        few = below_threshold(grid, min_cell)
        if isinstance(table.measures[name], Magnitude):
            # Where nobody changed, the earlier figure stands and the change, none, hides nobody.
            few |= withhold(few & (grid > 0), grid, table.dimensions, min_cell)
        stands[name] = few[inner(grid.ndim)].copy()
    for name in table.asked:
        measure = table.measures[name]
        if isinstance(measure, Quotient):
            stands[name] = stands[measure.numerator] | stands[measure.denominator]
    return stands


def parts_of(table: ExactTable) -> list[str]:
    """The counts and costs that are asked for, or that a quotient asked for is made of."""
    names: dict[str, None] = {}
    for name in table.asked:
        measure = table.measures[name]
        made_of = (
            (measure.numerator, measure.denominator) if isinstance(measure, Quotient) else (name,)
        )
        names |= dict.fromkeys(made_of)
    return list(names)


def _matched(rows: csr_array, old: Sequence[Dimension], new: Sequence[Dimension]) -> csr_array:
    """The rows of the older table at the places their categories have in the newer; a category it lacks is left out."""
    from scipy.sparse import csr_array

    sizes = [len(d.categories) for d in new]
    at = np.zeros(tuple(len(d.categories) for d in old), dtype=np.int64)
    there = np.ones(at.shape, dtype=np.bool_)
    for axis, (before, after) in enumerate(zip(old, new, strict=True)):
        place = {category: i for i, category in enumerate(after.categories)}
        found = np.array([place.get(category, -1) for category in before.categories])
        found = found.reshape([-1 if a == axis else 1 for a in range(at.ndim)])
        at = at * sizes[axis] + found
        there &= found >= 0
    kept = np.flatnonzero(there)
    marks = (np.ones(len(kept), dtype=np.int64), (at.ravel()[kept], kept))
    return csr_array(csr_array(marks, shape=(prod(sizes), at.size)) @ rows)


def _in_columns(rows: csr_array, columns: Places, width: int) -> csr_array:
    from scipy.sparse import coo_array, csr_array

    found = coo_array(rows)
    places = (found.coords[0], columns[found.coords[1]])
    return csr_array((found.data, places), shape=(rows.shape[0], width))


def _coarser_too(shape: tuple[int, ...]) -> csr_array:
    """Full cells x inner cells: each cell as it is, and each cell at "all" as the sum of its line."""
    from scipy.sparse import csr_array, eye_array, kron, vstack

    whole = csr_array(np.ones((1, 1), dtype=np.int64))
    for size in shape:
        axis = vstack([eye_array(size, dtype=np.int64), np.ones((1, size), dtype=np.int64)])
        whole = csr_array(kron(whole, axis))
    return whole
