"""Groups: how persons who are tied become families.

Go in: persons and ties. Comes out: the group of each person, named by its smallest person. The
order in which persons and ties are given changes nothing.
"""

from collections.abc import Callable, Mapping

import polars as pl

from linkage.components import components
from linkage.families.rule import Grouping


def together(persons: pl.Series, ties: pl.DataFrame) -> pl.DataFrame:
    """node, component: all who are tied directly or through others."""
    return components(persons, ties.select("left", "right"))


def kept_apart(persons: pl.Series, ties: pl.DataFrame) -> pl.DataFrame:
    """node, component: firm ties make groups; an address alone adds only single persons to them.

    1. All who are firmly tied, directly or through others, are a group.
    2. A single person joins the group with the most persons tied to them by address; of groups
       equal in that the one with the most days together, then the one with the smallest person.
    3. Single persons still left, tied to each other by address, are a group; it joins, by the same
       order, the group of a single person whom it is tied to.
    So an address alone never joins two groups that each hold firmly together.
    """
    cores = components(persons, ties.filter("firm").select("left", "right"))
    weak = _both_ways(ties.filter(~pl.col("firm")))
    size = pl.len().over("component")
    singles = cores.filter(size == 1).select("node", unit="node")
    joined = _choices(weak, singles, cores.filter(size > 1))
    left_over = singles.join(joined, on="unit", how="anti")["node"]
    among = weak.join(left_over.to_frame("left"), on="left", how="semi")
    among = among.join(left_over.to_frame("right"), on="right", how="semi")
    units = components(left_over, among.select("left", "right")).rename({"component": "unit"})
    followed = _choices(weak, units, joined.rename({"unit": "node"}))
    chosen = pl.concat(
        [
            joined.rename({"unit": "node"}),
            units.join(followed, on="unit", how="left").select(
                "node", pl.coalesce("component", "unit").alias("component")
            ),
        ]
    )
    grouped = cores.join(chosen, on="node", how="left", suffix="_chosen")
    group = pl.coalesce("component_chosen", "component")
    return grouped.select("node", pl.col("node").min().over(group).alias("component"))


def _both_ways(ties: pl.DataFrame) -> pl.DataFrame:
    return pl.concat(
        [
            ties.select("left", "right", "days"),
            ties.select(pl.col("right").alias("left"), pl.col("left").alias("right"), "days"),
        ]
    )


def _choices(weak: pl.DataFrame, units: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """unit, component: the group that each unit (node, unit) is most tied to, if to any."""
    return (
        weak.join(units, left_on="left", right_on="node")
        .join(groups, left_on="right", right_on="node")
        .group_by("unit", "component")
        .agg(pl.col("right").n_unique().alias("persons"), pl.col("days").sum())
        .sort(["unit", "persons", "days", "component"], descending=[False, True, True, False])
        .unique("unit", keep="first", maintain_order=True)
        .select("unit", "component")
    )


GROUPINGS: Mapping[Grouping, Callable[[pl.Series, pl.DataFrame], pl.DataFrame]] = {
    "together": together,
    "kept_apart": kept_apart,
}
