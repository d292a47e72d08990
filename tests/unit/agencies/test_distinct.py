"""Cells told once: each different text stands there once, and every row has its own again."""

import polars as pl

from agencies.intake.distinct import tell_once

title = "A text is read once, however many rows have it"

CELLS = pl.DataFrame(
    {
        "name": ["Ann", " Ann", None, "Bob ", "\t", "Ann"],
        "paid": ["1", " 1", None, "", None, "2"],
    },
    schema={"name": pl.String, "paid": pl.String},
)


def told():
    return tell_once(CELLS, {"paid"})


def test_texts_that_differ_only_in_space_around_them_are_one():
    assert told()["name"].drop_nulls().to_list() == ["Ann", "Bob"]


def test_every_row_has_its_trimmed_text_again_and_blank_cells_are_null():
    text = told().as_text()
    assert text["row"].to_list() == [1, 2, 3, 4, 5, 6]
    assert text["name"].to_list() == ["Ann", "Ann", None, "Bob", None, "Ann"]
    assert text["paid"].to_list() == ["1", "1", None, None, None, "2"]


def test_what_hardly_repeats_stands_as_it_is():
    assert told()["paid"].to_list() == ["1", "1", None, None, None, "2"]
    assert told().spread("paid", told()["paid"]).to_list() == told()["paid"].to_list()


def test_what_is_made_of_a_text_is_spread_over_its_rows():
    cells = told()
    lengths = cells["name"].str.len_chars() + cells["name"].is_in(["Bob"]).cast(pl.UInt32)
    assert cells.spread("name", lengths).to_list() == [3, 3, None, 4, None, 3]


def test_rows_without_a_filled_cell_go_and_the_others_keep_their_numbers():
    filled = told().without_empty_rows()
    assert filled.rows.to_list() == [1, 2, 4, 6]
    assert filled.as_text()["name"].to_list() == ["Ann", "Ann", "Bob", "Ann"]


def test_nothing_of_a_cell_is_shown():
    assert "Ann" not in repr(told())
