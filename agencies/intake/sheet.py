"""An extract as read from its file: the first rows as they stand, then all cells as text.

Every format gives a Source, so that headers are judged before the bulk is read. Cells are strings, null when
empty; columns go by position. A Source lives in memory only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import polars as pl


@dataclass(frozen=True)
class Cells:
    """The data rows. `short_rows` are row numbers from 1; `errors` are (row, column position) from 1 and 0."""

    frame: pl.DataFrame = field(repr=False)
    short_rows: Sequence[int] = ()
    errors: Sequence[tuple[int, int]] = ()


class Source(Protocol):
    """An opened file of one format."""

    def head(self) -> list[list[str]]:
        """The first two rows as text, the header row first."""

    def cells(self) -> Cells:
        """All data rows below the header row."""
