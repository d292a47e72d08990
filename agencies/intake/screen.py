"""Free text: does a note name or point to a person?

In: trimmed cells with `row`. Out: a Boolean per row for each free-text column. Sieves from coarse to fine: one Polars
pass marks the notes that could hold something; of these, the names that the extract itself holds are looked up
word by word, and the rest goes through Presidio. It keeps no note and logs none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import polars as pl

from agencies.declaration import Dataset
from agencies.intake.check import Breach
from agencies.intake.distinct import ROW, Told
from agencies.intake.names import NameFinder, spellings
from agencies.intake.suspicion import holds_own_value, may_hold_name, may_hold_reference

RULE: Final = "free_text_identifier"


def screen(
    told: Told, dataset: Dataset, progress: Callable[[float], None]
) -> dict[Breach, pl.Series]:
    """Masks of the rows whose note must not come in, by free-text column."""
    found: dict[Breach, pl.Series] = {}
    if not (notes := _free_text_of(told, dataset)):
        return found
    written = spellings(_names_of(told, dataset))
    cells = told.as_text()
    for name in notes:
        mask = _screen_column(cells, name, dataset, written, progress)
        if mask.any():
            found[name, RULE] = mask
    progress(1.0)
    return found


def _screen_column(
    cells: pl.DataFrame,
    name: str,
    dataset: Dataset,
    written: list[str],
    progress: Callable[[float], None],
) -> pl.Series:
    note = pl.col(name)
    marked = (
        cells.lazy()
        # A longer note is refused for its length already.
        .filter(note.str.len_chars() <= dataset.columns[name].longest)
        .select(
            ROW,
            note.alias("note"),
            holds_own_value(note, dataset, cells.columns).fill_null(value=False).alias("own"),
            may_hold_reference(note).alias("reference"),
            may_hold_name(note, written).alias("name"),
        )
        .filter(pl.any_horizontal("own", "reference", "name"))
        .collect()
    )
    hits = marked.filter(pl.col("own"))[ROW].to_list()
    hits += _looked_into(marked.filter(~pl.col("own")), NameFinder(written), progress)
    return cells[ROW].is_in(pl.Series(hits, dtype=pl.UInt32).implode())


def _looked_into(
    marked: pl.DataFrame, finder: NameFinder, progress: Callable[[float], None]
) -> list[int]:
    hits: list[int] = []
    for number, (row, note, _own, reference, name) in enumerate(marked.iter_rows()):
        if (name and finder.names_someone(note)) or (reference and _points_to_someone(note)):
            hits.append(row)
        if number % 1000 == 0:
            progress(number / marked.height)
    return hits


def _points_to_someone(note: str) -> bool:
    # Presidio takes two seconds to import; an extract without a suspicious note does without it.
    from agencies.intake.recognisers import points_to_someone

    return points_to_someone(note)


def _names_of(told: Told, dataset: Dataset) -> set[str]:
    columns = [dataset.column_for(role) for role in ("forename", "surname")]
    return {
        name
        for column in columns
        if column in told.names
        for name in told[column].drop_nulls().unique().to_list()
    }


def _free_text_of(told: Told, dataset: Dataset) -> list[str]:
    return [n for n, c in dataset.columns.items() if c.kind == "free_text" and n in told.names]
