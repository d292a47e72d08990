"""Names: families that change keep their number for as long as they are mostly the same persons.

Go in: groups of persons at each change. Comes out: the same rows with a family number.
"""

from collections import Counter
from collections.abc import Sequence

import polars as pl

_Groups = Sequence[Sequence[int]]


def kept_names(grouped: pl.DataFrame) -> pl.DataFrame:
    """part, change, begins, cluster, group -> the same with `family` in place of `group`."""
    keys = ["part", "change", "group"]
    members = grouped.group_by(keys).agg(pl.col("cluster").sort()).sort(keys)
    changing = (pl.col("change").max() > 0).over("part")
    # Most families never change: they are numbered without being followed.
    lasting = members.filter(~changing).select(keys).with_row_index("family")
    labelled = [lasting.select(*keys, "family")]
    free = lasting.height
    for part in members.filter(changing).partition_by("part", maintain_order=True):
        steps = part.partition_by("change", maintain_order=True)
        labels, free = _labelled([step["cluster"].to_list() for step in steps], free)
        labelled.append(part.select(*keys, pl.Series("family", labels, dtype=pl.UInt32)))
    return grouped.join(pl.concat(labelled), on=keys).drop("group")


def _labelled(steps: Sequence[_Groups], free: int) -> tuple[list[int], int]:
    """The label of each group of each step in turn, and the next free label."""
    labels: list[int] = []
    of_person: dict[int, int] = {}
    for groups in steps:
        kept = _matched(groups, of_person)
        for at in range(len(groups)):
            if at not in kept:
                kept[at], free = free, free + 1
            labels.append(kept[at])
        of_person = {person: kept[at] for at, group in enumerate(groups) for person in group}
    return labels, free


def _matched(groups: _Groups, before: dict[int, int]) -> dict[int, int]:
    """Which group keeps which label: the most alike first (Jaccard), each label and group once."""
    sizes = Counter(before.values())
    alike: list[tuple[float, int, int]] = []
    for at, group in enumerate(groups):
        shared = Counter(before[person] for person in group if person in before)
        for label, count in shared.items():
            alike.append((-count / (len(group) + sizes[label] - count), label, at))
    kept: dict[int, int] = {}
    taken: set[int] = set()
    for _, label, at in sorted(alike):
        if at not in kept and label not in taken:
            kept[at] = label
            taken.add(label)
    return kept
