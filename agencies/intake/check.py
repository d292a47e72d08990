"""Every row against the declaration: typed cells, and for each rule the rows that break it.

In: the cells of the file as text, by canonical name. Out: Checked. The rules run as one Polars query; no cell becomes a
Python object.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from agencies.declaration import Dataset
from agencies.intake.kinds import READERS
from agencies.intake.reading import Context, Place, Reading
from agencies.intake.rules import ROW_RULES
from agencies.intake.sheet import Cells

# A broken rule: canonical column (None for the row as a whole) and the name of the rule.
Breach = tuple[str | None, str]
ROW: Final = "row"
_PARSED: Final = "="


@dataclass(frozen=True)
class Checked:
    """`values` holds the typed cells and `row`; `breaches` maps each broken rule to a Boolean per row."""

    values: pl.DataFrame = field(repr=False)
    breaches: dict[Breach, pl.Series] = field(repr=False)


def trim(cells: pl.DataFrame) -> pl.DataFrame:
    """Cells without space at either end, null where nothing is left, numbered from 1 as `row`."""
    text = cells.select(pl.all().str.strip_chars())
    blank = [
        each.name for each in text.select((pl.all().str.len_bytes() == 0).any()) if each.item()
    ]
    filled = text.with_columns(pl.when(pl.col(blank).str.len_bytes() > 0).then(pl.col(blank)))
    return filled.with_row_index(ROW, offset=1).with_columns(pl.col(ROW).cast(pl.UInt32))


def is_empty_row(cells: pl.DataFrame) -> pl.Series:
    """True for each trimmed row without a single filled cell."""
    return cells.select(pl.all_horizontal(pl.exclude(ROW).is_null())).to_series()


def accepted(breaches: Mapping[Breach, pl.Series], height: int) -> pl.Series:
    """True for each row that breaks no rule that refuses."""
    good = pl.Series([True]).new_from_index(0, height)
    for (_, rule), mask in breaches.items():
        if rule in ROW_RULES:
            good &= ~mask
    return good


def check(cells: pl.DataFrame, dataset: Dataset, context: Context) -> Checked:
    """Read and judge every cell of trimmed rows, then what holds between the cells of a row."""
    names = [name for name in cells.columns if name in dataset.columns]
    readings = {name: _read(name, dataset, context) for name in names}
    cells = _parse(cells, readings)
    breaches: dict[Breach, pl.Series] = {}
    for name, masks in _judge(cells, readings, dataset).items():
        breaches |= {(name, rule): mask for rule, mask in masks.items()}
    kept = [_kept(name, readings[name]) for name in names if _is_kept(name, dataset)]
    return _between_cells(cells.select(pl.col(ROW), *kept), breaches, dataset)


def breaches_of_file(cells: Cells, rows: pl.Series) -> dict[Breach, pl.Series]:
    """What the reader of the file found: rows cut short, cells with a spreadsheet error."""
    breaches: dict[Breach, pl.Series] = {}
    if cells.short_rows:
        breaches[None, "short_row"] = _flagged(rows, cells.short_rows)
    for position in sorted({place for _, place in cells.errors}):
        found = [row for row, place in cells.errors if place == position]
        breaches[cells.frame.columns[position], "cell_error"] = _flagged(rows, found)
    return breaches


def duplicate_rows(cells: pl.DataFrame) -> dict[Breach, pl.Series]:
    """True for each row that stands, cell for cell, further up in the file."""
    content = cells.drop(ROW)
    alike = content.hash_rows(seed=1).is_duplicated()
    if not alike.any():
        return {}
    # Two different rows may share a hash, so the few candidates are compared in full.
    suspects = cells.filter(alike)
    again = suspects.filter(
        ~suspects.select(pl.struct(content.columns).is_first_distinct()).to_series()
    )
    return {(None, "duplicate_row"): _flagged(cells[ROW], again[ROW].to_list())}


def _flagged(rows: pl.Series, chosen: Sequence[int]) -> pl.Series:
    return rows.is_in(pl.Series(chosen, dtype=pl.UInt32).implode())


def _read(name: str, dataset: Dataset, context: Context) -> Reading:
    column = dataset.columns[name]
    place = Place(pl.col(name), pl.col(_PARSED + name))
    return READERS[column.kind](place, column, context)


def _kept(name: str, reading: Reading) -> pl.Expr:
    kept = pl.col(_PARSED + name) if reading.kept is None else reading.kept
    return kept.alias(name)


def _parse(cells: pl.DataFrame, readings: Mapping[str, Reading]) -> pl.DataFrame:
    """The cells with a parsed column beside each, so that no rule parses a cell again."""
    parsed = [reading.parsed.alias(_PARSED + name) for name, reading in readings.items()]
    cells = cells.lazy().with_columns(parsed).collect()
    second = [
        pl.coalesce(pl.col(_PARSED + name), reading.retry).alias(_PARSED + name)
        for name, reading in readings.items()
        if reading.retry is not None
        and cells[_PARSED + name].null_count() > cells[name].null_count()
    ]
    return cells.lazy().with_columns(second).collect() if second else cells


def _judge(
    cells: pl.DataFrame, readings: Mapping[str, Reading], dataset: Dataset
) -> dict[str, dict[str, pl.Series]]:
    """The broken rules of each column, with a Boolean per row."""
    suspects = [name for name, reading in readings.items() if reading.suspect is not None]
    marks = [_suspect(name, readings[name], dataset) for name in suspects]
    marked = cells.lazy().select(marks).collect()
    rules = {name: _rules(name, reading, dataset) for name, reading in readings.items()}
    plain = {name: rules[name] for name in readings if name not in suspects}
    labelled = {(n, rule): expr for n, each in plain.items() for rule, expr in each.items()}
    flags = [_known(flag, f"{name}?{rule}") for (name, rule), flag in labelled.items()]
    judged = cells.lazy().select(flags).collect()
    found: dict[str, dict[str, pl.Series]] = {name: {} for name in readings}
    for name, rule in labelled:
        found[name][rule] = judged[f"{name}?{rule}"]
    for name in suspects:
        found[name] = _judge_some(cells, marked[name], rules[name])
    return {n: {rule: m for rule, m in each.items() if m.any()} for n, each in found.items()}


def _judge_some(
    cells: pl.DataFrame, marked: pl.Series, rules: Mapping[str, pl.Expr]
) -> dict[str, pl.Series]:
    """Like `_judge` for one column, on the marked rows only."""
    if not marked.any():
        return {}
    places = marked.arg_true()
    some = cells.lazy().filter(marked)
    judged = some.select(_known(flag, rule) for rule, flag in rules.items()).collect()
    nowhere = pl.Series([False]).new_from_index(0, cells.height)
    # `scatter` writes in place, so each rule gets a mask of its own.
    return {r: nowhere.clone().scatter(places.filter(judged[r]), values=True) for r in rules}


def _rules(name: str, reading: Reading, dataset: Dataset) -> dict[str, pl.Expr]:
    rules = {**reading.faults, **reading.notes}
    if dataset.columns[name].required:
        rules["required_missing"] = pl.col(name).is_null()
    return rules


def _suspect(name: str, reading: Reading, dataset: Dataset) -> pl.Expr:
    mark = pl.lit(value=True) if reading.suspect is None else reading.suspect
    if dataset.columns[name].required:
        mark = mark | pl.col(name).is_null()
    return _known(mark, name)


def _known(flag: pl.Expr, label: str) -> pl.Expr:
    return flag.fill_null(value=False).alias(label)


def _is_kept(name: str, dataset: Dataset) -> bool:
    return dataset.columns[name].kind != "free_text"


def _between_cells(
    values: pl.DataFrame, breaches: dict[Breach, pl.Series], dataset: Dataset
) -> Checked:
    for start, end in dict.fromkeys((rule.on, rule.until) for rule in dataset.events):
        if end is not None and {start, end} <= set(values.columns):
            backwards = (values[end] < values[start]).fill_null(value=False)
            if backwards.any():
                breaches[end, "ends_before_start"] = backwards
    born = dataset.column_for("date_of_birth")
    if born is not None and born in values.columns:
        unborn = (values[born] > values[dataset.date]).fill_null(value=False)
        if (born, "date_in_future") in breaches:
            unborn &= ~breaches[born, "date_in_future"]
        if unborn.any():
            breaches[born, "born_after_record"] = unborn
            values = values.with_columns(pl.when(~unborn).then(pl.col(born)).alias(born))
    return Checked(values, breaches)
