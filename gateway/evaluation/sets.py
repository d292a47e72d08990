"""Who is in which cell: for each family (or person) one bit for each cell it is in. In: expressions. Out: `Members`.

The distinct families of every cell and of every coarser table follow from the bits, so the events are read once,
grouped by family, and not once for each of the 2^k tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .engine import Engine
from .places import Axis, cell_count, code
from .vintage import VintageFaulty

if TYPE_CHECKING:
    import ibis

# Bits in one signed word: the same on every engine.
WORD = 63


@dataclass(frozen=True)
class Members:
    """n members in the order of `group` (n), their place by the fixed axes.

    `bits` (cells of the loose axes, n): who is in which cell; `paying`, of the same shape: who has a cost there.
    `key_lo`, `key_hi` (n): keyed random values.
    """

    group: NDArray[np.int64]
    bits: NDArray[np.bool_]
    paying: NDArray[np.bool_] | None
    key_lo: NDArray[np.uint64]
    key_hi: NDArray[np.uint64]

    def require_paying(self) -> NDArray[np.bool_]:
        """Who has a cost in which cell. Raises `VintageFaulty` if the records had no costs."""
        if self.paying is None:
            raise VintageFaulty("events.perturbed_pence", "missing_column", "no costs were read")
        return self.paying


def read_members(
    engine: Engine,
    members: ibis.Table,
    member_id: str,
    fixed: tuple[Axis, ...],
    loose: tuple[Axis, ...],
    records: ibis.Table | None,
) -> Members:
    """Members with their group, and the cells in which they have a record; without `records` all are in.

    Raises `VintageFaulty` where a record is in no registered category.
    """
    listed = members.select(member_id, "key_lo", "key_hi", group=code(fixed, members))
    if records is not None:
        words = _words(records, member_id, loose)
        listed = listed.left_join(words, member_id).drop(f"{member_id}_right")
    table = engine.run(listed.drop(member_id))
    group, cells = _column(table, "group"), cell_count(loose)
    furthest = _column(table, "furthest") if records is not None else np.zeros(1)
    if (group >= cell_count(fixed)).any() or (furthest >= cells).any():
        place = "/".join(axis.name for axis in fixed + loose)
        raise VintageFaulty(place, "category", "a category that is not registered")
    # So few groups that the narrow type sorts them in linear time.
    order = np.argsort(group.astype(np.int16), kind="stable")
    lo, hi = (table[name].to_numpy()[order] for name in ("key_lo", "key_hi"))
    bits = (
        np.ones((1, len(order)), dtype=np.bool_)
        if records is None
        else _unpack(table, "in", cells, order)
    )
    paying = _unpack(table, "pays", cells, order) if "pays0" in table.column_names else None
    return Members(group[order], bits, paying, lo, hi)


def _words(records: ibis.Table, member_id: str, loose: tuple[Axis, ...]) -> ibis.Table:
    """One row a member: words of bits for its cells (`in0`, ...), for those with a cost (`pays0`, ...), highest code."""
    import ibis

    records = records.mutate(cell=code(loose, records))
    one = ibis.literal(1).cast("int64")
    figures = {"furthest": records.cell.max()}
    cells = cell_count(loose)
    for word in range(-(-cells // WORD)):
        first = word * WORD
        here = records.cell.between(first, first + WORD - 1)
        bit = here.ifelse(one << here.ifelse(records.cell - first, 0), 0)
        figures[f"in{word}"] = bit.bit_or()
        if "perturbed_pence" in records.columns:
            figures[f"pays{word}"] = bit.bit_or(where=records.perturbed_pence != 0)
    return records.group_by(member_id).agg(**figures)


def _column(table: pa.Table, name: str) -> NDArray[np.int64]:
    """The column as whole numbers, 0 where a member has no record."""
    filled: NDArray[np.int64] = table[name].fill_null(0).to_numpy().astype(np.int64)
    return filled


def _unpack(table: pa.Table, prefix: str, cells: int, order: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Words of bits -> (cells, members) of booleans, members in the given order."""
    bits = np.empty((cells, len(order)), dtype=np.bool_)
    for word in range(-(-cells // WORD)):
        numbers = _column(table, f"{prefix}{word}")[order]
        for cell in range(word * WORD, min(cells, (word + 1) * WORD)):
            bits[cell] = numbers & (1 << (cell - word * WORD))
    return bits
