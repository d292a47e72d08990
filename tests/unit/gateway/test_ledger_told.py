"""What was told of sets, and what sets near to them show."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_array

from gateway.disclosure.ledger.nested import Near, Shares, agreeing
from gateway.disclosure.ledger.told import Told

LEAST = 10
COLUMNS = 100
NOTHING = np.zeros(0, dtype=np.intp)


def rows(*spans: tuple[int, int]) -> Shares:
    """Sets of families from one number up to another."""
    flags = [[first <= n < last for n in range(COLUMNS)] for first, last in spans]
    return Shares(csr_array(np.array(flags, dtype=np.int8).reshape(-1, COLUMNS)))


def figures(*own: int) -> NDArray[np.int64]:
    return np.array(own, dtype=np.int64)


def shown(told: Told, *spans: tuple[int, int]) -> list[int | None]:
    """The figure with which each stands; none where it does not."""
    stands, as_told = told.standing(rows(*spans), np.zeros(len(spans), dtype=np.int64), LEAST)
    return [int(figure) if does else None for does, figure in zip(stands, as_told, strict=True)]


def one_told(span: tuple[int, int] = (0, 60), figure: int = 60) -> Told:
    told = Told()
    told.add(rows(span), np.array([0]), figures(figure), LEAST)
    return told


def near_by(pairs: dict[tuple[int, int], int]) -> Near:
    one, two = (np.array([p[i] for p in pairs], dtype=np.intp) for i in (0, 1))
    return Near(one, two, np.array(list(pairs.values()), dtype=np.int32))


def test_a_row_agrees_with_an_origin_if_all_that_is_near_shows_its_figure() -> None:
    """Told are two origins and a set that shows the figure of the second."""
    beside = {
        (0, 1): 3,
        (1, 1): 4,
        (1, 2): 9,
        (2, 0): 4,
        (2, 1): 4,
        (3, 2): 2,
        (4, 0): 1,
        (4, 2): 0,
    }
    agrees, origin = agreeing(near_by(beside), np.array([0, 1, 1]), 6)
    assert agrees.tolist() == [True, True, False, False, True, False]
    # What was told itself shows what it showed, whatever else is near.
    assert origin[agrees].tolist() == [1, 1, 1]
    nobody, _ = agreeing(near_by({}), NOTHING, 3)
    assert nobody.tolist() == [False] * 3


def test_near_to_an_origin_its_figure_stands() -> None:
    told = one_told()
    assert shown(told, (0, 60), (0, 61), (0, 69), (0, 70), (30, 90)) == [60, 60, 60, None, None]


@pytest.mark.parametrize(
    ("asked", "figure", "near"),
    [((0, 65), 60, True), ((0, 68), 60, True), ((0, 72), None, True), ((0, 75), None, False)],
)
def test_near_to_what_stands_there_is_no_other_figure(
    asked: tuple[int, int], figure: int | None, near: bool
) -> None:
    told = one_told()
    told.stand(rows((0, 65)), LEAST)
    assert shown(told, asked) == [figure]
    # What is near and does not stand may not have a figure of its own.
    assert told.is_near(rows(asked), LEAST).tolist() == [near]


def test_between_two_origins_no_figure_stands() -> None:
    told = one_told()
    told.add(rows((0, 70)), np.array([0]), figures(70), LEAST)
    assert shown(told, (0, 60), (0, 65), (0, 70), (0, 78)) == [60, None, 70, 70]


def test_of_two_rows_of_a_table_that_are_near_and_stand_for_two_origins_the_first_stands() -> None:
    told = one_told()
    told.add(rows((0, 72)), np.array([0]), figures(72), LEAST)
    table = (0, 62), (0, 70)
    assert shown(told, *table) == [60, 72]
    told.stand(rows(*table), LEAST)
    assert shown(told, *table) == [60, None]


def test_a_set_told_twice_is_one_origin() -> None:
    told = Told()
    told.add(rows((0, 60), (0, 60)), np.array([0, 1]), figures(60, 60), LEAST)
    told.add(rows((0, 60)), np.array([0]), figures(60), LEAST)
    told.stand(rows((0, 61), (0, 61)), LEAST)
    assert shown(told, (0, 62)) == [60]


def test_in_the_next_vintage_origins_alone_are_told() -> None:
    told = one_told()
    told.stand(rows((0, 65)), LEAST)
    after = told.origins()
    assert after.is_near(rows((0, 72)), LEAST).tolist() == [False]
    assert told.is_near(rows((0, 72)), LEAST).tolist() == [True]
    assert shown(after, (0, 65)) == [60]
    assert shown(Told().origins(), (0, 65)) == [None]


def test_a_copy_goes_on_apart() -> None:
    told = one_told()
    other = told.copied()
    other.stand(rows((0, 65)), LEAST)
    assert told.is_near(rows((0, 72)), LEAST).tolist() == [False]


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.integers(0, 2**32 - 1))
def test_whatever_is_told_no_two_near_sets_show_different_figures(seed: int) -> None:
    """Tables of sets a few families apart, one after the other: what stands is shown, else one in two has its own figure."""
    rng, told = np.random.default_rng(seed), Told()
    base, said = rng.random(COLUMNS) < 0.5, list[tuple[NDArray[np.bool_], int]]()
    for number in range(12):
        flips = rng.random((4, COLUMNS)) < rng.choice([0.01, 0.04, 0.1], (4, 1))
        sets, own = base ^ flips, 100 * number + np.arange(4)
        table = Shares(csr_array(sets.astype(np.int8)))
        told.stand(table, LEAST)
        stands, as_told = told.standing(table, own, LEAST)
        said += [(sets[row], int(as_told[row])) for row in np.flatnonzero(stands)]
        fresh = np.flatnonzero(~stands & ~told.is_near(table, LEAST))[:1]
        told.add(table, fresh, own, LEAST)
        said += [(sets[row], int(own[row])) for row in fresh]
    near = [(a, b) for (one, a), (two, b) in combinations(said, 2) if (one ^ two).sum() < LEAST]
    assert len(near) > 0
    assert all(one == two for one, two in near)
