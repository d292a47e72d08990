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
    profiles = pl.DataFrame(
        {"name_exact": list(sets), "name_near": [sorted(members) for members in sets.values()]},
        schema={"name_exact": pl.UInt64, "name_near": pl.List(pl.UInt64)},
    )
    found = with_neighbours(profiles, [("name", "near")])
    listed = dict(zip(found["name_exact"].to_list(), found["name_near"].to_list(), strict=True))
    for one, members in sets.items():
        expected = {other for other in sets if other != one and members & sets[other]}
        assert set(listed[one] or []) == expected


def test_a_column_that_is_not_there_is_left_alone():
    profiles = pl.DataFrame({"other_exact": [1]})
    assert with_neighbours(profiles, [("name", "near")]).equals(profiles)
