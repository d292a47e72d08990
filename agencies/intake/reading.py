"""How one kind of cell is read: Polars expressions for its value and for what can be wrong with it.

In: a column of trimmed strings (null where empty, which breaks none of these rules). Out: a Reading, evaluated in two
steps: first `parsed`, which then stands in a column of its own, then all the rest. Nothing is evaluated here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from agencies.declaration import Column


@dataclass(frozen=True)
class Reading:
    """A true `faults` expression refuses the row; a true `notes` one does not, but the cell becomes unknown."""

    parsed: pl.Expr
    faults: Mapping[str, pl.Expr] = field(default_factory=dict)
    notes: Mapping[str, pl.Expr] = field(default_factory=dict)
    # What is kept of the parsed cell, where that is not the same.
    kept: pl.Expr | None = None


@dataclass(frozen=True)
class Place:
    """One column while it is read: the cell as text, and what `parsed` of the reading made of it."""

    cell: pl.Expr
    parsed: pl.Expr


@dataclass(frozen=True)
class Context:
    """What a reading may depend on besides its column."""

    date_format: str
    today: date


Reader = Callable[[Place, Column, Context], Reading]
