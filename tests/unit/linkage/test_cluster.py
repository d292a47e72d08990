"""Clustering: better evidence first, and never two entries of one clean list in one person."""

import polars as pl

from linkage.cluster import cluster


def lists(**of):
    return pl.DataFrame(
        {"entry": list(map(int, (e[1:] for e in of))), "list_no": list(of.values())},
        schema={"entry": pl.UInt32, "list_no": pl.UInt32},
    )


def edges(*ends):
    return pl.DataFrame(
        [(left, right, 10.0 - at, 0.99) for at, (left, right) in enumerate(ends)],
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
