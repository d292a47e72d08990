"""Cluster quality: how well whole groups were found, beside the quality of their pairs.

Goes in: the same two frames as in `evaluate`. Come out: the figures that authors of record linkage print about clusters, and
the sizes of the groups. Only items present in both frames count.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from linkage.evaluate import together
from linkage.intervals import Interval, wilson

# Groups of this size and more are counted together.
LARGEST_TOLD = 10


@dataclass(frozen=True)
class ClusterQuality:
    """All between 0 and 1, except that adjusted Rand may be below 0.

    Attributes:
        exact_match: true groups that are exactly one predicted group, and its 95 % interval.
        exact_precision: predicted groups that are exactly one true group.
        b_cubed_precision, b_cubed_recall, b_cubed_f1: of an average item's predicted group, the share that
            belongs there; of its true group, the share that is there (Bagga and Baldwin 1998).
        adjusted_rand: agreement on pairs above what chance gives (Hubert and Arabie 1985).
        items, predicted_groups, true_groups: counts.
        largest_predicted, largest_true: items in the largest group.
        sizes: size -> groups predicted and true; the last size stands for all larger ones.
    """

    exact_match: float
    exact_match_interval: Interval
    exact_precision: float
    b_cubed_precision: float
    b_cubed_recall: float
    b_cubed_f1: float
    adjusted_rand: float
    items: int
    predicted_groups: int
    true_groups: int
    largest_predicted: int
    largest_true: int
    sizes: Mapping[str, Mapping[str, int]]

    def to_dict(self) -> dict[str, Any]:
        """All of it, JSON-able."""
        return asdict(self)


def cluster_quality(
    predicted: pl.DataFrame, truth: pl.DataFrame, *, item: str = "record", group: str = "person"
) -> ClusterQuality:
    """Measure whole groups.

    Args:
        predicted, truth: columns `item` (unique) and `group`, each of any hashable type.

    Raises:
        EvaluationInvalid: a column is missing, an item repeats, or no item is in both frames.
    """
    cells = _cells(together(predicted, truth, item, group))
    exact = cells.filter(
        (pl.col("n") == pl.col("of_predicted")) & (pl.col("n") == pl.col("of_true"))
    )
    found, real = _sizes(cells, "predicted"), _sizes(cells, "true")
    items = int(found.sum())
    b_precision = _b_cubed(cells, "of_predicted") / items
    b_recall = _b_cubed(cells, "of_true") / items
    share = exact.height / len(real)
    return ClusterQuality(
        share,
        wilson(share, len(real)),
        exact.height / len(found),
        b_precision,
        b_recall,
        2 * b_precision * b_recall / (b_precision + b_recall),
        _adjusted_rand(_pairs(cells["n"]), _pairs(found), _pairs(real), items * (items - 1) / 2),
        items,
        len(found),
        len(real),
        int(found.max()),  # type: ignore[arg-type]
        int(real.max()),  # type: ignore[arg-type]
        _by_size(found, real),
    )


def _cells(both: pl.DataFrame) -> pl.DataFrame:
    """predicted, true, n, of_predicted, of_true: the contingency table and its margins."""
    cells = both.group_by("predicted", "true").agg(n=pl.len().cast(pl.Int64))
    return cells.with_columns(
        of_predicted=pl.col("n").sum().over("predicted"), of_true=pl.col("n").sum().over("true")
    )


def _sizes(cells: pl.DataFrame, side: str) -> pl.Series:
    return cells.group_by(side).agg(pl.col("n").sum())["n"]


def _b_cubed(cells: pl.DataFrame, margin: str) -> float:
    """Over all items, the sum of the share of its group that it shares the other group with."""
    return float((cells["n"] ** 2 / cells[margin]).sum())


def _pairs(sizes: pl.Series) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def _adjusted_rand(agreed: int, found: int, real: int, whole: float) -> float:
    chance = found * real / whole if whole else 0.0
    best = (found + real) / 2
    return (agreed - chance) / (best - chance) if best != chance else 1.0


def _by_size(found: pl.Series, real: pl.Series) -> dict[str, dict[str, int]]:
    told: dict[str, dict[str, int]] = {}
    for size in range(1, LARGEST_TOLD + 1):
        last = size == LARGEST_TOLD
        counts = {
            name: int((sizes >= size).sum() if last else (sizes == size).sum())
            for name, sizes in (("predicted", found), ("true", real))
        }
        if any(counts.values()):
            told[f"{size}+" if last else str(size)] = counts
    return told
