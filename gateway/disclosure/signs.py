"""On which side of the truth each family's costs are told: signs that cancel in the sums that will be asked for.

In: families with their design cell, size and parts of the size, the signs that are kept, a key. Out: a sign for each family.
Neighbours in size get opposite signs (Evans, Zayatz & Slanta 1998). Which of two goes up is open: half of the time a coin says
it, else the sums of the parts (each year's costs), so that they are moved less (balancing by a walk that keeps its chance: Alweiss,
Liu & Sawhney 2021). With the parts alone, one sign that is known would tell all others to whoever knows the costs.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Signs = dict[int | str, int]


def draw_signs(
    families: pl.DataFrame,
    design: Sequence[str],
    size: str | None,
    parts: Sequence[str],
    kept: Mapping[int | str, int],
    key: bytes,
) -> pl.DataFrame:
    """family, sign (Int8): kept, or drawn so that ups and downs alternate in the order of size within a design cell."""
    ids = families["family"].to_list()
    rank = [hmac.digest(key, f"ezs:sign:{each}".encode(), hashlib.sha256) for each in ids]
    cells = [f"design_{at}" for at in range(len(design))]
    ordered = families.select(
        "family",
        *(pl.col(name).alias(cell) for name, cell in zip(design, cells, strict=True)),
        *(pl.col(part).cast(pl.Float64).alias(f"part_{at}") for at, part in enumerate(parts)),
        size=pl.lit(0) if size is None else pl.col(size),
        rank=pl.Series(rank, dtype=pl.Binary),
        # From the largest down: where their number is odd, the smallest stays without a neighbour.
    ).sort(*cells, "size", "rank", descending=[*(False for _ in cells), True, False])
    # Without a design all families are one cell.
    groups = ordered.partition_by(cells, maintain_order=True) if cells else [ordered]
    signs: Signs = {}
    for group in groups:
        signs |= _of_cell(group, len(parts), kept)
    return pl.DataFrame(
        {"family": ordered["family"], "sign": [signs[f] for f in ordered["family"].to_list()]},
        schema_overrides={"sign": pl.Int8},
    )


def _of_cell(group: pl.DataFrame, parts: int, kept: Mapping[int | str, int]) -> Signs:
    """Signs of one design cell, in its order.

    A new family takes the side that is behind so far; where none is, the side that the kept ones further down leave behind;
    where these are even as well, it and its neighbour are free: its first coin says whether the parts decide, or its second.
    """
    ids, shares = group["family"].to_list(), _shares(group, parts)
    held = [kept.get(family, 0) for family in ids]
    moved = np.array(held, dtype=np.float64) @ shares
    above, below, signs = 0, sum(held), list(held)
    for at, (sign, rank) in enumerate(zip(held, group["rank"], strict=True)):
        below -= sign
        if not sign:
            neighbour = shares[at + 1] if at + 1 < len(ids) and not held[at + 1] else 0.0
            ahead = rank[30] & 1 and np.sign(moved @ (shares[at] - neighbour))
            signs[at] = -int(np.sign(above or below or ahead)) or 1 - 2 * (rank[31] & 1)
            moved = moved + signs[at] * shares[at]
        above += signs[at]
    return dict(zip(ids, signs, strict=True))


def _shares(group: pl.DataFrame, parts: int) -> Floats:
    """Families x parts: what each has of the cell's sum of a part."""
    found = group.select(f"part_{at}" for at in range(parts)).to_numpy().reshape(len(group), parts)
    whole = np.abs(found).sum(axis=0)
    shares: Floats = np.divide(found, whole, out=np.zeros(found.shape), where=whole > 0)
    return shares
