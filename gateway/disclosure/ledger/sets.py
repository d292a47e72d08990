"""Who is in which figure, as rows of 0 and 1 in the ledger's own columns.

In: an exact table with its population, members and units. Out: sparse rows, one for each inner cell in C order. No figure.
"""

from __future__ import annotations

from hashlib import blake2b
from math import prod
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.errors import Unprotectable
from gateway.disclosure.tables import ExactTable, Keys

from .sound import require_population

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Places = NDArray[np.int64]


class Columns:
    """Numbers keyed identities from 0 in the order in which they come; a number never changes."""

    def __init__(self) -> None:
        self._keys: Keys = np.zeros(0, dtype=np.uint64)
        self._ordered: Keys = self._keys
        self._order: NDArray[np.intp] = np.zeros(0, dtype=np.intp)

    def __len__(self) -> int:
        return len(self._keys)

    def place(self, keys: Keys) -> Places:
        """The column of each key; keys not seen before get the next ones."""
        order = np.argsort(keys)
        ordered = keys[order]
        if (ordered[1:] == ordered[:-1]).any():
            raise Unprotectable("population", "not_unique", "an identity stands twice")
        fresh = ordered[~self._has(ordered)]
        if len(fresh):
            self._keys = np.concatenate([self._keys, fresh])
            self._order = np.argsort(self._keys)
            self._ordered = self._keys[self._order]
        # Looked up in their order, neighbours are found near one another.
        place = np.empty(len(keys), dtype=np.int64)
        place[order] = self._order[np.searchsorted(self._ordered, ordered)]
        return place

    def _has(self, keys: Keys) -> NDArray[np.bool_]:
        if not len(self._keys):
            return np.zeros(len(keys), dtype=np.bool_)
        found = np.searchsorted(self._ordered, keys).clip(max=len(self._keys) - 1)
        return np.asarray(self._ordered[found] == keys)


def in_columns(
    rows: csr_array, columns: Places, width: int, data: NDArray[np.generic] | None = None
) -> csr_array:
    """The rows with their columns put to other places, 1 for whatever stands there, or the `data` (an entry each)."""
    from scipy.sparse import coo_array, csr_array

    found = coo_array(rows)
    keep = found.data.astype(np.bool_)
    places = (found.coords[0][keep], columns[found.coords[1][keep]])
    told = np.ones(len(keep), dtype=np.int8) if data is None else data
    return csr_array((told[keep], places), shape=(rows.shape[0], width))


def members_of(rows: csr_array, row: int) -> Places:
    """The columns of one row, in order."""
    return np.sort(rows.indices[rows.indptr[row] : rows.indptr[row + 1]]).astype(np.int64)


def widened(rows: csr_array, columns: int) -> csr_array:
    """The same entries in rows of at least so many columns."""
    from scipy.sparse import csr_array

    if rows.shape[1] >= columns:
        return rows
    return csr_array((rows.data, rows.indices, rows.indptr), shape=(rows.shape[0], columns))


def stacked(one: csr_array, two: csr_array) -> csr_array:
    """All rows of both, as wide as the wider one."""
    from scipy.sparse import csr_array, vstack

    columns = max(one.shape[1], two.shape[1])
    return csr_array(vstack([widened(one, columns), widened(two, columns)]))


class Sets:
    """Rows told once: equal sets are one set, whatever they are called."""

    def __init__(self) -> None:
        self.rows: csr_array | None = None
        self._seen: set[bytes] = set()

    def copied(self) -> Sets:
        """The same sets, to be added to apart."""
        other = Sets()
        other.rows = self.rows
        other._seen = set(self._seen)
        return other

    def rows_of(self, columns: int) -> csr_array:
        """All sets as rows of so many columns; none at all is a matrix without rows."""
        from scipy.sparse import csr_array

        if self.rows is None:
            return csr_array((0, columns), dtype=np.int8)
        return widened(self.rows, columns)

    def has(self, rows: csr_array) -> NDArray[np.bool_]:
        """Which of the rows are in here already."""
        there = [digest_of(rows, row) in self._seen for row in range(rows.shape[0])]
        return np.array(there, dtype=np.bool_)

    def fresh(self, rows: csr_array) -> list[int]:
        """The rows that are not in here yet, each set once."""
        found: dict[bytes, int] = {}
        for row in range(rows.shape[0]):
            digest = digest_of(rows, row)
            if digest not in self._seen:
                found.setdefault(digest, row)
        return list(found.values())

    def add(self, rows: csr_array) -> csr_array:
        """Puts in what is new of the rows, and returns that."""
        new = rows[self.fresh(rows)]
        self._seen |= {digest_of(new, row) for row in range(new.shape[0])}
        self.rows = new.copy() if self.rows is None else stacked(self.rows, new)
        return new

    def widen(self, columns: int) -> None:
        """There are so many columns now."""
        if self.rows is not None:
            self.rows = widened(self.rows, columns)


def digest_of(rows: csr_array, row: int) -> bytes:
    """One digest for one set of columns and what stands in them."""
    start, end = rows.indptr[row], rows.indptr[row + 1]
    columns = rows.indices[start:end]
    order = np.argsort(columns)
    told = blake2b(columns[order].astype(np.int64).tobytes(), digest_size=16)
    told.update(rows.data[start:end][order].tobytes())
    return told.digest()


def standing(table: ExactTable, without: int | None = None) -> csr_array:
    """Inner cells x population: the families that may be in the cell, by the axes in which a family has one place.

    With `without`, as if that axis were not asked: the line of the cell, whoever of it is in the category.
    """
    from scipy.sparse import csr_array

    population, shape = require_population(table), table.shape
    own = [shape[a] for a in population.fixed]
    # Flat places on the fixed axes that are kept, of each family and of each cell.
    kept = [a for a in population.fixed if a != without]
    by_family = np.array(np.unravel_index(population.place, own)) if own else np.zeros((0, 0))
    by_cell = (
        np.array(np.unravel_index(np.arange(prod(shape)), shape)) if shape else np.zeros((0, 1))
    )
    family = np.zeros(len(population.place), dtype=np.int64)
    cell = np.zeros(prod(shape), dtype=np.int64)
    for axis in kept:
        family = family * shape[axis] + by_family[population.fixed.index(axis)].astype(np.int64)
        cell = cell * shape[axis] + by_cell[axis].astype(np.int64)
    classes = prod(shape[a] for a in kept)
    ones = np.ones(len(family), dtype=np.int8)
    groups = csr_array((ones, (family, np.arange(len(family)))), shape=(classes, len(family)))
    return groups[cell]
