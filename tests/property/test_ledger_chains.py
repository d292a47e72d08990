"""Counts of nearly the same families, asked one after the other in any order: no two of them show different figures.

Nor is one shown after another that is withheld because it is small, of which it has a few more or fewer.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.disclosure.ledger.edge import STEP
from tests.spec.ledger_asked import DISTRICT, Ask, answers

LEAST = 10
# Some few families more or less at either end, so that one is near to the next and the next to a third.
SPANS = st.builds(
    Ask, st.integers(0, 12), st.integers(45, 75), by=st.sampled_from([(), (), (DISTRICT,)])
)


@settings(
    deadline=None, derandomize=True, max_examples=40, suppress_health_check=[HealthCheck.too_slow]
)
@given(st.lists(SPANS, min_size=4, max_size=8))
def test_counts_of_nearly_the_same_families_are_the_same_figure(asked: list[Ask]) -> None:
    """Else the difference of the two would tell how many lie between."""
    told = [(families, value) for _, families, value in _said(asked) if value is not None]
    near = [(a, b) for (one, a), (two, b) in combinations(told, 2) if len(one ^ two) < LEAST]
    assert all(one == two for one, two in near)


@settings(
    deadline=None, derandomize=True, max_examples=40, suppress_health_check=[HealthCheck.too_slow]
)
@given(
    st.lists(
        st.builds(
            Ask, st.integers(0, 6), st.integers(8, 24), by=st.sampled_from([(), (DISTRICT,)])
        ),
        min_size=4,
        max_size=8,
    )
)
def test_a_shown_count_does_not_tell_how_small_a_withheld_one_is(asked: list[Ask]) -> None:
    """Of two sets that differ by three at most, the one asked for first being withheld and small, the second is not shown anew."""
    said = _said(asked)
    for (at, one, before), (after, two, shown) in combinations(said, 2):
        is_withheld = before is None and 0 < len(one) < LEAST
        if at < after and is_withheld and 0 < len(one ^ two) <= STEP and shown is not None:
            # Only what had been shown before that, of this set or of one that it stands for, may be.
            assert any(
                number < at and value == shown and len(other ^ two) < LEAST
                for number, other, value in said
            )


def _said(asked: list[Ask]) -> list[tuple[int, frozenset[int], float | None]]:
    """For each cell the number of its table, who is in it, and its figure."""
    return [
        (number, _families(ask, cell.keys), cell.value)
        for number, (ask, table) in enumerate(zip(asked, answers(*asked), strict=True))
        for cell in table.cells
    ]


def _families(ask: Ask, keys: Mapping[str, str]) -> frozenset[int]:
    return frozenset(
        number
        for number in range(ask.first, ask.last)
        if keys.get("district", _district(number)) == _district(number)
    )


def _district(number: int) -> str:
    return "north" if number % 2 else "south"
