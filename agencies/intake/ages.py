"""Age at the day of the record, in bands: the date of birth itself is dropped after intake."""

from __future__ import annotations

from typing import Final

import polars as pl

# Lowest age of each band; the last one is open.
BANDS: Final = (
    (0, "0-4"),
    (5, "5-10"),
    (11, "11-15"),
    (16, "16-17"),
    (18, "18-24"),
    (25, "25-64"),
    (65, "65+"),
)
_A_YEAR: Final = 10_000
_LOWEST: Final = [age * _A_YEAR for age, _ in BANDS]
_NAMES: Final = [None, *(name for _, name in BANDS)]


def age_band(born: pl.Expr, on: pl.Expr) -> pl.Expr:
    """Band of the age in completed years on that day; null where either is unknown or birth comes later."""
    lived = _as_number(on) - _as_number(born)
    bands_reached = pl.lit(pl.Series(_LOWEST)).search_sorted(lived, side="right")
    return pl.lit(pl.Series(_NAMES)).gather(bands_reached)


def _as_number(day: pl.Expr) -> pl.Expr:
    """20240229 for 29 February 2024: a year lies between two days when their numbers are that far apart."""
    return day.dt.year() * _A_YEAR + day.dt.month().cast(pl.Int32) * 100 + day.dt.day()
