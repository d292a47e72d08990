"""Service records that somebody else made of an extract, held against the declaration by intake's own rules.

In: a records frame, its declaration and its report. Out: nothing, or ExtractRejected by the rule that does not hold. Each value is
written as the agency's file would hold it and read again: what intake would not have accepted, or would have read
otherwise, is refused. So there is one set of rules, and a column that is not declared cannot come in.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import polars as pl

from agencies.declaration import Column, Dataset
from agencies.intake.ages import BANDS
from agencies.intake.check import check, trim
from agencies.intake.codes import SEX, YES_NO
from agencies.intake.distinct import ROW
from agencies.intake.division import AGE_BAND, record_schema
from agencies.intake.outcome import ExtractRejected, Report
from agencies.intake.reading import Context
from agencies.intake.rules import finding
from agencies.prepared.report import last_row
from agencies.prepared.rules import PREPARE_AGAIN, refusal

_CARRIED: Final = {"sex": ("M", "F"), AGE_BAND: tuple(band for _, band in BANDS)}
_PENCE: Final = 100


def require_records(records: pl.DataFrame, dataset: Dataset, report: Report, today: date) -> None:
    """Raise ExtractRejected unless these could be the accepted rows of an extract with this report."""
    if records.schema != record_schema(dataset):
        raise refusal("undeclared_column", "records")
    if records.height != report.rows_accepted:
        raise refusal("rows_disagree")
    if records.is_empty():
        return
    _require_numbered(records[ROW], report)
    _require_carried(records, dataset)
    # In one piece: Polars panics where it joins words of a column that has an empty piece.
    cells = _written(records.rechunk(), dataset)
    checked = check(trim(cells, dataset), dataset, Context(dataset.date_format, today))
    for (name, rule), broken in checked.breaches.items():
        if broken.any():
            raise _broken(rule, dataset.columns.get(name or ""), dataset)
    for name in cells.columns:
        given = records[dataset.record_column(name)]
        if not checked.values[name].cast(given.dtype).equals(given, check_names=False):
            raise refusal("not_as_declared", dataset.columns[name].header)


def _require_numbered(rows: pl.Series, report: Report) -> None:
    """As in a file: rising, from 1."""
    rising = rows.cast(pl.Int64).diff().drop_nulls() > 0
    if rows.null_count() or not rising.all():
        raise refusal("row_numbers")
    if not 1 <= rows[0] <= rows[-1] <= last_row(report):
        raise refusal("row_numbers")


def _require_carried(records: pl.DataFrame, dataset: Dataset) -> None:
    for name, known in _CARRIED.items():
        if name in dataset.attributes and not records[name].drop_nulls().is_in(known).all():
            raise refusal("not_as_declared", dataset.columns[dataset.attributes[name]].header)


def _written(records: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """The service columns as the agency's own file would hold them."""
    return records.select(
        _cell(pl.col(dataset.record_column(name)), dataset.columns[name], dataset).alias(name)
        for name in dataset.service_columns
    )


def _cell(value: pl.Expr, column: Column, dataset: Dataset) -> pl.Expr:
    match column.kind:
        case "date":
            return value.dt.strftime(dataset.date_format)
        case "yes_no":
            said = pl.when(value).then(pl.lit("yes")).when(~value).then(pl.lit("no"))
            return _code(said, column.codes or YES_NO)
        case "code" | "sex":
            return _code(value, column.codes or SEX)
        case "money_gbp":
            return _pounds(value)
        case _:
            return value.cast(pl.String)


def _code(meant: pl.Expr, codes: dict[str, str]) -> pl.Expr:
    """A code of the agency's that means this; what no code means stays as it is, and is no code."""
    first = {meaning: code for code, meaning in reversed(codes.items())}
    return meant.replace(list(first), list(first.values()))


def _pounds(pence: pl.Expr) -> pl.Expr:
    """Pounds and pence, from whole numbers only: a float would not come back as it went."""
    sign = pl.when(pence < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    whole, rest = pence.abs() // _PENCE, pence.abs() % _PENCE
    return pl.format("{}{}.{}", sign, whole, rest.cast(pl.String).str.zfill(2))


def _broken(rule: str, column: Column | None, dataset: Dataset) -> ExtractRejected:
    said = finding(None, rule, column, dataset)
    where = f"column {column.header}" if column else "a row"
    return ExtractRejected(rule, f"Records in the bundle, {where}: {said.message}", PREPARE_AGAIN)
