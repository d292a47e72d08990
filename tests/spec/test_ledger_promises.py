"""What is answered after what: rows of earlier questions, the new question, and whether its figure is served."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import numpy as np
import polars as pl
import pytest

from gateway.disclosure import (
    Dimension,
    Rules,
    protect_table,
    tabulate,
)
from gateway.disclosure.ledger import Ledger, served_cells
from tests.spec.ledger_asked import (
    AGENCIES,
    AGENCY,
    DISTRICT,
    DRINKS,
    KEY,
    KIDS,
    SIZE,
    Ask,
    answer,
    answers,
    county,
    value,
)

title = "An answer is held against every answer before it"

COST = ("cost",)
ALL, HEALTH, TWO = AGENCIES, ("health",), ("health", "police")


@pytest.mark.parametrize(
    ("before", "new", "figure"),
    [
        # Counts: the cohort, and nearly the same cohort.
        ([], Ask(0, 61), "own"),
        ([Ask(0, 60)], Ask(0, 61), "earlier"),
        ([Ask(0, 61)], Ask(0, 60), "earlier"),
        ([Ask(0, 60)], Ask(0, 69), "earlier"),
        ([Ask(0, 60)], Ask(0, 70), "own"),
        ([Ask(0, 60)], Ask(1, 61), "earlier"),
        ([Ask(0, 60)], Ask(5, 65), "own"),
        ([Ask(0, 60)], Ask(60, 120), "own"),
        # A chain: near to what shows an earlier figure, and not to the set that the figure is of.
        ([Ask(0, 60), Ask(0, 61)], Ask(0, 71), "own"),
        ([Ask(0, 60), Ask(0, 61)], Ask(0, 60), "own"),
        ([Ask(0, 60), Ask(0, 62)], Ask(0, 71), "none"),
        ([Ask(0, 60), Ask(0, 65)], Ask(0, 69), "earlier"),
        ([Ask(0, 60), Ask(0, 71)], Ask(0, 65), "none"),
        # Costs: of the same families, of nearly the same, at fewer agencies.
        ([Ask(measures=COST)], Ask(measures=COST), "own"),
        ([Ask(0, 60, measures=COST)], Ask(0, 61, measures=COST), "earlier"),
        ([Ask(0, 60, measures=COST)], Ask(0, 70, measures=COST), "own"),
        ([Ask(measures=COST, agencies=ALL)], Ask(measures=COST, agencies=TWO), "own"),
        ([Ask(measures=COST, agencies=TWO)], Ask(0, 119, measures=COST, agencies=TWO), "earlier"),
        # A count says nothing of a cost.
        ([Ask(0, 60)], Ask(0, 61, measures=COST), "own"),
        # Who drinks, of a line whose others are known.
        ([], Ask(0, 60, restricted=("drinks",)), "own"),
    ],
)
def test_what_is_told_after_what(before: list[Ask], new: Ask, figure: str) -> None:
    *earlier, last = answers(*before, new)
    own = value(protect_table(new.exact(), Rules(), KEY))
    assert own is not None
    told = {"own": own, "none": None, "earlier": value(earlier[0]) if earlier else None}
    assert value(last) == told[figure]


@pytest.mark.parametrize("measures", [("families",), COST])
def test_a_set_one_family_apart_is_answered_as_the_very_same_set_is(measures: Any) -> None:
    """Else the answer itself would say whether the one is among them."""
    for first, second in ((60, 61), (61, 60), (60, 69)):
        same, apart = (
            answers(Ask(0, first, measures=measures), Ask(0, last, measures=measures))[1]
            for last in (first, second)
        )
        assert same.to_dict() == apart.to_dict()


def test_the_same_families_by_other_names_have_the_same_figure_and_cost_nothing() -> None:
    half = county().filter(pl.col("district") == "north")
    exact = tabulate(half, (), key=KEY)
    ledger = Ledger()
    by_district = answer(ledger, Ask(by=(DISTRICT,)))
    before = ledger.margins(10)
    alone = protect_table(exact, Rules(), KEY, ledger)
    ledger.enter(exact, served_cells(exact, alone))
    assert value(alone) == value(by_district, district="north") is not None
    assert ledger.margins(10) == before


def test_the_same_families_at_fewer_agencies_have_their_own_cost_where_ten_differ() -> None:
    """Nine families that are known to the police alone are what the table without the police lacks."""
    for few, is_own in ((9, False), (10, True)):
        rows = county().filter((pl.col("agency") != "police") | (pl.col("family") < few))
        ledger = Ledger()
        whole = tabulate(rows, (), ["cost"], key=KEY)
        told = protect_table(whole, Rules(), KEY, ledger)
        ledger.enter(whole, served_cells(whole, told))
        without = tabulate(rows.filter(pl.col("agency") != "police"), (), ["cost"], key=KEY)
        alone = protect_table(without, Rules(), KEY)
        beside = protect_table(without, Rules(), KEY, ledger)
        assert value(beside) == value(alone if is_own else told)


def test_of_three_tables_that_determine_a_small_group_one_is_withheld() -> None:
    """All (0 to 120), the first 57 and the last 58: what is left are the five from 57 to 62."""
    for asked in permutations(
        [Ask(measures=COST), Ask(0, 57, measures=COST), Ask(62, 120, measures=COST)]
    ):
        assert [value(table) is None for table in answers(*asked)] == [False, False, True]


def test_two_overlapping_costs_and_their_union_do_not_single_out_a_few_that_nobody_asked_for() -> (
    None
):
    """The first 60 and the last 80 have twenty families in common; five of those cost health anything: both less all is theirs."""
    rows = county().filter((pl.col("agency") != "health") | ~pl.col("family").is_between(45, 59))
    for asked in permutations([(0, 119), (0, 59), (40, 119)]):
        ledger, shown = Ledger(), []
        for first, last in asked:
            chosen = rows.filter(pl.col("family").is_between(first, last))
            exact = tabulate(chosen, (AGENCY,), ["cost"], key=KEY)
            protected = protect_table(exact, Rules(), KEY, ledger)
            ledger.enter(exact, served_cells(exact, protected))
            shown.append([value(protected, agency=each) is not None for each in AGENCIES])
        assert [health for health, *_ in shown] == [True, True, False]
        assert all(all(others) for _, *others in shown[:2])


def test_the_sum_of_a_line_is_as_good_as_told() -> None:
    """All in two cells, and 117 of the 120 in one figure: by subtraction the cost of three."""
    cells, nearly = Ask(by=(KIDS,), measures=COST), Ask(0, 117, measures=COST)
    *_, last = answers(cells, nearly)
    assert value(last) == value(protect_table(Ask(measures=COST).exact(), Rules(), KEY))
    *_, last = answers(nearly, cells)
    assert [c.is_withheld for c in last.cells] == [True, True]
    # Of ten families more there is nothing to be seen.
    *_, last = answers(Ask(0, 110, measures=COST), cells)
    assert not any(c.is_withheld for c in last.cells)


def test_a_withheld_cost_is_not_reached_by_two_other_tables() -> None:
    few = Ask(57, 62, measures=COST)
    asked = [few, Ask(measures=COST), Ask(0, 57, measures=COST), Ask(62, 120, measures=COST)]
    *_, last = answers(*asked)
    assert value(last) is None
    # And still not when the same is asked by agency.
    at_each = [replace(each, by=(AGENCY,)) for each in asked]
    tables = answers(*asked, *at_each)
    assert all(value(tables[-1], agency=name) is None for name in AGENCIES)


def test_a_cell_that_was_refused_counts() -> None:
    """Whoever was refused five families learns no more of them later than whoever never asked."""
    few, others = Ask(57, 62), [Ask(0, 62), Ask(57, 120), Ask(0, 57), Ask(62, 120)]
    asked, ledger = [few, *others], Ledger()
    for each in asked:
        answer(ledger, each)
    assert 0 < ledger.margins(10)["few_families"] <= 1


def test_a_table_that_was_only_tried_counts_for_nothing() -> None:
    ledger = Ledger()
    for asked in (Ask(0, 60), Ask(57, 62), Ask(by=(DISTRICT, KIDS, AGENCY), measures=COST)):
        protect_table(asked.exact(), Rules(), KEY, ledger)
    assert ledger.margins(10) == Ledger().margins(10)
    assert value(answer(ledger, Ask(0, 61))) is not None


def test_who_drinks_is_not_found_from_many_partitions() -> None:
    """Each partition is safe alone; together they would say of every family what it is."""
    rng, ledger, refused = np.random.default_rng(1), Ledger(), 0
    for _ in range(30):
        parts = rng.integers(0, 4, SIZE)
        cut = Dimension("cut", "cut", ("0", "1", "2", "3"))
        rows = county().with_columns(cut=pl.Series(parts.astype(str))[county()["family"]])
        exact = tabulate(rows, (cut, DRINKS), key=KEY)
        protected = protect_table(exact, Rules(), KEY, ledger)
        ledger.enter(exact, served_cells(exact, protected))
        refused += sum(cell.is_withheld for cell in protected.cells)
        assert ledger.margins(10)["drinks"] <= 1
    # It came to the limit, and was stopped there.
    assert refused > 0


def test_the_order_of_questions_decides_which_sets_tell_of_themselves() -> None:
    asked = [Ask(*each, measures=COST) for each in ((0, 60), (0, 65), (0, 75), (3, 60))]
    alone = {each: value(protect_table(each.exact(), Rules(), KEY)) for each in asked}
    assert len(set(alone.values())) == len(asked), "figures that tell the sets apart"
    for order in permutations(asked):
        told = zip(order, answers(*order), strict=True)
        own = [each for each, table in told if value(table) == alone[each]]
        assert order[0] in own
        sets = [set(range(each.first, each.last)) for each in own]
        assert not any(0 < len(one ^ two) < 10 for one, two in permutations(sets, 2))


def test_asking_again_gives_the_same_table() -> None:
    asked = [
        Ask(by=(DISTRICT, KIDS), measures=("families", "cost", "cost_per_family")),
        Ask(by=(DISTRICT, AGENCY), measures=("cost",)),
        Ask(0, 117, by=(KIDS,), measures=("families", "cost")),
    ]
    ledger = Ledger()
    first = [answer(ledger, each) for each in asked]
    assert [answer(ledger, each).to_dict() for each in asked] == [t.to_dict() for t in first]


def test_other_people_of_the_same_families_have_a_figure_of_their_own() -> None:
    """Three people a family: all, one of each, and all but one, two, or ten of them."""
    people = county().with_columns(person=pl.col("family") * 3 + pl.col("agency").rank("dense"))
    half = pl.col("agency") == "health"

    def count(ledger: Ledger | None, rows: pl.DataFrame) -> float | None:
        exact = tabulate(rows, (), ["people"], key=KEY)
        protected = protect_table(exact, Rules(), KEY, ledger)
        if ledger is not None:
            ledger.enter(exact, served_cells(exact, protected))
        return value(protected)

    for changed, is_own in ((people.filter(half), True), *without_people(people)):
        ledger = Ledger()
        whole = count(ledger, people)
        assert whole == count(None, people)
        assert count(ledger, changed) == (count(None, changed) if is_own else whole)


def without_people(people: pl.DataFrame) -> list[tuple[pl.DataFrame, bool]]:
    """Without one person of so many families; from ten on the figure tells of itself."""
    gone = [
        people.filter((pl.col("agency") != "police") | (pl.col("family") >= few))
        for few in (1, 9, 10, 30)
    ]
    return list(zip(gone, (False, False, True, True), strict=True))


def test_a_quotient_tells_of_both_its_parts() -> None:
    mean = ("cost_per_family",)
    both = ("families", "cost")
    *_, last = answers(Ask(0, 60, measures=mean), Ask(0, 61, measures=both))
    earlier = protect_table(Ask(0, 60, measures=both).exact(), Rules(), KEY)
    assert [value(last, name) for name in both] == [value(earlier, name) for name in both]


def test_a_family_whose_costs_and_refunds_cancel_out_hides_nobody() -> None:
    """Ten families, one of them with a refund of all it cost: nine pay."""
    own = pl.when(pl.col("agency") == "police").then(-pl.col("cost_pence").shift(1))
    refunded = own.when(pl.col("agency") == "schools").then(0).otherwise(pl.col("cost_pence"))
    of_one = pl.when(pl.col("family") == 0).then(refunded).otherwise(pl.col("cost_pence"))
    rows = county().with_columns(of_one.alias("cost_pence"))
    for families, is_served in ((10, False), (11, True)):
        exact = tabulate(rows.filter(pl.col("family") < families), (), ["cost"], key=KEY)
        assert (value(protect_table(exact, Rules(), KEY, Ledger())) is not None) == is_served


@pytest.mark.parametrize("families", [0, 60])
def test_where_nobody_costs_anything_nothing_is_shown_and_nothing_breaks(families: int) -> None:
    rows = county().filter(pl.col("family") < families).with_columns(cost_pence=0)
    ledger = Ledger()
    for _ in range(2):
        exact = tabulate(rows, (DISTRICT,), ["cost"], key=KEY)
        protected = protect_table(exact, Rules(), KEY, ledger)
        ledger.enter(exact, served_cells(exact, protected))
        assert all(cell.is_withheld for cell in protected.cells)
