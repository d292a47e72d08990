"""Ids: random, and kept by the group that holds most of an id's records."""

import re

import polars as pl

from linkage.identity import keep_ids


def groups(**of):
    return pl.DataFrame({"record": list(of), "group": list(of.values())})


def old(**of):
    return pl.DataFrame({"record": list(of), "id": list(of.values())})


def test_a_new_group_gets_128_random_bits():
    ids = keep_ids(groups(a=1, b=2), None)
    assert all(re.fullmatch(r"[0-9a-f]{32}", identity) for identity in ids.values())
    assert len(set(ids.values()) | set(keep_ids(groups(a=1, b=2), None).values())) == 4


def test_an_unchanged_group_keeps_its_id_though_its_number_changed():
    assert keep_ids(groups(a=7, b=7), old(a="P", b="P")) == {7: "P"}


def test_when_a_group_splits_the_part_with_most_records_keeps_the_id():
    ids = keep_ids(groups(a=1, b=1, c=2), old(a="P", b="P", c="P"))
    assert ids[1] == "P"
    assert ids[2] != "P"


def test_when_groups_merge_the_id_with_most_records_stays():
    assert keep_ids(groups(a=1, b=1, c=1), old(a="P", b="Q", c="Q")) == {1: "Q"}


def test_no_id_is_given_to_two_groups():
    ids = keep_ids(groups(a=1, b=2, c=3, d=3), old(a="P", b="P", c="P", d="Q"))
    assert len(set(ids.values())) == 3


def test_equal_claims_go_to_the_group_of_the_first_record():
    ids = keep_ids(groups(b=1, a=2), old(a="P", b="P"))
    assert ids[2] == "P"
    assert ids[1] != "P"
