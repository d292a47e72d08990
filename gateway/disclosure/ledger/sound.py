"""Whether a table says who is in its cells. In: an exact table from anywhere. Out: its population, members, units; or a refusal.

Anything that does not fit is `Unprotectable`: a set that is not known cannot be held against others.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.tables import Count, ExactTable, Magnitude, Population, Units
from gateway.disclosure.threshold import inner

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Integers = NDArray[np.int64]


def require_population(table: ExactTable) -> Population:
    """The table's population. Raises `Unprotectable` where who is in a cell is not told: no ledger can screen that."""
    population, shape = table.population, table.shape
    if (
        population is None
        or not _is_array(population.families, np.uint64)
        or population.place.shape != population.families.shape
    ):
        raise Unprotectable("population", "missing", "a ledger needs to know who is in a cell")
    fixed = population.fixed
    is_known = len(set(fixed)) == len(fixed) and set(fixed) <= set(range(len(shape)))
    places = prod(shape[axis] for axis in fixed) if is_known else 0
    if not _is_array(population.place, np.int64) or not _are_within(population.place, places):
        raise Unprotectable("population", "place", "a family has no place among the categories")
    return population


def require_members(name: str, count: Count, families: int) -> csr_array:
    """Who is behind each cell of a count: cells x families of the population, each once. Raises `Unprotectable`."""
    if count.members is None:
        raise Unprotectable(name, "no_members", "a ledger needs to know who is in a cell")
    cells = count.families[inner(count.families.ndim)].size
    if count.members.shape != (cells, families):
        raise _unlike(name)
    members = _each_once(count.members)
    _require_counted(name, members, count.families)
    return members


def require_people(name: str, count: Count, families: int) -> csr_array:
    """For each cell a word for each family behind it, that stands for its people there. Raises `Unprotectable`."""
    members, people = require_members(name, count, families), count.people
    if people is None:
        raise Unprotectable(name, "no_members", "a ledger needs to know which people are counted")
    if people.shape != members.shape or people.dtype != np.uint64:
        raise _unlike(name)
    words = people.tocsr()
    words.sum_duplicates()
    is_same = np.array_equal(words.indptr, members.indptr) and np.array_equal(
        words.indices, members.indices
    )
    if not is_same:
        raise _unlike(name)
    return words


def require_units(name: str, cost: Magnitude, families: int) -> Units:
    """What the cost is made of, held against its families. Raises `Unprotectable`."""
    units = cost.units
    if units is None:
        raise Unprotectable(name, "no_members", "a ledger needs to know who is in a cell")
    many = (len(units.ids),)
    is_sound = (
        _is_array(units.ids, np.uint64)
        and _is_array(units.family, np.int64)
        and _is_array(units.pence, np.int64)
        and units.family.shape == units.pence.shape == many
        and _are_within(units.family, families)
        and units.cells.shape == (cost.pence.size, *many)
    )
    if not is_sound:
        raise _unlike(name)
    _require_counted(name, payers(units, families), cost.families)
    return units


def payers(units: Units, families: int) -> csr_array:
    """Inner cells x families of the population: whose units in the cell come to something.

    Whose costs and refunds cancel out pays nothing, and would hide nobody.
    """
    from scipy.sparse import csr_array

    many = len(units.ids)
    whose = csr_array((units.pence, (np.arange(many), units.family)), shape=(many, families))
    paid = units.cells.astype(np.int64) @ whose
    paid.eliminate_zeros()
    return paid.astype(np.bool_)


def _require_counted(name: str, members: csr_array, families: Integers) -> None:
    counted = families[inner(families.ndim)].ravel()
    if (members.sum(axis=1) != counted).any():
        raise _unlike(name)


def _unlike(name: str) -> Unprotectable:
    return Unprotectable(name, "members", "the members of a cell are not its families")


def _each_once(rows: csr_array) -> csr_array:
    once = rows.astype(np.bool_).tocsr()
    once.sum_duplicates()
    once.eliminate_zeros()
    return once


def _is_array(values: object, dtype: type[np.generic]) -> bool:
    return isinstance(values, np.ndarray) and values.dtype == dtype and values.ndim == 1


def _are_within(places: Integers, many: int) -> bool:
    return bool(((places >= 0) & (places < many)).all())
