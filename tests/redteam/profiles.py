"""What one column of pseudonyms shows of each of its values: how often it stands, what goes with it, how long its sets are.

In: a table and one of its columns. Out: a `Profile`. Knows no name of a column: whatever is the same in all rows of a value
(as a name's initial is) counts as a coarser level of it, whatever is a list as a set of forms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

LEAST_VALUES = 30
COARSE = (5, 60)
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Profile:
    """One entry a value, most frequent first. `coarse` is the group that a value belongs to at the coarsest level."""

    values: tuple[object, ...]
    share: Floats
    coarse: NDArray[np.int64]
    shares_of_levels: Floats
    length: NDArray[np.int64]


def is_pseudonym(column: pl.Series) -> bool:
    """Whether a column has enough values, not a fresh one in each row, to look like somebody's pseudonym."""
    if column.dtype.is_nested() or column.dtype.is_float():
        return False
    distinct = column.drop_nulls().n_unique()
    return LEAST_VALUES <= distinct < column.len() - column.null_count()


def profile(table: pl.DataFrame, column: str) -> Profile:
    """The profile of a column's values."""
    scalars = [c for c in table.columns if c != column and not table.schema[c].is_nested()]
    lists = [c for c, dtype in table.schema.items() if isinstance(dtype, pl.List)]
    of_value = (
        table.drop_nulls(column)
        .group_by(column)
        .agg(
            pl.len().alias("#count"),
            *(pl.col(c).n_unique().alias(f"#kinds {c}") for c in scalars),
            *(pl.col(c).first() for c in scalars),
            *(pl.col(c).list.len().n_unique().alias(f"#kinds {c}") for c in lists),
            *(pl.col(c).first().list.len().alias(c) for c in lists),
        )
    )
    of_value = of_value.sort(["#count", column], descending=[True, False])
    fixed = [c for c in (*scalars, *lists) if of_value[f"#kinds {c}"].max() == 1]
    levels = _levels(of_value, [c for c in fixed if c in scalars])
    counts = of_value["#count"].to_numpy().astype(float)
    shares = [_share(of_value[level], counts) for level in levels[1:]]
    return Profile(
        values=tuple(of_value[column].to_list()),
        share=counts / counts.sum(),
        coarse=_numbered(of_value[levels[0]]) if levels else np.zeros(len(counts), dtype=np.int64),
        shares_of_levels=np.column_stack(shares) if shares else np.empty((len(counts), 0)),
        length=_length(of_value, [c for c in fixed if c in lists]),
    )


def _levels(of_value: pl.DataFrame, fixed: list[str]) -> list[str]:
    """Coarser levels from the coarsest; the first has few enough groups to be told apart by their sizes."""
    kinds = {c: of_value[c].n_unique() for c in fixed}
    levels = sorted((c for c in fixed if kinds[c] < len(of_value)), key=lambda c: kinds[c])
    first = next((c for c in levels if COARSE[0] <= kinds[c] <= COARSE[1]), None)
    return [] if first is None else levels[levels.index(first) :]


def _share(level: pl.Series, counts: Floats) -> Floats:
    groups = _numbered(level)
    return np.bincount(groups, counts)[groups] / counts.sum()


def _numbered(level: pl.Series) -> NDArray[np.int64]:
    return level.rank("dense").fill_null(0).to_numpy().astype(np.int64)


def _length(of_value: pl.DataFrame, lists: list[str]) -> NDArray[np.int64]:
    """The length of the set that varies most: as many forms one edit away as a name has letters."""
    lengths = [of_value[c].fill_null(0) for c in lists]
    if not lengths:
        return np.zeros(len(of_value), dtype=np.int64)
    return max(lengths, key=lambda each: each.std() or 0.0).to_numpy().astype(np.int64)
