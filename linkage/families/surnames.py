"""Surnames as support: whether two persons bear a like name. Never a reason for a family by itself.

Go in: token records with their person. Comes out: which of the pairs asked about are alike. Only
shared tokens are used; how common a name is plays no part.
"""

import polars as pl

EXACT = ("surname_exact",)
NEAR = ("surname_near",)
# The first four letters hold a double-barrelled name to the name it begins with.
WIDE = ("surname_near", "surname_prefix4")
# Pairs that are compared at once, so that memory does not grow with their number.
_AT_ONCE = 500_000


def surname_forms(records: pl.DataFrame, columns: tuple[str, ...] = NEAR) -> pl.DataFrame:
    """cluster, form: every token of every surname that a person was recorded with."""
    present = [column for column in columns if column in records.columns]
    forms = [
        records.select("cluster", form=pl.concat_list(column)).explode("form") for column in present
    ]
    empty = pl.DataFrame(schema={"cluster": records.schema["cluster"], "form": pl.UInt64})
    return pl.concat([empty, *forms]).drop_nulls().unique()


def alike(pairs: pl.DataFrame, forms: pl.DataFrame) -> pl.DataFrame:
    """The pairs of `pairs` (cluster, cluster_r) that share a form, each once."""
    both = ["cluster", "cluster_r"]
    other = forms.rename({"cluster": "cluster_r"})
    found = [
        part.join(forms, on="cluster").join(other, on=["cluster_r", "form"]).select(both).unique()
        for part in pairs.select(both).unique().iter_slices(_AT_ONCE)
    ]
    return pl.concat([pairs.select(both).clear(), *found])
