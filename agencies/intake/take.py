"""Taking an extract in: open, match headers, check, screen free text, divide. The one way into the product.

In: the bytes of a file and its declaration. Out: an Intake with the accepted rows, or ExtractRejected. Raw values
live in these frames and nowhere else: nothing is written, logged or put into a message.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

import polars as pl

from agencies.declaration import Dataset
from agencies.intake.check import (
    Breach,
    accepted,
    breaches_of_file,
    check,
    duplicate_rows,
    trim,
)
from agencies.intake.distinct import ROW
from agencies.intake.division import identifiers_of, records_of
from agencies.intake.findings import report_on, with_empty_rows
from agencies.intake.formats import open_source
from agencies.intake.headers import declared_headers, match_headers
from agencies.intake.limits import Limits
from agencies.intake.outcome import Intake
from agencies.intake.reading import Context
from agencies.intake.rules import rejected
from agencies.intake.screen import screen
from agencies.intake.sheet import Cells

Progress = Callable[[float], None]


def take_in(
    content: bytes,
    filename: str,
    dataset: Dataset,
    *,
    limits: Limits | None = None,
    progress: Progress | None = None,
    today: date | None = None,
) -> Intake:
    """Take one extract in. Progress is told as a share from 0 to 1; `today` bounds dates (default: the clock).

    The kind of file is told by its content; `filename` is neither trusted nor repeated anywhere.
    Raises ExtractRejected when the file as a whole cannot be accepted.
    """
    del filename
    limits = limits or Limits()
    tell = progress or (lambda _share: None)
    cells = _read(content, dataset, limits)
    tell(0.3)
    raw = trim(cells.frame, dataset).without_empty_rows()
    if raw.rows.is_empty():
        raise rejected("header_only")
    empty_rows = cells.frame.height - len(raw.rows)
    breaches = breaches_of_file(cells, raw.rows)
    del cells
    checked = check(raw, dataset, Context(dataset.date_format, today or date.today()))
    tell(0.6)
    breaches |= checked.breaches | duplicate_rows(raw)
    breaches |= screen(raw, dataset, lambda share: tell(0.6 + 0.3 * share))
    del raw
    intake = _divided(checked.values, breaches, empty_rows, dataset, limits)
    tell(1.0)
    return intake


def _read(content: bytes, dataset: Dataset, limits: Limits) -> Cells:
    source = open_source(content, limits, declared_headers(dataset))
    names = match_headers(source.head(), dataset)
    cells = source.cells()
    if cells.frame.height > limits.rows:
        raise rejected("too_many_rows", limits.rows)
    frame = cells.frame.rename(dict(zip(cells.frame.columns, names, strict=True)))
    return replace(cells, frame=frame)


def _divided(
    values: pl.DataFrame,
    breaches: Mapping[Breach, pl.Series],
    empty_rows: int,
    dataset: Dataset,
    limits: Limits,
) -> Intake:
    good = accepted(breaches, values.height)
    report = report_on(breaches, good, values[ROW], dataset, limits.findings)
    if empty_rows:
        report = with_empty_rows(report, empty_rows, dataset)
    kept = values if good.all() else values.filter(good)
    return Intake(
        dataset=dataset,
        rows_read=values.height,
        identifiers=identifiers_of(kept, dataset),
        records=records_of(kept, dataset),
        report=report,
    )
