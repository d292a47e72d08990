"""Cluster: entries that are one person, with at most one entry of each clean list.

Goes in: edges, best first. Comes out: a person number per entry. An edge that would put two
entries of one clean list into one person is refused, so that better evidence wins.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import polars as pl

from linkage.components import components

# Links this sure may chain: who is linked to anybody of a person is of that person. A chain multiplies
# its errors by the sizes of what it joins, so it asks for a thousand to one.
CERTAIN = 0.999


@dataclass(frozen=True)
class Clusters:
    """`entries`: entry, cluster. `linked`: the edges inside a person; `refused` counts those kept
    apart by a clean list.
    """

    entries: pl.DataFrame
    linked: pl.DataFrame
    refused: int


def cluster(edges: pl.DataFrame, lists: pl.DataFrame) -> Clusters:
    """Join entries along edges in their order, in two steps.

    1. Certain edges join whatever they connect (constrained single linkage, after Kruskal).
    2. A weaker edge joins an entry that is still alone to a person of step 1, by an edge to an
       entry of that person, or two groups all of whose entries are linked to one another
       (complete linkage). Nobody joins a person through an entry that weak evidence put there.

    Args:
        edges: entry_l, entry_r, match_probability, best first, ties in a stable order.
        lists: entry, list_no, one line per entry.
    """
    certain = pl.col("match_probability") >= CERTAIN
    cores, refused = _cores(edges.filter(certain), lists)
    weak = _inside(edges.filter(~certain), cores, inside=False)
    grown, refused_too = _grown(weak, lists.join(cores, on="entry", maintain_order="left"))
    entries = lists.select("entry").join(grown, on="entry", maintain_order="left")
    return Clusters(entries, _inside(edges, entries), refused + refused_too)


def _cores(edges: pl.DataFrame, lists: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Step 1: entry, cluster, and how many edges a clean list refused.

    Where all that hangs together holds each list once, nothing can be refused, in whatever order.
    """
    ends = edges.select("entry_l", "entry_r")
    found = components(lists["entry"], ends).rename({"node": "entry", "component": "cluster"})
    listed = lists.join(found, on="entry", maintain_order="left")
    doubtful = listed.filter(pl.struct("cluster", "list_no").is_duplicated())["cluster"]
    anew = listed.filter(pl.col("cluster").is_in(doubtful.implode()))
    if anew.is_empty():
        return found, 0
    groups = _Groups(anew.with_columns(cluster="entry"))
    for left, right in _ends(edges.filter(pl.col("entry_l").is_in(anew["entry"].implode()))):
        groups.join(left, right)
    return found.update(groups.entries(), on="entry"), groups.refused


def _grown(weak: pl.DataFrame, cores: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Step 2, on the clusters that a weak edge touches."""
    ends = pl.concat([weak["entry_l"], weak["entry_r"]])
    touched = cores.filter(pl.col("entry").is_in(ends.implode()))["cluster"]
    groups = _Groups(cores.filter(pl.col("cluster").is_in(touched.implode())))
    pairs = list(_ends(weak))
    linked = frozenset(pairs)
    for left, right in pairs:
        if groups.may_join(left, right, linked):
            groups.join(left, right)
    return cores.select("entry", "cluster").update(groups.entries(), on="entry"), groups.refused


def _ends(edges: pl.DataFrame) -> Iterable[tuple[int, int]]:
    return edges.select("entry_l", "entry_r").iter_rows()


def _inside(edges: pl.DataFrame, entries: pl.DataFrame, *, inside: bool = True) -> pl.DataFrame:
    """The edges both of whose ends are one person, or the others."""
    left = edges.select(entry="entry_l").join(entries, on="entry", maintain_order="left")
    right = edges.select(entry="entry_r").join(entries, on="entry", maintain_order="left")
    return edges.filter((left["cluster"] == right["cluster"]) == inside)


class _Groups:
    """Disjoint groups of entries that know their members and lists.

    A group keeps the name of the larger part it was joined from, of equals the lower.
    """

    def __init__(self, clusters: pl.DataFrame) -> None:
        """`clusters`: entry, list_no, cluster; those of two entries and more are cores."""
        rows = clusters.select("entry", "list_no", "cluster").rows()
        self._group = {entry: group for entry, _, group in rows}
        self._members: dict[int, list[int]] = {}
        self._lists: dict[int, set[int]] = {}
        for entry, list_no, group in rows:
            self._members.setdefault(group, []).append(entry)
            self._lists.setdefault(group, set()).add(list_no)
        self._core = {entry for entry, _, group in rows if len(self._members[group]) > 1}
        self.refused = 0

    def join(self, left: int, right: int) -> None:
        """Make one group of two, unless a clean list would be in it twice."""
        a, b = self._group[left], self._group[right]
        if a == b:
            return
        if not self._lists[a].isdisjoint(self._lists[b]):
            self.refused += 1
            return
        large, small = sorted((a, b), key=lambda group: (-len(self._members[group]), group))
        for entry in self._members[small]:
            self._group[entry] = large
        self._members[large] += self._members.pop(small)
        self._lists[large] |= self._lists.pop(small)

    def may_join(self, left: int, right: int, linked: Collection[tuple[int, int]]) -> bool:
        """Whether weak evidence is enough: see `cluster`."""
        one, other = (self._members[self._group[end]] for end in (left, right))
        if (len(one) == 1 and right in self._core) or (len(other) == 1 and left in self._core):
            return True
        return all((a, b) in linked or (b, a) in linked for a in one for b in other)

    def entries(self) -> pl.DataFrame:
        """entry, cluster."""
        columns = {"entry": list(self._group), "cluster": list(self._group.values())}
        return pl.DataFrame(columns, schema={"entry": pl.UInt32, "cluster": pl.UInt32})
