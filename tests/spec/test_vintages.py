"""What a newer vintage may tell of a question that was answered before, as a table of promises."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import polars as pl
import pytest

from gateway.disclosure import Dimension, ExactTable, Unprotectable, protect_table, tabulate
from gateway.disclosure.rules import Rules
from gateway.disclosure.vintages import changed_families, parts_of, stable_columns, standing
from gateway.pipeline.opening import is_due, next_opening

title = "A refresh is a differencing query"

KEY = b"a key that is at least 32 bytes ."
SIZE = 60
DIMENSIONS = (
    Dimension("district", "district", ("blaby", "melton", "charnwood")),
    Dimension("agency", "agency", ("health", "police"), overlapping=True),
)


def county(left: int = 0, entered: int = 0, dearer: int = 0, moved: int = 0) -> pl.DataFrame:
    """Sixty families in each district, each with a cost at each agency; what has changed is in Blaby.

    `left`, `entered`: families; `dearer`: families whose cost at the police has doubled; `moved`: families now in Melton.
    """
    rows = []
    for number in range(3 * SIZE + entered):
        district, place = divmod(number, SIZE) if number < 3 * SIZE else (0, number)
        if district == 0 and place < left:
            continue
        if district == 0 and left <= place < left + moved:
            district = 1
        for agency in ("health", "police"):
            double = (
                district == 0 and agency == "police" and place >= SIZE - dearer and place < SIZE
            )
            rows.append(
                (number, ("blaby", "melton", "charnwood")[district], agency, 100_000 * (1 + double))
            )
    columns = ["family", "district", "agency", "cost_pence"]
    return pl.DataFrame(rows, schema=columns, orient="row")


def table(frame: pl.DataFrame, *measures: Any) -> ExactTable:
    return tabulate(frame, DIMENSIONS, measures or ("families", "cost_per_family"), key=KEY)


def stands(new: pl.DataFrame, measure: str) -> dict[tuple[str, str], bool]:
    """Whether the figure of the first vintage stands, by district and agency."""
    first, second = table(county()), table(new)
    changed = {name: changed_families(first, second, name) for name in parts_of(second)}
    grid = standing(changed, second, 10)[measure]
    return {
        (d, a): bool(grid[i, j])
        for i, d in enumerate(DIMENSIONS[0].categories)
        for j, a in enumerate(DIMENSIONS[1].categories)
    }


# What changed in Blaby, the measure, and whether its earlier figure at the police stands there.
PROMISES = [
    ("nobody", {}, "families", True),
    ("nobody", {}, "cost", True),
    ("one family left", {"left": 1}, "families", True),
    ("one family left", {"left": 1}, "cost", True),
    ("one family left", {"left": 1}, "cost_per_family", True),
    ("one family entered", {"entered": 1}, "families", True),
    ("five left and four entered", {"left": 5, "entered": 4}, "families", True),
    ("five left and five entered", {"left": 5, "entered": 5}, "families", False),
    ("ten left", {"left": 10}, "families", False),
    ("ten left", {"left": 10}, "cost", False),
    ("ten left", {"left": 10}, "cost_per_family", False),
    ("nine cost more", {"dearer": 9}, "cost", True),
    ("ten cost more", {"dearer": 10}, "cost", False),
    ("ten cost more", {"dearer": 10}, "families", True),
    ("ten cost more", {"dearer": 10}, "cost_per_family", True),
    ("nine moved to Melton", {"moved": 9}, "families", True),
    ("ten moved to Melton", {"moved": 10}, "families", False),
    ("one left and nine cost more", {"left": 1, "dearer": 9}, "families", True),
]


@pytest.mark.parametrize(("what", "change", "measure", "expected"), PROMISES)
def test_a_figure_stands_until_ten_families_changed(
    what: str, change: dict[str, int], measure: str, expected: bool
) -> None:
    assert stands(county(**change), measure)["blaby", "police"] is expected, what


@pytest.mark.parametrize(("families", "expected"), [(0, True), (9, True), (10, False)])
def test_a_figure_of_people_stands_until_ten_families_have_other_people(
    families: int, expected: bool
) -> None:
    """Two people a family; in some of Blaby's families one of them is somebody else now."""
    people = county().with_columns(person=pl.col("family").cast(pl.String) + pl.col("agency"))
    is_new = (pl.col("family") < families) & (pl.col("agency") == "police")
    other = pl.when(is_new).then(pl.col("person") + "x").otherwise("person")
    first, second = table(people, "people"), table(people.with_columns(person=other), "people")
    changed = changed_families(first, second, "people")
    assert standing({"people": changed}, second, 10)["people"][0, 1] == expected


def test_figures_where_nobody_changed_stand_whatever_changed_elsewhere() -> None:
    for measure in ("families", "cost", "cost_per_family"):
        found = stands(county(left=10), measure)
        assert all(found["charnwood", agency] for agency in ("health", "police"))


def test_a_change_of_few_does_not_follow_from_the_changes_along_its_line() -> None:
    """Ten families cost more at the police, one at health: with the whole and the police told anew, the one would follow."""
    dearer = county(dearer=10)
    one = (pl.col("family") == 0) & (pl.col("agency") == "health")
    both = dearer.with_columns(pl.when(one).then(1).otherwise("cost_pence").alias("cost_pence"))
    assert not stands(dearer, "cost")["blaby", "police"]
    found = stands(both, "cost")
    assert found["blaby", "health"]
    assert found["blaby", "police"]


def test_changes_that_come_to_nothing_in_sum_are_changes() -> None:
    """Nine families leave and nine of the same cost enter: the sum is the same, the families are not."""
    first, second = table(county()), table(county(left=9, entered=9))
    assert changed_families(first, second, "cost")[0, 1] == 18


def test_the_same_families_give_the_same_figures_on_every_vintage() -> None:
    """Same set, same noise, same figure; rows come in another order and under other numbers."""
    frame = county()
    shuffled = frame.sample(fraction=1.0, shuffle=True, seed=4)
    one, two = (protect_table(table(each), Rules(), KEY) for each in (frame, shuffled))
    assert one.to_dict() == two.to_dict()


def test_a_category_that_is_new_takes_nothing_from_the_others() -> None:
    wider = (
        Dimension("district", "district", ("blaby", "harborough", "melton", "charnwood")),
        DIMENSIONS[1],
    )
    old, new = table(county()), tabulate(county(), wider, ("families",), key=KEY)
    assert changed_families(old, new, "families").sum() == 0


def test_tables_of_two_questions_are_not_held_against_one_another() -> None:
    other = tabulate(county(), DIMENSIONS[:1], ("families",), key=KEY)
    with pytest.raises(Unprotectable, match="one question"):
        changed_families(other, table(county()), "families")


def test_families_keep_their_columns_from_vintage_to_vintage() -> None:
    before, after = np.array([9, 3, 7], np.uint64), np.array([7, 1, 9, 2], np.uint64)
    columns, width = stable_columns(before, after)
    assert columns[[0, 2]].tolist() == [2, 0]
    assert sorted(columns[[1, 3]].tolist()) == [3, 4]
    assert width == 5
    with pytest.raises(Unprotectable, match="twice"):
        stable_columns(before, np.array([1, 1], np.uint64))


OCTOBER, DECEMBER = (datetime(2026, month, 1, tzinfo=UTC) for month in (10, 12))
JANUARY, NEXT_YEAR = datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 11, 1, tzinfo=UTC)
# Frozen on, something was released of it, linked on, and whether that opens a vintage.
OPENINGS = [
    (OCTOBER, False, OCTOBER, True),
    (OCTOBER, False, DECEMBER, True),
    (OCTOBER, True, OCTOBER, False),
    (OCTOBER, True, DECEMBER, False),
    (OCTOBER, True, JANUARY, True),
    (DECEMBER, True, JANUARY, True),
    (OCTOBER, True, NEXT_YEAR, True),
    # A clock that has gone back opens nothing.
    (JANUARY, True, DECEMBER, False),
]


@pytest.mark.parametrize(("frozen_at", "is_released", "now", "expected"), OPENINGS)
def test_a_released_vintage_stays_in_force_for_its_quarter(
    frozen_at: datetime, is_released: bool, now: datetime, expected: bool
) -> None:
    assert is_due(frozen_at, now, is_released=is_released) is expected


@pytest.mark.parametrize(
    ("frozen_at", "expected"),
    [(OCTOBER, date(2027, 1, 1)), (DECEMBER, date(2027, 1, 1)), (JANUARY, date(2027, 4, 1))],
)
def test_the_next_vintage_opens_with_the_next_calendar_quarter(
    frozen_at: datetime, expected: date
) -> None:
    assert next_opening(frozen_at) == expected
