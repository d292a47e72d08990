"""Reading coded cells: code lists, sex, yes and no. The agency's code goes in, our own word comes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from agencies.declaration import Column
from agencies.intake.reading import Context, Reading

_SEX: Final = {"M": "M", "F": "F", "Male": "M", "Female": "F", "U": "unknown", "Unknown": "unknown"}
_YES_NO: Final = {
    **dict.fromkeys(("Y", "Yes", "True", "1"), "yes"),
    **dict.fromkeys(("N", "No", "False", "0"), "no"),
}


def read_code(cell: pl.Expr, column: Column, _context: Context) -> Reading:
    """A code of the column's list; capital and small letters are one."""
    value = _meaning(cell, column.codes)
    return Reading(value, {"unknown_code": cell.is_not_null() & value.is_null()})


def read_sex(cell: pl.Expr, column: Column, _context: Context) -> Reading:
    """M or F; a code that means unknown is read as null."""
    value = _meaning(cell, column.codes or _SEX)
    known = pl.when(value != "unknown").then(value)
    return Reading(known, {"unknown_code": cell.is_not_null() & value.is_null()})


def read_yes_no(cell: pl.Expr, column: Column, _context: Context) -> Reading:
    """Yes or no, as a Boolean."""
    value = _meaning(cell, column.codes or _YES_NO)
    return Reading(value == "yes", {"not_yes_no": cell.is_not_null() & value.is_null()})


def _meaning(cell: pl.Expr, codes: Mapping[str, str]) -> pl.Expr:
    meant = {code.strip().lower(): meaning for code, meaning in codes.items()}
    return cell.str.to_lowercase().replace_strict(
        list(meant), list(meant.values()), default=None, return_dtype=pl.String
    )
