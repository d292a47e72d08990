"""Rows are kept under numbers that do not tell their place in the file."""

import numpy as np
import polars as pl
import pytest

from gateway.keys import Keys
from gateway.pipeline.rows import records_out_of_order, tokens_out_of_order

title = "Row numbers at rest"
ROWS = 20_000


class Wired:
    """What renumbering needs of a gateway."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys


@pytest.fixture
def rows() -> np.ndarray:
    return np.arange(1, ROWS + 1, dtype=np.uint32)


def test_no_two_rows_share_a_number(keys, rows):
    assert len(set(keys.row_order("aa").numbers(rows))) == ROWS


def test_any_32_bit_number_keeps_its_own(keys):
    ends = np.array([0, 1, 2**16 - 1, 2**16, 2**31, 2**32 - 1], dtype=np.uint32)
    assert len(set(keys.row_order("aa").numbers(ends))) == len(ends)


def test_the_numbers_say_nothing_of_the_place(keys, rows):
    """Spearman's correlation of 20,000 rows is normal with deviation 0.007 where there is none."""
    ranks = keys.row_order("aa").numbers(rows).argsort().argsort()
    assert abs(np.corrcoef(ranks, rows)[0, 1]) < 6 / ROWS**0.5


def test_neighbours_in_the_file_are_none_in_the_store(keys, rows):
    ranks = keys.row_order("aa").numbers(rows).argsort().argsort()
    assert np.mean(np.abs(np.diff(ranks)) == 1) < 0.001


def test_a_file_has_the_same_numbers_each_time_and_another_file_others(keys, rows):
    first, again, other = (keys.row_order(f).numbers(rows) for f in ("aa", "aa", "ab"))
    assert (first == again).all()
    assert np.mean(first == other) < 0.001


def test_tokens_and_records_of_one_row_stay_together(keys):
    tokens = pl.DataFrame(
        {"row": [[1, 3], [2], [4, 5, 6]], "seen_on": [[10, 30], [20], [40, 50, 60]]},
        schema={"row": pl.List(pl.UInt32), "seen_on": pl.List(pl.Int64)},
    )
    records = pl.DataFrame(
        {"row": pl.Series(range(1, 7), dtype=pl.UInt32), "seen_on": range(10, 70, 10)}
    )

    moved = tokens_out_of_order(tokens, "aa", Wired(keys))
    kept = records_out_of_order(records, "aa", Wired(keys))

    both = moved.explode("row", "seen_on").join(kept, on="row")
    assert (both["seen_on"] == both["seen_on_right"]).all()
    assert len(both) == 6
    assert kept["row"].is_sorted()
    assert moved.schema == tokens.schema
    assert kept["seen_on"].to_list() != records["seen_on"].to_list()


def test_tokens_told_row_by_row_are_renumbered_as_well(keys):
    frame = pl.DataFrame({"row": pl.Series([1, 2, 3], dtype=pl.UInt32), "said": ["a", "b", "c"]})

    moved = tokens_out_of_order(frame, "aa", Wired(keys))
    kept = records_out_of_order(frame, "aa", Wired(keys))

    assert moved.sort("row").equals(kept)


def test_the_order_hangs_on_the_tokens_root(keys, rows, tmp_path):
    from gateway.keys import FileKeystore

    other = FileKeystore.create(tmp_path / "k.json", key_file=tmp_path / "key")
    assert (
        np.mean(keys.row_order("aa").numbers(rows) == other.row_order("aa").numbers(rows)) < 0.001
    )
    assert repr(keys.row_order("aa")) == "RowOrder(key withheld)"
