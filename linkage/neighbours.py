"""Neighbours: for every token, the tokens whose sets share a member with its own.

Goes in: profiles with set levels. Come out: the same profiles with each set replaced by the list of
its neighbours. Two values overlap exactly when one is in the other's list, and looking a token up
in a short list costs a thirtieth of comparing two sets in every pair of records.
"""

from collections.abc import Iterable

import polars as pl


def with_neighbours(profiles: pl.DataFrame, levels: Iterable[tuple[str, str]]) -> pl.DataFrame:
    """Replace `<role>_<level>` sets by lists of neighbouring `<role>_exact` tokens."""
    for role, level in levels:
        exact, members = f"{role}_exact", f"{role}_{level}"
        if members in profiles.columns and exact in profiles.columns:
            profiles = _replaced(profiles, exact, members)
    return profiles


def _replaced(profiles: pl.DataFrame, exact: str, members: str) -> pl.DataFrame:
    held = profiles.select(token=exact, member=members).drop_nulls().unique("token")
    by_member = held.explode("member").drop_nulls()
    neighbours = (
        by_member.join(by_member, on="member", suffix="_other")
        .filter(pl.col("token") != pl.col("token_other"))
        .select(pl.col("token").alias(exact), pl.col("token_other").alias(members))
        .unique()
        .group_by(exact)
        .agg(pl.col(members).sort())
    )
    return profiles.drop(members).join(neighbours, on=exact, how="left", maintain_order="left")
