"""Sets of families as sparse rows: made from rows of a frame, counted with keyed noise, compared with one another.

In: which row is in which cell and of which family. Out: CSR arrays (sets x families, 1 or 0), released counts, flags. The count of
a set is the one that a table gives for the same families (`gateway/disclosure/noise.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from gateway.disclosure.noise import draw_noise, draw_set_keys, require_key
from gateway.disclosure.rounding import round_to
from gateway.disclosure.rules import Rules
from gateway.disclosure.tables import Count, Dimension, Integers
from gateway.disclosure.threshold import Flags, axis_sets

from .contributions import Codes

if TYPE_CHECKING:
    from scipy.sparse import csr_array


def incidence(cell: Codes, family: Codes, shape: tuple[int, int]) -> csr_array:
    """Who is in which cell: (cells x families), 1 where a row says so, however often it says so."""
    from scipy.sparse import csr_array

    pairs = np.unique(cell * np.int64(shape[1]) + family)
    rows, columns = np.divmod(pairs, max(shape[1], 1))
    indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=shape[0]))])
    return csr_array((np.ones(len(pairs), dtype=np.int32), columns, indptr), shape=shape)


def stack(rows: Sequence[csr_array]) -> csr_array:
    """The sets one below the other."""
    from scipy.sparse import csr_array, vstack

    return csr_array(vstack(list(rows), format="csr"))


def sizes(members: csr_array) -> Integers:
    """Families of each set."""
    many: Integers = np.diff(members.indptr).astype(np.int64)
    return many


def members_of(members: csr_array, row: int) -> Codes:
    """The places of one set's families."""
    row_of: Codes = members.indices[members.indptr[row] : members.indptr[row + 1]].astype(np.int64)
    return row_of


def set_keys(
    members: csr_array,
    ids: Sequence[int | str],
    key: bytes,
    counted: Literal["families", "people"] = "families",
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """key_lo, key_hi of each set: exclusive or of its members' keyed random values."""
    lo, hi = draw_set_keys(ids, key, counted=counted)
    return tuple(_xor(members, half) for half in (lo, hi))  # type: ignore[return-value]


def _xor(members: csr_array, values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    result = np.zeros(members.shape[0], dtype=np.uint64)
    filled = np.flatnonzero(np.diff(members.indptr))
    if filled.size:
        starts = members.indptr[filled]
        result[filled] = np.bitwise_xor.reduceat(values[members.indices], starts)
    return result


def released_counts(
    members: csr_array,
    ids: Sequence[int | str],
    rules: Rules,
    key: bytes,
    counted: Literal["families", "people"] = "families",
) -> Integers:
    """The count of each set as a table would release it: keyed noise, rounded, at least the threshold."""
    require_key(key)
    figure = sizes(members)
    lo, hi = set_keys(members, ids, key, counted)
    count = Count(counted, figure, np.append(figure, figure.sum()), lo, hi)
    rounded = round_to(figure + draw_noise(count, rules, key), rules.rounding)
    return np.maximum(rounded, -(-rules.min_cell // rules.rounding) * rules.rounding)


def too_near(members: csr_array, min_cell: int) -> Flags:
    """Sets that lie within another with 1 to `min_cell` - 1 families between: the difference would be those families."""
    size = sizes(members)
    # Products of 0 and 1 over as many as a million families: 32 bits hold the sums.
    common = (members @ members.T).tocoo()
    between = size[common.col] - common.data
    within = common.data == size[common.row]
    near: Flags = np.zeros(len(size), dtype=np.bool_)
    near[common.row[within & (between > 0) & (between < min_cell) & (size[common.row] > 0)]] = True
    return near


def flat_cells(codes: Sequence[Codes], shape: Sequence[int], rows: int) -> Codes:
    """The flat place (C order) of each row in a grid of that shape."""
    place = np.zeros(rows, dtype=np.int64)
    for code, size in zip(codes, shape, strict=True):
        place = place * size + code
    return place


def full_grid(codes: Sequence[Codes], family: Codes, dimensions: Sequence[Dimension]) -> Integers:
    """Distinct families in each cell and in each "all" (one more place at the end of each axis)."""
    shape = [len(d.categories) for d in dimensions]
    most = int(family.max(initial=-1)) + 1
    full = np.zeros([n + 1 for n in shape], dtype=np.int64)
    for kept in _kept(len(shape)):
        part = [shape[a] for a in kept]
        cells = int(np.prod(part, dtype=np.int64))
        flat = flat_cells([codes[a] for a in kept], part, len(family))
        grid = sizes(incidence(flat, family, (cells, most))).reshape(part)
        full[tuple(slice(0, -1) if a in kept else -1 for a in range(len(shape)))] = grid
    return full


def _kept(ndim: int) -> Iterator[tuple[int, ...]]:
    yield ()
    yield from axis_sets(ndim)
