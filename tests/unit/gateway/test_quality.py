"""What a labelled sample tells about a linkage run, and what it does not."""

import polars as pl
import pytest
from pydantic import ValidationError

from gateway.pipeline.quality import LabelledSample, _measured


def items(found, true):
    return pl.DataFrame({"person": found, "true_person": true}).with_row_index("item")


def test_a_perfect_run_has_perfect_rates():
    groups = [n // 2 for n in range(100)]
    told = _measured(items(groups, groups), "person")
    assert (told["precision"], told["recall"], told["f1"]) == (1.0, 1.0, 1.0)


def test_the_number_of_groups_does_not_tell_of_one_pair():
    apart = list(range(104))
    together = [0, *range(103)]
    told = [_measured(items(found, apart), "person")["found"] for found in (apart, together)]
    assert told == [100, 100]


def test_columns_of_a_sample_have_one_length():
    with pytest.raises(ValidationError, match="one length"):
        LabelledSample(submission=["sub-1"], row=[1, 2], person=["a", "b"])
