"""What a cost is made of: each family's costs at one agency in one quarter. In: the events asked for. Out: `Units`.

Every question puts such a unit into one cell whole, so that sums of any two questions can be held against one another.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from gateway.disclosure.tables import Units

from .engine import Engine
from .grids import Integers, Keys
from .places import Axis, cell_count, code
from .vintage import VintageFaulty
from .who import Who

if TYPE_CHECKING:
    import ibis

# Any odd number: quarters of one family and agency must not meet.
STRIDE = np.uint64(0x9E3779B97F4A7C15)


def read_units(
    engine: Engine, families: ibis.Table, events: ibis.Table, axes: tuple[Axis, ...], who: Who
) -> Units:
    """The units that cost something. Raises `VintageFaulty` where a record is in no registered category."""
    from scipy.sparse import csr_array

    listed = families.select("family", "key_lo")
    sums = (
        events.inner_join(listed, "family")
        .group_by(["key_lo", "agency", "quarter"])
        .agg(pence=lambda t: t.perturbed_pence.sum())
    )
    placed = sums.mutate(cell=code(who.loose, sums))
    table = engine.run(placed.filter(placed.pence != 0))
    keys, cell = table["key_lo"].to_numpy(), table["cell"].to_numpy()
    if (cell >= cell_count(who.loose)).any():
        raise VintageFaulty("events", "category", "a category not registered")
    family = who.at(keys)
    places = (who.inner_cell(who.group[family], cell), np.arange(len(keys)))
    return Units(
        ids=keys
        + _agency_words(table["agency"])
        + table["quarter"].to_numpy().astype(np.uint64) * STRIDE,
        family=family,
        pence=table["pence"].to_numpy(),
        cells=csr_array(
            (np.ones(len(keys), dtype=np.bool_), places), shape=(cell_count(axes), len(keys))
        ),
    )


def sums_of(units: Units, axes: tuple[Axis, ...]) -> Integers:
    """Inner grid of perturbed pence: every unit is in one cell, so nothing need be read again."""
    pence: Integers = units.cells.astype(np.int64) @ units.pence
    return pence.reshape([axis.size for axis in axes])


def _agency_words(agencies: pa.ChunkedArray) -> Keys:
    """A random word for each agency, the same in every question."""
    encoded = agencies.combine_chunks().dictionary_encode()
    words = [
        int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little")
        for name in encoded.dictionary.to_pylist()
    ]
    told: Keys = np.array(words, dtype=np.uint64)[encoded.indices.to_numpy()]
    return told
