"""Evaluate: predicted groups against a known truth, without enumerating pairs.

Go in: two frames that put each item into a group. Come out: shares between 0 and 1 with their
intervals, for all items and by groups of items. Only items present in both frames count.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import polars as pl

from linkage.errors import EvaluationInvalid
from linkage.intervals import Interval, wilson

# Stands for an item whose group is not known.
NO_GROUP = "(none)"


@dataclass(frozen=True)
class PairQuality:
    """Precision, recall and F1 over pairs of items in one group (Christen 2012, ch. 7).

    Attributes:
        precision, recall, f1: between 0 and 1; 1 where there is no pair to find.
        precision_interval, recall_interval, f1_interval: 95 % Wilson intervals. The pairs of one
            cluster are right or wrong together, so a cluster counts by its weight, not by its
            pairs (effective sample size after Kish 1965); F1 is a share of agreed among found or
            true pairs in another dress, and so is its interval.
        found, true, agreed: pairs in one predicted group, in one true group, in both.
        by_group: the same for each group of items, if groups were given.
    """

    precision: float
    recall: float
    f1: float
    precision_interval: Interval
    recall_interval: Interval
    f1_interval: Interval
    found: int
    true: int
    agreed: int
    by_group: Mapping[str, "PairQuality"] = field(default_factory=dict)

    def rates(self) -> dict[str, float]:
        """Precision, recall and F1 alone."""
        return {"precision": self.precision, "recall": self.recall, "f1": self.f1}

    def to_dict(self) -> dict[str, Any]:
        """All of it, JSON-able."""
        return asdict(self)


def pair_quality(
    predicted: pl.DataFrame,
    truth: pl.DataFrame,
    groups: pl.DataFrame | None = None,
    *,
    item: str = "record",
    group: str = "person",
) -> PairQuality:
    """Pairs found among true pairs, from group sizes and their contingency table.

    Args:
        predicted, truth: columns `item` (unique) and `group`, each of any hashable type.
        groups: `item` and one further column, such as an age band; a pair counts for the group of
            either of its items, so that a link missed across groups shows in both.

    Raises:
        EvaluationInvalid: a column is missing, an item repeats, or no item is in both frames.
    """
    both = together(predicted, truth, item, group)
    whole = _by_group(both.with_columns(of=pl.lit("")))[""]
    if groups is None:
        return whole
    parts = _by_group(_in_groups(both, groups, item))
    return PairQuality(**{**vars(whole), "by_group": parts})


def pair_quality_between(
    predicted: pl.DataFrame,
    truth: pl.DataFrame,
    groups: pl.DataFrame,
    *,
    item: str = "record",
    group: str = "person",
) -> dict[tuple[str, str], PairQuality]:
    """Quality of the pairs between each two groups (agencies, say) and inside each.

    Args: as for `pair_quality`. Keys are in alphabetical order, ('council', 'police').
    """
    both = _in_groups(together(predicted, truth, item, group), groups, item)
    counted = {name: _between(both, by) for name, by in _GROUPINGS.items()}
    return {(row["a"], row["b"]): _quality(row) for row in _aligned(counted, ["a", "b"])}


def cluster_exact_match(
    predicted: pl.DataFrame, truth: pl.DataFrame, *, item: str = "record", group: str = "person"
) -> float:
    """The share of true groups whose items are exactly the items of one predicted group."""
    both = together(predicted, truth, item, group)
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


def together(predicted: pl.DataFrame, truth: pl.DataFrame, item: str, group: str) -> pl.DataFrame:
    """item, predicted, true: the items that are in both frames.

    Raises:
        EvaluationInvalid: a column is missing, an item repeats, or no item is in both frames.
    """
    for frame in (predicted, truth):
        if not {item, group} <= set(frame.columns):
            raise EvaluationInvalid(f"Columns {item} and {group} are needed in both frames")
        if frame[item].n_unique() != frame.height:
            raise EvaluationInvalid(f"Column {item} is not unique")
        if frame[group].null_count():
            raise EvaluationInvalid(f"Column {group} is empty in some rows")
    if predicted.schema[item] != truth.schema[item]:
        raise EvaluationInvalid(f"Column {item} is not of one type in both frames")
    both = predicted.select(item, pl.col(group).alias("predicted")).join(
        truth.select(item, pl.col(group).alias("true")), on=item
    )
    if both.is_empty():
        raise EvaluationInvalid(f"No {item} is in both frames")
    return both


# What is counted: pairs in one predicted group, in one true group, in one of each.
_GROUPINGS = {"found": ["predicted"], "true": ["true"], "agreed": ["predicted", "true"]}


def _in_groups(both: pl.DataFrame, groups: pl.DataFrame, item: str) -> pl.DataFrame:
    named = [column for column in groups.columns if column != item]
    if item not in groups.columns or len(named) != 1:
        raise EvaluationInvalid(f"Groups are given as {item} and one further column")
    if groups[item].n_unique() != groups.height:
        raise EvaluationInvalid(f"Column {item} is not unique")
    of = groups.select(item, of=pl.col(named[0]).cast(pl.String))
    return both.join(of, on=item, how="left").with_columns(pl.col("of").fill_null(NO_GROUP))


def _by_group(both: pl.DataFrame) -> dict[str, PairQuality]:
    counted = {name: _touching(both, by) for name, by in _GROUPINGS.items()}
    return {row["of"]: _quality(row) for row in _aligned(counted, ["of"])}


def _touching(both: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """of, pairs, effective: pairs with one item or both in the group."""
    parts = both.group_by(*by, "of").agg(part=pl.len().cast(pl.Int64))
    sized = parts.with_columns(size=pl.col("part").sum().over(by))
    inside = pl.col("part") * (pl.col("part") - 1) // 2
    across = pl.col("part") * (pl.col("size") - pl.col("part"))
    return _tallied(sized.with_columns(pairs=inside + across), ["of"])


def _between(both: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """a, b, pairs, effective: pairs with one item in a and the other in b."""
    parts = both.group_by(*by, a="of").agg(part=pl.len().cast(pl.Int64))
    crossed = parts.join(parts.rename({"a": "b"}), on=by, suffix="_b").filter(
        pl.col("a") <= pl.col("b")
    )
    inside = pl.col("part") * (pl.col("part") - 1) // 2
    across = pl.col("part") * pl.col("part_b")
    pairs = pl.when(pl.col("a") == pl.col("b")).then(inside).otherwise(across)
    return _tallied(crossed.with_columns(pairs=pairs), ["a", "b"])


def _tallied(clusters: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    weight = pl.col("pairs").cast(pl.Float64)
    return clusters.group_by(keys).agg(
        pl.col("pairs").sum(), effective=weight.sum() ** 2 / (weight**2).sum()
    )


def _aligned(counted: Mapping[str, pl.DataFrame], keys: list[str]) -> list[dict[str, Any]]:
    """One row for each group, with the pairs of each kind and how many they are worth."""
    rows = pl.concat([frame.select(keys) for frame in counted.values()]).unique().sort(keys)
    for name, frame in counted.items():
        named = frame.rename({"pairs": name, "effective": f"{name}_effective"})
        rows = rows.join(named, on=keys, how="left", maintain_order="left")
    numbers = rows.select(pl.exclude(keys).fill_nan(0).fill_null(0))
    return rows.select(keys).hstack(numbers).to_dicts()


def _quality(row: Mapping[str, Any]) -> PairQuality:
    found, true, agreed = (int(row[name]) for name in _GROUPINGS)
    precision = agreed / found if found else 1.0
    recall = agreed / true if true else 1.0
    # Pairs that are found, or true, or both: of these the agreed ones are a plain share, and F1
    # is 2 share / (1 + share), which rises with it.
    either = found + true - agreed
    worth = min(_worth(row, "found"), _worth(row, "true")) * either
    low, high = wilson(agreed / either if either else 1.0, worth)
    return PairQuality(
        precision,
        recall,
        2 * agreed / (found + true) if found + true else 1.0,
        wilson(precision, row["found_effective"]),
        wilson(recall, row["true_effective"]),
        Interval(2 * low / (1 + low), 2 * high / (1 + high)),
        found,
        true,
        agreed,
    )


def _worth(row: Mapping[str, Any], name: str) -> float:
    """What one pair is worth as an independent observation: at most one."""
    return float(row[f"{name}_effective"]) / row[name] if row[name] else 1.0
