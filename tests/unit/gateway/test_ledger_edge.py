"""The edge of the threshold: what a withheld small set and a few families more would show."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from gateway.disclosure.ledger.edge import STEP, Edge
from gateway.disclosure.ledger.nested import Shares

COLUMNS = 40


def rows(*spans: tuple[int, int]) -> Shares:
    """Sets of families from one number up to another."""
    flags = [[first <= n < last for n in range(COLUMNS)] for first, last in spans]
    return Shares(csr_array(np.array(flags, dtype=np.int8).reshape(-1, COLUMNS)))


def hidden(*spans: tuple[int, int]) -> Edge:
    edge = Edge()
    edge.hide(rows(*spans), np.ones(len(spans), dtype=np.bool_))
    return edge


@pytest.mark.parametrize(
    ("asked", "at_edge"),
    [
        ((0, 9), False),
        ((0, 10), True),
        ((1, 9), True),
        ((1, 10), True),
        ((0, 9 + STEP), True),
        ((0, 10 + STEP), False),
        ((20, 29), False),
    ],
)
def test_what_differs_from_a_withheld_small_set_by_one_to_three_is_at_its_edge(
    asked: tuple[int, int], at_edge: bool
) -> None:
    assert hidden((0, 9)).is_at(rows(asked)).tolist() == [at_edge]
    assert Edge().is_at(rows(asked)).tolist() == [False]


def test_only_rows_that_are_few_are_hidden_and_the_empty_set_is_not() -> None:
    edge, table = Edge(), rows((0, 9), (10, 25), (30, 30))
    edge.hide(table, np.array([True, False, True]))
    asked = rows((0, 10), (10, 26), (30, 32))
    assert edge.is_at(asked).tolist() == [True, False, False]


def test_a_set_is_hidden_once_and_a_copy_goes_on_apart() -> None:
    edge = hidden((0, 9), (10, 18))
    other = edge.copied()
    other.hide(rows((0, 9), (20, 28)), np.array([True, True]))
    asked = rows((0, 10), (10, 19), (20, 29))
    assert edge.is_at(asked).tolist() == [True, True, False]
    assert other.is_at(asked).tolist() == [True, True, True]
