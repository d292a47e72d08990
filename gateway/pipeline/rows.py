"""Rows of an extract under numbers that do not tell their place in it, from before they are stored.

In: the frames of a submission, or rows by their place in the file. Out: the same under the numbers that are kept. Whoever
has the tokens' key can find the one from the other; nobody else.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import polars as pl

from gateway.pipeline.wiring import Wiring


def kept_rows(wiring: Wiring, fingerprint: str, rows: pl.Series) -> pl.Series:
    """The numbers under which rows (UInt32, by their place in the file) of one file are kept."""
    numbers = wiring.keys.row_order(fingerprint).numbers(rows.to_numpy())
    return pl.Series(rows.name, numbers, dtype=pl.UInt32)


def tokens_out_of_order(tokens: pl.DataFrame, fingerprint: str, wiring: Wiring) -> pl.DataFrame:
    """Tokens under the numbers that are kept; `row` is a number or a list of them."""
    kept = partial(kept_rows, wiring, fingerprint)
    return tokens.with_columns(_each(tokens["row"], kept))


def records_out_of_order(records: pl.DataFrame, fingerprint: str, wiring: Wiring) -> pl.DataFrame:
    """Records under the numbers that are kept, in their order."""
    return records.with_columns(kept_rows(wiring, fingerprint, records["row"])).sort("row")


def _each(rows: pl.Series, kept: Callable[[pl.Series], pl.Series]) -> pl.Series:
    if not isinstance(rows.dtype, pl.List):
        return kept(rows)
    # No list is empty: a profile stands for the rows that it was read in.
    members = rows.to_frame().with_row_index("profile").explode("row")
    renumbered = members.with_columns(kept(members["row"]))
    return renumbered.group_by("profile", maintain_order=True).agg("row")["row"]
