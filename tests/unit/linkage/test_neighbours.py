"""Neighbour lists say exactly what comparing the sets would say."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.neighbours import with_neighbours

SETS = st.dictionaries(
    st.integers(1, 12), st.frozensets(st.integers(100, 112), max_size=4), min_size=1, max_size=8
)


@settings(max_examples=60, deadline=None)
@given(SETS)
def test_a_token_is_a_neighbour_exactly_when_the_sets_share_a_member(sets):
    values = pl.DataFrame(
        {"name_exact": list(sets), "name_near": [sorted(members) for members in sets.values()]},
        schema={"name_exact": pl.UInt64, "name_near": pl.List(pl.UInt64)},
    )
    found = with_neighbours(values.with_columns(held_by=1), [("name", "near")])
    listed = {one: set(near or []) for one, near in found.select(values.columns).iter_rows()}
    for one, members in sets.items():
        for other in set(sets) - {one}:
            told = (other in listed[one]) + (one in listed[other])
            assert told == bool(members & sets[other])


def test_a_pair_of_neighbours_is_listed_with_the_rarer_of_the_two():
    values = pl.DataFrame(
        {"name_exact": [1, 2], "held_by": [3, 1], "name_near": [[7], [7]]},
        schema={"name_exact": pl.UInt64, "held_by": pl.UInt32, "name_near": pl.List(pl.UInt64)},
    )
    found = with_neighbours(values, [("name", "near")])
    assert found["name_near"].to_list() == [None, [1]]


def test_a_column_that_is_not_there_is_left_alone():
    values = pl.DataFrame({"other_exact": [1], "held_by": [1]})
    assert with_neighbours(values, [("name", "near")]).equals(values)
