"""The attack on everything that left: what it finds where a ledger was not asked, and that it finds nothing where one was."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest

from gateway.disclosure import (
    LOW,
    Dimension,
    ExactTable,
    Magnitude,
    ProtectedTable,
    Rules,
    Unprotectable,
    protect_table,
    tabulate,
)
from gateway.disclosure.attack import Effort, Finding, Notebook, attack
from gateway.disclosure.attack.attack import PINNED
from gateway.disclosure.attack.fronts import FEW, ONE
from gateway.disclosure.attack.printed import printed_in
from gateway.disclosure.ledger import Ledger, served_cells
from tests.spec.ledger_asked import AGENCIES, DRINKS, KEY, SIZE, Ask, county, one_costly

title = "What all answers together tell of a few is found, asked for or not"

COST = ("cost",)
BOTH = ("families", "cost")
ALL_DRAWN = Effort(sample=5_000)
Left = Sequence[tuple[ExactTable, ProtectedTable]]


def left(*asked: Ask, ledger: Ledger | None = None) -> Left:
    """The tables as they left; without a ledger each is protected by itself."""
    tables = []
    for each in asked:
        exact = each.exact()
        protected = protect_table(exact, Rules(), KEY, ledger)
        if ledger is not None:
            ledger.enter(exact, served_cells(exact, protected))
        tables.append((exact, protected))
    return tables


def attacked(tables: Left, seed: int = 1) -> tuple[Finding, ...]:
    notebook = Notebook()
    for number, (exact, protected) in enumerate(tables, 1):
        notebook.write(number, exact, protected)
    return attack(notebook, seed, ALL_DRAWN)


def line(found: Sequence[Finding], of: str, about: str) -> Finding:
    return next(each for each in found if (each.of, each.about) == (of, about))


NESTED = (Ask(measures=COST), Ask(0, 115, measures=COST))
PARTS = (Ask(measures=COST), Ask(0, 57, measures=COST), Ask(62, 120, measures=COST))
WINDOWS = (Ask(measures=COST), Ask(0, 60, measures=COST), Ask(55, 120, measures=COST))


@pytest.mark.parametrize("asked", [NESTED, PARTS, WINDOWS], ids=["nested", "parts", "windows"])
def test_costs_of_five_that_nobody_asked_for_are_found_where_no_ledger_was_asked(
    asked: tuple[Ask, ...],
) -> None:
    found = attacked(left(*asked))
    by_share, by_bounds = line(found, FEW, "cost"), line(found, PINNED, "cost")
    assert by_share.passed > 0
    assert by_share.most > 1
    # Each figure is rounded by itself, and five families cost a hundred times as much as that.
    assert by_bounds.passed > 0
    assert set(by_share.releases) == set(range(1, len(asked) + 1))


@pytest.mark.parametrize("asked", [NESTED, PARTS, WINDOWS], ids=["nested", "parts", "windows"])
def test_with_a_ledger_nothing_is_found(asked: tuple[Ask, ...]) -> None:
    for order in (asked, asked[::-1]):
        assert not [each for each in attacked(left(*order, ledger=Ledger())) if each.passed]


def test_a_table_that_the_ledger_forgot_is_found() -> None:
    """As after a restart that lost a release: the second answer is made beside an empty ledger."""
    tables = [
        *left(NESTED[0], ledger=Ledger()),
        *left(NESTED[1], ledger=Ledger()),
    ]
    assert line(attacked(tables), FEW, "cost").passed > 0


def test_an_earlier_figure_that_stands_is_no_sum_of_its_own() -> None:
    """Nearly the same families, and the same figure: the attacker knows the rule, and learns nothing."""
    first, second = left(*NESTED, ledger=Ledger())
    assert [c.value for c in first[1].cells] == [c.value for c in second[1].cells]
    once, twice = attacked([first]), attacked([first, second])
    assert [each.most for each in once] == [each.most for each in twice]


def all_and_without_health(cost: int, ledger: Ledger | None = None) -> Left:
    """All costs, and those of all agencies but one, which one family costs so many pence."""
    tables = []
    for agencies in (AGENCIES, AGENCIES[1:]):
        rows = one_costly(cost).filter(pl.col("agency").is_in(agencies))
        exact = tabulate(rows, (), COST, key=KEY)
        protected = protect_table(exact, Rules(), KEY, ledger)
        if ledger is not None:
            ledger.enter(exact, served_cells(exact, protected))
        tables.append((exact, protected))
    return tables


@pytest.mark.parametrize(("pounds", "passed"), [(700_000, 0), (1_200_000, 1)])
def test_a_difference_of_many_that_one_nearly_pays_alone_is_found(pounds: int, passed: int) -> None:
    """The other 119 families cost health some £600,000."""
    found = attacked(all_and_without_health(100 * pounds))
    assert line(found, FEW, "cost").passed == passed
    beside = attacked(all_and_without_health(100 * pounds, Ledger()))
    assert line(beside, FEW, "cost").passed == 0


def partitions(ledger: Ledger | None) -> Left:
    """Who drinks, by thirty partitions of the families at random."""
    rng, tables = np.random.default_rng(1), []
    for _ in range(30):
        parts = pl.Series(rng.integers(0, 4, SIZE).astype(str))
        cut = Dimension("cut", "cut", ("0", "1", "2", "3"))
        rows = county().with_columns(cut=parts[county()["family"]])
        exact = tabulate(rows, (cut, DRINKS), key=KEY)
        protected = protect_table(exact, Rules(), KEY, ledger)
        if ledger is not None:
            ledger.enter(exact, served_cells(exact, protected))
        tables.append((exact, protected))
    return tables


def test_who_drinks_is_found_from_many_partitions_where_no_ledger_was_asked() -> None:
    without, beside = attacked(partitions(None)), attacked(partitions(Ledger()))
    assert line(without, ONE, "drinks").passed > line(beside, ONE, "drinks").passed == 0
    assert line(beside, ONE, "drinks").drawn == SIZE


def test_the_same_seed_draws_the_same_groups_and_another_draws_others() -> None:
    notebook = Notebook()
    for number, (exact, protected) in enumerate(partitions(None), 1):
        notebook.write(number, exact, protected)
    few = [attack(notebook, seed, Effort(sample=4)) for seed in (3, 3, 4, 5)]
    assert few[0] == few[1]
    assert len(set(few)) > 1


def test_a_low_cost_is_a_figure_like_any_other_and_lies_around_nothing() -> None:
    rows = county().with_columns(
        cost_pence=pl.when(pl.col("agency") == "health").then(100).otherwise(0)
    )
    exact = tabulate(rows, (), COST, key=KEY)
    protected = protect_table(exact, Rules(), KEY)
    assert [(cell.value, cell.mark) for cell in protected.cells] == [(None, LOW)]
    printed, cost = printed_in(exact, protected, "cost", 1), exact.measures["cost"]
    assert isinstance(cost, Magnitude)
    half = Rules().cost_rounding_gbp * 100 / 2
    assert printed.said.tolist() == [0.0]
    assert (cost.pence.ravel() - printed.reach.down).tolist() == [-half]
    assert (cost.pence.ravel() + printed.reach.up).tolist() == [half]


def test_before_anything_left_there_is_nothing_to_attack() -> None:
    assert attack(Notebook(), 1) == ()


def test_where_everything_is_withheld_nothing_is_told_of_the_withheld() -> None:
    found = attacked(left(Ask(0, 5, measures=BOTH)))
    assert line(found, FEW, "families").drawn == line(found, FEW, "cost").drawn == 1
    assert {each.most for each in found} == {0.0}


def test_a_table_that_does_not_say_who_is_in_it_cannot_be_written_down() -> None:
    (exact, protected), *_ = left(Ask(measures=COST))
    unknown = ExactTable(exact.dimensions, exact.measures, exact.asked)
    with pytest.raises(Unprotectable, match="who is in a cell"):
        Notebook().write(1, unknown, protected)


def test_progress_goes_from_nothing_to_nearly_all() -> None:
    notebook, told = Notebook(), []
    for number, (exact, protected) in enumerate(left(*WINDOWS), 1):
        notebook.write(number, exact, protected)
    attack(notebook, 1, tell=lambda step, share: told.append((step, share)))
    assert [step for step, _ in told] == ["one family: cost", "few families: cost"]
    assert np.all(np.diff([share for _, share in told]) > 0)
    assert max(share for _, share in told) < 1
