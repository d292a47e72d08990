"""Neighbours: for every token, the tokens whose sets share a member with its own.

Goes in: profiles with set levels. Come out: the same profiles with each set replaced by a list of
neighbours. Two values overlap exactly when one of them is in the other's list, and looking a token
up in a short list costs a thirtieth of comparing two sets in every pair of records.

A pair of neighbours is listed once, with the rarer of the two. A common name has hundreds of
misspellings and thousands of profiles, and to list the ones with each of the others would fill the
memory: of two lists of a million people, 2.5 GB of 3.4.
"""

from collections.abc import Iterable

import polars as pl

# A form that more values than this lead to tells of none of them, and their pairs would cost all
# memory. Letters of one alphabet lead to a few hundred at most; short names of many signs could.
MOST_HOLDERS = 1000


def with_neighbours(profiles: pl.DataFrame, levels: Iterable[tuple[str, str]]) -> pl.DataFrame:
    """Replace `<role>_<level>` sets by lists of neighbouring `<role>_exact` tokens, none for null."""
    for role, level in levels:
        exact, members = f"{role}_exact", f"{role}_{level}"
        if members in profiles.columns and exact in profiles.columns:
            profiles = _replaced(profiles, exact, members)
    return profiles


def _replaced(profiles: pl.DataFrame, exact: str, members: str) -> pl.DataFrame:
    values = pl.col(exact, members)
    held = profiles.lazy().select(exact, members).drop_nulls().group_by(exact)
    tokens = held.agg(pl.col(members).first(), held_by=pl.len()).select(values, "held_by")
    by_member = tokens.explode(members).drop_nulls()
    by_member = by_member.filter(pl.len().over(members) <= MOST_HOLDERS).collect().lazy()
    other = by_member.select(members, neighbour=exact, held_by_other="held_by")
    rarer = pl.col("held_by") < pl.col("held_by_other")
    tied = (pl.col("held_by") == pl.col("held_by_other")) & (pl.col(exact) < pl.col("neighbour"))
    neighbours = (
        by_member.join(other, on=members)
        .filter(rarer | tied)
        .select(exact, pl.col("neighbour").alias(members))
        .unique()
        .group_by(exact)
        .agg(pl.col(members).sort())
        .collect()
    )
    return profiles.drop(members).join(neighbours, on=exact, how="left", maintain_order="left")
