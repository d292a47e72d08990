"""Random ids for persons and families, kept from run to run.

Goes in: the groups of this run and the ids of the last. Comes out: a 128-bit random id per group;
a group keeps the old id of which it holds the most records. Ids carry no information.
"""

import secrets

import polars as pl

ID_BYTES = 16


def keep_ids(groups: pl.DataFrame, previous: pl.DataFrame | None) -> dict[int, str]:
    """The id of each group.

    Args:
        groups: record, group (a number).
        previous: record, id; None for a first run.

    Returns:
        group -> id. An old id goes to the group with most of its records, ties to the group with
        the smallest record; a group that wins several keeps the one it holds most of. Every
        other group gets a new random id.
    """
    kept = {} if previous is None else _inherited(groups, previous)
    numbers = groups["group"].unique(maintain_order=True).to_list()
    return {number: kept.get(number) or secrets.token_hex(ID_BYTES) for number in numbers}


def _inherited(groups: pl.DataFrame, previous: pl.DataFrame) -> dict[int, str]:
    claims = (
        groups.join(previous.drop_nulls("id"), on="record")
        .group_by("group", "id")
        .agg(pl.len().alias("records"), pl.col("record").min().alias("first"))
        .sort(["records", "first"], descending=[True, False])
    )
    winners = claims.unique("id", keep="first", maintain_order=True)
    kept = winners.unique("group", keep="first", maintain_order=True)
    return dict(zip(kept["group"].to_list(), kept["id"].to_list(), strict=True))
