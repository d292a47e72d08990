"""What an officer fills in, made from the declaration: the header of a CSV, a workbook with notes, an explanation.

In: a dataset. Out: bytes of a file, or one ColumnNote per column. No template holds a record.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any, Final

from agencies.declaration import Column, Dataset

_ROWS: Final = 10_000
_NOTES: Final = ("Column", "Required", "What may stand in it", "Codes", "Help")
_FORMS: Final = {
    "id": "reference, letters and digits",
    "name": "name",
    "date": "date",
    "code": "code",
    "integer": "whole number",
    "number": "number",
    "money_gbp": "pounds",
    "yes_no": "yes or no",
    "address": "address without postcode",
    "postcode": "full postcode",
    "uprn": "UPRN, up to 12 digits",
    "nhs_number": "NHS number, ten digits",
    "nino": "National Insurance number",
    "upn": "unique pupil number",
    "sex": "code",
    "text": "short text",
    "free_text": "free text, screened and dropped",
}


@dataclass(frozen=True)
class ColumnNote:
    """What one column is, in words for the officer. `codes` maps the agency's code to our word."""

    column: str
    header: str
    kind: str
    form: str
    required: bool
    codes: dict[str, str]
    help: str


def explain(dataset: Dataset) -> tuple[ColumnNote, ...]:
    """One note per column, in the order of the file."""
    return tuple(
        ColumnNote(
            column=name,
            header=column.header,
            kind=column.kind,
            form=_form(column, dataset),
            required=column.required,
            codes=dict(column.codes),
            help=column.help,
        )
        for name, column in dataset.columns.items()
    )


def csv_template(dataset: Dataset) -> bytes:
    """The header row as CSV, in UTF-8 with the mark by which Excel knows it."""
    return _as_csv([[column.header for column in dataset.columns.values()]])


def csv_notes(dataset: Dataset) -> bytes:
    """The notes on every column, as a CSV to be read beside the template."""
    return _as_csv([list(_NOTES), *(_note_row(note) for note in explain(dataset))])


def xlsx_template(dataset: Dataset) -> bytes:
    """A workbook: a data sheet with the headers and lists of codes to choose from, and a sheet of notes."""
    import xlsxwriter

    content = io.BytesIO()
    # INVARIANT: in memory, so that no part of a workbook is ever a temporary file.
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        _fill_data_sheet(book, dataset)
        _fill_notes_sheet(book, dataset)
    return content.getvalue()


def _form(column: Column, dataset: Dataset) -> str:
    form = _FORMS[column.kind]
    if column.kind == "date":
        return f"{form} as {dataset.date_format}, or as %Y-%m-%d"
    if column.minimum is not None and column.maximum is not None:
        return f"{form} from {column.minimum:g} to {column.maximum:g}"
    if column.longest is not None:
        return f"{form}, at most {column.longest} characters"
    return form


def _note_row(note: ColumnNote) -> list[str]:
    codes = "; ".join(f"{code} = {meaning}" for code, meaning in note.codes.items())
    return [note.header, "yes" if note.required else "no", note.form, codes, note.help]


def _as_csv(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _fill_data_sheet(book: Any, dataset: Dataset) -> None:
    sheet = book.add_worksheet("Data")
    bold, day, text = (
        book.add_format({"bold": True, "text_wrap": True}),
        book.add_format({"num_format": "yyyy-mm-dd"}),
        # References keep their leading zeros only as text.
        book.add_format({"num_format": "@"}),
    )
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(dataset.columns.values()):
        exact = None if column.kind in ("integer", "number", "money_gbp") else text
        sheet.set_column(place, place, 18, day if column.kind == "date" else exact)
        sheet.write_string(0, place, column.header, bold)
        choices = list(column.codes)
        if choices and sum(map(len, choices)) + len(choices) < 255:
            sheet.data_validation(1, place, _ROWS, place, {"validate": "list", "source": choices})


def _fill_notes_sheet(book: Any, dataset: Dataset) -> None:
    sheet = book.add_worksheet("Notes")
    bold = book.add_format({"bold": True})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    for place, width in enumerate((28, 10, 36, 60, 60)):
        sheet.set_column(place, place, width)
    sheet.write_string(0, 0, f"{dataset.title}. {dataset.help}")
    for place, heading in enumerate(_NOTES):
        sheet.write_string(2, place, heading, bold)
    for line, note in enumerate(explain(dataset), 3):
        for place, cell in enumerate(_note_row(note)):
            sheet.write_string(line, place, cell, wrap)
