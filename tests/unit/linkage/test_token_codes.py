"""The forms of a value that become tokens: phonetic codes, neighbourhoods, parts."""

import polars as pl
import pytest

from linkage.tokens import addresses, encode
from linkage.tokens.metaphone import double_metaphone
from linkage.tokens.phonetic import nysiis

METAPHONES = """
    SMITH SM0 XMT      SCHMIDT XMT SMT     THOMAS TMS TMS      CATHERINE K0RN KTRN
    KATHERINE K0RN KTRN  RICHARD RXRT RKRT  JOSE HS HS         ZHANG JNK JNK
    CAMBRILLO KMPRL KMPR GEOFF JF KF        DANGER TNJR TNKR   MANAGER MNKR MNJR
    ROGIER RJ RJR      GALLEGOS KLKS KKS    BACHER PKR PKR     FOCACCIA FKX FKX
    WEWSKI ASK FFSK    SCHERMERHORN XRMRRN SKRMRRN  ORCHID ARKT ARKT  ACCIDENT AKSTNT AKSTNT
    MCCLAIN MKLN MKLN  LAUGH LF LF          TAGLIARO TKLR TLR  ARNOW ARN ARNF
    CAMPBELL KMPL KMPL BREAUX PR PR         KNIGHT NT NT       PHILIP FLP FLP
"""
NYSIIS = """
    MACINTOSH MCANT  KOEHN CAN  PHILLIPSON FALAPSAN  MCKEE MCY  HEITSCHMIDT HATSNAD
    WESTERLUND WASTARLAD  CASSTEVENS CASTAFAN  VASQUEZ VASG  FRAZIER FRASAR  BOWMAN BANAN
    MCKNIGHT MCNAGT  RICKERT RACAD  SHRIVER SRAVAR  CARRAWAY CARY  BART BAD  AU A
"""


def one(encoder, value):
    """What an encoder makes of a column that holds one value."""
    return encoder(pl.Series([value], dtype=pl.String))[0]


def forms(encoder, value):
    return set(one(encoder, value))


def at_home(encoder, address):
    return encoder(addresses.parse(pl.Series([address])))[0]


def in_groups(table, size):
    words = table.split()
    return [tuple(words[at : at + size]) for at in range(0, len(words), size)]


@pytest.mark.parametrize(("name", "primary", "alternate"), in_groups(METAPHONES, 3))
def test_double_metaphone_gives_the_published_codes(name, primary, alternate):
    assert double_metaphone(name) == (primary, alternate)


@pytest.mark.parametrize(("name", "code"), in_groups(NYSIIS, 2))
def test_nysiis_gives_the_published_codes(name, code):
    assert one(nysiis, name) == code


def test_an_h_is_spoken_between_vowels_and_a_w_after_a_consonant():
    names = {"AWHAWHA": "AHAH", "HAHA": "HAH", "BHAB": "BAB", "DWIGHT": "DWAGT", "EWEN": "EAN"}
    assert {name: one(nysiis, name) for name in names} == names


def test_names_outside_the_latin_alphabet_have_no_sound_but_keep_their_other_forms():
    assert one(nysiis, "ИВАН") is None
    assert forms(encode.metaphones, "ИВАН") == set()
    assert "ИВА" in forms(encode.deletions, "ИВАН")


def test_nicknames_share_a_group_with_their_full_form():
    assert forms(encode.nicknames, "BILL") & forms(encode.nicknames, "WILLIAM")
    assert forms(encode.nicknames, "KATE") & forms(encode.nicknames, "CATHRYN")
    assert not forms(encode.nicknames, "BILL") & forms(encode.nicknames, "ROBERT")
    assert one(encode.nicknames, "QWERTY") is None


def test_a_neighbourhood_holds_the_value_and_its_deletions_once_each():
    assert one(encode.deletions, "ANNA").to_list() == ["ANNA", "NNA", "ANA", "ANN"]
    assert one(encode.deletions, "AL").to_list() == ["AL"]


@pytest.mark.parametrize(
    ("date", "other", "near"),
    [
        ("19840307", "19840308", True),
        ("19840307", "19480307", True),
        ("19840307", "19840703", False),
        ("18500181", "18500131", True),
    ],
)
def test_near_dates_differ_in_one_digit_or_one_transposition(date, other, near):
    shared = forms(encode.near_dates, date) & forms(encode.near_dates, other)
    assert bool(shared) is near


def test_day_and_month_swapped_are_equal_when_unordered():
    assert one(encode.unordered_date, "19840307") == one(encode.unordered_date, "19840703")
    assert one(encode.unordered_date, "19840307") != one(encode.unordered_date, "19850703")


def test_a_home_forgives_the_street_but_never_the_number():
    def near(one, other):
        streets = (forms(encode.deletions, at_home(encode.street, each)) for each in (one, other))
        numbers = (at_home(encode.house_number, each) for each in (one, other))
        return bool(set.intersection(*streets)) and len(set(numbers)) == 1

    assert near("12 HIGH STREET", "12 HIHG ST, MELTON")
    assert not near("12 HIGH STREET", "13 HIGH STREET")
    assert not near("12 HIGH STREET", "FLAT 1, 12 HIGH STREET")
    assert at_home(encode.street, "HIGH STREET") is None
    assert at_home(encode.house_number, "HIGH STREET") is None


def test_a_house_with_a_name_and_no_number_is_told_by_its_whole_line():
    rose, ivy = "ROSE COTTAGE, CHURCH LANE", "IVY HOUSE, CHURCH LANE"
    assert at_home(encode.premises, rose) != at_home(encode.premises, ivy)


@pytest.mark.parametrize(
    ("number", "other", "near"),
    [
        ("|12", "|13", True),
        ("|12", "|21", True),
        ("|12", "|112", True),
        ("|12", "|2", True),
        ("|12", "|34", False),
        ("|12", "|123", True),
        ("|12", "|2134", False),
        ("2|12", "3|12", False),
        ("2|12", "2|13", True),
    ],
)
def test_near_numbers_are_one_slip_apart_and_of_one_flat(number, other, near):
    assert bool(forms(encode.near_numbers, number) & forms(encode.near_numbers, other)) is near
