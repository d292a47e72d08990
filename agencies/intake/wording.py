"""Reading words: references, names, addresses and other short text, none of which may hold a note.

Out: the trimmed text as it is; it is standardised later, by the linkage. Lengths are in characters.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from agencies.declaration import Column
from agencies.intake.reading import Context, Place, Reading

_CONTROL: Final = r"[\x00-\x1f\x7f]"
# An address or a note may run over several lines.
_CONTROL_BUT_LINES: Final = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
_FORMULA: Final = r"^(?:[=+@]|-.*[(|!=])"
_ID: Final = r"^[\p{L}0-9][\p{L}0-9._/\-]*(?: [\p{L}0-9._/\-]+){0,3}$"
# A slip of one or two digits is let through, for the linkage copes with it; three in a row are a number.
_NAME: Final = r"^(?:[0-9]{0,2}[\p{L}\p{M}'’‘`´.,\-() /]+)+[0-9]{0,2}$"
# More words than this are a note in the column of a name.
_WORDS_OF_A_NAME: Final = 6


def read_id(at: Place, column: Column, _context: Context) -> Reading:
    """An agency's own reference."""
    wrong = ~at.cell.str.contains(_ID)
    return _words(at.cell, column, {"id_form": wrong})


def read_name(at: Place, column: Column, _context: Context) -> Reading:
    """A person's name."""
    spaces = at.cell.str.count_matches(" ", literal=True)
    wrong = ~at.cell.str.contains(_NAME) | (spaces >= _WORDS_OF_A_NAME)
    return _words(at.cell, column, {"name_form": wrong})


def read_address(at: Place, column: Column, _context: Context) -> Reading:
    """An address; it may run over several lines."""
    return _words(at.cell, column, {}, control=_CONTROL_BUT_LINES)


def read_text(at: Place, column: Column, _context: Context) -> Reading:
    """Other short exact text."""
    return _words(at.cell, column, {})


def read_free_text(at: Place, column: Column, _context: Context) -> Reading:
    """A note: only its length and characters are checked here; it is screened elsewhere and dropped."""
    faults = {
        "too_long": at.cell.str.len_chars() > column.longest,
        "control_character": at.cell.str.contains(_CONTROL_BUT_LINES),
    }
    return Reading(pl.lit(None, pl.String), faults)


def _words(
    cell: pl.Expr,
    column: Column,
    faults: dict[str, pl.Expr],
    control: str = _CONTROL,
) -> Reading:
    too_long = cell.str.len_chars() > column.longest
    unprintable = cell.str.contains(control)
    formula = cell.str.contains(_FORMULA)
    # One cell, one reason: the form is judged only where nothing coarser is wrong.
    fine = ~unprintable & ~formula
    judged = {rule: wrong & fine for rule, wrong in faults.items()}
    coarse = {
        "too_long": too_long,
        "control_character": unprintable,
        "spreadsheet_formula": formula & ~unprintable,
    }
    return Reading(cell, coarse | judged)
