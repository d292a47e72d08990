"""What disclosure control promises, as tables. A star marks a figure that must be withheld, any other must be shown."""

from __future__ import annotations

import polars as pl
import pytest

from gateway.disclosure import Dimension, ExactTable, Rules, protect_table, tabulate

title = "A small cell is never shown, and never alone"

KEY = b"a key that is at least 32 bytes ."
COST_PENCE = 250_000


def exact(table: str, measure: str, *, sensitive: bool = False) -> ExactTable:
    """The table as records: as many families, each with one cost, as the figure in each cell says."""
    head, *lines = [
        [word.strip() for word in line.split("|")] for line in table.strip().split("\n")
    ]
    rows = []
    for first, *figures in lines:
        for second, figure in zip(head[1:], figures, strict=True):
            rows += [(first, second)] * int(figure.rstrip("*"))
    names = tuple(line[0] for line in lines), tuple(head[1:])
    frame = pl.DataFrame(
        {
            "row": pl.Series([r[0] for r in rows], dtype=pl.String),
            "column": pl.Series([r[1] for r in rows], dtype=pl.String),
            "family": range(len(rows)),
            "cost_pence": [COST_PENCE] * len(rows),
        }
    )
    axes = [Dimension("row", "row", names[0]), Dimension("column", "column", names[1], sensitive)]
    return tabulate(frame, axes, (measure,), key=KEY)  # type: ignore[arg-type]


def holds(table: str, measure: str, rules: Rules | None = None, *, sensitive: bool = False) -> bool:
    """Whether exactly the starred figures are withheld."""
    lines = [[word.strip() for word in line.split("|")] for line in table.strip().split("\n")]
    starred = {
        (first, second)
        for first, *figures in lines[1:]
        for second, figure in zip(lines[0][1:], figures, strict=True)
        if figure.endswith("*")
    }
    released = protect_table(exact(table, measure, sensitive=sensitive), rules or Rules(), KEY)
    withheld = {(c.keys["row"], c.keys["column"]) for c in released.cells if c.is_withheld}
    assert withheld == starred, released.to_csv()
    return True


@pytest.mark.parametrize(("families", "star"), [(0, "*"), (1, "*"), (9, "*"), (10, ""), (11, "")])
def test_nine_families_are_too_few_and_ten_are_enough(families: int, star: str) -> None:
    assert holds(
        f"""
        district | families
        north    | {families}{star}
        east     | 100
        south    | 120
        """,
        "families",
    )


def test_a_row_with_one_small_cost_loses_a_second_one() -> None:
    assert holds(
        """
        district | cost
        north    |   3*
        east     |  12*
        south    |  40
        """,
        "cost",
    )


def test_two_small_costs_of_fewer_than_ten_families_lose_a_third() -> None:
    assert holds(
        """
        district | cost
        north    |   3*
        west     |   4*
        east     |  12*
        south    |  40
        """,
        "cost",
    )


def test_two_small_costs_of_ten_families_or_more_are_enough() -> None:
    assert holds(
        """
        district | cost
        north    |   6*
        west     |   7*
        east     |  12
        south    |  40
        """,
        "cost",
    )


def test_a_small_cost_within_two_dimensions_needs_a_rectangle() -> None:
    assert holds(
        """
        district | police | health | housing
        north    |   3*   |   15*  |   50
        east     |  20*   |   18*  |   60
        south    |  40    |   70   |   80
        """,
        "cost",
    )


def test_an_empty_cell_is_hidden_like_a_small_one() -> None:
    assert holds(
        """
        district | police | health
        north    |   0*   |   25*
        east     |  30*   |   20*
        south    |  40    |   70
        """,
        "cost",
    )


def test_counts_have_noise_and_need_no_second_cell() -> None:
    assert holds(
        """
        district | police | health | housing
        north    |   3*   |   15   |   50
        east     |  20    |   18   |   60
        south    |  40    |   70   |   80
        """,
        "families",
    )


def test_counts_lose_a_second_cell_where_the_rules_ask_for_it() -> None:
    assert holds(
        """
        district | families
        north    |   3*
        east     |  12*
        south    |  40
        """,
        "families",
        Rules(secondary="all"),
    )


def test_a_cell_that_leaves_one_to_nine_families_outside_is_hidden() -> None:
    assert holds(
        """
        district | has | has not
        north    | 91* |   9*
        east     | 90  |  30
        south    | 60  |  20
        """,
        "families",
    )


def test_all_of_a_group_is_hidden_where_that_is_sensitive() -> None:
    table = """
        district | has | has not
        north    | {}  |   0*
        east     | 90  |  30
        """
    assert holds(table.format("80*"), "families", sensitive=True)
    assert holds(table.format("80"), "families", sensitive=False)


def test_a_whole_small_row_is_hidden() -> None:
    assert holds(
        """
        district | police | health
        north    |   3*   |    4*
        east     |  20*   |   18*
        south    |  40    |   70
        """,
        "cost",
    )


def test_a_cost_that_rounds_to_nothing_is_low_and_not_withheld() -> None:
    table = exact("d | c\nnorth | 40\neast | 50", "cost")
    cheap = tabulate(
        pl.DataFrame({"row": ["north"] * 40, "family": range(40), "cost_pence": [600] * 40}),
        [Dimension("row", "row", ("north",))],
        ("cost",),
        key=KEY,
    )
    released = protect_table(cheap, Rules(), KEY)
    assert [(c.value, c.mark) for c in released.cells] == [(None, "[low]")]
    assert released.withheld == {"cost": 0}
    assert {c.value for c in protect_table(table, Rules(), KEY).cells} == {100_000, 125_000}


def test_one_mark_and_one_sentence_for_every_reason() -> None:
    """A small cell, a second cell and an empty cell look alike."""
    table = exact("d | police | health\nnorth | 0 | 3\neast | 40 | 11\nsouth | 60 | 90", "cost")
    released = protect_table(table, Rules(), KEY)
    withheld = [c for c in released.cells if c.is_withheld]
    assert len(withheld) >= 4
    assert {(c.value, c.mark) for c in withheld} == {(None, "[c]")}
    assert set(released.to_dict()["legend"]) == {"[c]"}
