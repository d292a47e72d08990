"""Quality without truth: by agency pair and by group, held against data whose probabilities are right."""

import random

import polars as pl
import pytest

from linkage.cluster import Clusters
from linkage.evidence import cluster_sizes, coverage, match_weights
from linkage.quality import by_agency_pair, by_group, evidence_by_person, expected, placed, to_ten

LISTS = {"entry": pl.UInt32, "list_no": pl.UInt32, "agency": pl.String}


def world(persons, chances, draw, agencies=("health", "police")):
    """Two entries for each person; a pair is linked from 0.95. Which pairs are matches is drawn."""
    entries = range(2 * persons)
    lists = pl.DataFrame([(e, e % 2, agencies[e % 2]) for e in entries], schema=LISTS, orient="row")
    chance = [draw.choice(chances) for _ in range(persons)]
    likely = pl.DataFrame(
        {
            "entry_l": pl.Series(range(0, 2 * persons, 2), dtype=pl.UInt32),
            "entry_r": pl.Series(range(1, 2 * persons, 2), dtype=pl.UInt32),
            "match_weight": [0.0] * persons,
            "match_probability": chance,
        }
    )
    cluster = [e - e % 2 if chance[e // 2] >= 0.95 else e for e in entries]
    clusters = Clusters(
        lists.select("entry", cluster=pl.Series(cluster, dtype=pl.UInt32)), likely, 0
    )
    return placed(likely, clusters, lists), clusters, lists


def test_the_intervals_hold_what_is_true_as_often_as_they_say():
    draw = random.Random(3)
    held = {"precision": 0, "recall": 0}
    for _ in range(200):
        pairs, clusters, _ = world(400, [0.3, 0.8, 0.96, 0.99, 0.999], draw)
        told = expected(evidence_by_person(pairs))
        match = [draw.random() < chance for chance in pairs["match_probability"]]
        linked = pairs["linked"].to_list()
        right = sum(m and k for m, k in zip(match, linked, strict=True))
        precision, recall = right / sum(linked), right / sum(match)
        held["precision"] += (
            told.precision_interval.low <= precision <= told.precision_interval.high
        )
        held["recall"] += told.recall_interval.low <= recall <= told.recall_interval.high
    assert min(held.values()) / 200 >= 0.93


def test_a_group_that_is_linked_less_well_is_marked_and_the_others_are_not():
    draw = random.Random(4)
    good, clusters, _ = world(900, [0.99, 0.999, 0.9999], draw)
    bad, others, _ = world(300, [0.6, 0.8, 0.99], draw)
    evidence = pl.concat(
        [
            evidence_by_person(good).with_columns(person=pl.format("g{}", "cluster")),
            evidence_by_person(bad).with_columns(person=pl.format("b{}", "cluster")),
        ]
    )
    groups = evidence.select(
        "person",
        group=pl.when(pl.col("person").str.starts_with("b"))
        .then(pl.lit("0-4"))
        .otherwise(
            pl.when(pl.col("cluster") % 4 == 0).then(pl.lit("5-10")).otherwise(pl.lit("25-64"))
        ),
    )
    told = {row["group"]: row for row in by_group(evidence, groups)}
    assert list(told) == ["0-4", "5-10", "25-64"]
    assert told["0-4"]["lower"] == ["recall"]
    assert told["5-10"]["lower"] == told["25-64"]["lower"] == []
    assert told["0-4"]["recall"]["high"] < told["25-64"]["recall"]["low"]


def test_groups_that_differ_by_chance_alone_are_hardly_ever_marked():
    draw = random.Random(5)
    marked = 0
    for _ in range(60):
        pairs, clusters, _ = world(300, [0.4, 0.9, 0.99, 0.999], draw)
        evidence = evidence_by_person(pairs).with_columns(person=pl.col("cluster").cast(pl.String))
        labels = [draw.choice(["F", "M"]) for _ in range(evidence.height)]
        groups = evidence.select("person", group=pl.Series(labels))
        marked += any(row["lower"] for row in by_group(evidence, groups))
    assert marked <= 3


@pytest.mark.parametrize(("persons", "withheld"), [(9, True), (10, False)])
def test_a_small_group_is_named_and_withheld(persons, withheld):
    pairs, clusters, _ = world(persons, [0.99], random.Random(6))
    evidence = evidence_by_person(pairs).with_columns(person=pl.col("cluster").cast(pl.String))
    [row] = by_group(evidence, evidence.select("person", group=pl.lit("melton")))
    assert row["group"] == "melton"
    assert row["withheld"] is withheld
    assert (row["precision"] is None) is (row["persons"] is None) is withheld


@pytest.mark.parametrize(("persons", "withheld"), [(9, True), (14, False)])
def test_an_agency_pair_is_told_to_ten_or_withheld(persons, withheld):
    pairs, _, _ = world(persons, [0.99], random.Random(6), agencies=("police", "dwp"))
    [row] = by_agency_pair(pairs)
    assert row["agencies"] == ["dwp", "police"]
    assert row["withheld"] is withheld
    assert row["links"] == (None if withheld else 10)


def test_two_entries_joined_through_a_third_are_linked_whatever_their_own_score():
    pairs, _, _ = world(3, [0.5], random.Random(1))
    assert not pairs["linked"].any()
    lists = pl.DataFrame([(0, 0, "a"), (1, 1, "b")], schema=LISTS, orient="row")
    one = lists.select("entry", cluster=pl.lit(0, dtype=pl.UInt32))
    likely = pairs.head(1).select("entry_l", "entry_r", "match_weight", "match_probability")
    assert placed(likely, Clusters(one, likely, 0), lists)["linked"].all()


def test_where_nothing_was_compared_nothing_is_said():
    pairs, clusters, lists = world(5, [0.5], random.Random(1))
    assert by_agency_pair(pairs.clear()) == []
    none = expected(evidence_by_person(pairs.clear()))
    assert (none.precision, none.precision_interval) == (1.0, (0.0, 1.0))
    assert (
        match_weights(
            pl.DataFrame(schema={"bin": pl.Int32, "pairs": pl.Int64, "expected": pl.Float64})
        )
        == []
    )
    assert {row["persons"] for row in coverage(clusters, lists)} == {None}


def test_counts_are_told_to_ten_and_under_ten_not_at_all():
    assert [to_ten(count) for count in (0, 9, 10, 14, 15, 26, 1234)] == [
        None,
        None,
        10,
        10,
        20,
        30,
        1230,
    ]
    pairs, clusters, lists = world(104, [0.99], random.Random(1))
    assert cluster_sizes(clusters)[1] == {"least": 2, "most": 2, "persons": 100}
    assert coverage(clusters, lists)[0] == {
        "agency": "health",
        "persons": 100,
        "known_elsewhere": 1.0,
    }
    assert pairs["linked"].all()
