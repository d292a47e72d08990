"""What each method of disclosure control promises, as tables. The same call for all; only the terms differ."""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from gateway.disclosure import (
    Count,
    Dimension,
    ExactTable,
    ProtectedTable,
    Rules,
    Unprotectable,
    tabulate,
)
from gateway.disclosure.methods import (
    Account,
    BudgetSpent,
    Cost,
    DpMissing,
    ExactRules,
    PrivacyRules,
    Terms,
    method_name,
    protect_by,
)

title = "A method keeps its promise, and says in words what it did"

KEY = b"a key that is at least 32 bytes ."
COST_PENCE = 250_000


class Purse:
    """Keeps an account as the gateway's store does."""

    def __init__(self, rules: PrivacyRules) -> None:
        self.account = rules.account()

    def __call__(self, cost: Cost) -> None:
        self.account = self.account.spend(cost)


def exact(table: str, *measures: str, overlapping: bool = False) -> ExactTable:
    """The table as records: as many families, each with one cost, as the figure in each cell says."""
    head, *lines = [
        [word.strip() for word in line.split("|")] for line in table.strip().split("\n")
    ]
    rows = [
        (first, second)
        for first, *figures in lines
        for second, figure in zip(head[1:], figures, strict=True)
        for _ in range(int(figure.rstrip("*")))
    ]
    frame = pl.DataFrame(
        {
            "row": pl.Series([r[0] for r in rows], dtype=pl.String),
            "column": pl.Series([r[1] for r in rows], dtype=pl.String),
            "family": range(len(rows)),
            "person": range(len(rows)),
            "cost_pence": [COST_PENCE] * len(rows),
        }
    )
    axes = [
        Dimension("row", "row", tuple(line[0] for line in lines)),
        Dimension("column", "column", tuple(head[1:]), overlapping=overlapping),
    ]
    return tabulate(frame, axes, measures or ("families",), key=KEY)  # type: ignore[arg-type]


def cells(table: ProtectedTable, measure: str = "families") -> dict[tuple[str, str], object]:
    return {
        (c.keys["row"], c.keys["column"]): c.mark or c.value
        for c in table.cells
        if c.measure == measure
    }


TABLE = """
district |  a  |  b  |  c
north    |   3 |  47 |  61
east     |  38 |  52 |  26
south    |  44 |  33 |  58
"""
TERMS: dict[str, Callable[[], Terms]] = {
    "keyed_noise": Rules,
    "suppression": ExactRules,
    "differential_privacy": lambda: PrivacyRules(epsilon=1.0),
}


@pytest.mark.parametrize("method", TERMS)
def test_one_call_for_every_method_and_the_table_names_it(method: str) -> None:
    terms = TERMS[method]()
    spend = Purse(terms) if isinstance(terms, PrivacyRules) else None
    released = protect_by(exact(TABLE), terms, KEY, spend=spend)
    assert released.rules["method"] == method == method_name(terms)
    said = str(released.rules["explained"])
    assert "10" in said
    assert 1 <= said.count(". ") + 1 <= 3
    assert ProtectedTable.from_dict(released.to_dict()).rules["explained"] == said


SAYS = {
    "keyed_noise": ("standard deviation 2, at most 5", "rounded to 5", "10% to 20%", "£500"),
    "suppression": ("one published table", "are exact", "10% to 20%", "no other table"),
    "differential_privacy": ("scale 10", "one of 10 tables", "epsilon 1 ", "family as its unit"),
}


@pytest.mark.parametrize("method", TERMS)
def test_the_words_carry_the_numbers(method: str) -> None:
    terms = TERMS[method]()
    spend = Purse(terms) if isinstance(terms, PrivacyRules) else None
    said = str(protect_by(exact(TABLE), terms, KEY, spend=spend).rules["explained"])
    assert [part for part in SAYS[method] if part not in said] == []


@pytest.mark.parametrize("terms", [None, "suppression", {"min_cell": 10}, object()])
def test_terms_of_no_method_protect_nothing(terms: object) -> None:
    with pytest.raises(Unprotectable) as caught:
        protect_by(exact(TABLE), terms, KEY)  # type: ignore[arg-type]
    assert caught.value.rule == "unknown_method"


BAD = [
    *((ExactRules, "min_cell", value) for value in (9, 0, float("nan"), True, "10", None)),
    *((ExactRules, "rounding", value) for value in (0, -5, float("nan"), [5])),
    *((ExactRules, "cost_rounding_gbp", value) for value in (0, None)),
    *((ExactRules, "max_dimensions", value) for value in (4, -1, None)),
    *((ExactRules, "max_cells", value) for value in (0, 10**6)),
    *((PrivacyRules, "epsilon", v) for v in (0, -1, 3.01, float("nan"), float("inf"), True, "1")),
    *((PrivacyRules, "delta", v) for v in (-1e-9, 1e-3, float("nan"), 1e-30, None)),
    *((PrivacyRules, "tables", v) for v in (0, 1.5, True, 10**6)),
    *((PrivacyRules, "min_cell", v) for v in (5, float("nan"))),
]


@pytest.mark.parametrize(("kind", "name", "value"), BAD)
def test_a_term_outside_its_limits_is_refused_by_name(kind: type, name: str, value: object) -> None:
    given = {"epsilon": 1.0, name: value} if kind is PrivacyRules else {name: value}
    with pytest.raises(Unprotectable) as caught:
        kind(**given)
    assert name in caught.value.place


# ---- suppression


EXACT = """
district |  a  |  b  |  c  | all
north    | [c] |  47 | [c] | 111
east     | [c] |  52 | [c] | 116
south    |  44 |  33 |  58 | 135
all      |  85 | 132 | 145 | 362
"""


def test_every_figure_shown_is_exact_and_so_are_the_totals() -> None:
    found = cells(protect_by(exact(TABLE), ExactRules(), KEY))
    lines = [[w.strip() for w in line.split("|")] for line in EXACT.strip().split("\n")]
    expected = {
        (first, column): figure if figure == "[c]" else int(figure)
        for first, *figures in lines[1:]
        for column, figure in zip(lines[0][1:], figures, strict=True)
    }
    assert found == expected


def test_a_cell_hidden_in_one_measure_is_hidden_in_all() -> None:
    table = exact(TABLE, "families", "people", "cost", "cost_per_family")
    released = protect_by(table, ExactRules(), KEY)
    marks = [
        {place for place, shown in cells(released, measure).items() if shown == "[c]"}
        for measure in released.measures
    ]
    assert marks[0]
    assert all(each == marks[0] for each in marks)
    assert cells(released, "cost")[("south", "a")] == 44 * COST_PENCE // 100
    assert cells(released, "cost_per_family")[("all", "all")] == COST_PENCE // 100


@pytest.mark.parametrize(("rounding", "expected"), [(1, 58), (5, 60), (10, 60), (100, 100)])
def test_a_protocol_that_asks_for_rounding_gets_it(rounding: int, expected: int) -> None:
    found = cells(protect_by(exact(TABLE), ExactRules(rounding=rounding), KEY))
    assert found[("south", "c")] == expected


@pytest.mark.parametrize("small", range(10))
def test_no_hidden_cell_follows_from_the_figures_shown(small: int) -> None:
    """Whatever is subtracted from whatever: the small cell can always be ten families or more, and others as well."""
    table = exact(TABLE.replace("   3 |", f"{small:4} |"))
    found = cells(protect_by(table, ExactRules(), KEY))
    assert found[("north", "a")] == "[c]"
    low, high = interval(found, ("north", "a"))
    assert low < 1 or low < small
    assert high >= 10


def interval(found: dict[tuple[str, str], object], place: tuple[str, str]) -> tuple[float, float]:
    """What an attacker with linear programming narrows a hidden cell to."""
    from scipy.optimize import linprog

    hidden = [each for each, shown in found.items() if shown == "[c]"]
    rows, sums = [], []
    for axis in (0, 1):
        for fixed in {each[1 - axis] for each in found}:
            line = {each: shown for each, shown in found.items() if each[1 - axis] == fixed}
            row, total = np.zeros(len(hidden)), 0.0
            for each, shown in line.items():
                sign = -1.0 if each[axis] == "all" else 1.0
                if shown == "[c]":
                    row[hidden.index(each)] += sign
                else:
                    total -= sign * float(str(shown))
            rows.append(row)
            sums.append(total)
    target = np.array([each == place for each in hidden], dtype=float)
    found_at = [
        linprog(sign * target, A_eq=np.array(rows), b_eq=sums, bounds=(0, None)) for sign in (1, -1)
    ]
    return found_at[0].fun, -found_at[1].fun


def test_people_without_exact_totals_are_refused() -> None:
    with pytest.raises(Unprotectable) as caught:
        protect_by(exact(TABLE, "people", overlapping=True), ExactRules(), KEY)
    assert caught.value.rule == "no_totals"


# ---- differential privacy


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


# ---- the account


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
