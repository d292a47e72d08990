"""Standardise: bring identifiers to the form in which they are compared, or to null.

Goes in: a column of raw values, as the agency wrote them (String). Comes out: a column of their
standard forms, null where a value is absent, a known dummy, or fails its check digit. No string makes
any of them raise.
"""

from functools import reduce
from operator import add, mul

import polars as pl

# Written by systems and hurried people in place of a value they do not have.
_DUMMY_NAMES = """
    UNKNOWN NOTKNOWN NOTGIVEN NOTPROVIDED NOTSTATED NOTRECORDED NONE NULL NIL NA TEST TESTPATIENT
    BABY BABYOF INFANT UNBORN UNNAMED ANON ANONYMOUS MISSING REFUSED WITHHELD TBC TBA NFI DUMMY
    XX XXX XXXX XXXXX ZZ ZZZ ZZZZ UNK NK FORENAME SURNAME
"""
DUMMY_NAMES = _DUMMY_NAMES.split()
_DUMMY_DATES = """
    15821015 17530101 18000101 18991230 18991231 19000101 19000102 19010101 19700101
    20991231 29991231 99991231
"""
DUMMY_DATES = _DUMMY_DATES.split()
DUMMY_POSTCODES = ["NFA", "NONE", "UNKNOWN", "NOTKNOWN", "NA", "AA11AA", "XX11XX"]
DUMMY_ADDRESSES = ["NFA", "NO FIXED ABODE", "UNKNOWN", "NOT KNOWN", "NONE", "N A"]
DUMMY_ADDRESSES += ["ADDRESS UNKNOWN"]
TITLES = ["MR", "MRS", "MISS", "MS", "MX", "DR", "REV", "SIR", "LADY", "LORD", "MASTER", "PROF"]

# Letters that Unicode decomposition leaves whole.
_WHOLE_LETTERS = {"Æ": "AE", "Ø": "O", "Œ": "OE", "Ł": "L", "Đ": "D", "Ð": "D", "Þ": "TH"}
_WHOLE_LETTERS |= {"ẞ": "SS", "ı": "I"}
_TITLES_BEFORE_A_NAME = rf"^\s*(?:(?:{'|'.join(TITLES)})\s+)+(\S)"
_NHS_WEIGHTS = (10, 9, 8, 7, 6, 5, 4, 3, 2)
_ONE_DIGIT_TEN_TIMES = [str(digit) * 10 for digit in range(10)]
_NINO = r"^[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]?$"
_NINO_NEVER_GIVEN = ["BG", "GB", "KN", "NK", "NT", "TN", "ZZ"]
_UPN = r"^[A-HJ-NP-RT-Z][0-9]{11}[0-9A-HJ-NP-RT-Z]$"
_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_UPN_VALUES = {str(digit): digit for digit in range(10)}
_UPN_VALUES |= {letter: place for place, letter in enumerate(_UPN_LETTERS)}
_UPN_CHARACTERS = 13
_UK_POSTCODE = r"^([A-Z]{1,2}[0-9][0-9A-Z]?)([0-9OI])([A-Z]{2})$"


def name(values: pl.Series) -> pl.Series:
    """A forename or surname as letters only: 'Mrs. O’Neill-Smith' becomes 'ONEILLSMITH'."""
    spaced = _plain(values).str.replace_all(".", " ", literal=True)
    untitled = spaced.str.replace(_TITLES_BEFORE_A_NAME, "$1")
    return _but_for(untitled.str.replace_all(r"[^\p{L}]+", ""), DUMMY_NAMES)


def birth_date(values: pl.Series) -> pl.Series:
    """A date of birth as eight digits, unless it is one that systems write for 'not known'.

    An impossible day or month is kept: '1850-01-81' is still close to '1850-01-31'.
    """
    digits = values.str.replace_all("-", "", literal=True)
    return _but_for(_matching(digits, r"^[0-9]{8}$"), DUMMY_DATES)


def sex(values: pl.Series) -> pl.Series:
    """'M' or 'F'; anything else is not evidence."""
    letters = values.str.strip_chars().str.to_uppercase().str.slice(0, 1)
    return _matching(letters, "^[MF]$")


def postcode(values: pl.Series) -> pl.Series:
    """A postcode without space: ' le13 OAB' becomes 'LE130AB'. NHS pseudo postcodes are null."""
    compact = _but_for(_compact(_plain(values)), DUMMY_POSTCODES)
    outward, digit, unit = (compact.str.extract(_UK_POSTCODE, part) for part in (1, 2, 3))
    written = outward + digit.str.replace("O", "0").str.replace("I", "1") + unit
    return _only(written.fill_null(compact), ~compact.str.starts_with("ZZ99"))


def uprn(values: pl.Series) -> pl.Series:
    """A unique property reference number: at most 12 digits, no leading zeros, not zero."""
    return _matching(values.str.strip_chars().str.strip_chars_start("0"), "^[0-9]{1,12}$")


def nhs_number(values: pl.Series) -> pl.Series:
    """A ten-digit NHS number whose modulus-11 check digit holds (NHS Data Dictionary)."""
    numbers = _matching(values.str.replace_all(r"[ \-]", ""), "^[0-9]{10}$")
    digits = [numbers.str.slice(place, 1).cast(pl.Int32) for place in range(10)]
    total = reduce(add, map(mul, digits, _NHS_WEIGHTS))
    return _but_for(_only(numbers, (11 - total % 11) % 11 == digits[9]), _ONE_DIGIT_TEN_TIMES)


def nino(values: pl.Series) -> pl.Series:
    """A National Insurance number without its suffix letter (HMRC format NIM39110)."""
    numbers = _matching(_compact(values.str.to_uppercase()), _NINO).str.slice(0, 8)
    return _only(numbers, ~numbers.str.slice(0, 2).is_in(_NINO_NEVER_GIVEN))


def upn(values: pl.Series) -> pl.Series:
    """A unique pupil number whose check letter holds (DfE UPN guide)."""
    numbers = _matching(_compact(values.str.to_uppercase()), _UPN)
    worth = [
        numbers.str.slice(place, 1).replace_strict(_UPN_VALUES, default=None, return_dtype=pl.Int32)
        for place in range(_UPN_CHARACTERS)
    ]
    total = reduce(add, map(mul, worth[1:], range(2, _UPN_CHARACTERS + 1)))
    return _only(numbers, total % len(_UPN_LETTERS) == worth[0])


def agency_reference(values: pl.Series) -> pl.Series:
    """An agency's own id, letters and digits only: its punctuation differs from file to file."""
    return _but_for(_compact(_plain(values)), [])


def address(values: pl.Series) -> pl.Series:
    """An address as upper-case words; flat, number and street are parsed from it in `addresses`."""
    unquoted = _plain(values).str.replace_all("'", "", literal=True)
    words = unquoted.str.replace_all(r"\s+", " ").str.strip_chars()
    bare = words.str.replace_all(f"[^{_signs(words)}]+", " ").str.strip_chars()
    return _only(words, ~bare.is_in(["", *DUMMY_ADDRESSES]))


def exact_text(values: pl.Series) -> pl.Series:
    """Any other declared field, compared whole: letters and digits, single spaces."""
    plain = _plain(values)
    spaced = plain.str.replace_all(f"[^{_signs(plain)}]+", " ").str.strip_chars()
    return _but_for(spaced, [])


def _plain(values: pl.Series) -> pl.Series:
    """Upper case without accents: NFKD, combining marks dropped."""
    if _is_ascii(values):
        return values.str.to_uppercase()
    upper = values.str.normalize("NFKD").str.to_uppercase()
    whole = upper.str.replace_many(list(_WHOLE_LETTERS), list(_WHOLE_LETTERS.values()))
    return whole.str.normalize("NFKD").str.replace_all(r"\p{Mn}+", "")


def _compact(values: pl.Series) -> pl.Series:
    """Letters and digits only, of any script."""
    return values.str.replace_all(f"[^{_signs(values)}]+", "")


def _signs(values: pl.Series) -> str:
    """The class of letters and digits; that of all scripts takes longer to match."""
    return "0-9A-Z" if _is_ascii(values) else r"\p{L}\p{N}"


def _is_ascii(values: pl.Series) -> bool:
    return bool(values.str.len_bytes().sum() == values.str.len_chars().sum())


def _matching(values: pl.Series, pattern: str) -> pl.Series:
    return _only(values, values.str.contains(pattern))


def _but_for(values: pl.Series, dummies: list[str]) -> pl.Series:
    """Null for nothing, and for what stands in place of a value."""
    return _only(values, ~values.is_in(["", *dummies]))


def _only(values: pl.Series, where: pl.Series) -> pl.Series:
    return values.zip_with(where.fill_null(value=False), pl.Series([None], dtype=values.dtype))
