"""Two served sets and their union, of sixty families."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from gateway.disclosure.ledger.overlaps import Overlaps

FAMILIES, LEAST = 60, 10


def rows(*sets: range) -> csr_array:
    made = np.zeros((len(sets), FAMILIES), dtype=np.int8)
    for row, members in enumerate(sets):
        made[row, list(members)] = 1
    return csr_array(made)


def served(*sets: range) -> Overlaps:
    overlaps = Overlaps()
    overlaps.serve(rows(*sets), np.arange(len(sets)))
    return overlaps


def asked(overlaps: Overlaps, *sets: range) -> list[bool]:
    return overlaps.admissible(rows(*sets), np.arange(len(sets)), LEAST).tolist()


A, B, BOTH = range(30), range(25, 60), range(60)


@pytest.mark.parametrize(
    ("before", "new", "may"),
    [
        # Five families are in both: whichever of the three is asked for last would tell of them.
        ((A, B), BOTH, False),
        ((A, BOTH), B, False),
        ((B, BOTH), A, False),
        ((A,), B, True),
        ((A,), BOTH, True),
        # Ten families in both, and none: that is a figure of ten, and a partition.
        ((range(35), B), BOTH, True),
        ((range(25), B), BOTH, True),
        # Not all of the union is in one of the two.
        ((A, range(25, 55)), BOTH, True),
        ((A, range(25, 55)), range(55), False),
    ],
)
def test_what_may_be_served_beside_two_sets_of_a_union(
    before: tuple[range, ...], new: range, may: bool
) -> None:
    assert asked(served(*before), new) == [may]


def test_the_sets_of_one_table_are_looked_at_one_after_the_other() -> None:
    nothing = Overlaps()
    assert asked(nothing, A, B, BOTH) == [True, True, False]
    assert asked(nothing, BOTH, B, A) == [True, True, False]


def test_a_copy_goes_on_apart() -> None:
    overlaps = served(A)
    other = overlaps.copied()
    other.serve(rows(B), np.arange(1))
    assert asked(other, BOTH) == [False]
    assert asked(overlaps, BOTH) == [True]
