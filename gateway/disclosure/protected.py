"""The protected table: what may leave, and its forms for people and programs (JSON, CSV, pandas).

In: cells after protection. Out: rows. Never a word on why a figure is withheld: one mark and one sentence for every reason,
for a cell and for a question that is refused as a whole.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .quality import QUALITIES, Quality

if TYPE_CHECKING:
    import pandas as pd

    from .tables import Dimension

WITHHELD = "[c]"
LOW = "[low]"
# Wording and marks: Government Analysis Function, "Symbols in tables".
# The one reason there is: a mark or a sentence for each rule would say which rule it was.
SENTENCE = "Withheld so that no family can be recognised."
LEGEND = {
    WITHHELD: SENTENCE,
    LOW: "Less than half the rounding base.",
}


@dataclass(frozen=True)
class Cell:
    """One released place: `keys` maps dimension to category; without a value there is a mark.

    `quality`: the band of the expected error (see `quality`); None where the figure is withheld, or the release is older.
    """

    keys: Mapping[str, str]
    measure: str
    value: int | float | None
    mark: str | None
    quality: Quality | None = None

    @property
    def is_withheld(self) -> bool:
        """Whether the figure is withheld (a low figure is not: it is released as low)."""
        return self.mark == WITHHELD


@dataclass(frozen=True)
class ProtectedTable:
    """Cells in the order of the categories, measure by measure, with the rules they were protected under."""

    dimensions: tuple[tuple[str, str], ...]
    measures: tuple[str, ...]
    cells: tuple[Cell, ...]
    rules: Mapping[str, object]

    @property
    def withheld(self) -> dict[str, int]:
        """Number of withheld cells of each measure."""
        return {m: sum(c.is_withheld for c in self.cells if c.measure == m) for m in self.measures}

    def placed(
        self, measure: str, dimensions: Sequence[Dimension]
    ) -> Iterator[tuple[tuple[int, ...], Cell]]:
        """The cells of a measure, each with its place in the grid of these dimensions.

        A cell whose category they have not is left out: nobody is in it.
        """
        places = [{category: i for i, category in enumerate(d.categories)} for d in dimensions]
        names = [d.name for d in dimensions]
        for cell in self.cells:
            at = tuple(place.get(cell.keys[n], -1) for n, place in zip(names, places, strict=True))
            if cell.measure == measure and -1 not in at:
                yield at, cell

    def to_dict(self) -> dict[str, Any]:
        """Plain values: dimensions, measures, cells (the fields of `Cell`), legend, qualities, rules, withheld."""
        marks = {cell.mark for cell in self.cells}
        qualities = {cell.quality for cell in self.cells}
        return {
            "dimensions": [{"name": name, "level": level} for name, level in self.dimensions],
            "measures": list(self.measures),
            "cells": [{**vars(c), "keys": dict(c.keys)} for c in self.cells],
            "legend": {mark: text for mark, text in LEGEND.items() if mark in marks},
            "qualities": {band: text for band, text in QUALITIES.items() if band in qualities},
            "rules": dict(self.rules),
            "withheld": self.withheld,
        }

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> ProtectedTable:
        """The table of a `to_dict`, as a release keeps it."""
        return cls(
            dimensions=tuple((each["name"], each["level"]) for each in body["dimensions"]),
            measures=tuple(body["measures"]),
            cells=tuple(Cell(**cell) for cell in body["cells"]),
            rules=dict(body["rules"]),
        )

    def to_json(self) -> str:
        """`to_dict` as JSON text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False)

    def to_csv(self) -> str:
        """One row a cell: a column for each dimension, then measure, value (empty where there is none), mark, quality."""
        names = [name for name, _ in self.dimensions]
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow([*names, "measure", "value", "mark", "quality"])
        for c in self.cells:
            value = "" if c.value is None else c.value
            marks = (c.mark or "", c.quality or "")
            rows.writerow([*(c.keys[n] for n in names), c.measure, value, *marks])
        return text.getvalue()

    def to_pandas(self) -> pd.DataFrame:
        """The rows of `to_csv`; a withheld value is NaN."""
        import pandas as pd

        names = [name for name, _ in self.dimensions]
        columns = ("measure", "value", "mark", "quality")
        rows = [{**c.keys, **{name: getattr(c, name) for name in columns}} for c in self.cells]
        frame = pd.DataFrame(rows, columns=[*names, *columns])
        return frame.astype({"value": "float64"})
