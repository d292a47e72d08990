"""Methods hold for any table: what is exact is exact, what is small is hidden, no budget is overdrawn."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.disclosure import Dimension, ExactTable, Unprotectable, tabulate
from gateway.disclosure.methods import Account, BudgetSpent, Cost, ExactRules, PrivacyRules
from gateway.disclosure.methods import protect_by as protect
from gateway.disclosure.suppression.determined import determined_cells

title = "Whatever the table"

KEY = b"a key that is at least 32 bytes ."
GRIDS = st.lists(
    st.lists(st.integers(0, 45), min_size=3, max_size=3), min_size=2, max_size=4
).filter(lambda rows: sum(map(sum, rows)) > 0)


def table_of(grid: list[list[int]]) -> ExactTable:
    places = [
        (f"r{i}", f"c{j}")
        for i, row in enumerate(grid)
        for j, n in enumerate(row)
        for _ in range(n)
    ]
    frame = pl.DataFrame(
        {
            "family": range(len(places)),
            "r": [row for row, _ in places],
            "c": [column for _, column in places],
        }
    )
    axes = [
        Dimension("r", "r", tuple(f"r{i}" for i in range(len(grid)))),
        Dimension("c", "c", tuple(f"c{j}" for j in range(3))),
    ]
    return tabulate(frame, axes, key=KEY)


def full(grid: list[list[int]]) -> np.ndarray:
    inner = np.array(grid)
    wide = np.concatenate([inner, inner.sum(axis=1, keepdims=True)], axis=1)
    return np.concatenate([wide, wide.sum(axis=0, keepdims=True)], axis=0)


@settings(max_examples=40, deadline=None)
@given(GRIDS)
def test_shown_is_exact_small_is_hidden_and_nothing_follows(grid: list[list[int]]) -> None:
    truth = full(grid)
    try:
        released = protect(table_of(grid), ExactRules(), KEY)
    except Unprotectable:
        return
    found = np.array([np.nan if c.is_withheld else c.value for c in released.cells], dtype=float)
    shown = found.reshape(truth.shape)
    hidden = np.isnan(shown)
    assert (shown[~hidden] == truth[~hidden]).all()
    assert hidden[truth < 10].all()
    assert not determined_cells(hidden).any()
    again = protect(table_of(grid), ExactRules(), KEY)
    assert again.cells == released.cells


@settings(max_examples=40, deadline=None)
@given(GRIDS, st.floats(0.01, 3), st.integers(1, 50))
def test_private_figures_are_whole_and_none_is_under_the_threshold(grid, epsilon, tables) -> None:
    rules = PrivacyRules(epsilon=epsilon, tables=tables)
    released = protect(table_of(grid), rules, KEY, spend=lambda cost: None)
    assert len(released.cells) == len(grid) * 3
    for cell in released.cells:
        assert cell.is_withheld or (isinstance(cell.value, int) and cell.value >= 10)


@given(st.integers(1, 10**10), st.lists(st.integers(1, 10**9), max_size=60))
def test_no_order_of_tables_overdraws_an_account(budget: int, costs: list[int]) -> None:
    account, paid = Account("rho", budget), 0
    for billionths in costs:
        try:
            account = account.spend(Cost("rho", billionths))
            paid += billionths
        except BudgetSpent:
            assert paid + billionths > budget
        assert account.spent == paid <= budget


@settings(max_examples=60, deadline=None)
@given(st.floats(1e-3, 3), st.sampled_from([0.0, 1e-6, 1e-9]), st.integers(1, 1000))
def test_so_many_tables_never_cost_more_than_the_budget(epsilon, delta, tables) -> None:
    rules = PrivacyRules(epsilon=epsilon, delta=delta, tables=tables)
    try:
        cost = rules.cost()
    except Unprotectable:
        return  # nothing is left for a table
    account = rules.account()
    assert cost.billionths * tables <= account.budget
    assert (cost.billionths + 1) * tables > account.budget
    if delta == 0:
        assert account.budget <= epsilon * 1e9
