"""Told once, told again: the further tokens of a value are in one place, or in every row that has the value.

Goes in: a frame in which a value's exact token stands in every row and its other tokens in all of them or in one, in
any order. Comes out: rows with exact tokens and each value's others once, or all of it in every row. Needs no key.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import polars as pl

_EXACT = "_exact"


@dataclass(frozen=True)
class Told:
    """`records`: the rows, with no token but exact ones. `values`: by the column of an exact token, that
    token and the further ones of each value, a row a value.
    """

    records: pl.DataFrame
    values: Mapping[str, pl.DataFrame]

    def filled(self, frame: pl.DataFrame, columns: Collection[str]) -> pl.DataFrame:
        """A frame with exact tokens, and beside them those of these further tokens that are known."""
        for exact, values in self.values.items():
            wanted = [column for column in values.columns[1:] if column in columns]
            if wanted and exact in frame.columns:
                known = values.select(exact, *wanted)
                frame = frame.join(known, on=exact, how="left", maintain_order="left")
        return frame


def told_once(tokens: pl.DataFrame) -> Told:
    """Tell the further tokens of each value once, by the row that tells the most of them."""
    values = {}
    for exact, levels in _levels(tokens.columns).items():
        told = pl.sum_horizontal(pl.col(level).is_not_null() for level in levels)
        telling = (
            tokens.select(exact, told=told)
            .with_row_index("at")
            .filter(pl.col(exact).is_not_null() & (pl.col("told") > 0))
            .sort("told", descending=True, maintain_order=True)
            .unique(exact, keep="first", maintain_order=True)
        )
        values[exact] = tokens.select(exact, *levels)[telling["at"]]
    further = [level for frame in values.values() for level in frame.columns[1:]]
    return Told(tokens.drop(further), values)


def told_again(tokens: pl.DataFrame) -> pl.DataFrame:
    """Fill in the further tokens of each value, from a row of its exact token that tells them."""
    told = told_once(tokens)
    return told.filled(told.records, tokens.columns).select(tokens.columns)


def _levels(columns: Collection[str]) -> dict[str, list[str]]:
    """The columns of further tokens of each role that has some, by the column of its exact token."""
    found = {
        exact: [
            column
            for column in columns
            if column.startswith(f"{exact.removesuffix(_EXACT)}_") and not column.endswith(_EXACT)
        ]
        for exact in columns
        if exact.endswith(_EXACT)
    }
    return {exact: levels for exact, levels in found.items() if levels}
