"""Wilson intervals against published values, and at the ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.intervals import wilson


@pytest.mark.parametrize(
    ("share", "size", "low", "high"),
    # Newcombe 1998, Statistics in Medicine 17, table I, method 3.
    [
        (81 / 263, 263, 0.2553, 0.3662),
        (15 / 148, 148, 0.0624, 0.1605),
        (0 / 20, 20, 0.0000, 0.1611),
        (1 / 29, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_the_published_one(share, size, low, high):
    assert wilson(share, size) == pytest.approx((low, high), abs=5e-5)


def test_nothing_seen_is_nothing_known():
    assert wilson(1.0, 0) == (0.0, 1.0)


@given(st.floats(0, 1), st.floats(1e-3, 1e12))
def test_the_interval_holds_the_share_and_stays_between_0_and_1(share, size):
    low, high = wilson(share, size)
    assert 0 <= low <= share <= high <= 1


@given(st.floats(0.01, 0.99), st.integers(2, 10**6))
def test_more_observations_narrow_it(share, size):
    few, many = wilson(share, size), wilson(share, size * 2)
    assert many.high - many.low < few.high - few.low
