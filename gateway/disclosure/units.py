"""Makes an exact table from a frame of contributions (pandas or polars), one row for each thing a family did or has.

In: a frame with a family column, a column for each dimension, perhaps a person and a perturbed cost. Out: `ExactTable`.
Never a row of the frame. The evaluation has a faster way for the gateway's own tables; this one is for any frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl

from .errors import Unprotectable
from .membership import members_of, people_of, population_of, units_of
from .noise import draw_set_keys
from .tables import Count, Dimension, ExactTable, Integers, Magnitude, Measure, Quotient

if TYPE_CHECKING:
    import pandas as pd

Wanted = Literal["families", "people", "cost", "cost_per_family"]


def tabulate(
    units: pl.DataFrame | pd.DataFrame,
    dimensions: Sequence[Dimension],
    measures: Sequence[Wanted] = ("families",),
    *,
    key: bytes,
    family: str = "family",
    person: str = "person",
    cost_pence: str = "cost_pence",
    restricted: Sequence[str] = (),
) -> ExactTable:
    """The exact table of the measures by the dimensions, with every coarser table's families.

    `cost_pence` must be perturbed already (`perturb`). A row is told from others by all it holds, so let every table of one
    ledger come from frames with the same columns; `restricted` names the sensitive attributes by which this one was narrowed.
    Raises `Unprotectable` for a missing column, a missing value, a category that is not declared, a family in two categories
    of a dimension that does not overlap, a cost that is not a whole number of pence, an unknown measure.
    """
    frame = units if isinstance(units, pl.DataFrame) else pl.from_pandas(units)
    unknown = set(measures) - {"families", "people", "cost", "cost_per_family"}
    if unknown or not measures:
        raise Unprotectable(
            "measures", "unknown_measure", "families, people, cost, cost_per_family"
        )
    with_cost = bool({"cost", "cost_per_family"} & set(measures))
    coded = _codes(frame, dimensions, family)
    population, at = population_of(coded, dimensions, key, tuple(restricted))
    coded = coded.join(at.drop("lo", "hi"), on="__family", maintain_order="left")
    made: dict[str, Measure] = {"families": _count(coded, dimensions, "families", at.drop("__at"))}
    if "people" in measures:
        _require_whole(frame, person)
        coded = coded.with_columns(frame[person].alias("__person"))
        made["people"] = _count(coded, dimensions, "people", _keys(coded["__person"], key))
    if with_cost:
        coded = coded.with_columns(_pence(frame, cost_pence), frame.hash_rows().alias("__unit"))
        made["cost"] = _magnitude(coded, dimensions)
        made["cost_per_family"] = Quotient("cost", "families", "gbp")
    return ExactTable(tuple(dimensions), made, tuple(measures), population)


def _codes(frame: pl.DataFrame, dimensions: Sequence[Dimension], family: str) -> pl.DataFrame:
    """Family and, for each dimension, the place of its category (columns "0", "1", ...)."""
    _require_whole(frame, family)
    columns = [frame[family].alias("__family")]
    for axis, dimension in enumerate(dimensions):
        _require_whole(frame, dimension.name)
        named = frame[dimension.name].cast(pl.String)
        if not named.is_in(list(dimension.categories)).all():
            raise Unprotectable(dimension.name, "category", "a category that is not declared")
        place = {category: i for i, category in enumerate(dimension.categories)}
        columns.append(named.replace_strict(place, return_dtype=pl.Int64).alias(str(axis)))
    return pl.DataFrame(columns)


def _require_whole(frame: pl.DataFrame, column: str) -> None:
    if column not in frame.columns:
        raise Unprotectable(column, "missing_column", "the column is needed")
    values = frame[column]
    if values.null_count() or (values.dtype.is_float() and values.is_nan().any()):
        raise Unprotectable(column, "missing_value", "a row has no value")


def _pence(frame: pl.DataFrame, column: str) -> pl.Series:
    _require_whole(frame, column)
    values = frame[column]
    if not values.dtype.is_numeric():
        raise Unprotectable(column, "not_pence", "whole pence are expected")
    if values.dtype.is_float() and not (values.is_finite() & (values == values.round())).all():
        raise Unprotectable(column, "not_pence", "whole pence are expected")
    return values.cast(pl.Int64).alias("__pence")


def _grid(
    groups: pl.DataFrame, axes: Sequence[str], shape: Sequence[int], column: str
) -> np.ndarray:
    """The column of a grouped frame as a grid, 0 where there is no group."""
    dtype = np.uint64 if groups[column].dtype == pl.UInt64 else np.int64
    grid = np.zeros(tuple(shape), dtype=dtype)
    places = np.zeros(groups.height, dtype=np.int64)
    for axis, size in zip(axes, shape, strict=True):
        places = places * size + groups[axis].to_numpy()
    grid.flat[places] = groups[column].to_numpy()
    return grid


def _by(coded: pl.DataFrame, axes: Sequence[str], *figures: pl.Expr) -> pl.DataFrame:
    return coded.group_by(list(axes)).agg(*figures) if axes else coded.select(*figures)


def _families(coded: pl.DataFrame, dimensions: Sequence[Dimension]) -> Integers:
    """Full grid of distinct families: one grouping for each set of overlapping dimensions, sums along all others."""
    sizes = [len(d.categories) for d in dimensions]
    full = np.zeros([n + 1 for n in sizes], dtype=np.int64)
    for chosen in product(*((True, False) if d.overlapping else (True,) for d in dimensions)):
        axes = [str(a) for a, keep in enumerate(chosen) if keep]
        shape = [sizes[int(a)] for a in axes]
        groups = _by(coded, axes, pl.col("__family").n_unique().cast(pl.Int64).alias("n"))
        full[tuple(slice(0, -1) if keep else -1 for keep in chosen)] = _grid(
            groups, axes, shape, "n"
        )
    for axis in (a for a, d in enumerate(dimensions) if not d.overlapping):
        # Each family has one place here.
        line = np.moveaxis(full, axis, 0)
        line[-1] = line[:-1].sum(axis=0)
    return full


def _keys(people: pl.Series, key: bytes) -> pl.DataFrame:
    """`__person`, lo, hi: each person once."""
    ids = people.unique()
    lo, hi = draw_set_keys(ids.to_list(), key, counted="people")
    return pl.DataFrame({"__person": ids, "lo": lo, "hi": hi})


def _count(
    coded: pl.DataFrame,
    dimensions: Sequence[Dimension],
    counted: Literal["families", "people"],
    keys: pl.DataFrame,
) -> Count:
    """`keys`: the set key (lo, hi) of everyone who is counted; its first column says who that is."""
    axes, who = [str(a) for a in range(len(dimensions))], keys.columns[0]
    distinct = coded.select(who, *axes).unique()
    xor = [pl.col(c).bitwise_xor().alias(c) for c in ("lo", "hi")]
    groups = _by(distinct.join(keys, on=who), axes, pl.len().cast(pl.Int64).alias("n"), *xor)
    shape, families = [len(d.categories) for d in dimensions], coded["__at"].n_unique()
    people = None
    if counted == "people":
        people = people_of(coded.join(keys, on=who, maintain_order="left"), shape, families)
    return Count(
        counted=counted,
        figure=_grid(groups, axes, shape, "n"),
        families=_families(coded, dimensions),
        key_lo=_grid(groups, axes, shape, "lo"),
        key_hi=_grid(groups, axes, shape, "hi"),
        members=members_of(coded, shape, families),
        people=people,
    )


def _magnitude(coded: pl.DataFrame, dimensions: Sequence[Dimension]) -> Magnitude:
    axes = [str(a) for a in range(len(dimensions))]
    sums = _by(coded, axes, pl.col("__pence").sum())
    sizes = [len(d.categories) for d in dimensions]
    # Whose costs and refunds cancel out in a cell adds nothing to it: such families would hide nobody.
    net = _by(coded, ["__family", *axes], pl.col("__pence").sum())
    paying = _families(net.filter(pl.col("__pence") != 0), dimensions)
    return Magnitude(_grid(sums, axes, sizes, "__pence"), paying, units_of(coded, sizes))
