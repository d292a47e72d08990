"""Counts members by cell. In: `Members` and the axes. Out: inner and full grids for the exact table (see `ExactTable`)."""

from __future__ import annotations

from math import prod
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from .places import Axis, cell_count
from .sets import Members

Integers = NDArray[np.int64]
Keys = NDArray[np.uint64]
T = TypeVar("T", bound=np.generic)


def full_count(
    members: Members,
    bits: NDArray[np.bool_],
    order: tuple[Axis, ...],
    fixed: tuple[Axis, ...],
    loose: tuple[Axis, ...],
    *,
    whole: bool,
) -> Integers:
    """Full grid of distinct members, axes in `order`; with `whole`, "all" of every loose axis is everybody."""
    inside = bits.reshape((*(a.size for a in loose), bits.shape[1]))
    for axis in range(len(loose)):
        inside = np.concatenate([inside, inside.any(axis=axis, keepdims=True)], axis=axis)
    if whole and loose:
        inside[(-1,) * len(loose)] = True
    rows = inside.reshape((prod(inside.shape[:-1]), bits.shape[1]))
    counts = _sum_by_group(rows, members, cell_count(fixed))
    grid = counts.reshape((*(a.size + 1 for a in loose), *(a.size for a in fixed)))
    # A member is in one place of a fixed axis, so there "all" is the sum.
    for axis in range(len(loose), grid.ndim):
        grid = np.concatenate([grid, grid.sum(axis=axis, keepdims=True)], axis=axis)
    return in_order(grid, loose + fixed, order)


def set_keys(
    members: Members, order: tuple[Axis, ...], fixed: tuple[Axis, ...], loose: tuple[Axis, ...]
) -> tuple[Keys, Keys]:
    """Inner grids of the exclusive or of the members' keyed values (lo, hi)."""
    axes = loose + fixed
    shape = tuple(a.size for a in axes)
    lo = _xor_by_group(members.bits, members.key_lo, members, cell_count(fixed))
    hi = _xor_by_group(members.bits, members.key_hi, members, cell_count(fixed))
    return in_order(lo.reshape(shape), axes, order), in_order(hi.reshape(shape), axes, order)


def in_order(grid: NDArray[T], axes: tuple[Axis, ...], order: tuple[Axis, ...]) -> NDArray[T]:
    """The grid with its axes in another order, as an array of its own."""
    return grid.transpose([axes.index(a) for a in order]).copy(order="C")


def _sum_by_group(bits: NDArray[np.bool_], members: Members, groups: int) -> Integers:
    counts = np.zeros((len(bits), groups), dtype=np.int64)
    starts, present = _runs(members.group)
    # Cell by cell: one row of bits stays in the processor's cache.
    for cell, row in enumerate(bits if len(starts) else ()):
        counts[cell, present] = np.add.reduceat(row, starts, dtype=np.int64)
    return counts


def _xor_by_group(bits: NDArray[np.bool_], values: Keys, members: Members, groups: int) -> Keys:
    keys = np.zeros((len(bits), groups), dtype=np.uint64)
    starts, present = _runs(members.group)
    for cell, row in enumerate(bits if len(starts) else ()):
        keys[cell, present] = np.bitwise_xor.reduceat(values * row, starts)
    return keys


def _runs(ordered: Integers) -> tuple[NDArray[np.intp], Integers]:
    """Where each run of equal numbers begins, and the number."""
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    return starts, ordered[starts]
