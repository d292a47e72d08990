"""The family rule `household-and-kin@1`: which persons are one family.

Persons and their token records go in, a family number per person comes out. `group_families`
states the rule in full; it is chosen by name and parameters, and is not a model.
"""

import polars as pl

from linkage.components import components
from linkage.places import stays_of
from linkage.settings import FamilyRule

# A place with more persons than this over all time is not compared pair by pair.
_CROWD = 200


def group_families(tokens: pl.DataFrame, persons: pl.DataFrame, rule: FamilyRule) -> pl.DataFrame:
    """Apply the rule `household-and-kin@1`.

    1. Place. Addresses with one UPRN are one place; without it, those with one postcode and the
       same flat, number and street, the street at most about one edit apart (see `places`).
    2. Household. Two persons belong together if their stays at one place overlap, or lie at most
       `near_days` apart. A stay lasts from the first to the last day seen there, and ends when
       the person is first seen at a later place. Stays further apart, up to `far_days`, count
       only when the surnames agree (equal, or about one edit apart) and no move of either person
       lies between: postcode and surname are weak support inside an address, never on their own.
    3. Size. Persons at one place who would be more than `largest_household` are not a household
       (a hostel, a ward, a care home): their shared address says nothing.
    4. Kin. A declared guardian or partner belongs together with the person, wherever they live.
       References are tokenised in the agency's own namespace.
    5. Family. All who belong together directly or through others. Families that moved stay
       whole, because one common address suffices. A person with no link is a family of one.

    Args:
        tokens: record, seen_on and token columns.
        persons: record, cluster.

    Returns:
        cluster, family; a family is named by its smallest cluster.
    """
    records = tokens.join(persons, on="record")
    together = pl.concat([_households(records, rule), _kin(records)])
    found = components(records["cluster"].unique(), together)
    return found.rename({"node": "cluster", "component": "family"})


def _households(records: pl.DataFrame, rule: FamilyRule) -> pl.DataFrame:
    """left, right: persons together at a place."""
    stays = stays_of(records)
    at_place = pl.len().over("place")
    shared = stays.filter((at_place > 1) & (at_place <= _CROWD))
    pairs = shared.join(shared, on="place", suffix="_r").filter(
        pl.col("cluster") < pl.col("cluster_r")
    )
    overlapping = _gap() <= rule.near_days
    supported = (_gap() <= rule.far_days) & _no_move_between()
    alike = _alike_surnames(records, pairs)
    kept = pairs.join(alike, on=["cluster", "cluster_r"], how="left").filter(
        overlapping | (supported & pl.col("alike").fill_null(value=False))
    )
    return _within_size(kept, rule.largest_household)


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


def _alike_surnames(records: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Pairs whose surnames share a token of the deletion neighbourhood."""
    both = ["cluster", "cluster_r"]
    if "surname_near" not in records.columns:
        return pairs.select(*both, pl.lit(value=False).alias("alike")).unique()
    names = records.select("cluster", pl.col("surname_near").alias("name")).explode("name")
    names = names.drop_nulls().unique()
    found = (
        pairs.select(both)
        .unique()
        .join(names, on="cluster")
        .join(names.rename({"cluster": "cluster_r"}), on=["cluster_r", "name"])
    )
    return found.select(*both, pl.lit(value=True).alias("alike")).unique()


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
    small = sized.filter(pl.col("size") <= largest)
    return small.select(pl.col("cluster").alias("left"), pl.col("cluster_r").alias("right"))


def _kin(records: pl.DataFrame) -> pl.DataFrame:
    """left, right: persons whom an agency declares parent, guardian or partner."""
    none = pl.DataFrame(schema={"left": pl.UInt32, "right": pl.UInt32})
    if "agency_id_exact" not in records.columns:
        return none
    holders = records.select(pl.col("agency_id_exact").alias("reference"), "cluster").drop_nulls()
    # A reference that stands for several persons (no clean list) declares nothing.
    holders = holders.unique().filter(pl.len().over("reference") == 1)
    found = [none]
    for relation in ("guardian_id_exact", "partner_id_exact"):
        if relation in records.columns:
            named = records.select(pl.col("cluster").alias("left"), reference=relation)
            related = named.drop_nulls().unique().join(holders, on="reference")
            found.append(related.select("left", pl.col("cluster").alias("right")))
    return pl.concat(found)
