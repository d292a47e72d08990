"""Spans: over which days two persons were tied, homes and relatives taken together.

Go in: ties. Comes out: one row for each unbroken time of two persons.
"""

import polars as pl

from linkage.families.rule import FamilyRule

_PAIR = ["left", "right"]


def spans_of(ties: pl.DataFrame, rule: FamilyRule) -> pl.DataFrame:
    """left, right, firm, days, starts, ends: `ends` is the first day no longer, null is unbounded."""
    at_home = ties.filter(pl.col("place").is_not_null())
    homes = _unbroken(at_home.filter(_lasts()), rule.near_days)
    kin = _while_together(ties.filter(pl.col("place").is_null()), homes)
    columns = ["left", "right", "firm", "days", "starts", "ends"]
    return pl.concat([homes.select(columns), kin.filter(_lasts()).select(columns)])


def _lasts() -> pl.Expr:
    """Some day is in it."""
    return (pl.col("starts") < pl.col("ends")).fill_null(value=True)


def _unbroken(homes: pl.DataFrame, near_days: int) -> pl.DataFrame:
    """Times at different homes joined when the two need not have been apart for `near_days`."""
    ordered = homes.sort(*_PAIR, "starts", "ends", nulls_last=False)
    # An open end comes last or is at the only home, since a later home would bound it.
    before = pl.col("ends").cum_max().shift(1).over(_PAIR)
    apart = (pl.col("since") - before).dt.total_days() > near_days
    spans = ordered.with_columns(
        apart.fill_null(value=False).cum_sum().over(_PAIR).alias("span"),
        pl.col("ends").is_null().alias("open"),
        pl.col("starts").is_null().alias("always"),
    )
    return (
        spans.group_by(*_PAIR, "span", maintain_order=True)
        .agg(
            pl.col("firm").any(),
            pl.col("days").sum(),
            pl.when(~pl.col("always").any()).then(pl.col("starts").min()).alias("starts"),
            pl.when(~pl.col("open").any()).then(pl.col("ends").max()).alias("ends"),
        )
        .drop("span")
    )


def _while_together(kin: pl.DataFrame, homes: pl.DataFrame) -> pl.DataFrame:
    """Relatives who shared a home: tied while they shared it, and while declared."""
    either = pl.concat(
        [homes, homes.rename({"left": "right", "right": "left"}).select(homes.columns)]
    )
    shared = either.group_by(_PAIR).agg(
        pl.when(pl.col("starts").is_not_null().all()).then(pl.col("starts").min()).alias("met"),
        pl.when(pl.col("ends").is_not_null().all()).then(pl.col("ends").max()).alias("parted"),
    )
    declared_last = pl.col("told_until") + pl.duration(days=1)
    first = pl.when(pl.col("met").is_not_null()).then(pl.min_horizontal("met", "told_from"))
    last = pl.when(pl.col("parted").is_not_null()).then(pl.max_horizontal("parted", declared_last))
    return kin.join(shared, on=_PAIR, how="left").with_columns(
        starts=pl.coalesce("starts", first), ends=pl.min_horizontal("ends", last)
    )
