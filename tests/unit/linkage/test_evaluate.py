"""Evaluation counts pairs from sizes, and agrees with counting them one by one."""

from itertools import combinations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.errors import EvaluationInvalid
from linkage.evaluate import cluster_exact_match, pair_quality


def frame(groups):
    return pl.DataFrame(
        {"record": [f"r{i}" for i in range(len(groups))], "person": groups},
        schema={"record": pl.String, "person": pl.Int64},
    )


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=25))
def test_pair_quality_equals_counting_every_pair(groups):
    predicted, truth = [a for a, _ in groups], [b for _, b in groups]
    pairs = list(combinations(range(len(groups)), 2))
    found = {p for p in pairs if predicted[p[0]] == predicted[p[1]]}
    real = {p for p in pairs if truth[p[0]] == truth[p[1]]}
    quality = pair_quality(frame(predicted), frame(truth))
    assert quality.precision == (len(found & real) / len(found) if found else 1.0)
    assert quality.recall == (len(found & real) / len(real) if real else 1.0)


def test_a_group_counts_as_found_only_with_exactly_its_members():
    truth = frame([1, 1, 2, 2, 3])
    assert cluster_exact_match(frame([1, 1, 2, 2, 3]), truth) == 1.0
    assert cluster_exact_match(frame([1, 1, 2, 2, 2]), truth) == pytest.approx(1 / 3)
    assert cluster_exact_match(frame([1, 9, 2, 2, 3]), truth) == pytest.approx(2 / 3)


def test_only_records_in_both_frames_count():
    assert pair_quality(frame([1, 1]), frame([1, 1, 1])).recall == 1.0


@pytest.mark.parametrize(
    "predicted",
    [
        frame([1]).rename({"person": "p"}),
        pl.concat([frame([1]), frame([1])]),
        frame([1]).with_columns(record=pl.lit("elsewhere")),
    ],
)
def test_frames_that_cannot_be_compared_are_refused(predicted):
    with pytest.raises(EvaluationInvalid):
        pair_quality(predicted, frame([1]))
