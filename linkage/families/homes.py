"""Homes: persons who were at one place at one time.

Go in: token records with their person. Come out: ties, see `ties`. Only equal tokens and shared set
members are used; a place where too many were at once ties nobody.
"""

import polars as pl

from linkage.components import components
from linkage.families.doubts import without_doubted
from linkage.families.kin import relatives
from linkage.families.partings import with_partings
from linkage.families.places import stays_of
from linkage.families.rule import FamilyRule
from linkage.families.surnames import NEAR, WIDE, Surnames
from linkage.told import Told

# A place with more persons than this over all time is no family home, and ties nobody.
_CROWD = 50


def home_ties(told: Told, rule: FamilyRule, *, careful: bool = False) -> pl.DataFrame:
    """A tie for each two persons and each place at which they were together.

    When they were, `_together` says, or `_together_carefully`.

    Args:
        careful: addresses are read with slips put right, what one registration alone says is
            doubted (see `doubts`), and a surname is alike to a double-barrelled one that begins
            with it.
    """
    surnames = Surnames.of(told, WIDE if careful else NEAR)
    stays = stays_of(told, surnames.borne if careful else None)
    pairs = _near_in_time(stays, 0 if careful else rule.near_days, rule)
    both = ["cluster", "cluster_r"]
    found = surnames.alike(pairs).with_columns(alike=pl.lit(value=True))
    pairs = pairs.join(found, on=both, how="left").with_columns(
        pl.col("alike").fill_null(value=False)
    )
    together = (_together_carefully if careful else _together)(rule)
    kept = _within_size(pairs.filter(together), rule.largest_household)
    # Two who were together at one home and are both named at another moved there together.
    moved = pl.col("place").n_unique().over(both) > 1
    pairs = pairs.join(kept, on=both, how="semi").with_columns(firm=pl.col("alike") | moved)
    pairs = without_doubted(pairs, relatives(told.records)) if careful else pairs
    return _ties(pairs.pipe(with_partings, stays, rule.near_days))


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


def _together(rule: FamilyRule) -> pl.Expr:
    """Stays overlap or lie near in time; or further apart, surnames alike and no move between."""
    return (pl.col("gap") <= rule.near_days) | (pl.col("alike") & ~_left() & ~_arrived())


def _together_carefully(rule: FamilyRule) -> pl.Expr:
    """Stays overlap, or nobody moved between them: up to `settled_days`, or further if alike.

    So too if the two were at two places, both of them. If they are alike and the later person is not known to have come from elsewhere, the earlier
    one may have left within `settled_days`: the later one can have been there before.
    """
    settled = pl.col("gap") <= rule.settled_days
    unmoved = ~_left() & (settled | pl.col("alike"))
    moved_alike = pl.col("place").n_unique().over("cluster", "cluster_r") > 1
    there_before = settled & pl.col("alike")
    near = (pl.col("gap") <= rule.near_days) & ~_elsewhere_between()
    return (pl.col("gap") <= 0) | near | moved_alike | (~_arrived() & (unmoved | there_before))


def _gap() -> pl.Expr:
    """Days between two stays; not above zero when they overlap."""
    later_start = pl.max_horizontal("first", "first_r")
    earlier_end = pl.min_horizontal("last", "last_r")
    return (later_start - earlier_end).dt.total_days()


def _left() -> pl.Expr:
    """The person of the earlier stay is known to have left since."""
    return _earlier(pl.col("gone_by"), pl.col("gone_by_r")).is_not_null()


def _arrived() -> pl.Expr:
    """The person of the later stay is known to have come from elsewhere."""
    return _earlier(pl.col("came_after_r"), pl.col("came_after")).is_not_null()


def _elsewhere_between() -> pl.Expr:
    """Either is known to have been elsewhere at the other's end of the days between the two stays."""
    left_by = _earlier(pl.col("gone_by"), pl.col("gone_by_r")) <= pl.max_horizontal(
        "first", "first_r"
    )
    came_after = _earlier(pl.col("came_after_r"), pl.col("came_after")) >= pl.min_horizontal(
        "last", "last_r"
    )
    return left_by.fill_null(value=False) | came_after.fill_null(value=False)


def _earlier(if_left: pl.Expr, if_right: pl.Expr) -> pl.Expr:
    return pl.when(pl.col("first") <= pl.col("first_r")).then(if_left).otherwise(if_right)


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
    return pairs.select(
        pl.col("cluster").alias("left"),
        pl.col("cluster_r").alias("right"),
        "place",
        "firm",
        (1 - pl.col("gap")).clip(0).alias("days"),
        pl.max_horizontal("came_after", "came_after_r").alias("since"),
        "starts",
        "ends",
        *(pl.lit(None, pl.Date).alias(name) for name in ("told_from", "told_until")),
    )
