"""Counts of nearly the same families, asked one after the other in any order: no two of them show different figures."""

from __future__ import annotations

from itertools import combinations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
    told = []
    for ask, table in zip(asked, answers(*asked), strict=True):
        for cell in table.cells:
            families = frozenset(
                number
                for number in range(ask.first, ask.last)
                if cell.keys.get("district", _district(number)) == _district(number)
            )
            told += [(families, cell.value)] if cell.value is not None else []
    near = [(a, b) for (one, a), (two, b) in combinations(told, 2) if len(one ^ two) < LEAST]
    assert all(one == two for one, two in near)


def _district(number: int) -> str:
    return "north" if number % 2 else "south"
