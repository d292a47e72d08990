"""Dominance: who has nearly all of a sum is seen in it, however many others are there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from gateway.disclosure import Rules, Unprotectable
from gateway.disclosure.dominance import HOUSE, DominanceRule, dominated
from gateway.disclosure.ezs import LEAST, MOST

title = "A sum that is mostly one family's is not shown"

HALF = DominanceRule(n=1, k=0.5, p=0)
CELLS = """
contributions in pence                | n, k     | p    | dominated
1 1 1 1 1 1 1 1 1 1                   | 1, 0.5   | 0    | no
100 1 1 1 1 1 1 1 1 1                 | 1, 0.5   | 0    | yes
50 10 10 10 10 10                     | 1, 0.5   | 0    | no
51 10 10 10 10 10                     | 1, 0.5   | 0    | yes
-51 10 10 10 10 10                    | 1, 0.5   | 0    | yes
45 45 1 1 1 1 1 1 1 1 2               | 2, 0.9   | 0    | no
46 45 1 1 1 1 1 1 1 1 1               | 2, 0.9   | 0    | yes
100 99 10                             | 3, 1     | 0.1  | no
100 99 9                              | 3, 1     | 0.1  | yes
100 100                               | 2, 1     | 0.1  | yes
7                                     | 1, 1     | 0    | no
7                                     | 1, 1     | 0.1  | yes
0 0 0                                 | 1, 1     | 0    | yes
                                      | 1, 1     | 0    | yes
"""
ROWS = [[w.strip() for w in line.split("|")] for line in CELLS.strip().split("\n")[1:]]


def matrix(*rows: list[float]) -> csr_array:
    width = max((len(row) for row in rows), default=0) or 1
    return csr_array(np.array([[*row, *[0] * (width - len(row))] for row in rows], dtype=float))


@pytest.mark.parametrize(("amounts", "nk", "p", "expected"), ROWS)
def test_the_rule_by_examples(amounts: str, nk: str, p: str, expected: str) -> None:
    n, k = nk.split(",")
    rule = DominanceRule(n=int(n), k=float(k), p=float(p))
    row = [float(amount) for amount in amounts.split()]
    assert dominated(matrix(row), rule).tolist() == [expected == "yes"]


def test_each_cell_is_judged_by_itself() -> None:
    table = matrix([1, 1, 1, 1], [9, 1, 1, 1], [0, 0, 0, 0], [0, 2, 2, 0])
    assert dominated(table, HALF).tolist() == [False, True, True, False]


@pytest.mark.parametrize("poison", [float("nan"), float("inf"), -float("inf")])
def test_a_contribution_that_is_no_number_does_not_switch_the_rule_off(poison: float) -> None:
    with pytest.raises(Unprotectable):
        dominated(matrix([1, 1, 1, poison]), HALF)


def test_a_family_in_two_parts_is_refused_since_it_would_look_like_two() -> None:
    twice = csr_array((np.ones(4), np.array([0, 0, 1, 2]), np.array([0, 4])), shape=(1, 3))
    with pytest.raises(Unprotectable):
        dominated(twice, HALF)


@pytest.mark.parametrize("k", [0, -0.1, 1.1, float("nan"), True, "0.5", None, [0.5]])
def test_a_share_that_is_none_makes_no_rule(k: object) -> None:
    with pytest.raises(Unprotectable):
        DominanceRule(k=k)  # type: ignore[arg-type]


@pytest.mark.parametrize("n", [0, -1, 1.0, True, None])
def test_a_number_of_families_is_a_whole_one(n: object) -> None:
    with pytest.raises(Unprotectable):
        DominanceRule(n=n)  # type: ignore[arg-type]


AMOUNTS = st.lists(st.integers(-10_000, 10_000), min_size=1, max_size=30)


@given(AMOUNTS, st.integers(1, 3), st.floats(0.05, 1), st.floats(0, 1))
def test_a_shown_sum_keeps_what_the_rule_says(amounts, n, k, p) -> None:
    shown = not dominated(matrix(amounts), DominanceRule(n=n, k=k, p=p))[0]
    sizes = sorted((abs(a) for a in amounts), reverse=True)
    if shown:
        assert sum(sizes[:n]) <= k * sum(sizes) * (1 + 1e-9)
        # The second largest, who knows his own, is off by at least this much about the largest.
        assert p == 0 or sum(sizes[2:]) >= p * sizes[0] * (1 - 1e-9)


@given(AMOUNTS, st.integers(1, 3), st.floats(0.05, 0.95))
def test_a_stricter_rule_never_shows_more(amounts, n, k) -> None:
    loose = dominated(matrix(amounts), DominanceRule(n=n, k=k, p=0))[0]
    assert dominated(matrix(amounts), DominanceRule(n=n + 1, k=k, p=0))[0] >= loose
    assert dominated(matrix(amounts), DominanceRule(n=n, k=k * 0.9, p=0))[0] >= loose
    assert dominated(matrix(amounts), DominanceRule(n=n, k=k, p=0.1))[0] >= loose


MULTIPLIED = st.lists(
    st.tuples(st.integers(1, 10**9), st.sampled_from([-1, 1]), st.floats(LEAST, MOST)),
    min_size=1,
    max_size=30,
)


@given(MULTIPLIED, st.floats(1 - MOST, 1 + MOST))
@example([(150, -1, 0.2), *[(10, -1, 0.2)] * 10], 1.2)
def test_noise_never_brings_a_shown_cost_near_that_of_one_family(families, undone) -> None:
    """Whatever multiplier is undone, what is left is more than a tenth over any family's true cost."""
    told = [cost * (1 + sign * off) for cost, sign, off in families]
    if not any(dominated(matrix(told), rule)[0] for rule in HOUSE):
        assert sum(told) / undone > 1.1 * max(cost for cost, _, _ in families)


def test_rules_told_before_a_rule_of_the_house_was_made_are_read_with_it() -> None:
    told = Rules().to_dict()
    before = told | {"dominance": [{"n": 2, "k": 0.9, "p": 0.1}, {"n": 1, "k": 0.5, "p": 0}]}
    assert Rules.from_dict(told) == Rules()
    assert Rules.from_dict(before).dominance == (*HOUSE, HALF)


def test_no_rule_of_the_house_can_be_left_out() -> None:
    for rule in HOUSE:
        with pytest.raises(Unprotectable, match="house's own rules"):
            Rules(dominance=(rule, HALF))
