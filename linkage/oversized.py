"""Persons with more entries than a cap: flagged, and not made from weak links.

Goes in: clusters and the cap. Come out: clusters none of which is over the cap, and which of them are
the cores of one that was. It names no token: only entry numbers, which live as long as the run.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import polars as pl

from linkage.cluster import Clusters

# Weights that differ by less are one weight: the same agreement, added up in another order.
_DECIMALS = 6


@dataclass(frozen=True)
class Sized:
    """`clusters`: none over the cap. `flagged`: the clusters that were parts of one that was over it;
    `oversized` counts those.
    """

    clusters: Clusters
    flagged: pl.Series
    oversized: int


def within_cap(clusters: Clusters, largest: int) -> Sized:
    """Let a cluster of more than `largest` entries fall back to its strong cores.

    The rule: its links are taken away weight by weight, the weakest first, links of one weight
    together, and each part only until it is within the cap. A core is therefore the largest group
    within the cap that is held together by stronger links than those around it; where links of one
    weight alone hold more entries than the cap, they say nothing and each entry stands alone.
    """
    sizes = clusters.entries.group_by("cluster").len()
    over = sizes.filter(pl.col("len") > largest)["cluster"]
    flagged = clusters.entries.filter(pl.col("cluster").is_in(over.implode()))
    if over.is_empty():
        return Sized(clusters, flagged["cluster"], 0)
    inside = clusters.linked.filter(pl.col("entry_l").is_in(flagged["entry"].implode()))
    cores = _cores(flagged["entry"], inside, largest)
    kept = _within_cores(clusters.linked, cores)
    entries = clusters.entries.update(cores, on="entry")
    sized = replace(clusters, entries=entries, linked=kept)
    return Sized(sized, cores["cluster"].unique().sort(), len(over))


def _cores(entries: pl.Series, links: pl.DataFrame, largest: int) -> pl.DataFrame:
    """entry, cluster: the largest groups within the cap, from the strongest links down."""
    core = {entry: entry for entry in entries}
    members = {entry: [entry] for entry in entries}
    # INVARIANT: in here are cores that would be over the cap with their next weaker links.
    closed: set[int] = set()
    for pairs in _by_weight(links):
        for together in _together((core[left], core[right]) for left, right in pairs):
            if closed & together or sum(len(members[each]) for each in together) > largest:
                closed |= together
                continue
            first = min(together)
            for other in together - {first}:
                for entry in members[other]:
                    core[entry] = first
                members[first] += members.pop(other)
    schema = {"entry": pl.UInt32, "cluster": pl.UInt32}
    return pl.DataFrame({"entry": list(core), "cluster": list(core.values())}, schema=schema)


def _by_weight(links: pl.DataFrame) -> Iterator[list[tuple[int, int]]]:
    """The pairs of one weight together, strongest first."""
    weight = pl.col("match_weight").round(_DECIMALS)
    grouped = links.group_by(weight).agg("entry_l", "entry_r").sort("match_weight", descending=True)
    for left, right in grouped.select("entry_l", "entry_r").iter_rows():
        yield list(zip(left, right, strict=True))


def _together(pairs: Iterator[tuple[int, int]]) -> list[set[int]]:
    """Cores that pairs of one weight hold together, directly or through others."""
    of: dict[int, set[int]] = {}
    for left, right in pairs:
        if left == right:
            continue
        small, large = sorted((of.get(left, {left}), of.get(right, {right})), key=len)
        if small is not large:
            large |= small
        for each in (*small, left, right):
            of[each] = large
    return list({id(found): found for found in of.values()}.values())


def _within_cores(links: pl.DataFrame, cores: pl.DataFrame) -> pl.DataFrame:
    """The links, without those between two cores."""
    left = cores.select(entry_l="entry", core_l="cluster")
    right = cores.select(entry_r="entry", core_r="cluster")
    return (
        links.join(left, on="entry_l", how="left", maintain_order="left")
        .join(right, on="entry_r", how="left", maintain_order="left")
        .filter(pl.col("core_l").eq_missing(pl.col("core_r")))
        .drop("core_l", "core_r")
    )
