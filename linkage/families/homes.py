"""Homes: persons who were at one place at one time.

Go in: token records with their person. Come out: ties, see `ties`. Only equal tokens and shared set
members are used; a place where too many were at once ties nobody.
"""

import polars as pl

from linkage.components import components
from linkage.families import surnames
from linkage.families.places import stays_of
from linkage.families.rule import FamilyRule

# A place with more persons than this over all time is not compared pair by pair.
_CROWD = 200


def home_ties(records: pl.DataFrame, rule: FamilyRule, *, careful: bool = False) -> pl.DataFrame:
    """A tie for each two persons and each place at which they were together.

    They were if their stays overlap, or lie at most `near_days` apart, or up to `far_days` with
    surnames alike and no move of either between.

    Args:
        careful: addresses are read with slips put right; stays that do not overlap count up to
            `settled_days`, whatever the surnames, and never with a move of either between; a
            surname is alike to a double-barrelled one that begins with it.
    """
    forms = surnames.surname_forms(records, surnames.WIDE if careful else surnames.NEAR)
    stays = stays_of(records, surnames.surname_forms(records, surnames.EXACT) if careful else None)
    pairs = _near_in_time(stays, 0 if careful else rule.near_days, rule)
    both = ["cluster", "cluster_r"]
    found = surnames.alike(pairs, forms).with_columns(alike=pl.lit(value=True))
    pairs = pairs.join(found, on=both, how="left").with_columns(
        pl.col("alike").fill_null(value=False)
    )
    settled = _no_move_between()
    near = pl.col("gap") <= rule.near_days
    if careful:
        near = (pl.col("gap") <= 0) | (settled & (pl.col("gap") <= rule.settled_days))
    kept = _within_size(pairs.filter(near | (settled & pl.col("alike"))), rule.largest_household)
    # Two who were together at one home and are both named at another moved there together.
    return _ties(pairs.join(kept, on=both, how="semi"))


def _near_in_time(stays: pl.DataFrame, sure_days: int, rule: FamilyRule) -> pl.DataFrame:
    """Two stays at one place at most `far_days` apart, with the days between (`gap`)."""
    at_place = pl.len().over("place")
    quiet = _without_crowds(stays, sure_days, rule.largest_household)
    shared = quiet.filter((at_place > 1) & (at_place <= _CROWD))
    return (
        shared.join(shared, on="place", suffix="_r")
        .filter(pl.col("cluster") < pl.col("cluster_r"))
        .with_columns(_gap().alias("gap"))
        .filter(pl.col("gap") <= rule.far_days)
    )


def _without_crowds(stays: pl.DataFrame, sure_days: int, largest: int) -> pl.DataFrame:
    """The stays but those in a chain of too many, each at most `sure_days` after one before it.

    They would be one household, and too large, whatever else is known: pairs need not be made.
    """
    seen_until = pl.col("last").cum_max().shift(1).over("place")
    begins = (pl.col("first") - seen_until).dt.total_days() > sure_days
    chained = stays.sort("place", "first", "last", "cluster").with_columns(
        begins.fill_null(value=True).cum_sum().over("place").alias("chain")
    )
    small = chained.filter(pl.len().over("place", "chain") <= largest)
    return small.drop("chain")


def _gap() -> pl.Expr:
    """Days between two stays; not above zero when they overlap."""
    later_start = pl.max_horizontal("first", "first_r")
    earlier_end = pl.min_horizontal("last", "last_r")
    return (later_start - earlier_end).dt.total_days()


def _no_move_between() -> pl.Expr:
    """Neither did the earlier person leave, nor the later one arrive, between the two stays."""
    left_first = pl.col("first") <= pl.col("first_r")
    gone = pl.when(left_first).then("gone_by").otherwise("gone_by_r")
    came = pl.when(left_first).then("came_after_r").otherwise("came_after")
    return gone.is_null() & came.is_null()


def _within_size(pairs: pl.DataFrame, largest: int) -> pl.DataFrame:
    """Drop the pairs of those households that are too large, place by place."""
    # A person at two places is two nodes here: 'place and cluster' in one number.
    left, right = (
        (pl.col("place").cast(pl.UInt64) * 2**32 + pl.col(c)).alias(f"{c}_at")
        for c in ("cluster", "cluster_r")
    )
    edges = pairs.select(left, right)
    nodes = pl.concat([edges["cluster_at"], edges["cluster_r_at"].alias("cluster_at")]).unique()
    found = components(nodes, edges).with_columns(pl.len().over("component").alias("size"))
    sized = pairs.with_columns(left).join(found, left_on="cluster_at", right_on="node")
    return sized.filter(pl.col("size") <= largest)


def _ties(pairs: pl.DataFrame) -> pl.DataFrame:
    both = ["cluster", "cluster_r"]
    arrived, arrived_r = (
        pl.when(pl.col(f"came_after{of}").is_not_null()).then(f"first{of}") for of in ("", "_r")
    )
    return pairs.select(
        pl.col("cluster").alias("left"),
        pl.col("cluster_r").alias("right"),
        "place",
        (pl.col("alike") | (pl.col("place").n_unique().over(both) > 1)).alias("firm"),
        (1 - pl.col("gap")).clip(0).alias("days"),
        pl.max_horizontal("came_after", "came_after_r").alias("since"),
        pl.max_horizontal(arrived, arrived_r).alias("starts"),
        pl.min_horizontal("gone_by", "gone_by_r").alias("ends"),
        *(pl.lit(None, pl.Date).alias(name) for name in ("told_from", "told_until")),
    )
