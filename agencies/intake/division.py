"""The accepted rows divided in two: who they are about, and what the service did.

In: typed cells of accepted rows. Out: identifiers by role, and service records without any identifier; only the
age band and the sex are carried over. Free text goes nowhere.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from agencies.declaration import Dataset, Kind
from agencies.intake.ages import age_band
from agencies.intake.distinct import ROW

SEEN_ON: Final = "seen_on"
AGE_BAND: Final = "age_band"
_TYPES: Final[dict[Kind, pl.DataType]] = {
    "date": pl.Date(),
    "integer": pl.Int64(),
    "money_gbp": pl.Int64(),
    "number": pl.Float64(),
    "yes_no": pl.Boolean(),
}


def identifiers_of(values: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """row, seen_on and one column per role that the file has."""
    roles = {name: role for role, name in dataset.roles.items() if name in values.columns}
    return values.select(
        pl.col(ROW),
        pl.col(dataset.date).alias(SEEN_ON),
        *(pl.col(name).alias(role) for name, role in roles.items()),
    )


def records_of(values: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """row and every service column, typed, null throughout where the file lacks an optional column."""
    return values.select(
        pl.col(ROW),
        *(_service_column(name, values, dataset) for name in dataset.service_columns),
        *_carried_over(values, dataset),
    )


def record_schema(dataset: Dataset) -> pl.Schema:
    """The columns of a records frame and their types."""
    columns: dict[str, pl.DataType] = {ROW: pl.UInt32()}
    for name in dataset.service_columns:
        kind = _TYPES.get(dataset.columns[name].kind, pl.String())
        columns[dataset.record_column(name)] = kind
    for name in ("sex", AGE_BAND):
        if name in dataset.attributes:
            columns[name] = pl.String()
    return pl.Schema(columns)


def _service_column(name: str, values: pl.DataFrame, dataset: Dataset) -> pl.Expr:
    kind = dataset.columns[name].kind
    given = pl.col(name) if name in values.columns else pl.lit(None)
    return given.cast(_TYPES.get(kind, pl.String())).alias(dataset.record_column(name))


def _carried_over(values: pl.DataFrame, dataset: Dataset) -> list[pl.Expr]:
    carried: list[pl.Expr] = []
    if (sex := dataset.attributes.get("sex")) is not None:
        given = pl.col(sex) if sex in values.columns else pl.lit(None, pl.String)
        carried.append(given.cast(pl.String).alias("sex"))
    if (born := dataset.attributes.get(AGE_BAND)) is not None:
        given = pl.col(born) if born in values.columns else pl.lit(None, pl.Date)
        carried.append(age_band(given, pl.col(dataset.date)).alias(AGE_BAND))
    return carried
