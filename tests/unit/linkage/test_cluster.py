"""Clustering: better evidence first, and never two entries of one clean list in one person."""

import polars as pl

from linkage.cluster import CERTAIN, cluster


def lists(**of):
    return pl.DataFrame(
        {"entry": list(map(int, (e[1:] for e in of))), "list_no": list(of.values())},
        schema={"entry": pl.UInt32, "list_no": pl.UInt32},
    )


def edges(*ends, sure=len):
    """Edges best first; those before place `sure` are certain."""
    certain = sure(ends) if callable(sure) else sure
    return pl.DataFrame(
        [
            (left, right, 20.0 - at, CERTAIN if at < certain else 0.8)
            for at, (left, right) in enumerate(ends)
        ],
        schema={
            "entry_l": pl.UInt32,
            "entry_r": pl.UInt32,
            "match_weight": pl.Float64,
            "match_probability": pl.Float64,
        },
        orient="row",
    )


def groups(found):
    grouped = found.entries.group_by("cluster").agg("entry")
    return sorted(sorted(members) for members in grouped["entry"].to_list())


def test_entries_joined_through_others_are_one_person():
    found = cluster(edges((1, 2), (2, 3)), lists(e1=1, e2=2, e3=3, e4=4))
    assert groups(found) == [[1, 2, 3], [4]]
    assert found.refused == 0


def test_two_entries_of_one_list_stay_apart_and_the_better_link_wins():
    found = cluster(edges((1, 2), (3, 2)), lists(e1=1, e2=2, e3=1))
    assert groups(found) == [[1, 2], [3]]
    assert found.refused == 1
    assert found.linked.height == 1


def test_two_persons_are_not_joined_when_any_of_their_entries_share_a_list():
    found = cluster(edges((1, 2), (3, 4), (2, 3)), lists(e1=1, e2=2, e3=3, e4=1))
    assert groups(found) == [[1, 2], [3, 4]]
    assert found.refused == 1


def test_an_edge_inside_a_person_is_a_link_and_not_a_refusal():
    found = cluster(edges((1, 2), (2, 3), (1, 3)), lists(e1=1, e2=2, e3=3))
    assert found.linked.height == 3


def test_without_edges_everyone_is_alone():
    assert groups(cluster(edges(), lists(e1=1, e2=1))) == [[1], [2]]


def test_weak_evidence_brings_one_who_is_alone_to_a_person():
    found = cluster(edges((1, 2), (2, 3), sure=1), lists(e1=1, e2=2, e3=3))
    assert groups(found) == [[1, 2, 3]]


def test_nobody_joins_through_an_entry_that_weak_evidence_put_there():
    found = cluster(edges((1, 2), (2, 3), (3, 4), sure=1), lists(e1=1, e2=2, e3=3, e4=4))
    assert groups(found) == [[1, 2, 3], [4]]


def test_two_persons_are_not_joined_by_one_weak_link():
    found = cluster(edges((1, 2), (3, 4), (2, 3), sure=2), lists(e1=1, e2=2, e3=3, e4=4))
    assert groups(found) == [[1, 2], [3, 4]]
    assert found.refused == 0
    assert found.linked.height == 2


def test_those_who_are_all_linked_to_one_another_are_one_person():
    every = ((1, 2), (1, 3), (2, 3), (1, 4), (2, 4), (3, 4))
    four = lists(e1=1, e2=2, e3=3, e4=4)
    assert groups(cluster(edges(*every, sure=0), four)) == [[1, 2, 3, 4]]
    assert groups(cluster(edges(*every[:-1], sure=0), four)) == [[1, 2, 3], [4]]


def test_one_who_is_alone_goes_to_the_best_of_two_persons():
    ends = ((1, 2), (3, 4), (5, 3), (5, 1))
    found = cluster(edges(*ends, sure=2), lists(e1=1, e2=2, e3=3, e4=4, e5=5))
    assert groups(found) == [[1, 2], [3, 4, 5]]


def test_a_clean_list_holds_against_weak_links_too():
    found = cluster(edges((1, 2), (3, 2), (3, 4), sure=1), lists(e1=1, e2=2, e3=1, e4=2))
    assert groups(found) == [[1, 2], [3, 4]]
    assert found.refused == 1


def test_what_is_in_doubt_is_decided_apart_from_the_rest():
    # 5 and 7 are of one list; the component of 1 to 4 holds every list once.
    some = edges((1, 2), (3, 4), (2, 3), (5, 6), (7, 6))
    found = cluster(some, lists(e1=1, e2=2, e3=3, e4=4, e5=5, e6=6, e7=5))
    assert groups(found) == [[1, 2, 3, 4], [5, 6], [7]]
    assert found.refused == 1
