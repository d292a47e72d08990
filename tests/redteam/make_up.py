"""The make-up of families: whoever knows how old everybody in a home is needs no name to know the home again.

Source: Sweeney, "Simple Demographics Often Identify People Uniquely" (2000), for households. In: families by district, sexes and
age bands, and the same of a register. Out: the register's family for each family whose make-up is single in both. This is
what sealing tokens cannot hide.
"""

from __future__ import annotations

import polars as pl

AS_IT_IS_SAID = pl.format("{} {}", "sex", "age_band").sort().str.join(", ")


def make_up(people: pl.DataFrame, districts: pl.DataFrame) -> pl.DataFrame:
    """`family`, `says`: what a family looks like, of those that look like no other. `people`: family, sex, age_band."""
    said = people.group_by("family").agg(AS_IT_IS_SAID.alias("says")).join(districts, on="family")
    each = said.select("family", says=pl.format("{}: {}", "district", "says"))
    return each.filter(pl.len().over("says") == 1)


def recognised(stored: pl.DataFrame, register: pl.DataFrame) -> pl.DataFrame:
    """`family` (as stored), `known_as` (in the register)."""
    return stored.join(register.rename({"family": "known_as"}), on="says").drop("says")
