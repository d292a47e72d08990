"""Whether a declared condition holds for a record: `when` of an event or issue as a Polars expression."""

from __future__ import annotations

import polars as pl

from agencies.declaration import AtLeast, Condition, Dataset, When

_PENCE: int = 100


def holds(when: When, dataset: Dataset) -> pl.Expr:
    """True where every condition holds; an unknown cell never makes one hold."""
    met = [_met(name, condition, dataset) for name, condition in when.items()]
    return pl.all_horizontal(pl.lit(value=True), *met)


def _met(name: str, condition: Condition, dataset: Dataset) -> pl.Expr:
    cell = pl.col(dataset.record_column(name))
    if isinstance(condition, AtLeast):
        return _reaches(cell, name, condition, dataset).fill_null(value=False)
    if dataset.columns[name].kind == "yes_no":
        cell = pl.when(cell).then(pl.lit("yes")).when(cell.not_()).then(pl.lit("no"))
    return cell.is_in(condition).fill_null(value=False)


def _reaches(cell: pl.Expr, name: str, condition: AtLeast, dataset: Dataset) -> pl.Expr:
    if condition.of is not None:
        whole = pl.col(dataset.record_column(condition.of))
        return (whole > 0) & (cell >= condition.at_least * whole)
    unit = _PENCE if dataset.columns[name].kind == "money_gbp" else 1
    return cell >= condition.at_least * unit
