"""Evaluate: predicted groups against a known truth, without enumerating pairs.

Go in: two frames that put each item into a group. Come out: shares between 0 and 1. Only items
present in both frames count.
"""

from typing import NamedTuple

import polars as pl

from linkage.errors import EvaluationInvalid


class PairQuality(NamedTuple):
    """Precision, recall and F1 over pairs of items in one group (Christen 2012, ch. 7)."""

    precision: float
    recall: float
    f1: float


def pair_quality(
    predicted: pl.DataFrame, truth: pl.DataFrame, *, item: str = "record", group: str = "person"
) -> PairQuality:
    """Pairs found among true pairs, from group sizes and their contingency table.

    Args:
        predicted, truth: columns `item` (unique) and `group`, each of any hashable type.

    Raises:
        EvaluationInvalid: a column is missing, an item repeats, or no item is in both frames.
    """
    both = _together(predicted, truth, item, group)
    agreed = _pairs(both, ["predicted", "true"])
    found, real = _pairs(both, ["predicted"]), _pairs(both, ["true"])
    precision = agreed / found if found else 1.0
    recall = agreed / real if real else 1.0
    f1 = 2 * agreed / (found + real) if found + real else 1.0
    return PairQuality(precision, recall, f1)


def cluster_exact_match(
    predicted: pl.DataFrame, truth: pl.DataFrame, *, item: str = "record", group: str = "person"
) -> float:
    """The share of true groups whose items are exactly the items of one predicted group."""
    both = _together(predicted, truth, item, group)
    cells = both.group_by("true", "predicted").agg(pl.len().alias("shared"))
    sizes_true = both.group_by("true").agg(pl.len().alias("size_true"))
    sizes_predicted = both.group_by("predicted").agg(pl.len().alias("size_predicted"))
    exact = (
        cells.join(sizes_true, on="true")
        .join(sizes_predicted, on="predicted")
        .filter(
            (pl.col("shared") == pl.col("size_true"))
            & (pl.col("shared") == pl.col("size_predicted"))
        )
    )
    return exact.height / sizes_true.height


def _together(predicted: pl.DataFrame, truth: pl.DataFrame, item: str, group: str) -> pl.DataFrame:
    for frame in (predicted, truth):
        if not {item, group} <= set(frame.columns):
            raise EvaluationInvalid(f"Columns {item} and {group} are needed in both frames")
        if frame[item].n_unique() != frame.height:
            raise EvaluationInvalid(f"Column {item} is not unique")
    both = predicted.select(item, pl.col(group).alias("predicted")).join(
        truth.select(item, pl.col(group).alias("true")), on=item
    )
    if both.is_empty():
        raise EvaluationInvalid(f"No {item} is in both frames")
    return both


def _pairs(both: pl.DataFrame, by: list[str]) -> int:
    sizes = both.group_by(by).len()["len"].cast(pl.Int64)
    return int((sizes * (sizes - 1) // 2).sum())
