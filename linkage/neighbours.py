"""Neighbours: for every token, the tokens whose sets share a member with its own.

Go in: values with set levels. Come out: the same values with each set replaced by a list of neighbours. Two values overlap exactly when one of them is in the other's list, and looking a token
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
# Members whose pairs are looked for in one go; some twenty pairs each where a country's postcodes lie close.
MEMBERS_AT_ONCE = 1_000_000


def with_neighbours(values: pl.DataFrame, levels: Iterable[tuple[str, str]]) -> pl.DataFrame:
    """Replace `<role>_<level>` sets by lists of neighbouring `<role>_exact` tokens, none for null.

    Args:
        values: one row for each exact token, and `held_by`: how many profiles have it.
    """
    for role, level in levels:
        exact, members = f"{role}_exact", f"{role}_{level}"
        if members in values.columns and exact in values.columns:
            values = _replaced(values, exact, members)
    return values


def _replaced(values: pl.DataFrame, exact: str, members: str) -> pl.DataFrame:
    tokens = values.lazy().select(exact, members, "held_by")
    every = tokens.drop_nulls().explode(members).drop_nulls()
    by_member = every.filter(pl.len().over(members) <= MOST_HOLDERS).collect()
    found = pl.concat(
        [_listed(part, by_member, exact, members) for part in _parts(by_member, exact)]
    )
    return values.drop(members).join(found, on=exact, how="left", maintain_order="left")


def _parts(by_member: pl.DataFrame, exact: str) -> list[pl.DataFrame]:
    """The members of some values at a time, so that their pairs fit into memory."""
    count = 1 + by_member.height // MEMBERS_AT_ONCE
    return [by_member.filter(pl.col(exact).hash(5) % count == part) for part in range(count)]


def _listed(part: pl.DataFrame, by_member: pl.DataFrame, exact: str, members: str) -> pl.DataFrame:
    """exact, members: the neighbours of some values, each pair with the rarer."""
    other = by_member.lazy().select(members, neighbour=exact, held_by_other="held_by")
    rarer = pl.col("held_by") < pl.col("held_by_other")
    tied = (pl.col("held_by") == pl.col("held_by_other")) & (pl.col(exact) < pl.col("neighbour"))
    return (
        part.lazy()
        .join(other, on=members)
        .filter(rarer | tied)
        .select(exact, pl.col("neighbour").alias(members))
        .unique()
        .group_by(exact)
        .agg(pl.col(members).sort())
        .collect()
    )
