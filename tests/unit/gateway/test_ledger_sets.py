"""The ledger's columns, sets, lines and groups, against plain Python sets."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_array

from gateway.disclosure import Dimension, ExactTable, Unprotectable
from gateway.disclosure.ledger import nested
from gateway.disclosure.ledger.groups import Groups
from gateway.disclosure.ledger.limits import GRACE, MATERIAL, Limits
from gateway.disclosure.ledger.lines import Lines
from gateway.disclosure.ledger.nested import Near, Shares, apart, near
from gateway.disclosure.ledger.sets import Columns, Sets, in_columns, stacked, standing, widened
from gateway.disclosure.tables import Count, Population

Rows = NDArray[np.int8]


FAR = 1000


def pairs_of(found: Near) -> dict[tuple[int, int], int]:
    """By how many families each near pair differs."""
    pairs = zip(found.one.tolist(), found.two.tolist(), strict=True)
    return dict(zip(pairs, found.by.tolist(), strict=True))


def by_hand(
    one: NDArray[np.generic], two: NDArray[np.generic], least: int
) -> dict[tuple[int, int], int]:
    found = {(i, j): int((a != b).sum()) for i, a in enumerate(one) for j, b in enumerate(two)}
    return {pair: by for pair, by in found.items() if by < least}


def keys(*values: int) -> NDArray[np.uint64]:
    return np.array(values, dtype=np.uint64)


def some_rows(seed: int, rows: int = 6, columns: int = 30) -> Rows:
    return (np.random.default_rng(seed).random((rows, columns)) < 0.5).astype(np.int8)


def test_a_column_once_given_never_changes() -> None:
    columns = Columns()
    first = columns.place(keys(50, 7, 2**63))
    assert sorted(first.tolist()) == [0, 1, 2]
    assert columns.place(keys(7)).tolist() == [first[1]]
    more = columns.place(keys(1, 50, 8))
    assert more[1] == first[0]
    assert sorted(more[[0, 2]].tolist()) == [3, 4]
    assert columns.place(keys(50, 7, 2**63)).tolist() == first.tolist()
    assert len(columns) == 5
    assert len(columns.place(keys())) == 0


def test_a_key_that_stands_twice_is_refused_and_leaves_no_column() -> None:
    columns = Columns()
    with pytest.raises(Unprotectable):
        columns.place(keys(1, 2, 1))
    assert len(columns) == 0


def test_rows_are_put_into_other_columns_without_what_is_stored_as_nothing() -> None:
    rows = csr_array(np.array([[1, 0, 1], [0, 1, 1]], dtype=np.int8))
    rows.data[0] = 0
    put = in_columns(rows, np.array([4, 0, 2]), 6)
    assert put.toarray().tolist() == [[0, 0, 1, 0, 0, 0], [1, 0, 1, 0, 0, 0]]
    assert put.nnz == 3


def test_rows_are_widened_and_stacked_beside_the_originals() -> None:
    one, two = csr_array(some_rows(1, columns=4)), csr_array(some_rows(2, columns=7))
    both = stacked(one, two)
    assert both.shape == (12, 7)
    assert (both.toarray()[:6, :4] == one.toarray()).all()
    assert not both.toarray()[:6, 4:].any()
    assert (one.shape, widened(one, 9).shape, widened(two, 3).shape) == ((6, 4), (6, 9), (6, 7))


def test_equal_sets_are_one_set() -> None:
    rows = some_rows(3)
    twice = csr_array(np.vstack([rows, rows[:2]]))
    sets = Sets()
    assert sets.fresh(twice) == [0, 1, 2, 3, 4, 5]
    assert (sets.add(twice).toarray() == rows).all()
    assert sets.fresh(csr_array(np.vstack([rows[4:], 1 - rows[:1]]))) == [2]
    # Of more columns it is still the same set, and a copy goes on apart.
    other = sets.copied()
    other.add(csr_array(np.ones((1, 40), dtype=np.int8)))
    assert (other.rows_of(40).shape, sets.rows_of(40).shape) == ((7, 40), (6, 40))
    assert sets.fresh(widened(csr_array(rows), 40)) == []


@pytest.mark.parametrize("least", [1, 5, 10, 40, FAR])
@pytest.mark.parametrize("words", [1, 3])
def test_every_pair_that_is_near_is_found_and_no_other(
    least: int, words: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of sets of all sizes, some a few families apart, some of the same families with other shares."""
    rng = np.random.default_rng(8)
    base = (rng.random((5, 200)) < rng.uniform(0.0, 0.9, (5, 1))).astype(np.uint32)
    flips = (rng.random((60, 200)) < rng.choice([0.0, 0.02, 0.2], (60, 1))).astype(np.uint32)
    ours, served = base[rng.integers(0, 5, 60)] ^ flips, base
    # Another share of the same families, in some rows.
    ours = ours * np.where(rng.random(ours.shape) < 0.03, rng.integers(1, words + 1, ours.shape), 1)
    ours, served = ours.astype(np.uint32), served.astype(np.uint32)
    expected = by_hand(ours, served, least)
    assert pairs_of(near(Shares(csr_array(ours)), Shares(csr_array(served)), least)) == expected
    # However few are held against one another at a time, and whatever further columns there are.
    monkeypatch.setattr(nested, "CHUNK", 300)
    wider = widened(csr_array(served), 230)
    assert pairs_of(near(Shares(csr_array(ours)), Shares(wider), least)) == expected


def test_of_nothing_nothing_is_near() -> None:
    some, none = Shares(csr_array(some_rows(4))), Shares(csr_array((0, 30), dtype=np.int8))
    assert pairs_of(near(some, none, 10)) == pairs_of(near(none, some, 10)) == {}


def test_what_is_told_is_added_to_and_found_again() -> None:
    one, two = some_rows(4), some_rows(5, rows=3, columns=40)
    both = Shares(csr_array(one)).and_also(Shares(csr_array(two)))
    whole = np.vstack([np.pad(one, ((0, 0), (0, 10))), two])
    assert (both.rows.toarray() == whole).all()
    assert (both.sketch == Shares(csr_array(whole)).sketch).all()
    assert pairs_of(near(both, both, 12)) == by_hand(whole, whole, 12)


def near_by(pairs: dict[tuple[int, int], int]) -> Near:
    one, two = (np.array([p[i] for p in pairs], dtype=np.intp) for i in (0, 1))
    return Near(one, two, np.array(list(pairs.values()), dtype=np.int32))


def test_rows_are_apart_from_the_served_and_from_those_taken_before_them() -> None:
    rows = np.zeros((4, 60), dtype=np.int8)
    rows[0, :30], rows[1, :31], rows[2, 30:], rows[3, :40] = 1, 1, 1, 1
    within = near(Shares(csr_array(rows)), Shares(csr_array(rows)), 10)
    order, nothing = np.array([0, 1, 2, 3]), near_by({})
    assert apart(within, nothing, order, 4).tolist() == [True, False, True, True]
    assert apart(within, nothing, order[::-1], 4).tolist() == [True, False, True, True]
    assert apart(within, nothing, order[2:], 4).tolist() == [False, False, True, True]
    served = near(Shares(csr_array(rows)), Shares(csr_array(rows[1:2])), 10)
    assert apart(within, served, order, 4).tolist() == [False, True, True, False]


def test_a_line_is_whole_with_its_last_cell() -> None:
    """Two by two cells, and nobody in the last: lines are both rows, both columns, and all of it."""
    lines = Lines.over((2, 2), np.array([True, True, True, False]))
    assert len(lines) == 5
    nothing, first, three = (np.arange(4) < many for many in (0, 1, 3))
    assert sorted(lines.lacking(nothing).tolist()) == [1, 1, 2, 2, 3]
    assert sorted(lines.sums(np.array([1, 10, 100, 0])).tolist()) == [10, 11, 100, 101, 111]
    assert len(lines.whole(three)) == 5
    assert len(lines.whole(nothing)) == 0
    every = np.arange(4)
    top = np.flatnonzero(lines.sums(np.array([1, 10, 100, 0])) == 11)
    closed = np.isin(np.arange(5), top)
    assert lines.open(three, nothing, closed, every).tolist() == [True, False, True, False]
    assert lines.open(three, nothing, closed, every[::-1]).tolist() == [False, True, True, False]
    assert lines.open(three, first, closed, every[1:]).tolist() == [False, False, True, False]
    # What nobody is in has no part, and without dimensions there is no line.
    assert lines.open(~three, first, closed, every).tolist() == [False, False, False, True]
    assert len(Lines.over((), np.array([True]))) == 0


SHAPE = (2, 3, 2)


def table(fixed: tuple[int, ...], place: NDArray[np.int64]) -> ExactTable:
    full = tuple(n + 1 for n in SHAPE)
    none = np.zeros(SHAPE, dtype=np.int64)
    count = Count(
        "families",
        none,
        np.zeros(full, dtype=np.int64),
        none.astype(np.uint64),
        none.astype(np.uint64),
    )
    dimensions = tuple(
        Dimension(f"d{axis}", "level", tuple(map(str, range(size))), overlapping=axis not in fixed)
        for axis, size in enumerate(SHAPE)
    )
    families = np.arange(len(place), dtype=np.uint64)
    return ExactTable(
        dimensions, {"families": count}, ("families",), Population(families, place, fixed)
    )


@pytest.mark.parametrize("fixed", [(), (0,), (1,), (0, 2), (2, 0), (0, 1, 2)])
@pytest.mark.parametrize("without", [None, 0, 1, 2])
def test_who_may_be_in_a_cell_are_all_that_share_its_place(
    fixed: tuple[int, ...], without: int | None
) -> None:
    sizes = [SHAPE[axis] for axis in fixed]
    rng = np.random.default_rng(6)
    place = rng.integers(0, int(np.prod(sizes, dtype=np.int64)), 25).astype(np.int64)
    own = [
        dict(zip(fixed, np.unravel_index(p, sizes), strict=True)) if fixed else {} for p in place
    ]
    kept = set(fixed) - {without}
    expected = [
        [int(all(who[axis] == cell[axis] for axis in kept)) for who in own]
        for cell in product(*map(range, SHAPE))
    ]
    assert standing(table(fixed, place), without).toarray().tolist() == expected


def test_families_in_just_the_same_sums_are_one_group() -> None:
    rng = np.random.default_rng(7)
    groups = Groups()
    patterns: list[tuple[int, ...]] = []
    for step, width in enumerate((12, 12, 12, 20, 20, 20)):
        patterns += [()] * (width - len(patterns))
        groups.widen(width)
        members = np.flatnonzero(rng.random(width) < rng.uniform(0.2, 1.0))
        before = groups.sizes(np.arange(width))
        new = groups.split(members)
        # The groups themselves stay as they were.
        assert (groups.sizes(np.arange(width)) == before).all()
        groups = new
        patterns = [(*p, step) if i in members else p for i, p in enumerate(patterns)]
        assert groups.sizes(np.arange(width)).tolist() == [patterns.count(p) for p in patterns]


def test_a_sum_over_everybody_keeps_those_who_come_later_apart() -> None:
    groups = Groups()
    groups.widen(5)
    groups = groups.split(np.arange(5))
    groups.widen(8)
    assert groups.sizes(np.arange(8)).tolist() == [5] * 5 + [3] * 3


def one(lower: float, upper: float) -> Limits:
    return Limits(np.array([lower]), np.array([upper]))


@pytest.mark.parametrize(
    ("told", "gain", "is_allowed"),
    [
        (0.0, 0.5, True),
        # Above the lower limit nothing that speaks of it; above the upper one nothing.
        (0.0, 0.65, False),
        (0.7, MATERIAL * 0.3 / 2, True),
        (0.7, MATERIAL * 0.3 * 2, False),
        (0.7999, 0.0002, False),
        (0.9, 0.0, False),
    ],
)
def test_two_limits(told: float, gain: float, is_allowed: bool) -> None:
    assert one(0.6, 0.8).allow(np.array([told]), np.array([gain])) == is_allowed


@pytest.mark.parametrize(
    ("known", "upper"),
    [
        (0.7, 0.8),
        (0.78, 0.78 + GRACE),
        (0.84, 0.85),
        # Better than it may ever be: no more than what is nothing to speak of.
        (0.95, 0.95 + MATERIAL * 0.05),
    ],
)
def test_what_was_known_before_it_was_asked_for_has_a_limit_of_its_own(
    known: float, upper: float
) -> None:
    both = one(0.6, 0.8).and_also(one(0.6, 0.8), np.array([known]), np.array([0.85]))
    assert both.upper.tolist() == pytest.approx([0.8, upper])


def test_a_margin_is_the_largest_share_of_a_limit() -> None:
    both = one(0.6, 0.8).and_also(one(0.6, 0.5), np.zeros(1), np.ones(1))
    assert both.margin(np.array([0.4, 0.3])) == pytest.approx(0.6)
    assert Limits.none().margin(np.zeros(0)) == 0
