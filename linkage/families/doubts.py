"""Doubts: where a person is named by a single registration, which may be a slip.

Go in: mentions of a person at a place, or pairs of persons at one place. Come out: how well each person is known
there, and the pairs but those of two whom nothing but a doubted address ties. Agencies that give no ids raise no doubt.
"""

import polars as pl

# What a mention, or the place of a person, keeps of the registrations that name it: two differ if there are two.
_BY = pl.col("agency_id_exact")
REGISTRATIONS = (_BY.min().alias("least_by"), _BY.max().alias("most_by"))
WORDS = (pl.col("uprn_exact", "most_by").max(), pl.col("least_by").min())


def surely() -> pl.Expr:
    """Of a person at a place, with their words: a UPRN or two registrations say so."""
    two = (pl.col("least_by") != pl.col("most_by")).fill_null(value=False)
    return pl.col("uprn_exact").is_not_null() | two


def doubted() -> pl.Expr:
    """Of all places of persons, with their words: one registration alone says so, and there are other places."""
    one = (pl.col("least_by") == pl.col("most_by")).fill_null(value=False)
    return pl.col("uprn_exact").is_null() & one & (pl.len().over("cluster") > 1)


def without_doubted(pairs: pl.DataFrame, relatives: pl.DataFrame) -> pl.DataFrame:
    """The pairs but those that an address alone ties, when it is doubted of one of the two.

    Not so of a relative, or of a person who has a relative there or is firmly tied to somebody there.

    Args:
        pairs: cluster, cluster_r, place, firm, doubted, doubted_r.
        relatives: cluster, cluster_r; as in pairs, the smaller one first.
    """
    related = relatives.with_columns(related=pl.lit(value=True))
    known = pairs.join(related, on=["cluster", "cluster_r"], how="left")
    close = known.filter(pl.col("firm") | pl.col("related"))
    held = pl.concat(
        [close.select(pl.col(of).alias("cluster"), "place") for of in ("cluster", "cluster_r")]
    ).unique()
    strangers = [
        pairs.filter(doubt)
        .select(pl.col(of).alias("cluster"), "place")
        .join(held, on=["cluster", "place"], how="anti")
        .unique()
        for of, doubt in (("cluster", "doubted"), ("cluster_r", "doubted_r"))
    ]
    left, right = strangers[0], strangers[1].rename({"cluster": "cluster_r"})
    return pairs.join(left, on=["cluster", "place"], how="anti").join(
        right, on=["cluster_r", "place"], how="anti"
    )
