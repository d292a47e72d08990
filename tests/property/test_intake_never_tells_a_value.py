"""Whatever stands in a file: intake answers with an Intake or a refusal, and repeats nothing it has read."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from agencies.intake import ExtractRejected, Intake, take_in
from agencies.intake.rules import FILE_RULES, NOTES, ROW_RULES, finding
from agencies.register import load_register

title = "No value of a file is ever repeated in a message"

CLINIC = Path(__file__).parents[1] / "spec" / "intake" / "clinic"
VISITS = load_register(CLINIC).dataset("clinic", "visits")
HEADERS = [column.header for column in VISITS.columns.values()]
TODAY = date(2026, 1, 31)
# All that intake can say about this dataset by itself: findings as they are shown, rules, and the frame around them.
OWN_WORDS = " ".join(
    f"{vars(finding(1, rule, column, VISITS))}, '{rule}': 1"
    for column in VISITS.columns.values()
    for rule in (*ROW_RULES, *NOTES)
) + " ".join(
    [
        *(f"{rule} {ExtractRejected(rule, *said)!r} {said}" for rule, said in FILE_RULES.items()),
        "{'rows_read': 1, 'rows_accepted': 1, 'rows_refused': 0, 'counts': {}, 'findings': []}",
        "Intake(rows_read=1) 'refuses': False} None",
    ]
)

CELL = st.one_of(
    st.text(min_size=0, max_size=30),
    st.from_regex(r"[A-Z][a-z]{3,8}( [A-Z][a-z]{3,8})?", fullmatch=True),
    st.from_regex(r"[0-9/\- .]{4,14}", fullmatch=True),
    st.from_regex(r"[A-Z]{2}[0-9]{6}[A-Z]", fullmatch=True),
)
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _told(content: bytes) -> str:
    """Everything that intake says about the file."""
    try:
        intake = take_in(content, "x", VISITS, today=TODAY)
    except ExtractRejected as refused:
        refusal = refused
    else:
        return _told_of(intake)
    assert refusal.rule in FILE_RULES
    assert refusal.__cause__ is None
    assert refusal.__context__ is None
    return f"{refusal} {refusal!r} {refusal.args}"


def _told_of(intake: Intake) -> str:
    report = intake.report
    assert report.rows_read == report.rows_accepted + report.rows_refused
    assert intake.identifiers.height == intake.records.height == report.rows_accepted
    return f"{report.to_dict()} {intake!r}"


@given(st.dictionaries(st.sampled_from(HEADERS), CELL, min_size=1))
@QUICK
def test_a_finding_never_holds_the_value_of_a_cell(cells):
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADERS)
    writer.writeheader()
    writer.writerow(cells)
    told = _told(text.getvalue().encode("utf-8", "replace"))
    for cell in cells.values():
        value = cell.strip()
        if len(value) > 3 and value not in OWN_WORDS and not value.isspace():
            assert value not in told


@given(st.lists(CELL, min_size=1, max_size=5), st.lists(CELL, min_size=1, max_size=5))
@QUICK
def test_a_file_without_headers_does_not_show_its_first_person(first, second):
    assume(not {cell.strip().casefold() for cell in first} & {h.casefold() for h in HEADERS})
    text = io.StringIO()
    csv.writer(text).writerows([first, second])
    told = _told(text.getvalue().encode("utf-8", "replace"))
    for cell in (*first, *second):
        value = cell.strip()
        if len(value) > 3 and value not in OWN_WORDS:
            assert value not in told


@given(st.binary(max_size=300))
@QUICK
def test_any_bytes_get_an_answer(content):
    _told(content)


def _csv() -> bytes:
    rows = "".join(f"r{n},05/01/2024,{n},1 High St\n" for n in range(30))
    return b"Ref,Seen,Days,Home\n" + rows.encode()


def _xlsx() -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate(_csv().decode().splitlines()):
            sheet.write_row(number, 0, line.split(","))
    return content.getvalue()


def _parquet() -> bytes:
    content = io.BytesIO()
    pl.read_csv(_csv(), infer_schema=False).write_parquet(content)
    return content.getvalue()


WHOLE = {"csv": _csv(), "xlsx": _xlsx(), "parquet": _parquet()}


@pytest.mark.parametrize("form", WHOLE)
@given(
    places=st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=8),
    byte=st.integers(0, 255),
    end=st.floats(0.2, 1),
)
@QUICK
def test_a_spoilt_file_gets_an_answer(form, places, byte, end):
    content = bytearray(WHOLE[form])
    for place in places:
        content[int(place * len(content))] = byte
    told = _told(bytes(content[: int(end * len(content)) + 1]))
    assert "High St" not in told
