"""Refunds, costs below zero: who is behind a sum, how it is rounded, and that they switch no rule off."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from gateway.disclosure import Dimension, Rules, protect_table, tabulate
from gateway.disclosure.quotient import pounds_each
from gateway.disclosure.rounding import round_to

KEY = b"a key that is at least 32 bytes ."
PLACE = Dimension("place", "place", ("north", "south"))


def released(costs: dict[str, list[list[int]]]) -> dict[str, Any]:
    """Value by place of a cost table; each family is a list of its costs in pence."""
    rows = [
        (f"{place}{i}", place, pence)
        for place, families in costs.items()
        for i, family in enumerate(families)
        for pence in family
    ]
    units = pl.DataFrame(rows, schema=["family", "place", "cost_pence"], orient="row")
    units = units.with_row_index("row")
    table = protect_table(tabulate(units, [PLACE], ("cost",), key=KEY), Rules(), KEY)
    return {cell.keys["place"]: cell.value for cell in table.cells}


@pytest.mark.parametrize("pence", [-100_000, 100_000])
def test_a_refund_is_shown_as_a_cost_is(pence: int) -> None:
    assert released({"north": [[pence]] * 20, "south": [[pence]] * 30}) == {
        "north": pence // 100 * 20,
        "south": pence // 100 * 30,
    }


def test_families_whose_costs_and_refunds_cancel_out_hide_nobody() -> None:
    """Nine such families beside one that pays: ten have a cost in the cell, and the sum is that of one."""
    alone = {"north": [[5_000_000]] + [[70_000, -70_000]] * 9, "south": [[100_000]] * 30}
    assert released(alone)["north"] is None
    enough = {"north": [[5_000_000]] * 10 + [[70_000, -70_000]] * 9, "south": [[100_000]] * 30}
    assert released(enough)["north"] is not None


def test_a_sum_of_nothing_is_low_and_not_withheld() -> None:
    rows = {"north": [[100_000]] * 20 + [[-100_000]] * 20, "south": [[100_000]] * 30}
    assert released(rows) == {"north": None, "south": 30_000}


@pytest.mark.parametrize("figure", [0, 1, 249, 250, 251, 499, 500, 750, 10**15 + 250])
def test_rounding_is_symmetrical(figure: int) -> None:
    up = round_to(np.array([figure]), 500)
    down = round_to(np.array([-figure]), 500)
    assert up == -down
    assert abs(int(up[0]) - figure) <= 250
    floats = round_to(np.array([-float(figure)]), 500)
    assert floats == down


def test_a_mean_is_rounded_symmetrically() -> None:
    shown = np.array([True, True])
    each = pounds_each(np.array([-1001, 1001]), np.array([2, 2]), shown)
    assert each.tolist() == [-501.0, 501.0]
