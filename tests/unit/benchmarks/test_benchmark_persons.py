"""The persons that scaling is measured with: as many as asked, always the same, and hard enough to link."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(PROJECT))

from benchmarks.persons import KNOWN_TO_BOTH, two_lists  # noqa: E402
from benchmarks.scaling import linked  # noqa: E402
from benchmarks.sections_linkage import scaling  # noqa: E402

title = "The benchmark of scaling measures real work"

RECORDS = 4_000


@pytest.fixture(scope="module")
def both():
    one, other = two_lists(RECORDS)
    return one, other, one.join(other, on="person", suffix="_anew")


def test_the_same_seed_gives_the_same_lists():
    assert all(a.equals(b) for a, b in zip(two_lists(200), two_lists(200), strict=True))
    assert not two_lists(200)[0].equals(two_lists(200, seed=1)[0])


def test_nobody_is_twice_on_a_list_and_most_are_on_both(both):
    one, other, shared = both
    assert one.height == other.height == RECORDS // 2
    assert one["person"].is_unique().all()
    assert other["person"].is_unique().all()
    assert shared.height == KNOWN_TO_BOTH * RECORDS // 2


@pytest.mark.parametrize("name", ["forename", "surname", "date_of_birth", "postcode", "address"])
def test_the_second_list_writes_some_of_it_differently(both, name):
    shared = both[2]
    assert 0.01 < (shared[name] != shared[f"{name}_anew"]).fill_null(value=True).mean() < 0.2


def test_a_size_is_measured_on_the_real_linkage_and_told(both):
    figures = linked(RECORDS)
    assert figures["f1"] > 0.97
    assert figures["steps_s"].keys() >= {"collapse", "train", "score", "cluster"}
    section = scaling({"seed": 1, "sizes": [figures]})
    assert section.lines[0].what == "4,000 records: tokenised and linked"
