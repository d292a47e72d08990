"""Rows that must be refused at the door: a day that is none, a wrong check digit, an unknown code, a person in a note.

In: rendered cells, the dataset, and who each row is about. Out: the cells with some spoiled, and per row the rule
that it breaks (or null). The rules are those that intake reports, so that a test can compare them row by row.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from agencies.county.errors import some
from agencies.county.numbers import Strings, spoil_check_digit
from agencies.declaration import Dataset

_NO_SUCH_CODE = "Q7"
# Numbers that Ofcom keeps for drama, and a domain that RFC 2606 keeps for examples.
_NOTES = (
    "Spoke to {forename} {surname} at the door.",
    "Call back on 0116 496 0{number:03d} after six.",
    "Mail sent to contact{number}@example.org about the visit.",
    "Attended {postcode}, nobody at home.",
    "Gave NHS number {nhs_number} to the ambulance crew.",
)


def spoil(
    rng: np.random.Generator,
    cells: pl.DataFrame,
    dataset: Dataset,
    people: pl.DataFrame,
    rate: float,
) -> tuple[pl.DataFrame, pl.Series]:
    """Spoil a share `rate` of rows. `people` has, row by row, forename, surname, postcode and nhs_number."""
    broken: Strings = np.full(cells.height, None, dtype=object)
    columns = {name: cells[name].to_list() for name in cells.columns}
    ways = _ways(cells, dataset)
    for row in some(rng, cells.height, rate).tolist():
        rule, name = ways[int(rng.integers(0, len(ways)))]
        changed = _spoilt(rng, rule, columns[name][row], dataset, people, row)
        if changed != columns[name][row]:
            columns[name][row] = changed
            broken[row] = rule
    touched = {name for _, name in ways}
    frame = cells.with_columns(
        pl.Series(name, columns[name], dtype=cells.schema[name]) for name in touched
    )
    return frame, pl.Series("fault", broken.tolist(), dtype=pl.String)


def _ways(cells: pl.DataFrame, dataset: Dataset) -> list[tuple[str, str]]:
    """(rule, column) for everything that can be wrong in this dataset; text cells only."""
    ways: list[tuple[str, str]] = []
    for name, column in dataset.columns.items():
        if cells.schema[name] != pl.String:
            continue
        rules = {
            "date": "wrong_date",
            "nhs_number": "nhs_number_check",
            "upn": "upn_check",
            "code": "unknown_code",
            "free_text": "free_text_identifier",
        }
        if column.kind in rules:
            # The most common fault of all where there are notes: someone is named in them.
            ways += [(rules[column.kind], name)] * (4 if column.kind == "free_text" else 1)
        if column.required and column.kind not in ("id", "date"):
            ways.append(("required_missing", name))
    return ways


def _spoilt(
    rng: np.random.Generator,
    rule: str,
    cell: str | None,
    dataset: Dataset,
    people: pl.DataFrame,
    row: int,
) -> str | None:
    match rule:
        case "required_missing":
            return None
        case "unknown_code":
            return _NO_SUCH_CODE
        case "wrong_date":
            return _thirty_first_of_february(dataset.date_format)
        case "nhs_number_check":
            return cell and spoil_check_digit(cell)
        case "upn_check":
            return cell and ("B" if cell[0] == "A" else "A") + cell[1:]
        case _:
            return _telling_note(rng, people.row(row, named=True))


def _thirty_first_of_february(date_format: str) -> str:
    parts = {"%d": "31", "%m": "02", "%b": "Feb", "%Y": "2024"}
    for sign, part in parts.items():
        date_format = date_format.replace(sign, part)
    return date_format


def _telling_note(rng: np.random.Generator, person: dict[str, str | None]) -> str:
    """A note that names or points to the person by something the agency has registered of them."""
    empty = [f"{{{name}}}" for name, value in person.items() if value is None]
    notes = [note for note in _NOTES if not any(name in note for name in empty)]
    note = notes[int(rng.integers(0, len(notes)))]
    return note.format(**person, number=int(rng.integers(0, 1000)))
