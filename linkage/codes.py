"""Codes: tokens counted off, so that the engine holds half as much and no token at all.

Go in: the values of each field with their tokens. Come out: the same with numbers from 1, equal where the tokens were
equal, in fields that are compared with one another too. Codes mean nothing outside the run.
"""

from collections.abc import Iterable, Sequence
from itertools import accumulate

import polars as pl

# Names get crossed over, and either code of a name's sound may be the other name's.
_TOGETHER = (
    ("forename_exact", "surname_exact"),
    ("forename_sound", "forename_other_sound"),
    ("surname_sound", "surname_other_sound"),
)


def with_codes(frames: Iterable[pl.DataFrame]) -> list[pl.DataFrame]:
    """Replace every column of tokens (UInt64) by one of codes (UInt32); no two frames share a column.

    Sets stay tokens: their members are compared with members alone.
    """
    frames = list(frames)
    tokens = {c.name: c for frame in frames for c in frame if c.dtype == pl.UInt64}
    together = [[tokens.pop(name) for name in names if name in tokens] for names in _TOGETHER]
    groups = [group for group in (*together, *([each] for each in tokens.values())) if group]
    codes = {each.name: each for group in groups for each in _counted(group)}
    return [frame.with_columns(codes[c] for c in frame.columns if c in codes) for frame in frames]


def _counted(columns: Sequence[pl.Series]) -> list[pl.Series]:
    """The columns, with the place of each token among all of theirs."""
    ranks = pl.concat(columns).rank("dense").cast(pl.UInt32)
    ends = list(accumulate((len(each) for each in columns), initial=0))
    return [
        ranks.slice(start, len(each)).alias(each.name)
        for start, each in zip(ends, columns, strict=False)
    ]
