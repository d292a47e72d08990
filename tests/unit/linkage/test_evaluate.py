"""Evaluation counts pairs from sizes, and agrees with counting them one by one."""

from itertools import combinations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.errors import EvaluationInvalid
from linkage.evaluate import cluster_exact_match, pair_quality, pair_quality_between


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


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from("ab")),
        min_size=1,
        max_size=20,
    )
)
def test_the_quality_of_groups_equals_counting_every_pair(items):
    predicted, truth, of = ([item[at] for item in items] for at in range(3))
    pairs = list(combinations(range(len(items)), 2))
    found = {p for p in pairs if predicted[p[0]] == predicted[p[1]]}
    real = {p for p in pairs if truth[p[0]] == truth[p[1]]}
    groups = frame(truth).select("record", agency=pl.Series(of))

    whole = pair_quality(frame(predicted), frame(truth), groups)
    between = pair_quality_between(frame(predicted), frame(truth), groups)

    for name, part in whole.by_group.items():
        touching = {p for p in pairs if name in (of[p[0]], of[p[1]])}
        counted = len(found & touching), len(real & touching), len(found & real & touching)
        assert (part.found, part.true, part.agreed) == counted
    for ends, part in between.items():
        here = {p for p in pairs if tuple(sorted((of[p[0]], of[p[1]]))) == ends}
        assert (part.found, part.true) == (len(found & here), len(real & here))
        assert part.agreed == len(found & real & here)
    assert sum(part.found for part in between.values()) == whole.found == len(found)


def test_an_item_of_no_group_is_told_as_such():
    groups = pl.DataFrame({"record": ["r0", "r1"], "sex": ["F", None]})
    parts = pair_quality(frame([1, 1, 1]), frame([1, 1, 2]), groups).by_group
    assert {name: part.found for name, part in parts.items()} == {"(none)": 3, "F": 2}


def test_pairs_of_one_large_group_are_not_taken_for_many_observations():
    # 45 pairs each: in one group of ten, and in 45 groups of two.
    large, pairs = frame([1] * 10), frame([i // 2 for i in range(90)])
    alone, many = pair_quality(large, large), pair_quality(pairs, pairs)
    assert (alone.found, many.found) == (45, 45)
    assert alone.precision_interval.low < 0.3 < 0.9 < many.precision_interval.low
    assert alone.f1_interval.low < many.f1_interval.low <= many.f1 == 1.0


def test_a_wrong_group_file_is_refused():
    with pytest.raises(EvaluationInvalid, match="one further column"):
        pair_quality(frame([1]), frame([1]), frame([1]).with_columns(more=1))
    with pytest.raises(EvaluationInvalid, match="not unique"):
        pair_quality(frame([1]), frame([1]), pl.concat([frame([1]), frame([1])]))


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
        frame([1]).with_columns(record=pl.lit(1)),
        frame([None]),
    ],
)
def test_frames_that_cannot_be_compared_are_refused(predicted):
    with pytest.raises(EvaluationInvalid):
        pair_quality(predicted, frame([1]))
