"""Surnames as support: whether two persons bear a like name. Never a reason for a family by itself.

Go in: token records with their person. Comes out: which of the pairs asked about are alike. Only
shared tokens are used; how common a name is plays no part.
"""

from dataclasses import dataclass

import polars as pl

from linkage.told import Told

_NAME = "surname_exact"
NEAR = ("surname_near",)
# The first four letters hold a double-barrelled name to the name it begins with.
WIDE = ("surname_near", "surname_prefix4")
# Pairs that are compared at once, so that memory does not grow with their number.
_AT_ONCE = 500_000


@dataclass(frozen=True)
class Surnames:
    """`borne`: cluster, name: every surname that a person was recorded with. `forms`: name, form: the
    tokens by which one name is like another.
    """

    borne: pl.DataFrame
    forms: pl.DataFrame

    @classmethod
    def of(cls, told: Told, columns: tuple[str, ...]) -> "Surnames":
        """Those of these records, alike by the tokens in these columns."""
        borne = _borne(told.records)
        filled = told.filled(borne.select(pl.col("name").unique().alias(_NAME)), columns)
        forms = [
            filled.select(name=_NAME, form=pl.concat_list(column)).explode("form")
            for column in columns
            if column in filled.columns
        ]
        none = pl.DataFrame(schema={"name": pl.UInt64, "form": pl.UInt64})
        return cls(borne, pl.concat([none, *forms]).drop_nulls().unique())

    def alike(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """The pairs of `pairs` (cluster, cluster_r) whose names share a form, each once."""
        both = ["cluster", "cluster_r"]
        found = [self._alike(part) for part in pairs.select(both).unique().iter_slices(_AT_ONCE)]
        return pl.concat([pairs.select(both).clear(), *found])

    def _alike(self, pairs: pl.DataFrame) -> pl.DataFrame:
        named = pairs.join(self.borne, on="cluster").join(
            self.borne, left_on="cluster_r", right_on="cluster", suffix="_r"
        )
        names = named.select("name", "name_r").unique()
        like = names.join(self.forms, on="name").join(
            self.forms, left_on=["name_r", "form"], right_on=["name", "form"]
        )
        found = named.join(like, on=["name", "name_r"], how="semi")
        return found.select("cluster", "cluster_r").unique()


def _borne(records: pl.DataFrame) -> pl.DataFrame:
    if _NAME not in records.columns:
        return pl.DataFrame(schema={"cluster": records.schema["cluster"], "name": pl.UInt64})
    return records.select("cluster", name=_NAME).drop_nulls().unique()
