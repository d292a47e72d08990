"""Reading national references: NHS number, NINO, UPN, UPRN and postcode, each by its published form.

NHS number: mod 11 (NHS Data Dictionary). UPN: mod 23 check letter (DfE guide to unique pupil numbers). NINO: HMRC
NIM39110. UPRN: GeoPlace, up to 12 digits. Postcode: BS 7666 outward and inward form. Out: capitals, without the separators of a number.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from agencies.declaration import Column
from agencies.intake.reading import Context, Place, Reading

_UPN_LETTERS: Final = "ABCDEFGHJKLMNPQRTUVWXYZ"
_UPN_FORM: Final = rf"^[{_UPN_LETTERS}][0-9]{{11}}[{_UPN_LETTERS}0-9]$"
_NINO_FORM: Final = r"^[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]?$"
_NINO_UNUSED: Final = r"^(?:BG|GB|KN|NK|NT|TN|ZZ)"
_POSTCODE_FORM: Final = r"^(?:GIR ?0AA|[A-Z]{1,2}[0-9][A-Z0-9]? {0,2}[0-9][A-Z]{2})$"
_ONE_DIGIT_ONLY: Final = r"^(?:0+|1+|2+|3+|4+|5+|6+|7+|8+|9+)$"
_SEPARATORS: Final = r"[\s\-]"


def read_nhs_number(at: Place, _column: Column, _context: Context) -> Reading:
    """Ten digits with a right check digit. One digit ten times is a filler: noted, read as unknown."""
    formed = at.parsed.str.contains(r"^[0-9]{10}$")
    number = pl.when(formed).then(at.parsed).cast(pl.Int64, strict=False)
    # INVARIANT: weights 10 to 2 on the first nine digits and 1 on the tenth; the sum is 0 modulo 11.
    total = pl.sum_horizontal((number // 10**place % 10) * (place + 1) for place in range(10))
    filler = formed & at.parsed.str.contains(_ONE_DIGIT_ONLY)
    faults = {
        "nhs_number_form": ~formed,
        "nhs_number_check": formed & (total % 11 != 0) & ~filler,
    }
    known = pl.when(~filler).then(at.parsed)
    return Reading(_compact(at.cell), faults, {"dummy_number": filler}, kept=known)


def read_nino(at: Place, _column: Column, _context: Context) -> Reading:
    """Two letters, six digits, and a suffix A to D that may be missing."""
    formed = at.parsed.str.contains(_NINO_FORM) & ~at.parsed.str.contains(_NINO_UNUSED)
    return Reading(_compact(at.cell), {"nino_form": ~formed})


def read_upn(at: Place, _column: Column, _context: Context) -> Reading:
    """A check letter and twelve characters, the last of which is a letter in a temporary number."""
    formed = at.parsed.str.contains(_UPN_FORM)
    digits = pl.when(formed).then(at.parsed.str.slice(1, 11)).cast(pl.Int64, strict=False)
    # Weights 2 to 12 on the eleven digits, 13 on the last character.
    total = pl.sum_horizontal((digits // 10 ** (12 - w) % 10) * w for w in range(2, 13))
    total += 13 * _upn_rank(at.parsed.str.slice(12, 1))
    right = total % 23 == _upn_rank(at.parsed.str.slice(0, 1))
    return Reading(_compact(at.cell), {"upn_form": ~formed, "upn_check": formed & ~right})


def _upn_rank(character: pl.Expr) -> pl.Expr:
    ranks = {letter: rank for rank, letter in enumerate(_UPN_LETTERS)}
    # Digits follow the letters in the published alphabet, so 0 ranks 23, which is 0 modulo 23.
    ranks |= {str(digit): len(_UPN_LETTERS) + digit for digit in range(10)}
    return character.replace_strict(
        list(ranks), list(ranks.values()), default=None, return_dtype=pl.Int64
    )


def read_uprn(at: Place, _column: Column, _context: Context) -> Reading:
    """One to twelve digits; leading zeros are dropped."""
    formed = at.cell.str.contains(r"^[0-9]{1,12}$") & (at.parsed.str.len_bytes() > 0)
    return Reading(at.cell.str.strip_chars_start("0"), {"uprn_form": ~formed})


def read_postcode(at: Place, _column: Column, _context: Context) -> Reading:
    """A full postcode, in capitals. The pseudo postcodes ZZ99 are noted, read as unknown."""
    nowhere = at.parsed.str.starts_with("ZZ99")
    upper = at.cell.str.to_uppercase()
    return Reading(
        pl.when(upper.str.contains(_POSTCODE_FORM)).then(upper),
        {"postcode_form": at.cell.is_not_null() & at.parsed.is_null()},
        {"no_fixed_postcode": nowhere},
        kept=pl.when(~nowhere).then(at.parsed),
    )


def _compact(cell: pl.Expr) -> pl.Expr:
    return cell.str.replace_all(_SEPARATORS, "").str.to_uppercase()
