"""Cluster: entries that are one person, with at most one entry of each clean list.

Goes in: edges, best first. Comes out: a person number per entry. An edge that would put two
entries of one clean list into one person is refused, so that better evidence wins.
"""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Clusters:
    """`entries`: entry, cluster. `linked`: the edges that joined; `refused` counts those kept
    apart by a clean list.
    """

    entries: pl.DataFrame
    linked: pl.DataFrame
    refused: int


def cluster(edges: pl.DataFrame, lists: pl.DataFrame) -> Clusters:
    """Join entries along edges in their order (constrained single linkage, after Kruskal).

    Args:
        edges: entry_l, entry_r, best first, ties in a stable order.
        lists: entry, list_no, one line per entry.
    """
    parent = dict(zip(lists["entry"].to_list(), lists["entry"].to_list(), strict=True))
    held = {
        e: {n} for e, n in zip(*(lists[c].to_list() for c in ("entry", "list_no")), strict=True)
    }
    joined: list[bool] = []
    refused = 0
    for left, right in edges.select("entry_l", "entry_r").iter_rows():
        a, b = _root(parent, left), _root(parent, right)
        together = a == b or held[a].isdisjoint(held[b])
        joined.append(together)
        refused += not together
        if together and a != b:
            small, large = sorted((a, b), key=lambda root: (len(held[root]), -root))
            parent[small] = large
            held[large] |= held.pop(small)
    roots = [_root(parent, entry) for entry in lists["entry"].to_list()]
    entries = lists.select("entry").with_columns(pl.Series("cluster", roots, dtype=pl.UInt32))
    return Clusters(entries, edges.filter(pl.Series(joined, dtype=pl.Boolean)), refused)


def _root(parent: dict[int, int], entry: int) -> int:
    while parent[entry] != entry:
        parent[entry] = parent[parent[entry]]
        entry = parent[entry]
    return entry
