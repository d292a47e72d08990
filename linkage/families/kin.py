"""Kin: persons whom an agency declares parent, guardian or partner of one another.

Go in: token records with their person. Come out: ties, see `ties`. A reference is looked up in the
namespace of the agency that made it, by equal tokens only.
"""

import polars as pl

from linkage.families.rule import FamilyRule
from linkage.told import Told

RELATIONS = ("guardian_id_exact", "partner_id_exact")


def kin_ties(told: Told, _rule: FamilyRule) -> pl.DataFrame:
    """A tie for each declared relative.

    A declaration counts from the first day it was made, the first of a person also before that. It
    ends when the person is declared to have another guardian (or partner) and the old one is not
    declared again after that.
    """
    declared = _declared(told.records).sort("left", "relation", "last", "first", "right")
    by = ["left", "relation"]
    earlier = pl.col("first").min().over(by)
    # The first day of any declaration that was still made after this one was made for the last time.
    later = pl.col("first").reverse().cum_min().reverse().shift(-1).over(by)
    same_end = pl.col("last") == pl.col("last").shift(-1).over(by)
    next_made = pl.when(~same_end.fill_null(value=False)).then(later).backward_fill().over(by)
    after = pl.col("last") + pl.duration(days=1)
    return declared.with_columns(
        starts=pl.when(pl.col("first") > earlier).then("first"),
        ends=pl.when(next_made.is_not_null()).then(pl.max_horizontal(next_made, after)),
    ).select(
        *("left", "right"),
        pl.lit(None, pl.UInt32).alias("place"),
        pl.lit(value=True).alias("firm"),
        pl.lit(0, pl.Int64).alias("days"),
        pl.col("starts").alias("since"),
        *("starts", "ends"),
        pl.col("first").alias("told_from"),
        pl.col("last").alias("told_until"),
    )


def relatives(records: pl.DataFrame) -> pl.DataFrame:
    """cluster, cluster_r (the larger number): persons of whom one was ever declared a relative of the other."""
    return (
        _declared(records)
        .select(
            cluster=pl.min_horizontal("left", "right"), cluster_r=pl.max_horizontal("left", "right")
        )
        .unique()
    )


def _declared(records: pl.DataFrame) -> pl.DataFrame:
    """left, right, relation, first and last day declared."""
    holders, by = _holders(records), ["left", "right", "relation"]
    made = [
        records.select(
            pl.col("cluster").alias("left"),
            pl.lit(relation).alias("relation"),
            "seen_on",
            reference=relation,
        )
        for relation in RELATIONS
        if relation in records.columns
    ]
    none = pl.DataFrame(
        schema={
            "left": records.schema["cluster"],
            "relation": pl.String,
            "seen_on": pl.Date,
            "reference": pl.UInt64,
        }
    )
    related = pl.concat([none, *made]).drop_nulls("reference").join(holders, on="reference")
    return (
        related.filter(pl.col("left") != pl.col("right"))
        .group_by(by)
        .agg(pl.col("seen_on").min().alias("first"), pl.col("seen_on").max().alias("last"))
    )


def _holders(records: pl.DataFrame) -> pl.DataFrame:
    """reference, right: whom each agency's reference stands for."""
    if "agency_id_exact" not in records.columns:
        return pl.DataFrame(schema={"reference": pl.UInt64, "right": records.schema["cluster"]})
    holders = records.select(pl.col("agency_id_exact").alias("reference"), right="cluster")
    # A reference that stands for several persons (no clean list) declares nothing.
    return holders.drop_nulls().unique().filter(pl.len().over("reference") == 1)
