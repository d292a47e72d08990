"""Standard forms of identifiers, as tables."""

import polars as pl
import pytest

from linkage.tokens import addresses, standardise


def one(rule, written):
    """What a rule makes of a column that holds one value."""
    return rule(pl.Series([written], dtype=pl.String))[0]


@pytest.mark.parametrize(
    ("written", "standard"),
    [
        ("  Mary-Anne ", "MARYANNE"),
        ("O’Neill", "ONEILL"),
        ("Mrs. Zoë", "ZOE"),
        ("Łukasz", "LUKASZ"),
        ("Strauß", "STRAUSS"),
        ("Nguyễn", "NGUYEN"),
        ("Dr", "DR"),
        ("st0nehewer", "STNEHEWER"),
        ("Unknown", None),
        ("n/a", None),
        ("Baby of", None),
        ("---", None),
        ("", None),
    ],
)
def test_a_name_becomes_plain_capital_letters_and_a_dummy_becomes_nothing(written, standard):
    assert one(standardise.name, written) == standard


@pytest.mark.parametrize(
    ("written", "standard"),
    [
        ("1984-03-07", "19840307"),
        ("1850-01-81", "18500181"),
        ("1900-01-01", None),
        ("1970-01-01", None),
        ("07/03/1984", None),
        ("", None),
    ],
)
def test_a_date_becomes_eight_digits_and_a_dummy_becomes_nothing(written, standard):
    assert one(standardise.birth_date, written) == standard


@pytest.mark.parametrize(
    ("written", "standard"),
    [
        (" le13 0ab ", "LE130AB"),
        ("LE13 OAB", "LE130AB"),
        ("m1 Iaa", "M11AA"),
        ("4223", "4223"),
        ("ZZ99 3VZ", None),
        ("not known", None),
    ],
)
def test_a_postcode_loses_its_space_and_a_pseudo_postcode_is_nothing(written, standard):
    assert one(standardise.postcode, written) == standard


@pytest.mark.parametrize(
    ("rule", "written", "standard"),
    [
        (standardise.nhs_number, "943 476 5919", "9434765919"),
        (standardise.nhs_number, "9434765918", None),
        (standardise.nhs_number, "0000000000", None),
        (standardise.nhs_number, "943476591", None),
        (standardise.nino, "ab 12 34 56 c", "AB123456"),
        (standardise.nino, "AB123456", "AB123456"),
        (standardise.nino, "GB123456A", None),
        (standardise.nino, "QQ123456C", None),
        (standardise.upn, "A12345678901", None),
        (standardise.uprn, "000100023336956", "100023336956"),
        (standardise.uprn, "0", None),
        (standardise.uprn, "1234567890123", None),
        (standardise.agency_reference, "H-1234567", "H1234567"),
        (standardise.agency_reference, "東京-1", "東京1"),
        (standardise.exact_text, "Львів, місто", "ЛЬВІВ МІСТО"),
        (standardise.address, "Flat 2, 14 High Str.", "FLAT 2, 14 HIGH STR."),
        (standardise.sex, "Female", "F"),
        (standardise.sex, "9", None),
    ],
)
def test_a_number_that_fails_its_check_is_nothing(rule, written, standard):
    assert one(rule, written) == standard


def test_check_digits_agree_with_an_independent_implementation():
    from stdnum.gb import nhs, upn

    upns = [
        f"{letter}85512340567{digit}" for letter in "ABCDEFGHJKLMNPQRTUVWXYZ" for digit in "019"
    ]
    assert standardise.upn(pl.Series(upns)).is_not_null().to_list() == [
        upn.is_valid(u) for u in upns
    ]
    assert any(upn.is_valid(u) for u in upns)
    numbers = [f"94347659{end:02d}" for end in range(100)]
    held = standardise.nhs_number(pl.Series(numbers)).is_not_null()
    assert held.to_list() == [nhs.is_valid(n) for n in numbers]


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("14 High St., Melton Mowbray", ("", "14", "HIGHSTREET")),
        ("Flat 2, 14 High Street", ("2", "14", "HIGHSTREET")),
        ("2/14 High Street", ("2", "14", "HIGHSTREET")),
        ("14, High Street, Melton", ("", "14", "HIGHSTREET")),
        ("14A High Street", ("", "14A", "HIGHSTREET")),
        ("3 St Mary's Rd", ("", "3", "STMARYSROAD")),
        ("Rose Cottage, Church Lane", ("", "", "CHURCHLANE")),
        ("12-14 Mill Ln", ("", "12", "MILLLANE")),
    ],
)
def test_an_address_is_parsed_into_flat_number_and_street(written, parts):
    read = addresses.parse(standardise.address(pl.Series([written])))[0]
    assert (read["unit"], read["number"], read["street"]) == parts
