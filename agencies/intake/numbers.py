"""Reading numbers: whole numbers, decimals, and pounds as whole pence.

Commas are accepted only between groups of three digits, so that a decimal comma is never read as a hundredfold.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from agencies.declaration import Column
from agencies.intake.reading import Context, Place, Reading

_GROUPED: Final = r"^-?\d{1,3}(?:,\d{3}){1,4}(?:\.\d+)?$"
_PLAIN: Final = r"^[+-]?\d{1,15}(?:\.\d*)?(?:[eE][+-]?\d{1,2})?$"
_WHOLE: Final = r"^-?\d{1,15}(?:\.0*)?$"


def read_integer(at: Place, column: Column, _context: Context) -> Reading:
    """A whole number; 12.0, as spreadsheets write it, is one."""
    bare = pl.when(at.cell.str.contains(_WHOLE)).then(at.cell)
    parsed = bare.cast(pl.Float64, strict=False).cast(pl.Int64, strict=False)
    wrong = {"not_whole_number": at.cell.is_not_null() & at.parsed.is_null()}
    return Reading(parsed, wrong | _outside(at.parsed, column))


def read_number(at: Place, column: Column, _context: Context) -> Reading:
    """A decimal number."""
    wrong = {"not_a_number": at.cell.is_not_null() & at.parsed.is_null()}
    return Reading(_decimal(at.cell), wrong | _outside(at.parsed, column))


def read_money(at: Place, column: Column, _context: Context) -> Reading:
    """Pounds, with or without the sign; the value is whole pence."""
    pounds = _decimal(at.cell.str.strip_prefix("£").str.strip_chars_start())
    pence = (pounds * 100).round().cast(pl.Int64, strict=False)
    wrong = {"not_a_number": at.cell.is_not_null() & at.parsed.is_null()}
    return Reading(pence, wrong | _outside(at.parsed, column, unit=100))


def _decimal(cell: pl.Expr) -> pl.Expr:
    grouped = cell.str.contains(_GROUPED)
    bare = pl.when(grouped).then(cell.str.replace_all(",", "", literal=True)).otherwise(cell)
    return pl.when(bare.str.contains(_PLAIN)).then(bare).cast(pl.Float64, strict=False)


def _outside(value: pl.Expr, column: Column, unit: int = 1) -> dict[str, pl.Expr]:
    faults: dict[str, pl.Expr] = {}
    if column.minimum is not None:
        faults["number_too_small"] = value < column.minimum * unit
    if column.maximum is not None:
        faults["number_too_large"] = value > column.maximum * unit
    return faults
