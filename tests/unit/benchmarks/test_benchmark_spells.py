"""The extract that intake is measured with is one that the door would get, and always the same."""

from __future__ import annotations

import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(PROJECT))

from agencies.intake import take_in  # noqa: E402
from agencies.register import load_register  # noqa: E402
from benchmarks.spells import COLUMNS, spells  # noqa: E402

title = "The benchmark of intake measures real work"

ROWS = 3_000


def taken():
    return take_in(spells(ROWS), "extract.csv", load_register().dataset("dwp", "spells"))


def test_the_same_seed_gives_the_same_file():
    assert spells(50) == spells(50)
    assert spells(50) != spells(50, seed=1)


def test_it_has_the_stated_columns_and_rows():
    header, *rows = spells(ROWS).decode().splitlines()
    assert header.count(",") + 1 == COLUMNS
    assert len(rows) == ROWS


def test_the_door_accepts_all_but_the_spoiled_rows():
    report = taken().report
    assert report.rows_refused > 0
    assert set(report.counts) == {"wrong_date", "unknown_code"}
    assert report.rows_accepted > 0.99 * ROWS


def test_people_return_and_names_repeat():
    people = taken().identifiers
    assert people["agency_id"].n_unique() < 0.3 * ROWS
    assert people["surname"].n_unique() > 0.05 * ROWS
    assert people["date_of_birth"].null_count() > 0
