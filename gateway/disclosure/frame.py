"""The short way in: a plain frame and a few names. In: a pandas or Polars frame of contributions. Out: a protected table.

What this returns counts as served: with a ledger it is entered at once. Never a figure that `protect_table` withholds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from .errors import Unprotectable
from .ezs import draw_multipliers, perturb
from .ledger import Ledger, served_cells, threshold_of
from .protect import protect_table
from .protected import ProtectedTable
from .rules import Rules
from .tables import Dimension
from .units import Wanted, tabulate

if TYPE_CHECKING:
    import pandas as pd

ALL = "all"
PENCE = 100
COSTS = frozenset({"cost", "cost_per_family"})
# What binary fractions may be off by.
HAIR = 1e-6
PART = "cost of period "


def protect(
    frame: pl.DataFrame | pd.DataFrame,
    by: Sequence[str],
    measures: Sequence[Wanted] = ("families",),
    *,
    key: bytes,
    ledger: Ledger | None = None,
    multipliers: pl.DataFrame | None = None,
    family: str = "family",
    person: str = "person",
    cost: str = "cost",
    categories: Mapping[str, Sequence[str]] | None = None,
    sensitive: Collection[str] = (),
    overlapping: Collection[str] = (),
    narrowed_by: Sequence[str] = (),
    rules: Rules | None = None,
) -> ProtectedTable:
    """The measures by some columns, as they may leave; `.to_pandas()` gives rows of keys, measure, value, mark.

    Args:
        frame: a row for each thing a family did or has; every table of one ledger from frames with the same columns.
        by: up to three columns. `sensitive` ones say something about each family of a cell that all are in; in
            `overlapping` ones a family may be in several categories.
        measures: families, people (of the column `person`), cost, cost_per_family (of the column `cost`, in pounds).
        key: at least 32 random bytes, the same for as long as the data live.
        ledger: what was served of these data to anybody; this table is entered. `multipliers` of `multipliers_for`, drawn
            once for these data, are needed for costs wherever there is a ledger.
        categories: of a column those that there are, else those that the frame has (which tells that others are empty).
        narrowed_by: sensitive attributes by which the frame was filtered before. Raises `Unprotectable`.
    """
    units = _as_polars(frame)
    if COSTS & set(measures):
        units = _perturbed(units, _drawn_for(ledger, multipliers), key, family, cost)
    axes = [_dimension(units, n, categories or {}, n in sensitive, n in overlapping) for n in by]
    names = {"family": family, "person": person, "cost_pence": "perturbed_pence"}
    exact = tabulate(units, axes, measures, key=key, restricted=narrowed_by, **names)
    protected = protect_table(exact, rules or Rules(), key, ledger)
    if ledger is not None:
        ledger.enter(exact, served_cells(exact, protected), threshold_of(protected))
    return protected


def multipliers_for(
    frame: pl.DataFrame | pd.DataFrame,
    key: bytes,
    *,
    family: str = "family",
    cost: str = "cost",
    design: Sequence[str] = (),
    period: str | None = None,
    kept: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """What each family's costs are multiplied by, 0.8 to 1.2 and never within 10 % of 1; drawn once, over all the data.

    Families are paired by their whole cost within the cells of `design` (columns in which a family has one value), so that
    sums over such cells are hardly moved; with `period` (a column, such as before and after) nor are changes between its values.
    `kept`: what was drawn before; it stands. Raises `Unprotectable`.
    """
    units = _in_pence(_as_polars(frame), family, cost)
    size = pl.col("cost_pence").abs().sum().alias("size")
    sums = [] if period is None else _by_period(units, period)
    families = units.group_by("family").agg(pl.col(design).first(), size, *sums)
    parts = [f"{PART}{at}" for at in range(len(sums))]
    return draw_multipliers(
        families, [ALL], key, design=design, size="size", parts=parts, kept=kept
    )


def _by_period(units: pl.DataFrame, period: str) -> list[pl.Expr]:
    """What a family's rows of each period cost."""
    if period not in units.columns:
        raise Unprotectable(period, "missing_column", "the column is needed")
    values = units[period].drop_nulls().unique().sort().to_list()
    cost = pl.col("cost_pence")
    return [
        cost.filter(pl.col(period) == value).sum().alias(f"{PART}{at}")
        for at, value in enumerate(values)
    ]


def _drawn_for(ledger: Ledger | None, multipliers: pl.DataFrame | None) -> pl.DataFrame | None:
    if ledger is not None and multipliers is None:
        message = "tables of one ledger need the multipliers that multipliers_for drew once"
        raise Unprotectable("multipliers", "missing", message)
    return multipliers


def _perturbed(
    units: pl.DataFrame, multipliers: pl.DataFrame | None, key: bytes, family: str, cost: str
) -> pl.DataFrame:
    """The frame with `perturbed_pence`, otherwise as it was."""
    drawn = multipliers
    if drawn is None:
        drawn = multipliers_for(units, key, family=family, cost=cost)
    priced = perturb(_in_pence(units, family, cost).with_columns(agency=pl.lit(ALL)), drawn)
    return units.with_columns(priced["perturbed_pence"])


def _in_pence(units: pl.DataFrame, family: str, cost: str) -> pl.DataFrame:
    """The frame with `family` and `cost_pence` (Int64). Raises `Unprotectable` for what is no whole number of pence."""
    for column in (family, cost):
        if column not in units.columns:
            raise Unprotectable(column, "missing_column", "the column is needed")
    pounds = units[cost]
    if not pounds.dtype.is_numeric() or not pounds.is_finite().fill_null(value=False).all():
        raise Unprotectable(cost, "not_pence", "every row needs a number of pounds")
    pence = (pounds.cast(pl.Float64) * PENCE).round()
    if ((pence / PENCE - pounds.cast(pl.Float64)).abs() > HAIR).any():
        raise Unprotectable(cost, "not_pence", "pounds have two decimals at most")
    return units.with_columns(family=units[family], cost_pence=pence.cast(pl.Int64))


def _dimension(
    units: pl.DataFrame,
    name: str,
    categories: Mapping[str, Sequence[str]],
    is_sensitive: bool,
    overlaps: bool,
) -> Dimension:
    if name not in units.columns:
        raise Unprotectable(name, "missing_column", "the column is needed")
    found = units[name].drop_nulls().cast(pl.String).unique().sort().to_list()
    chosen = tuple(categories.get(name, found))
    return Dimension(name, name, chosen, sensitive=is_sensitive, overlapping=overlaps)


def _as_polars(frame: pl.DataFrame | pd.DataFrame) -> pl.DataFrame:
    return frame if isinstance(frame, pl.DataFrame) else pl.from_pandas(frame)
