"""What a labelled sample tells about a linkage run, and what it does not."""

import polars as pl
import pytest
from pydantic import ValidationError

from gateway.pipeline.measured import by_agency_pair, by_group
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


def registrations(persons, missed=0, group="F"):
    """One registration of each person at two agencies; of the first `missed` they were not linked."""
    rows = [
        (agency, f"{'a' if agency == 'dwp' and n < missed else ''}{n}", str(n), group)
        for n in range(persons)
        for agency in ("police", "dwp")
    ]
    columns = ["agency", "person", "true_person", "group_sex"]
    return pl.DataFrame(rows, schema=columns, orient="row").with_row_index("item")


def test_an_agency_pair_with_fewer_than_ten_pairs_is_withheld():
    [few], [enough] = (
        [row for row in by_agency_pair(registrations(n)) if row["agencies"] == ["dwp", "police"]]
        for n in (9, 10)
    )
    assert few == {
        "agencies": ["dwp", "police"],
        "withheld": True,
        "precision": None,
        "recall": None,
    }
    assert enough["recall"]["rate"] == 1.0
    assert enough["recall"]["low"] < 0.8


def test_a_rate_of_a_group_does_not_tell_of_one_pair():
    told = [by_group(registrations(100, missed), ["sex"])["sex"] for missed in (21, 22)]
    assert told[0] == told[1]
    [row] = told[0]
    assert (row["group"], row["recall"]["rate"]) == ("F", 0.8)


def test_a_bias_between_groups_shows():
    good, bad = registrations(200, 2, "F"), registrations(200, 60, "M")
    apart = bad.with_columns(
        person=pl.format("m{}", "person"), true_person=pl.format("m{}", "true_person")
    )
    both = pl.concat([good, apart]).drop("item").with_row_index("item")
    told = {row["group"]: row["recall"] for row in by_group(both, ["sex"])["sex"]}
    assert told["M"]["high"] < told["F"]["low"]


def test_a_kind_of_group_has_a_plain_name_and_a_label_for_each_row():
    sample = {"submission": ["sub-1"], "row": [1], "person": ["a"]}
    assert LabelledSample(**sample, groups={"age_band": [None]}).groups == {"age_band": [None]}
    for wrong in ({"Age Band": ["x"]}, {"sex": ["F", "M"]}, {f"k{'x' * 40}": ["x"]}):
        with pytest.raises(ValidationError):
            LabelledSample(**sample, groups=wrong)
