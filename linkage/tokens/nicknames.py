"""Which forenames are forms of one another, read from `nicknames.txt` beside this file."""

from functools import cache
from importlib.resources import files

import polars as pl


@cache
def nickname_groups() -> pl.DataFrame:
    """`name`: a standard forename; `groups`: the full forms it may stand for, sorted."""
    listed = files("linkage.tokens").joinpath("nicknames.txt").read_text(encoding="utf-8")
    forms = [line.split() for line in listed.splitlines() if line and not line.startswith("#")]
    pairs = [(form, full[0]) for full in forms for form in full]
    told = pl.DataFrame(pairs, schema=["name", "groups"], orient="row")
    return told.group_by("name").agg(pl.col("groups").unique().sort())
