"""What exact margins with secondary suppression promise, as tables: one table, published once."""

from __future__ import annotations

from itertools import product

import numpy as np
import polars as pl
import pytest

from gateway.disclosure import Dimension, ExactTable, Unprotectable, tabulate
from gateway.disclosure.methods import ExactRules, protect_by
from tests.spec.method_tables import COST_PENCE, KEY, TABLE, cells, exact

title = "Every figure shown is exact, and no hidden one follows from them"

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


def one_costly(pence: int) -> ExactTable:
    """Twenty families in each of three districts by three bands; one of the first place costs that much, the others £100."""
    places = list(product("nes", "abc")) * 20
    frame = pl.DataFrame(
        {
            "row": [row for row, _ in places],
            "column": [column for _, column in places],
            "family": range(len(places)),
            "cost_pence": [pence, *[10_000] * (len(places) - 1)],
        }
    )
    axes = [Dimension("row", "row", tuple("nes")), Dimension("column", "column", tuple("abc"))]
    return tabulate(frame, axes, ("cost",), key=KEY)


# Beside her in her place, her row or column, and the whole table: 19, 59 and 179 families at £100.
COSTLY = [
    (19 * 15_000, set()),
    (19 * 15_001, {("n", "a")}),
    (59 * 15_001, {("n", "a"), ("n", "all"), ("all", "a")}),
    (179 * 15_001, {("n", "a"), ("n", "all"), ("all", "a"), ("all", "all")}),
]


@pytest.mark.parametrize(("pence", "dominated"), COSTLY)
def test_no_figure_and_no_total_is_mostly_one_familys(pence: int, dominated: set[object]) -> None:
    found = cells(protect_by(one_costly(pence), ExactRules(), KEY), "cost")
    hidden = {place for place, shown in found.items() if shown == "[c]"}
    assert dominated <= hidden
    assert bool(dominated) == bool(hidden)


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
