"""The errors in registrations: each of the stated kind, and as often as stated."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from agencies.county import CountyConfig, ErrorRates, make_county
from agencies.county.errors import familiar, misdated, mistyped_postcodes, slip
from agencies.county.names import nicknames


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def _one_edit(a: str, b: str) -> bool:
    """Whether b is a with at most one insertion, loss, replacement or exchange of neighbours."""
    if sorted(a) == sorted(b):
        return sum(x != y for x, y in zip(a, b, strict=True)) in (0, 2)
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    rest_a, rest_b = a[start:], b[start:]
    return rest_a[1:] == rest_b or rest_a == rest_b[1:] or rest_a[1:] == rest_b[1:]


def test_a_slip_is_one_edit(rng):
    for _ in range(2000):
        assert _one_edit("Thompson", slip(rng, "Thompson"))


def test_a_wrong_date_is_still_a_day_not_after_the_last(rng):
    births = [date(2025, 12, 30), date(1980, 2, 29), date(2019, 1, 11)] * 300
    wrong = misdated(rng, births, 1.0, 1.0, date(2026, 3, 31))
    assert max(wrong) <= date(2026, 3, 31)
    assert sum(a != b for a, b in zip(births, wrong, strict=True)) > 600


def test_day_and_month_are_exchanged_only_where_that_is_a_date(rng):
    births = [date(2001, 3, 4), date(2001, 3, 31)]
    assert misdated(rng, births, 0.0, 1.0, date(2026, 3, 31)) == [
        date(2001, 4, 3),
        date(2001, 3, 31),
    ]


def test_a_mistyped_postcode_keeps_a_valid_form(rng):
    codes = np.array(["LE71 4AB"] * 500, dtype=object)
    wrong = mistyped_postcodes(rng, codes, 1.0)
    assert all(code.startswith("LE71 ") and code[5] in "123456789" for code in wrong)
    assert (wrong != codes).mean() > 0.8


def test_a_nickname_is_one_of_the_forename(rng):
    names = np.array(["William", "Margaret", "Xanthe"] * 50, dtype=object)
    table = nicknames()
    for name, known_as in zip(names, familiar(rng, names, 1.0), strict=True):
        assert known_as in table.get(name, [name])


@pytest.mark.parametrize("agency", ["police", "council", "schools", "housing", "health", "dwp"])
def test_registrations_differ_from_the_truth_as_often_as_stated(whole, agency):
    rates = whole.config.errors
    registered = _registered(whole, agency).join(
        whole.people, on="person", suffix="_true", maintain_order="left"
    )
    size = registered.height
    born = (registered["date_of_birth"] != registered["date_of_birth_true"]).mean()
    expected = rates.typing_date + rates.day_month_swapped * 12 / 30.4
    assert born == pytest.approx(expected, abs=4 * (expected / size) ** 0.5)
    forename = (
        registered["forename"].str.to_lowercase() != registered["forename_true"].str.to_lowercase()
    )
    assert rates.typing_name * 0.6 < forename.mean() < rates.typing_name + rates.nickname
    assert registered["sex"].null_count() / size == pytest.approx(rates.missing_sex, abs=0.01)


def _registered(county, agency: str) -> pl.DataFrame:
    """Who is registered with an agency, and how, read back from its cells."""
    parts = []
    for extract in county.recorded:
        dataset = extract.dataset
        if dataset.agency != agency:
            continue
        frame = extract.cells.select(
            person=extract.service["person"],
            forename=dataset.column_for("forename"),
            date_of_birth=pl.col("date_of_birth").str.to_date(dataset.date_format, strict=False),
            sex=pl.col("sex").replace_strict(
                dataset.columns["sex"].codes, default=None, return_dtype=pl.String
            ),
        ).with_columns(sex=pl.when(pl.col("sex") != "unknown").then("sex"))
        parts.append(frame.filter(extract.fault.is_null()))
    return pl.concat(parts).unique("person", keep="first", maintain_order=True)


def test_one_person_is_registered_once_in_each_agency(small):
    for extract in small.recorded:
        reference = extract.dataset.column_for("agency_id")
        pairs = extract.cells.select(
            reference, "surname", "forename", person=extract.service["person"]
        )
        sound = pairs.filter(extract.fault.is_null()).unique()
        assert sound["person"].is_unique().all(), extract.filename
        assert sound[reference].is_unique().all(), extract.filename


def test_without_errors_every_cell_is_true():
    none = ErrorRates(
        **dict.fromkeys(ErrorRates.__dataclass_fields__, 0) | {"move_told_within_days": 1}
    )
    county = make_county(CountyConfig(families=60, errors=none))
    for extract in county.recorded:
        about = extract.service.select("person").join(
            county.people, on="person", maintain_order="left"
        )
        assert extract.fault.null_count() == extract.cells.height
        assert (
            extract.cells["forename"].str.to_lowercase() == about["forename"].str.to_lowercase()
        ).all()
        assert (
            extract.cells["surname"].str.to_lowercase() == about["surname"].str.to_lowercase()
        ).all()
