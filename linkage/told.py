"""Told once, told again: tokens as they are stored, and as linkage reads them.

Goes in: a frame in which a value's exact token stands in every row and its other tokens in one of them, in
any order. Comes out: the same frame with every token in every row. No key is needed, and none is here.
"""

import polars as pl

_EXACT = "_exact"


def told_again(tokens: pl.DataFrame) -> pl.DataFrame:
    """Fill in the further tokens of each value, from a row of its exact token that tells them."""
    filled = tokens
    for exact in [column for column in tokens.columns if column.endswith(_EXACT)]:
        role = exact.removesuffix(_EXACT)
        levels = [c for c in tokens.columns if c.startswith(f"{role}_") and c != exact]
        if levels:
            telling = pl.any_horizontal(pl.col(level).is_not_null() for level in levels)
            known = tokens.filter(telling).select(exact, *levels).unique(exact)
            filled = filled.drop(levels).join(known, on=exact, how="left", maintain_order="left")
    return filled.select(tokens.columns)
