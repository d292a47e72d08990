"""The order attack: a file sorted by name is a list of names, and places in it are names.

Source: sorting attack on order-revealing columns (Naveed, Kamara and Wright, CCS 2015). In: any column that can be sorted, or the
bare place of a row, and a public list of names. Out: the name at the same quantile. No key is used.
"""

from __future__ import annotations

import numpy as np
import polars as pl


def guess_by_order(order: pl.Series, names: pl.Series) -> pl.Series:
    """For each row the name that stands as far down the sorted public list as the row in its own order."""
    rank = order.rank("ordinal").fill_null(1).to_numpy().astype(np.int64) - 1
    public = names.sort()
    return public.gather(rank * len(public) // max(len(order), 1))
