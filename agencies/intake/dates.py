"""Reading dates: the agency's own style, ISO dates and the dates and times that spreadsheets hold.

Out: a Date, with faults for a day that does not exist, lies in the future or too early. A made-up date of birth
(1 January 1900 and its like) is no date: it is noted and read as unknown.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import polars as pl

from agencies.declaration import Column
from agencies.intake.reading import Context, Place, Reading
from agencies.intake.rules import EARLIEST

_ISO: Final = r"^(\d{4}-\d{2}-\d{2})(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?$"
# Dates that systems put where none is known.
DUMMY_BIRTHS: Final = (
    date(1, 1, 1),
    date(1111, 11, 11),
    date(1800, 1, 1),
    date(1899, 12, 30),
    date(1899, 12, 31),
    date(1900, 1, 1),
    date(1901, 1, 1),
    date(2099, 12, 31),
    date(2222, 2, 22),
    date(9999, 9, 9),
    date(9999, 12, 31),
)


def read_date(at: Place, column: Column, context: Context) -> Reading:
    """A cell of kind date."""
    own = at.cell.str.to_date(context.date_format, strict=False)
    iso = at.cell.str.extract(_ISO).str.to_date("%Y-%m-%d", strict=False)
    read = pl.coalesce(own, iso)
    wrong = {"wrong_date": at.cell.is_not_null() & at.parsed.is_null()}
    early = at.parsed < (column.not_before or EARLIEST)
    late = at.parsed > context.today
    if column.identifies != "date_of_birth":
        return Reading(read, wrong | {"date_too_early": early, "date_in_future": late})
    dummy = at.parsed.is_in(DUMMY_BIRTHS)
    faults = wrong | {"date_too_early": early & ~dummy, "date_in_future": late & ~dummy}
    known = pl.when(~dummy).then(at.parsed)
    return Reading(read, faults, {"dummy_date": dummy}, kept=known)
