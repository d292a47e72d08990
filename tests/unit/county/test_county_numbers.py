"""National numbers of the county, checked by python-stdnum."""

from __future__ import annotations

import re

import numpy as np
import pytest
from stdnum.gb import nhs, upn

from agencies.county.numbers import nhs_numbers, ninos, spoil_check_digit, upns, uprns


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def test_nhs_numbers_are_valid_distinct_and_in_the_test_range(rng):
    numbers = nhs_numbers(rng, 5000)
    assert len(set(numbers)) == 5000
    assert all(nhs.is_valid(n) and n.startswith("999") for n in numbers)


def test_upns_are_valid_distinct_and_carry_the_year(rng):
    years = np.arange(5000) % 30 + 1995
    numbers = upns(rng, 5000, years)
    assert len(set(numbers)) == 5000
    assert all(upn.is_valid(n) for n in numbers)
    assert [int(n[8:10]) for n in numbers] == [y % 100 for y in years.tolist()]


def test_ninos_have_a_form_that_is_in_use(rng):
    form = re.compile(r"^(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]$")
    numbers = ninos(rng, 5000)
    assert len(set(numbers)) == 5000
    assert all(form.match(n) for n in numbers)


def test_uprns_are_distinct_and_have_twelve_digits(rng):
    numbers = uprns(rng, 5000)
    assert len(set(numbers)) == 5000
    assert all(re.fullmatch(r"999\d{9}", n) for n in numbers)


def test_a_spoiled_nhs_number_keeps_its_form_and_fails_its_check(rng):
    for number in nhs_numbers(rng, 200):
        spoiled = spoil_check_digit(number)
        assert len(spoiled) == 10
        assert not nhs.is_valid(spoiled)
