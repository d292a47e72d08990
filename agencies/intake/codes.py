"""Reading coded cells: code lists, sex, yes and no. The agency's code goes in, our own word comes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from agencies.declaration import Column
from agencies.intake.reading import Context, Place, Reading

SEX: Final = {"M": "M", "F": "F", "Male": "M", "Female": "F", "U": "unknown", "Unknown": "unknown"}
YES_NO: Final = {
    **dict.fromkeys(("Y", "Yes", "True", "1"), "yes"),
    **dict.fromkeys(("N", "No", "False", "0"), "no"),
}


def read_code(at: Place, column: Column, _context: Context) -> Reading:
    """A code of the column's list; capital and small letters are one."""
    unknown = at.cell.is_not_null() & at.parsed.is_null()
    return Reading(_meaning(at.cell, column.codes), {"unknown_code": unknown})


def read_sex(at: Place, column: Column, _context: Context) -> Reading:
    """M or F; a code that means unknown is read as null."""
    unknown = at.cell.is_not_null() & at.parsed.is_null()
    known = pl.when(at.parsed != "unknown").then(at.parsed)
    return Reading(_meaning(at.cell, column.codes or SEX), {"unknown_code": unknown}, kept=known)


def read_yes_no(at: Place, column: Column, _context: Context) -> Reading:
    """Yes or no, as a Boolean."""
    wrong = at.cell.is_not_null() & at.parsed.is_null()
    return Reading(_meaning(at.cell, column.codes or YES_NO) == "yes", {"not_yes_no": wrong})


def _meaning(cell: pl.Expr, codes: Mapping[str, str]) -> pl.Expr:
    """The meaning of a code as declared, else of one in other capitals."""
    small = {code.strip().lower(): meant for code, meant in codes.items()}
    return pl.coalesce(_looked_up(cell, codes), _looked_up(cell.str.to_lowercase(), small))


def _looked_up(cell: pl.Expr, codes: Mapping[str, str]) -> pl.Expr:
    return cell.replace_strict(
        list(codes), list(codes.values()), default=None, return_dtype=pl.String
    )
