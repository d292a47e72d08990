"""XLSX: the one sheet of the workbook that holds the extract, every cell as text.

Checked before it is unpacked (see `archive`). Real spreadsheet dates come out as ISO text. Errors of the reader may
quote cells, so they are dropped, never chained.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import polars as pl

from agencies.intake.archive import unpack_check
from agencies.intake.limits import Limits
from agencies.intake.rules import rejected
from agencies.intake.sheet import Cells

_WORKBOOK: Final = "xl/workbook.xml"
_MACROS: Final = "xl/vbaProject.bin"


class Workbook:
    """A workbook in memory. `declared` are the headers by which the sheet is found, in small letters."""

    def __init__(self, content: bytes, limits: Limits, declared: frozenset[str]) -> None:
        members = unpack_check(content, limits)
        if _WORKBOOK not in members:
            raise rejected("unknown_file_type")
        if _MACROS in members:
            raise rejected("has_macros")
        self._frame, self._errors = _loaded(content, declared)

    def head(self) -> list[list[str]]:
        """The header row and the first data row."""
        rows = self._frame.head(2).fill_null("").rows()
        return [[str(cell) for cell in row] for row in rows]

    def cells(self) -> Cells:
        """All data rows, with the cells that hold a spreadsheet error."""
        errors = tuple((row, column) for row, column in self._errors if row > 0)
        return Cells(self._frame.slice(1), errors=errors)


def _loaded(
    content: bytes, declared: frozenset[str]
) -> tuple[pl.DataFrame, Sequence[tuple[int, int]]]:
    import fastexcel

    sheets: list[tuple[Any, Any]] = []
    try:
        reader = fastexcel.read_excel(content)
        for name in reader.sheet_names:
            sheets.append(_text_of(reader, name))
    except fastexcel.FastExcelError:
        sheets = []
    if not sheets:
        raise rejected("damaged_file")
    likely = [each for each in sheets if _looks_like_extract(each[0], declared)]
    if len(likely) > 1:
        raise rejected("several_sheets")
    frame, errors = (likely or sheets)[0]
    if frame.is_empty():
        raise rejected("empty_file")
    return frame, errors


def _text_of(reader: Any, name: str) -> tuple[pl.DataFrame, Sequence[tuple[int, int]]]:
    sheet = reader.load_sheet(name, header_row=None, dtypes="string")
    if sheet.width == 0 or sheet.height == 0:
        return pl.DataFrame(), ()
    batch, errors = sheet.to_arrow_with_errors()
    frame = pl.DataFrame(batch)
    return frame, tuple(error.offset_position for error in (errors.errors if errors else ()))


def _looks_like_extract(frame: pl.DataFrame, declared: frozenset[str]) -> bool:
    """Whether one of the first two rows holds several of the declared headers."""
    rows = frame.head(2).fill_null("").rows()
    return any(len(declared & {str(cell).strip().casefold() for cell in row}) > 1 for row in rows)
