"""Partings and meetings: when two persons who are known at one home began and ceased to live together.

Go in: pairs of stays at one place, and all stays. Come out: the days from and until which each pair
lived together. A family that moves is not named all at once, and not every move is a parting.
"""

import polars as pl

# Who else lived at a place is asked only where not more persons than this ever lived.
_CROWD = 200
_SIDES = (("", "_r"), ("_r", ""))


def with_partings(pairs: pl.DataFrame, stays: pl.DataFrame, near_days: int) -> pl.DataFrame:
    """The pairs with `starts` and `ends`, the first day together and the first day no longer.

    Two are apart from the day on which one is first named at another home. Not so if the other is
    not named anywhere after that (up to `near_days`); but so again if that other home was lived in
    before by somebody who never had a part in the first one: then the one joined others.
    In the same way they are together from the day on which the later one is first named there; or
    ever since, if the other was not named anywhere before that (up to `near_days`), unless
    somebody was left behind who is named at the old home after that, and never at the new one.

    Args:
        pairs: cluster, cluster_r, place, and of either person first, last, came_after and gone_by.
        stays: see `places.stays_of`, in that order.

    Returns:
        null where nothing bounds the time.
    """
    known = pairs
    for flags in (_joined_others(stays), _left_others(stays)):
        known = _flagged(known, flags)
    ends = [
        pl.when(~_unseen_after(of, by, near_days) | pl.col(f"joined{of}")).then(f"gone_by{of}")
        for of, by in _SIDES
    ]
    starts = [
        pl.when(~_unseen_before(of, by, near_days) | pl.col(f"left{of}")).then(_arrived(of))
        for of, by in _SIDES
    ]
    return known.with_columns(
        pl.max_horizontal(starts).alias("starts"), pl.min_horizontal(ends).alias("ends")
    )


def _arrived(of: str) -> pl.Expr:
    return pl.when(pl.col(f"came_after{of}").is_not_null()).then(f"first{of}")


def _unseen_after(leaver: str, stayer: str, near_days: int) -> pl.Expr:
    """The stayer is not named once the leaver has been gone for `near_days`."""
    after = pl.col(f"last{stayer}") - pl.col(f"gone_by{leaver}")
    return pl.col(f"gone_by{stayer}").is_null() & (after.dt.total_days() <= near_days)


def _unseen_before(arrived: str, other: str, near_days: int) -> pl.Expr:
    """The other is not named until `near_days` before the one who arrived."""
    before = pl.col(f"first{arrived}") - pl.col(f"first{other}")
    return pl.col(f"came_after{other}").is_null() & (before.dt.total_days() <= near_days)


def _flagged(pairs: pl.DataFrame, flags: pl.DataFrame) -> pl.DataFrame:
    """The pairs with the flag of either person at their place; false where there is none."""
    (flag,) = (column for column in flags.columns if column not in ("cluster", "place"))
    other = flags.rename({"cluster": "cluster_r", flag: f"{flag}_r"})
    return (
        pairs.join(flags, on=["cluster", "place"], how="left")
        .join(other, on=["cluster_r", "place"], how="left")
        .with_columns(pl.col(flag, f"{flag}_r").fill_null(value=False))
    )


def _joined_others(stays: pl.DataFrame) -> pl.DataFrame:
    """cluster, place, joined: who left a place for one where others lived before them."""
    ordered = stays.with_columns(following=pl.col("place").shift(-1).over("cluster"))
    leavers = ordered.drop_nulls("following")
    there = _residents(stays).rename({"other_place": "following"})
    met = leavers.join(there, on="following").filter(
        (pl.col("resident") != pl.col("cluster")) & (pl.col("other_first") < pl.col("gone_by"))
    )
    return _strangers(met, stays).with_columns(joined=pl.lit(value=True))


def _left_others(stays: pl.DataFrame) -> pl.DataFrame:
    """cluster, place, left: who came to a place from one where others stayed on."""
    ordered = stays.with_columns(before=pl.col("place").shift(1).over("cluster"))
    comers = ordered.drop_nulls("before")
    there = _residents(stays).rename({"other_place": "before"})
    stayed = comers.join(there, on="before").filter(
        (pl.col("resident") != pl.col("cluster")) & (pl.col("other_last") > pl.col("first"))
    )
    return _strangers(stayed, stays).with_columns(left=pl.lit(value=True))


def _residents(stays: pl.DataFrame) -> pl.DataFrame:
    small = stays.filter(pl.len().over("place") <= _CROWD)
    return small.select(
        other_place="place", resident="cluster", other_first="first", other_last="last"
    )


def _strangers(met: pl.DataFrame, stays: pl.DataFrame) -> pl.DataFrame:
    """Persons and places of `met` whose `resident` of the other place was never at this one."""
    here = stays.select("place", resident="cluster")
    return met.join(here, on=["place", "resident"], how="anti").select("cluster", "place").unique()
