"""Canonical rows -> the file an agency would send: its headers, its codes, its dates, its file format.

In: a canonical frame and the dataset's declaration. Out: a frame of cells under the agency's headers, then bytes.
The declaration alone says how a dataset looks; a changed catalogue changes the files.
"""

from __future__ import annotations

from io import BytesIO

import polars as pl

from agencies.declaration import Column, Dataset

FORMATS: dict[str, str] = {"housing": "xlsx", "health": "parquet"}
_YES_NO = {"yes": "Y", "no": "N"}
_SEX = {"M": "M", "F": "F"}


def file_format(dataset: Dataset) -> str:
    """csv, xlsx or parquet."""
    return FORMATS.get(dataset.agency, "csv")


def render(canonical: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
    """The cells of the extract, columns in the declared order under canonical names still.

    Every cell is a string, except real dates and amounts of a workbook.
    """
    typed = file_format(dataset) == "xlsx"
    cells = [
        _cell(canonical, name, column, dataset, typed).alias(name)
        for name, column in dataset.columns.items()
    ]
    return canonical.select(cells)


def _cell(
    canonical: pl.DataFrame, name: str, column: Column, dataset: Dataset, typed: bool
) -> pl.Expr:
    if name not in canonical.columns:
        return pl.lit(None, dtype=pl.String)
    value = pl.col(name)
    match column.kind:
        case "date":
            keeps = typed and column.identifies is None
            return value if keeps else value.dt.strftime(dataset.date_format)
        case "code":
            return _coded(value, column.codes)
        case "sex":
            codes = _first_codes(column.codes) or _SEX
            return value.replace_strict(codes, default=None, return_dtype=pl.String).fill_null(
                pl.lit(codes.get("unknown"), dtype=pl.String)
            )
        case "yes_no":
            return value.replace_strict(
                _first_codes(column.codes) or _YES_NO, return_dtype=pl.String
            )
        case "money_gbp":
            return value if typed else _two_decimals(value)
        case _:
            return value.cast(pl.String)


def _two_decimals(value: pl.Expr) -> pl.Expr:
    pence = (value * 100).round().cast(pl.Int64)
    return pl.format("{}.{}", pence // 100, (pence % 100).cast(pl.String).str.zfill(2))


def _first_codes(codes: dict[str, str]) -> dict[str, str]:
    """Canonical value -> the agency's first code for it."""
    first: dict[str, str] = {}
    for code, meaning in codes.items():
        first.setdefault(meaning, code)
    return first


def _coded(value: pl.Expr, codes: dict[str, str]) -> pl.Expr:
    first = _first_codes(codes)
    return value.replace_strict(first, return_dtype=pl.String)


def content(cells: pl.DataFrame, dataset: Dataset) -> bytes:
    """The file: CSV in UTF-8, a workbook with one sheet, or Parquet."""
    named = cells.rename({name: column.header for name, column in dataset.columns.items()})
    out = BytesIO()
    match file_format(dataset):
        case "xlsx":
            named.write_excel(
                out,
                worksheet=dataset.title[:31],
                autofit=False,
                dtype_formats={pl.Date: "dd/mm/yyyy"},
            )
        case "parquet":
            named.write_parquet(out)
        case _:
            named.write_csv(out)
    return out.getvalue()
