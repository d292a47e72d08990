"""Standardise: bring one identifier to the form in which it is compared, or to None.

Goes in: one raw value, as the agency wrote it. Comes out: the standard form, or None where the
value is absent, a known dummy, or fails its check digit. Never raises on a string.
"""

import re
import unicodedata

# Written by systems and hurried people in place of a value they do not have.
_DUMMY_NAMES = """
    UNKNOWN NOTKNOWN NOTGIVEN NOTPROVIDED NOTSTATED NOTRECORDED NONE NULL NIL NA TEST TESTPATIENT
    BABY BABYOF INFANT UNBORN UNNAMED ANON ANONYMOUS MISSING REFUSED WITHHELD TBC TBA NFI DUMMY
    XX XXX XXXX XXXXX ZZ ZZZ ZZZZ UNK NK FORENAME SURNAME
"""
DUMMY_NAMES = frozenset(_DUMMY_NAMES.split())
_DUMMY_DATES = """
    15821015 17530101 18000101 18991230 18991231 19000101 19000102 19010101 19700101
    20991231 29991231 99991231
"""
DUMMY_DATES = frozenset(_DUMMY_DATES.split())
DUMMY_POSTCODES = frozenset(("NFA", "NONE", "UNKNOWN", "NOTKNOWN", "NA", "AA11AA", "XX11XX"))
DUMMY_ADDRESSES = frozenset(
    ("", "NFA", "NO FIXED ABODE", "UNKNOWN", "NOT KNOWN", "NONE", "N A", "ADDRESS UNKNOWN")
)
TITLES = frozenset(
    ("MR", "MRS", "MISS", "MS", "MX", "DR", "REV", "SIR", "LADY", "LORD", "MASTER", "PROF")
)

# Letters that Unicode decomposition leaves whole.
_WHOLE_LETTERS = str.maketrans(
    {"Æ": "AE", "Ø": "O", "Œ": "OE", "Ł": "L", "Đ": "D", "Ð": "D", "Þ": "TH", "ẞ": "SS", "ı": "I"}
)
_NOT_ALPHANUMERIC = re.compile(r"[^0-9A-Z]+")
_NHS_WEIGHTS = (10, 9, 8, 7, 6, 5, 4, 3, 2)
_NINO = re.compile(r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]?")
_UPN = re.compile(r"[A-HJ-NP-RT-Z]\d{11}[0-9A-HJ-NP-RT-Z]")
_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_UK_POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][0-9A-Z]?)([0-9OI])([A-Z]{2})")


def _plain(value: str) -> str:
    """Upper case without accents: NFKD, combining marks dropped."""
    if value.isascii():
        return value.upper()
    upper = unicodedata.normalize("NFKD", value).upper().translate(_WHOLE_LETTERS)
    return "".join(c for c in unicodedata.normalize("NFKD", upper) if not unicodedata.combining(c))


def name(value: str) -> str | None:
    """A forename or surname as letters only: 'Mrs. O’Neill-Smith' becomes 'ONEILLSMITH'."""
    plain = _plain(value)
    if plain.isascii() and plain.isalpha():
        return None if plain in DUMMY_NAMES else plain
    words = plain.replace(".", " ").split()
    while len(words) > 1 and words[0] in TITLES:
        words = words[1:]
    letters = "".join(c for word in words for c in word if c.isalpha())
    return letters if letters and letters not in DUMMY_NAMES else None


def birth_date(value: str) -> str | None:
    """A date of birth as eight digits, unless it is one that systems write for 'not known'.

    An impossible day or month is kept: '1850-01-81' is still close to '1850-01-31'.
    """
    digits = value.replace("-", "")
    written = len(digits) == 8 and digits.isascii() and digits.isdigit()
    return digits if written and digits not in DUMMY_DATES else None


def sex(value: str) -> str | None:
    """'M' or 'F'; anything else is not evidence."""
    letter = value.strip().upper()[:1]
    return letter if letter in ("M", "F") else None


def postcode(value: str) -> str | None:
    """A postcode without space: ' le13 OAB' becomes 'LE130AB'. NHS pseudo postcodes are None."""
    compact = _compact(_plain(value))
    if not compact or compact in DUMMY_POSTCODES or compact.startswith("ZZ99"):
        return None
    parts = _UK_POSTCODE.fullmatch(compact)
    if parts is None:
        return compact
    digit = parts[2].translate(str.maketrans("OI", "01"))
    return f"{parts[1]}{digit}{parts[3]}"


def uprn(value: str) -> str | None:
    """A unique property reference number: at most 12 digits, no leading zeros, not zero."""
    digits = value.strip().lstrip("0")
    return digits if digits.isascii() and digits.isdigit() and len(digits) <= 12 else None


def nhs_number(value: str) -> str | None:
    """A ten-digit NHS number whose modulus-11 check digit holds (NHS Data Dictionary)."""
    digits = value.replace(" ", "").replace("-", "")
    if len(digits) != 10 or not (digits.isascii() and digits.isdigit()) or len(set(digits)) == 1:
        return None
    total = sum(int(digit) * weight for digit, weight in zip(digits[:9], _NHS_WEIGHTS, strict=True))
    return digits if (11 - total % 11) % 11 == int(digits[9]) else None


def nino(value: str) -> str | None:
    """A National Insurance number without its suffix letter (HMRC format NIM39110)."""
    compact = _compact(value.upper())
    return compact[:8] if _NINO.fullmatch(compact) else None


def upn(value: str) -> str | None:
    """A unique pupil number whose check letter holds (DfE UPN guide)."""
    compact = _compact(value.upper())
    if not _UPN.fullmatch(compact):
        return None
    values = (_upn_value(character) for character in compact[1:])
    total = sum(place * value for place, value in enumerate(values, start=2))
    return compact if _UPN_LETTERS[total % 23] == compact[0] else None


def _compact(value: str) -> str:
    """Upper-case letters and digits only, without the search where nothing else is there."""
    return value if value.isascii() and value.isalnum() else _NOT_ALPHANUMERIC.sub("", value)


def _upn_value(character: str) -> int:
    return int(character) if character.isdigit() else _UPN_LETTERS.index(character)


def agency_reference(value: str) -> str | None:
    """An agency's own id, letters and digits only: its punctuation differs from file to file."""
    return _compact(_plain(value)) or None


def address(value: str) -> str | None:
    """An address as upper-case words; flat, number and street are parsed from it in `addresses`."""
    words = " ".join(_plain(value).replace("'", "").split())
    return None if _NOT_ALPHANUMERIC.sub(" ", words).strip() in DUMMY_ADDRESSES else words


def exact_text(value: str) -> str | None:
    """Any other declared field, compared whole: letters and digits, single spaces."""
    return _NOT_ALPHANUMERIC.sub(" ", _plain(value)).strip() or None
