"""Cluster measures: by hand on a small case, and by counting item for item."""

from itertools import combinations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.cluster_quality import LARGEST_TOLD, cluster_quality
from linkage.errors import EvaluationInvalid
from linkage.evaluate import cluster_exact_match


def frame(groups):
    return pl.DataFrame(
        {"record": [f"r{i}" for i in range(len(groups))], "person": groups},
        schema={"record": pl.String, "person": pl.Int64},
    )


def test_adjusted_rand_follows_from_the_pairs_that_manning_and_others_count():
    # Introduction to Information Retrieval, fig. 16.4: 17 points, Rand index 0.68.
    predicted = [1] * 6 + [2] * 6 + [3] * 5
    truth = [1, 1, 1, 1, 1, 2, 1, 2, 2, 2, 2, 3, 1, 1, 3, 3, 3]
    measured = cluster_quality(frame(predicted), frame(truth))
    # 20 pairs of 40 found and 44 true agree; by chance 40 * 44 / 136 would.
    assert measured.adjusted_rand == pytest.approx((20 - 1760 / 136) / (42 - 1760 / 136))


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=25))
def test_every_measure_equals_counting_item_for_item(groups):
    predicted, truth = [a for a, _ in groups], [b for _, b in groups]
    measured = cluster_quality(frame(predicted), frame(truth))
    items = range(len(groups))
    inside = [{j for j in items if predicted[j] == predicted[i]} for i in items]
    belongs = [{j for j in items if truth[j] == truth[i]} for i in items]
    shared = [len(a & b) for a, b in zip(inside, belongs, strict=True)]
    precision = sum(n / len(a) for n, a in zip(shared, inside, strict=True)) / len(groups)
    recall = sum(n / len(b) for n, b in zip(shared, belongs, strict=True)) / len(groups)
    assert measured.b_cubed_precision == pytest.approx(precision)
    assert measured.b_cubed_recall == pytest.approx(recall)
    assert measured.exact_match == cluster_exact_match(frame(predicted), frame(truth))
    assert measured.exact_match_interval.low <= measured.exact_match
    assert measured.predicted_groups == len(set(predicted))
    assert sum(n["true"] for n in measured.sizes.values()) == measured.true_groups
    assert measured.largest_true == max(map(len, belongs))
    assert measured.adjusted_rand == pytest.approx(adjusted_rand(predicted, truth))


def adjusted_rand(predicted, truth):
    pairs = list(combinations(range(len(truth)), 2))
    found = {p for p in pairs if predicted[p[0]] == predicted[p[1]]}
    real = {p for p in pairs if truth[p[0]] == truth[p[1]]}
    if not pairs:
        return 1.0
    chance = len(found) * len(real) / len(pairs)
    best = (len(found) + len(real)) / 2
    return (len(found & real) - chance) / (best - chance) if best != chance else 1.0


def test_large_groups_are_told_together():
    groups = [1] * LARGEST_TOLD + [2] * (LARGEST_TOLD + 5) + [3]
    measured = cluster_quality(frame(groups), frame(groups))
    assert measured.sizes == {
        "1": {"predicted": 1, "true": 1},
        f"{LARGEST_TOLD}+": {"predicted": 2, "true": 2},
    }
    assert measured.largest_predicted == LARGEST_TOLD + 5


def test_frames_without_a_common_item_are_refused():
    with pytest.raises(EvaluationInvalid):
        cluster_quality(frame([1]), frame([1]).with_columns(record=pl.lit("elsewhere")))
