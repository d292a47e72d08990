"""The files an officer fills in come from the declaration, and intake takes them back."""

from __future__ import annotations

import csv
import io
from datetime import date

import fastexcel
import polars as pl
import pytest

from agencies.intake import ExtractRejected, take_in
from agencies.register import load_register
from agencies.templates import csv_notes, csv_template, explain, xlsx_template

REGISTER = load_register()


@pytest.mark.parametrize("dataset", REGISTER.datasets, ids=lambda d: f"{d.agency}.{d.name}")
@pytest.mark.parametrize("template", [csv_template, xlsx_template])
def test_an_empty_template_is_recognised_by_intake(dataset, template):
    with pytest.raises(ExtractRejected) as caught:
        take_in(template(dataset), "x", dataset)
    assert caught.value.rule == "header_only"


def test_a_filled_template_comes_in():
    contacts = REGISTER.dataset("police", "contacts")
    row = "n1,Ann,Lee,01/02/1990,F,1 High Street,LE1 1AA,ME,03/02/2024,OFF,SUS,DRU,Y,\r\n"
    intake = take_in(csv_template(contacts) + row.encode(), "x", contacts, today=date(2026, 1, 31))
    assert intake.report.findings == ()
    assert intake.records["district"].to_list() == ["melton"]


def test_the_explanation_tells_every_column():
    contacts = REGISTER.dataset("police", "contacts")
    notes = {note.column: note for note in explain(contacts)}
    assert list(notes) == list(contacts.columns)
    assert notes["role"].required
    assert notes["role"].codes["SUS"] == "suspect"
    assert "%d/%m/%Y" in notes["contact_on"].form
    assert all(note.help and note.form for note in notes.values())


def test_the_notes_stand_beside_the_template_and_in_the_workbook():
    tenancies = REGISTER.dataset("housing", "tenancies")
    rows = list(csv.reader(io.StringIO(csv_notes(tenancies).decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == [c.header for c in tenancies.columns.values()]
    book = fastexcel.read_excel(xlsx_template(tenancies))
    assert book.sheet_names == ["Data", "Notes"]
    sheet = pl.DataFrame(book.load_sheet("Notes", header_row=None, dtypes="string"))
    assert "Rent arrears" in sheet.to_series(0).to_list()
