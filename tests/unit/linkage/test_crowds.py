"""Crowds: the largest blocks are passed over first, and only as many as the limits ask for."""

from dataclasses import replace
from itertools import combinations

import polars as pl
import pytest

from linkage.crowds import (
    LARGEST_OF_WIDE,
    MOST_TO_TRAIN,
    heeding_marks,
    passes_over_crowds,
    with_marks,
)
from linkage.model import NOT_ONE_LIST, Model, rule_name, rule_sql

POSTCODE = rule_sql(("postcode_exact",))
NAMES = rule_sql(("forename_exact", "surname_exact"))
# Blocks of 2, 3 and 6 profiles that share a postcode: 1, 3 and 15 pairs.
SIZES = (2, 3, 6)


def profiles(*, lists=None):
    postcodes = [at for at, size in enumerate(SIZES) for _ in range(size)]
    return pl.DataFrame(
        {
            "list_no": lists or list(range(len(postcodes))),
            "postcode_exact": postcodes,
            "forename_exact": [1] * len(postcodes),
            "surname_exact": [None, *[7] * (len(postcodes) - 1)],
        }
    )


def model(*blocking, training=()):
    return Model((), tuple(blocking), tuple(training), ())


def compared(frame, rule):
    """The pairs of a rule, counted one by one."""
    columns = [part.split(" = ")[0][2:] for part in rule.split(" AND ") if part != NOT_ONE_LIST]
    rows = frame.select("list_no", *columns).rows()
    return sum(
        None not in one[1:] and one[1:] == other[1:] and one[0] != other[0]
        for one, other in combinations(rows, 2)
    )


@pytest.mark.parametrize(
    ("widest", "most", "pairs"),
    [
        (19, 19, 19),  # all fit
        (18, 99, 4),  # the block of 6 is passed over
        (99, 18, 4),
        (4, 4, 4),
        (3, 99, 1),
        (99, 0, 0),
    ],
)
def test_the_largest_blocks_are_passed_over_first(widest, most, pairs):
    marked = with_marks(profiles(), model(POSTCODE), widest, most)
    (rule,) = heeding_marks(model(POSTCODE), marked.columns).blocking
    assert compared(marked, rule) == pairs
    assert passes_over_crowds(rule) == (pairs < 19)


def test_rules_together_keep_to_the_limit_by_one_size_of_block():
    # The block of names has ten profiles, 45 pairs: it goes before any of the postcodes.
    marked = with_marks(profiles(), model(POSTCODE, NAMES), 99, 40)
    kept = heeding_marks(model(POSTCODE, NAMES), marked.columns).blocking
    assert [compared(marked, rule) for rule in kept] == [19, 0]


def test_pairs_of_one_clean_list_do_not_count():
    # All but the last profile are in one list: 10 pairs are possible at most, 5 in one postcode.
    lists = [0] * 10 + [1]
    assert with_marks(profiles(lists=lists), model(POSTCODE), 5, 5).columns == profiles().columns


def test_a_rule_that_nothing_would_be_left_of_is_not_marked():
    # `score.within_reach` leaves it out and the run names it.
    assert with_marks(profiles(), model(POSTCODE), 0, 99).columns == profiles().columns


def test_training_has_a_limit_of_its_own():
    crowd = 4000  # 8 million pairs
    frame = pl.DataFrame(
        {"list_no": range(crowd), "forename_exact": [1] * crowd, "surname_exact": [1] * crowd}
    )
    trained = model(training=[NAMES])
    marked = with_marks(frame, trained, 1, 1)
    assert crowd * (crowd - 1) / 2 > MOST_TO_TRAIN
    assert passes_over_crowds(heeding_marks(trained, marked.columns).training[0])
    fewer = frame.head(3000)
    assert with_marks(fewer, trained, 1, 1).columns == fewer.columns


def test_a_wide_rule_compares_small_blocks_only():
    sizes = (LARGEST_OF_WIDE, LARGEST_OF_WIDE + 1)
    frame = pl.DataFrame(
        {"surname_sound": [sound for sound, size in enumerate(sizes) for _ in range(size)]}
    ).with_row_index("list_no")
    wide = rule_sql(("surname_sound",))
    narrow = model(wide)
    marked = with_marks(frame, replace(narrow, wide=frozenset({wide})), 10**6, 10**6)
    (rule,) = heeding_marks(narrow, marked.columns).blocking
    assert compared(marked, rule) == LARGEST_OF_WIDE * (LARGEST_OF_WIDE - 1) // 2
    assert with_marks(frame, narrow, 10**6, 10**6).columns == frame.columns


def test_a_rule_is_named_by_its_columns_whether_marked_or_not():
    marked = with_marks(profiles(), model(NAMES), 99, 0)
    (rule,) = heeding_marks(model(NAMES), marked.columns).blocking
    assert rule != NAMES
    assert rule_name(rule) == rule_name(NAMES) == "forename + surname"
