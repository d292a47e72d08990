"""Cells told once: the different texts of each column, and which of them stands in each row.

In: the cells of a file as text. Out: Told, from which each text is read and judged once, however many rows have it, and
spread over them again. It lives in memory only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Final

import polars as pl

ROW: Final = "row"
CORES: Final = 2


@dataclass(frozen=True)
class Told:
    """Trimmed cells, null where nothing is left.

    `places` has `row` (UInt32, from 1) and for each column the place of its text among `texts`. A column that is not in
    `texts` is not told once: its cells stand in `places` themselves.
    """

    places: pl.DataFrame = field(repr=False)
    texts: Mapping[str, pl.Series] = field(repr=False)

    @property
    def rows(self) -> pl.Series:
        """The row numbers."""
        return self.places[ROW]

    @property
    def names(self) -> list[str]:
        """The columns of the file."""
        return [name for name in self.places.columns if name != ROW]

    def __getitem__(self, name: str) -> pl.Series:
        """The different texts of a column; all its cells where it is not told once."""
        return self.texts[name] if name in self.texts else self.places[name]

    def spread(self, name: str, made: pl.Series) -> pl.Series:
        """What was made of each text of a column, in the rows of that text; null in empty cells."""
        return made.gather(self.places[name]) if name in self.texts else made

    def as_text(self) -> pl.DataFrame:
        """The trimmed cells of every row, with `row`."""
        return self.places.with_columns(
            self.spread(name, texts).alias(name) for name, texts in self.texts.items()
        )

    def without_empty_rows(self) -> Told:
        """The rows that have a filled cell."""
        is_empty = pl.all_horizontal(pl.exclude(ROW).is_null())
        empty = self.places.select(is_empty).to_series()
        return replace(self, places=self.places.filter(~empty)) if empty.any() else self


def tell_once(cells: pl.DataFrame, hardly_repeated: Collection[str]) -> Told:
    """Trim and number the cells, columns side by side; the hardly repeated ones stay as they are."""

    def told(column: pl.Series) -> tuple[pl.Series | None, pl.Series]:
        return (None, _trimmed(column)) if column.name in hardly_repeated else _told(column)

    with ThreadPoolExecutor(CORES) as workers:
        made = dict(zip(cells.columns, workers.map(told, cells.get_columns()), strict=True))
    rows = pl.int_range(1, cells.height + 1, dtype=pl.UInt32, eager=True).alias(ROW)
    places = [column.alias(name) for name, (_, column) in made.items()]
    texts = {name: texts for name, (texts, _) in made.items() if texts is not None}
    return Told(pl.DataFrame([rows, *places]), texts)


def _told(cells: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The different trimmed texts, and the place of each cell's among them."""
    texts, places = _encoded(cells)
    trimmed = _trimmed(texts)
    if trimmed.equals(texts):
        return texts, places
    texts, numbers = _encoded(trimmed)
    return texts, numbers.gather(places)


def _trimmed(cells: pl.Series) -> pl.Series:
    text = cells.str.strip_chars()
    return text.set(text.str.len_bytes() == 0, None)


def _encoded(cells: pl.Series) -> tuple[pl.Series, pl.Series]:
    encoded = cells.to_arrow().dictionary_encode()
    return pl.Series(encoded.dictionary), pl.Series(encoded.indices, dtype=pl.UInt32)
