"""Codes: tokens counted off, so that the engine holds half as much and no token at all.

Goes in: profiles with tokens. Come out: the same with numbers from 0, equal where the tokens were equal,
in fields that are compared with one another too. Codes mean nothing outside the run.
"""

from collections.abc import Iterable

import polars as pl


def with_codes(profiles: pl.DataFrame) -> pl.DataFrame:
    """Replace every column of tokens (UInt64) by one of codes (UInt32).

    Forename and surname are counted off together, since names get crossed over, and so are the two
    codes of a name's sound. Sets stay tokens: their members are compared with members alone.
    """
    tokens = [name for name, kind in profiles.schema.items() if kind == pl.UInt64]
    names: list[str] = [name for name in ("forename_exact", "surname_exact") if name in tokens]
    sounds = [
        [sound for sound in (f"{role}_sound", f"{role}_other_sound") if sound in tokens]
        for role in ("forename", "surname")
    ]
    together = [names, *sounds]
    alone = [[name] for name in tokens if not any(name in group for group in together)]
    for group in (*together, *alone):
        profiles = profiles.with_columns(_counted(profiles, group))
    return profiles


def _counted(profiles: pl.DataFrame, columns: Iterable[str]) -> list[pl.Series]:
    """The columns, with the place of each token among all of theirs."""
    held = [profiles[column] for column in columns]
    if not held:
        return []
    ranks = pl.concat(held).rank("dense").cast(pl.UInt32)
    height = profiles.height
    return [ranks.slice(at * height, height).alias(each.name) for at, each in enumerate(held)]
