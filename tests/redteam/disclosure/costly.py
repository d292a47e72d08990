"""Whom an attacker knows to be costly: families that are most of a cell's cost. In: the truth. Out: the background knowledge."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from tests.redteam.disclosure.dominance import SPAN, Costly
from tests.redteam.disclosure.game import BANDS

MOSTLY = 0.6


def known_costly(vintage: Mapping[str, pl.DataFrame], agency: str = "council") -> list[Costly]:
    """Families with 60 % or more of an agency's cost in their district and band, or in their district in a quarter."""
    band = pl.lit(BANDS[0][1])
    for least, label in BANDS[1:]:
        band = pl.when(pl.col("issue_count") >= least).then(pl.lit(label)).otherwise(band)
    where = vintage["families"].select("family", "district", band.alias("issues"))
    events = vintage["events"].filter(
        pl.col("agency") == agency, pl.col("quarter").is_between(SPAN.first, SPAN.last)
    )
    joined = events.join(where, on="family")
    by_band = _mostly(joined, ["district", "issues"])
    by_quarter = _mostly(joined, ["district", "quarter"])
    quarters: dict[int, list[int]] = {}
    for row in by_quarter.iter_rows(named=True):
        quarters.setdefault(row["family"], []).append(row["quarter"])
    named = {*by_band["family"].to_list(), *quarters}
    return [
        Costly(
            row["family"],
            agency,
            {"agency": agency, "district": row["district"], "issues": row["issues"]},
            tuple(quarters.get(row["family"], ())),
        )
        for row in where.filter(pl.col("family").is_in(named)).iter_rows(named=True)
    ]


def _mostly(joined: pl.DataFrame, cell: list[str]) -> pl.DataFrame:
    own = joined.group_by([*cell, "family"]).agg(pl.col("cost_pence").sum().alias("own"))
    return own.filter(pl.col("own") >= MOSTLY * pl.col("own").sum().over(cell))
