"""What an event costs, in whole pence: the actual cost where the row tells it, else unit cost x quantity."""

from __future__ import annotations

from datetime import date
from typing import Final

import polars as pl

from agencies.declaration import Dataset, EventRule, UnitCost

_DAYS: Final = {"day": 1, "week": 7}


def quantity(rule: EventRule, unit: UnitCost, as_of: date) -> pl.Expr:
    """Units of the activity: the declared column, else the length of the spell in the unit's time, else one.

    A spell without an end is counted up to `as_of`; one that begins later counts nothing.
    """
    derived = pl.lit(1.0)
    if rule.until is not None and unit.per in _DAYS:
        spell = pl.col(rule.until).fill_null(as_of) - pl.col(rule.on)
        derived = spell.dt.total_days().clip(lower_bound=0) / _DAYS[unit.per]
    if rule.quantity is None:
        return derived
    return pl.coalesce(pl.col(rule.quantity).cast(pl.Float64), derived)


def cost_pence(rule: EventRule, unit: UnitCost, amount: pl.Expr, dataset: Dataset) -> pl.Expr:
    """Cost of the event in pence, rounded to a whole one."""
    by_unit = (amount * round(unit.gbp * 100)).round().cast(pl.Int64)
    if rule.cost is None:
        return by_unit
    return pl.coalesce(pl.col(dataset.record_column(rule.cost)), by_unit)
