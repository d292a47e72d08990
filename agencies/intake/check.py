"""Every row against the declaration: typed cells, and for each rule the rows that break it.

In: the cells of the file as text, by canonical name. Out: Checked. A text is read and judged once, in whatever rows it
stands, and columns are read side by side; no cell becomes a Python object.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from agencies.declaration import Dataset
from agencies.intake.distinct import CORES, ROW, Told, tell_once
from agencies.intake.kinds import READERS
from agencies.intake.reading import Context, Place
from agencies.intake.rules import ROW_RULES
from agencies.intake.sheet import Cells

# A broken rule: canonical column (None for the row as a whole) and the name of the rule.
Breach = tuple[str | None, str]
_CELL, _PARSED = "cell", "parsed"
# Telling these once would cost more than it saves.
_HARDLY_REPEATED: Final = ("money_gbp", "free_text")


@dataclass(frozen=True)
class Checked:
    """`values` holds the typed cells and `row`; `breaches` maps each broken rule to a Boolean per row."""

    values: pl.DataFrame = field(repr=False)
    breaches: dict[Breach, pl.Series] = field(repr=False)


@dataclass(frozen=True)
class _Column:
    """The values of one column, and for each rule that is broken in it a Boolean per row."""

    kept: pl.Series = field(repr=False)
    broken: dict[str, pl.Series] = field(repr=False)


def trim(cells: pl.DataFrame, dataset: Dataset) -> Told:
    """Cells without space at either end, null where nothing is left."""
    declared = dataset.columns
    return tell_once(cells, {n for n in declared if declared[n].kind in _HARDLY_REPEATED})


def accepted(breaches: Mapping[Breach, pl.Series], height: int) -> pl.Series:
    """True for each row that breaks no rule that refuses."""
    good = pl.Series([True]).new_from_index(0, height)
    for (_, rule), mask in breaches.items():
        if rule in ROW_RULES:
            good &= ~mask
    return good


def check(cells: Told, dataset: Dataset, context: Context) -> Checked:
    """Read and judge every cell of trimmed rows, then what holds between the cells of a row."""
    names = [name for name in cells.names if name in dataset.columns]
    with ThreadPoolExecutor(CORES) as workers:
        read = workers.map(lambda name: _read(name, cells, dataset, context), names)
        columns = dict(zip(names, read, strict=True))
    breaches: dict[Breach, pl.Series] = {
        (n, rule): mask for n in names for rule, mask in columns[n].broken.items()
    }
    kept = [columns[n].kept.alias(n) for n in names if dataset.columns[n].kind != "free_text"]
    return _between_cells(pl.DataFrame([cells.rows, *kept]), breaches, dataset)


def breaches_of_file(cells: Cells, rows: pl.Series) -> dict[Breach, pl.Series]:
    """What the reader of the file found: rows cut short, cells with a spreadsheet error."""
    breaches: dict[Breach, pl.Series] = {}
    if cells.short_rows:
        breaches[None, "short_row"] = _flagged(rows, cells.short_rows)
    for position in sorted({place for _, place in cells.errors}):
        found = [row for row, place in cells.errors if place == position]
        breaches[cells.frame.columns[position], "cell_error"] = _flagged(rows, found)
    return breaches


def duplicate_rows(cells: Told) -> dict[Breach, pl.Series]:
    """True for each row that stands, cell for cell, further up in the file."""
    content = cells.places.drop(ROW)
    hashes = content.hash_rows(seed=1)
    if hashes.n_unique() == cells.places.height:
        return {}
    # Two different rows may share a hash, so the few candidates are compared in full.
    suspects = cells.places.filter(hashes.is_duplicated())
    again = suspects.filter(
        ~suspects.select(pl.struct(content.columns).is_first_distinct()).to_series()
    )
    return {(None, "duplicate_row"): _flagged(cells.rows, again[ROW].to_list())}


def _flagged(rows: pl.Series, chosen: Sequence[int]) -> pl.Series:
    return rows.is_in(pl.Series(chosen, dtype=pl.UInt32).implode())


def _read(name: str, cells: Told, dataset: Dataset, context: Context) -> _Column:
    """Read and judge each different text of a column, once."""
    column = dataset.columns[name]
    reading = READERS[column.kind](Place(pl.col(_CELL), pl.col(_PARSED)), column, context)
    texts = cells[name].to_frame(_CELL).lazy().with_columns(reading.parsed.alias(_PARSED)).collect()
    rules = {**reading.faults, **reading.notes}
    flags = texts.lazy().select(flag.alias(rule) for rule, flag in rules.items()).collect()
    broken = {
        rule: cells.spread(name, flags[rule]).fill_null(value=False)
        for rule in rules
        if flags[rule].any()
    }
    if column.required and cells.places[name].null_count():
        broken["required_missing"] = cells.places[name].is_null()
    kept = texts.select(pl.col(_PARSED) if reading.kept is None else reading.kept).to_series()
    if column.identifies and kept.dtype == pl.String:
        # So that linkage need not find out again which rows have equal texts; categories of its own go with the column.
        kept = kept.cast(pl.Categorical(pl.Categories.random()))
    return _Column(cells.spread(name, kept), broken)


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
