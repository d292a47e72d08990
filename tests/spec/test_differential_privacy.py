"""What differential privacy promises, as tables: noise by the budget, and no table beyond it."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from gateway.disclosure import Count, Dimension, ExactTable, Unprotectable
from gateway.disclosure.methods import (
    Account,
    BudgetSpent,
    Cost,
    DpMissing,
    PrivacyRules,
    protect_by,
)
from tests.spec.method_tables import KEY, TABLE, Purse, exact

title = "A budget lasts for its tables, and its words say the noise"


def test_a_budget_lasts_for_its_tables_and_not_for_one_more() -> None:
    rules = PrivacyRules(epsilon=1.0, tables=4)
    purse = Purse(rules)
    for spent in (0.25, 0.5, 0.75, 1.0):
        protect_by(exact(TABLE), rules, KEY, spend=purse)
        assert purse.account.spent == spent * 1e9
    before = purse.account
    with pytest.raises(BudgetSpent):
        protect_by(exact(TABLE), rules, KEY, spend=purse)
    assert purse.account == before


def test_nothing_is_drawn_before_it_is_paid() -> None:
    def refuse(cost: Cost) -> None:
        raise BudgetSpent

    with pytest.raises(BudgetSpent):
        protect_by(exact(TABLE), PrivacyRules(epsilon=1.0), KEY, spend=refuse)
    with pytest.raises(Unprotectable) as caught:
        protect_by(exact(TABLE), PrivacyRules(epsilon=1.0), KEY)
    assert caught.value.rule == "no_account"


@pytest.mark.parametrize("measures", [("cost",), ("people",), ("families", "cost_per_family")])
def test_what_it_cannot_protect_is_refused_by_name_and_costs_nothing(measures) -> None:
    rules = PrivacyRules(epsilon=1.0)
    purse = Purse(rules)
    with pytest.raises(Unprotectable, match="this method gives counts of families only"):
        protect_by(exact(TABLE, *measures), rules, KEY, spend=purse)
    assert purse.account.spent == 0


def test_the_same_table_twice_is_two_draws() -> None:
    """There is no seed: whoever must answer twice keeps the first answer (see the gateway's releases)."""
    rules = PrivacyRules(epsilon=1.0, tables=2)
    purse = Purse(rules)
    one, two = (protect_by(exact(TABLE), rules, KEY, spend=purse) for _ in range(2))
    assert one.cells != two.cells


SCALES = """
overlapping | epsilon | delta | tables | noise             | scale
no          | 1       | 0     | 2      | discrete Laplace  | 2
no          | 3       | 0     | 1      | discrete Laplace  | 1.41
no          | 1       | 0     | 10     | discrete Laplace  | 10
yes         | 1       | 0     | 10     | discrete Laplace  | 30
yes         | 0.5     | 0     | 10     | discrete Laplace  | 60
no          | 1       | 1e-6  | 1      | discrete Gaussian | 4.53
yes         | 1       | 1e-6  | 1      | discrete Gaussian | 7.85
"""


@pytest.mark.parametrize(
    "line", [[w.strip() for w in row.split("|")] for row in SCALES.strip().split("\n")[1:]]
)
def test_noise_grows_with_the_cells_of_a_family_and_with_the_tables(line: list[str]) -> None:
    """Scales by hand: L1 3 / (epsilon / tables); Gaussian: sqrt(3) times that of one cell (Bun & Steinke 2016).

    Never under a standard deviation of 2, which is sqrt(2) for Laplace noise: as keyed noise.
    """
    overlapping, epsilon, delta, tables, noise, scale = line
    rules = PrivacyRules(epsilon=float(epsilon), delta=float(delta), tables=int(tables))
    table = exact(TABLE, overlapping=overlapping == "yes")
    said = str(protect_by(table, rules, KEY, spend=Purse(rules)).rules["explained"])
    assert f"{noise} noise of scale {scale}," in said


def test_a_dimension_in_which_families_overlap_unsaid_is_refused() -> None:
    """Two families of the first category and two of the second are three in all."""
    count = Count(
        "families",
        figure=np.array([2, 2]),
        families=np.array([2, 2, 3]),
        key_lo=np.zeros(2, np.uint64),
        key_hi=np.zeros(2, np.uint64),
    )
    table = ExactTable((Dimension("row", "row", ("a", "b")),), {"families": count}, ("families",))
    rules = PrivacyRules(epsilon=1.0)
    with pytest.raises(Unprotectable) as caught:
        protect_by(table, rules, KEY, spend=Purse(rules))
    assert caught.value.rule == "overlap"


def test_without_its_extra_it_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "opendp", None)
    monkeypatch.setattr("gateway.disclosure.methods.opendp_noise.find_spec", lambda name: None)
    rules = PrivacyRules(epsilon=1.0)
    with pytest.raises(DpMissing, match=r"pip install 'families-data-gateway\[dp\]'"):
        protect_by(exact(TABLE), rules, KEY, spend=Purse(rules))


def test_an_account_is_charged_and_never_credited() -> None:
    account = Account("epsilon", budget=10)
    assert account.spend(Cost("epsilon", 4)).spend(Cost("epsilon", 6)).spent == 10
    with pytest.raises(BudgetSpent):
        account.spend(Cost("epsilon", 11))
    with pytest.raises(Unprotectable):
        account.spend(Cost("rho", 1))
    for billionths in (0, -1, 1.5, float("nan"), True):
        with pytest.raises(Unprotectable):
            Cost("epsilon", billionths)  # type: ignore[arg-type]
    for spent in (-1, 0.5, True):
        with pytest.raises(Unprotectable):
            Account("epsilon", 10, spent)
