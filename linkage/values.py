"""Values: what each compared field holds, each value once, with codes for its tokens and the values next to it.

Go in: the exact tokens of profiles, and what is told of them. Comes out: for each field a frame to join by `token`.
Common names are in thousands of profiles: whatever is done by value is done a few times here, and not for each.
"""

from collections.abc import Collection

import polars as pl

from linkage.codes import with_codes
from linkage.model import NEIGHBOURED
from linkage.neighbours import with_neighbours
from linkage.told import Told

_NAMES = ("forename", "surname")


def coded_values(
    told: Told, exact: pl.DataFrame, roles: Collection[str]
) -> dict[str, pl.DataFrame]:
    """By the column of its exact token, the values of each role, one row each: `token` and codes.

    Args:
        exact: exact tokens of profiles, a column `<role>_exact` for each role.
    """
    levels = [column for values in told.values.values() for column in values.columns]
    columns = [f"{role}_exact" for role in roles]
    held = [exact.group_by(pl.col(column)).agg(held_by=pl.len()).drop_nulls() for column in columns]
    values = [_derived(told.filled(each, levels)) for each in held]
    tokens = [each[column].alias("token") for each, column in zip(values, columns, strict=True)]
    coded = [with_neighbours(each, NEIGHBOURED).drop("held_by") for each in with_codes(values)]
    made = zip(columns, tokens, coded, strict=True)
    return {column: each.with_columns(token) for column, token, each in made}


def _derived(values: pl.DataFrame) -> pl.DataFrame:
    """The values of a name with its group and its sounds each in a column of its own."""
    made = []
    if "forename_nickname" in values.columns:
        groups = pl.col("forename_nickname").list.first()
        made.append(pl.coalesce(groups, pl.col("forename_exact")).alias("forename_group"))
    sounding = [name for name in _NAMES if f"{name}_metaphone" in values.columns]
    for name in sounding:
        codes = pl.col(f"{name}_metaphone").list
        made.append(codes.get(0, null_on_oob=True).alias(f"{name}_sound"))
        made.append(codes.get(1, null_on_oob=True).alias(f"{name}_other_sound"))
    return values.with_columns(made).drop(f"{name}_metaphone" for name in sounding)
