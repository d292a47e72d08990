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
_OLDEST: Final = BANDS[-1][0]
_BAND_OF_AGE: Final = [
    next(band for lowest, band in reversed(BANDS) if age >= lowest) for age in range(_OLDEST + 1)
]


def age_band(born: pl.Expr, on: pl.Expr) -> pl.Expr:
    """Band of the age in completed years on that day; null where either is unknown or birth comes later."""
    had_birthday = _month_and_day(on) >= _month_and_day(born)
    years = on.dt.year() - born.dt.year() - had_birthday.not_().cast(pl.Int32)
    place = pl.when(years >= 0).then(years.clip(upper_bound=_OLDEST))
    return pl.lit(pl.Series(_BAND_OF_AGE)).gather(place)


def _month_and_day(day: pl.Expr) -> pl.Expr:
    return day.dt.month().cast(pl.Int16) * 100 + day.dt.day().cast(pl.Int16)
