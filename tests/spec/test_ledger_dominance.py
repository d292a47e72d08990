"""Costs that are mostly one family's, and how they follow from costs that are not: withheld, whoever asked for them or not."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pytest

from gateway.disclosure import Rules, protect_table, tabulate
from gateway.disclosure.ledger import Ledger, served_cells
from tests.spec.ledger_asked import AGENCIES, AGENCY, KEY, one_costly

title = "What is mostly one family's cost does not follow from two answers"

MILLION = 100_000_000
AT = {"all": AGENCIES, "without health": AGENCIES[1:], "health": AGENCIES[:1]}
# The 119 others cost health some £600,000, and all agencies £1,800,000.
FAIR, HERS = int(0.7 * MILLION), int(1.2 * MILLION)


def shown(cost: int, asked: Sequence[str]) -> list[bool]:
    """Whether the cost of all families at these agencies was shown, one question after the other."""
    ledger, told = Ledger(), []
    for each in asked:
        some = one_costly(cost).filter(pl.col("agency").is_in(AT[each]))
        exact = tabulate(some, (), ("cost",), key=KEY)
        protected = protect_table(exact, Rules(), KEY, ledger)
        ledger.enter(exact, served_cells(exact, protected))
        told.append(not protected.cells[0].is_withheld)
    return told


TABLE = """
she pays of health's | asked                          | shown
half                 | health                         | yes
half                 | all, without health            | yes yes
half                 | without health, all            | yes yes
two thirds           | health                         | no
two thirds           | all, without health            | yes no
two thirds           | without health, all            | yes no
two thirds           | health, all, without health    | no yes no
"""
ROWS = [[w.strip() for w in line.split("|")] for line in TABLE.strip().split("\n")[1:]]


@pytest.mark.parametrize(("part", "asked", "answers"), ROWS)
def test_a_difference_is_judged_as_a_figure_is(part: str, asked: str, answers: str) -> None:
    cost = FAIR if part == "half" else HERS
    expected = [answer == "yes" for answer in answers.split()]
    assert shown(cost, [each.strip() for each in asked.split(",")]) == expected


@pytest.mark.parametrize(("cost", "total"), [(HERS, True), (int(2.2 * MILLION), False)])
def test_a_total_less_the_shown_parts_is_a_difference_too(cost: int, total: bool) -> None:
    """By agency health's cost is withheld, and another with it: is she most of both together, the total is not told."""
    ledger, told = Ledger(), []
    for by in ((AGENCY,), ()):
        exact = tabulate(one_costly(cost), by, ("cost",), key=KEY)
        protected = protect_table(exact, Rules(), KEY, ledger)
        ledger.enter(exact, served_cells(exact, protected))
        told.append([not cell.is_withheld for cell in protected.cells])
    assert told[0][0] is False
    assert sum(told[0]) == 1
    assert told[1] == [total]


@pytest.mark.parametrize("step", [1, -1], ids=["police last", "police first"])
def test_refunds_that_cancel_out_do_not_make_a_difference_too_large_to_look_into(step: int) -> None:
    """Hundreds of units, costs and refunds of all others, behind a difference that is hers, as large as any other cost."""
    costs = one_costly(500_000).filter(pl.col("agency") != "schools")
    others = costs.filter((pl.col("agency") == "health") & (pl.col("family") != 0))
    refunds = others.with_columns(agency=pl.lit("schools"), cost_pence=-pl.col("cost_pence"))
    ledger, told = Ledger(), []
    asked = (pl.concat([costs, refunds]), costs.filter(pl.col("agency") == "police"))
    for frame in asked[::step]:
        exact = tabulate(frame, (), ("cost",), key=KEY)
        protected = protect_table(exact, Rules(), KEY, ledger)
        ledger.enter(exact, served_cells(exact, protected))
        told.append(not protected.cells[0].is_withheld)
    assert sum(told) == 1


@pytest.mark.parametrize(
    ("asked", "answers"),
    [
        ([120], [True]),
        ([116], [False]),
        # Of 116 families' cost that of 120 tells nearly all; of 100, more than four fifths.
        ([116, 120], [False, False]),
        ([100, 120], [False, False]),
        ([92, 120], [False, True]),
    ],
)
def test_a_cost_withheld_because_one_nearly_pays_it_is_not_told_by_a_little_larger_one(
    asked: list[int], answers: list[bool]
) -> None:
    """The first families' cost at health: she pays just over six tenths of it up to the 116th, and just under with all 120."""
    rows = one_costly(int(0.885 * MILLION)).filter(pl.col("agency") == "health")
    ledger, told = Ledger(), []
    for families in asked:
        exact = tabulate(rows.filter(pl.col("family") < families), (), ("cost",), key=KEY)
        protected = protect_table(exact, Rules(), KEY, ledger)
        ledger.enter(exact, served_cells(exact, protected))
        told.append(not protected.cells[0].is_withheld)
    assert told == answers
