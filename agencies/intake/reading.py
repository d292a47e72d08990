"""How one kind of cell is read: Polars expressions for its value and for what can be wrong with it.

In: the name of a column of trimmed strings (null where empty). Out: a Reading. Nothing is evaluated here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from agencies.declaration import Column


@dataclass(frozen=True)
class Reading:
    """`value` is the typed cell; a true `faults` expression refuses the row, a true `notes` one does not."""

    value: pl.Expr
    faults: Mapping[str, pl.Expr] = field(default_factory=dict)
    notes: Mapping[str, pl.Expr] = field(default_factory=dict)


@dataclass(frozen=True)
class Context:
    """What a reading may depend on besides its column."""

    date_format: str
    today: date


Reader = Callable[[pl.Expr, Column, Context], Reading]
