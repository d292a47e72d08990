"""CSV: text in UTF-8, cells split by comma, semicolon, tab or bar, every cell read as text.

Polars reads; the standard library's csv looks at the header and, only where something does not add up, finds
the row. Errors of either may quote cells, so they are dropped, never chained.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from typing import Final

import polars as pl

from agencies.intake.outcome import ExtractRejected
from agencies.intake.rules import rejected
from agencies.intake.sheet import Cells

_SEPARATORS: Final = ",;\t|"
_CHUNK: Final = 1 << 20


class DelimitedText:
    """A CSV file in memory."""

    def __init__(self, content: bytes) -> None:
        _require_utf8(content)
        # Blank lines at the end are no rows.
        self._content = content.rstrip(b"\r\n") if content[-2:] in (b"\n\n", b"\r\r") else content
        if content.endswith(b"\r\n\r\n"):
            self._content = content.rstrip(b"\r\n")
        start = self._content[:_CHUNK]
        self._newline = "\r" if b"\n" not in start and b"\r" in start else "\n"
        first_line = start.split(self._newline.encode(), 1)[0]
        self._separator = max(_SEPARATORS, key=lambda each: first_line.count(each.encode()))

    def head(self) -> list[list[str]]:
        """The header row and the first data row."""
        rows: list[list[str]] = []
        records = self._records()
        try:
            while len(rows) < 2:
                rows.append(next(records))
        except StopIteration:
            return rows
        except csv.Error:
            pass
        else:
            return rows
        raise rejected("broken_quotes", 1)

    def cells(self) -> Cells:
        """All data rows. Raises ExtractRejected(broken_quotes) where cells and header do not add up."""
        frame = self._parsed()
        width = len(self.head()[0])
        if frame is None or frame.width != width:
            raise self._misfit(width)
        short = tuple(self._short_rows(width)) if self._lacks_cells(frame) else ()
        return Cells(frame, short_rows=short)

    def _parsed(self) -> pl.DataFrame | None:
        try:
            return pl.read_csv(
                self._content,
                separator=self._separator,
                eol_char=self._newline,
                infer_schema=False,
            )
        except pl.exceptions.PolarsError:
            return None

    def _lacks_cells(self, frame: pl.DataFrame) -> bool:
        """Whether there are fewer separators than cells ask for: Polars fills short rows in silence."""
        if not frame.to_series(-1).null_count():
            # What a row lacks, it lacks at its end.
            return False
        expected = (frame.width - 1) * (frame.height + 1)
        if b'"' in self._content:
            inside = frame.select(
                pl.sum_horizontal(
                    pl.all().str.count_matches(self._separator, literal=True).sum()
                ).alias("inside")
            ).item()
            inside += sum(header.count(self._separator) for header in self.head()[0])
            expected += int(inside)
        return self._content.count(self._separator.encode()) < expected

    def _short_rows(self, width: int) -> Iterator[int]:
        for number, record in enumerate(self._records()):
            if 0 < len(record) < width:
                yield number

    def _misfit(self, width: int) -> ExtractRejected:
        """The refusal that names the first row whose cells cannot be told apart."""
        number = 0
        try:
            for number, record in enumerate(self._records()):  # noqa: B007
                if len(record) > width:
                    break
        except csv.Error:
            number += 1
        return rejected("broken_quotes", max(number, 1))

    def _records(self) -> Iterator[list[str]]:
        text = io.TextIOWrapper(io.BytesIO(self._content), encoding="utf-8-sig", newline="")
        return csv.reader(text, delimiter=self._separator, strict=True)


def _require_utf8(content: bytes) -> None:
    if content.isascii():
        return
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    view = memoryview(content)
    for start in range(0, len(content), _CHUNK):
        chunk = bytes(view[start : start + _CHUNK])
        try:
            decoder.decode(chunk, final=start + _CHUNK >= len(content))
        except UnicodeDecodeError as error:
            line += chunk.count(b"\n", 0, error.start)
            break
        line += chunk.count(b"\n")
    else:
        return
    raise rejected("not_utf8", line)
