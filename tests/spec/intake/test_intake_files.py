"""What becomes of a whole file: which are refused, by which rule, and in which words."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, datetime

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from agencies.intake import ExtractRejected, Limits, take_in
from agencies.intake.rules import FILE_RULES

title = "A file that cannot be trusted as a whole is refused with its cause and its cure"

TODAY = date(2026, 1, 31)
SMALL = Limits(file_bytes=50_000, expanded_bytes=2_000_000, rows=50, ratio=20)
ROWS = [["Ref", "Seen", "Days"], ["a", "05/01/2024", "1"], ["b", "06/01/2024", "2"]]
SECRET = "Montgomery"


def csv_of(*rows: list[str], line="\n", separator=",") -> bytes:
    return "".join(separator.join(row) + line for row in rows).encode()


def xlsx_of(*sheets: list[list[object]]) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for rows in sheets:
            sheet = book.add_worksheet()
            for number, row in enumerate(rows):
                for place, cell in enumerate(row):
                    if isinstance(cell, datetime):
                        sheet.write_datetime(number, place, cell, day)
                    elif cell == "#DIV/0!":
                        sheet.write_formula(number, place, "=1/0", None, cell)
                    else:
                        sheet.write(number, place, cell)
    return content.getvalue()


def parquet_of(frame: pl.DataFrame | pa.Table) -> bytes:
    content = io.BytesIO()
    table = frame.to_arrow() if isinstance(frame, pl.DataFrame) else frame
    pq.write_table(table, content)
    return content.getvalue()


def with_member(workbook: bytes, name: str, text: bytes) -> bytes:
    """The workbook with one more or another member."""
    content = io.BytesIO()
    old = zipfile.ZipFile(io.BytesIO(workbook))
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            if member != name:
                new.writestr(member, old.read(member))
        new.writestr(name, text)
    return content.getvalue()


def sheet_xml(*cells: bytes) -> bytes:
    return (
        b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b'<sheetData><row r="1">' + b"".join(cells) + b"</row></sheetData></worksheet>"
    )


SHEET = "xl/worksheets/sheet1.xml"
PARQUET = pl.DataFrame(ROWS[1:], schema=ROWS[0], orient="row")

REFUSED: list[tuple[str, str, bytes]] = [
    ("empty_file", "no byte at all", b""),
    ("empty_file", "a mark and blank lines only", b"\xef\xbb\xbf\r\n\r\n"),
    ("empty_file", "a workbook without a filled cell", xlsx_of([])),
    ("header_only", "CSV", csv_of(ROWS[0])),
    ("header_only", "only empty rows below", csv_of(ROWS[0], ["", "", ""])),
    ("header_only", "XLSX", xlsx_of(ROWS[:1])),
    ("header_only", "Parquet", parquet_of(PARQUET.head(0))),
    ("unknown_file_type", "an old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600),
    ("unknown_file_type", "a picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
    ("unknown_file_type", "JSON", b'{"Ref": "a"}'),
    ("unknown_file_type", "a page", b"<html><body>Ref</body></html>"),
    ("unknown_file_type", "a zip of something else", b""),
    ("file_too_large", "more bytes than allowed", csv_of(*ROWS) + b"x" * 50_000),
    ("too_many_rows", "CSV", csv_of(ROWS[0], *[["a", "05/01/2024", "1"]] * 51)),
    ("too_many_rows", "Parquet", parquet_of(pl.concat([PARQUET] * 26))),
    ("damaged_file", "XLSX cut short", xlsx_of(ROWS)[:-200]),
    ("damaged_file", "Parquet cut short", parquet_of(PARQUET)[:-9]),
    ("damaged_file", "Parquet without its middle", b"PAR1" + b"\xff" * 64 + b"PAR1"),
    ("damaged_file", "XLSX with a spoilt member", b""),
    ("expands_too_far", "a sheet of blanks", b""),
    ("expands_too_far", "a far cell", b""),
    ("expands_too_far", "one long text named often", b""),
    ("has_macros", "a workbook with macros", b""),
    ("several_sheets", "the extract twice", xlsx_of(ROWS, ROWS)),
    ("not_utf8", "Latin-1", "Ref,Seen,Given\na,05/01/2024,Séan\n".encode("latin-1")),
    ("not_utf8", "UTF-16", "Ref,Seen\na,05/01/2024\n".encode("utf-16")),
    ("no_header_row", "data from the first row on", csv_of(["a", "05/01/2024", SECRET])),
    ("second_header_row", "the header twice", csv_of(ROWS[0], *ROWS)),
    ("second_header_row", "a title above", csv_of(["Extract of", SECRET, ""], *ROWS)),
    ("undeclared_column", "one too many", csv_of(["Ref", "Seen", SECRET], ["a", "05/01/2024", "x"])),
    ("undeclared_column", "one without a header", csv_of(["Ref", "Seen", ""], ["a", "05/01/2024", "x"])),
    ("missing_column", "the day of the visit", csv_of(["Ref", "Days"], ["a", "1"])),
    ("duplicate_column", "twice the same", csv_of(["Ref", "Seen", "seen "], ["a", "05/01/2024", "x"])),
    ("broken_quotes", "a quote left open", b'Ref,Seen,Home\na,05/01/2024,"1 High St\nb,06/01/2024,x\n'),
    ("broken_quotes", "a quote inside a cell", b'Ref,Seen,Home\na,05/01/2024,x\nb,06/01/2024,"x"y\n'),
    ("broken_quotes", "a cell too many", b"Ref,Seen,Home\na,05/01/2024,x\nb,06/01/2024,1,High St\n"),
    ("unsupported_column", "lists", parquet_of(PARQUET.with_columns(Days=pl.lit([1, 2])))),
]  # fmt: skip

BUILT = {
    "a zip of something else": lambda: with_member(b"PK\x05\x06" + b"\0" * 18, "a.txt", b"hello"),
    "XLSX with a spoilt member": lambda: spoilt(xlsx_of([*ROWS, *[["x" * 40, n, n] for n in range(40)]])),
    "a sheet of blanks": lambda: with_member(xlsx_of(ROWS), SHEET, b" " * 3_000_000),
    "a far cell": lambda: with_member(
        xlsx_of(ROWS), SHEET, sheet_xml(b'<c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c>')
    ),
    "one long text named often": lambda: with_member(
        with_member(xlsx_of(ROWS), "xl/sharedStrings.xml", b"<sst><si><t>" + b"x" * 30_000 + b"</t></si></sst>"),
        SHEET,
        sheet_xml(*[b'<c r="A1" t="s"><v>0</v></c>'] * 400),
    ),
    "a workbook with macros": lambda: with_member(xlsx_of(ROWS), "xl/vbaProject.bin", b"x"),
}  # fmt: skip


def spoilt(workbook: bytes) -> bytes:
    middle = len(workbook) // 3
    return (
        workbook[:middle]
        + bytes(255 - b for b in workbook[middle : middle + 40])
        + workbook[middle + 40 :]
    )


@pytest.mark.parametrize(
    ("rule", "what", "content"), REFUSED, ids=[f"{r}: {w}" for r, w, _ in REFUSED]
)
def test_a_file_is_refused_by_its_rule(visits, rule, what, content):
    content = BUILT[what]() if what in BUILT else content
    with pytest.raises(ExtractRejected) as caught:
        take_in(content, f"{SECRET}.csv", visits, limits=SMALL, today=TODAY)
    refusal = caught.value
    assert refusal.rule == rule
    assert refusal.fix
    assert SECRET.lower() not in f"{refusal} {refusal.args}".lower()
    assert refusal.__cause__ is None
    assert refusal.__context__ is None


def test_every_rule_of_a_file_stands_in_the_table():
    assert {rule for rule, _, _ in REFUSED} == set(FILE_RULES)


def test_a_declared_size_that_lies_is_found_out(visits):
    honest = with_member(xlsx_of(ROWS), SHEET, b" " * 3_000_000)
    size = (3_000_000).to_bytes(4, "little")
    lying = honest.replace(size, (1000).to_bytes(4, "little"))
    assert lying != honest
    with pytest.raises(ExtractRejected) as caught:
        take_in(lying, "x.xlsx", visits, limits=SMALL, today=TODAY)
    assert caught.value.rule in ("expands_too_far", "damaged_file")


def test_a_long_sheet_is_no_bomb(visits):
    rows = b'<c r="A100000" t="inlineStr"><is><t>Ref</t></is></c>'
    content = with_member(xlsx_of(ROWS), SHEET, sheet_xml(rows))
    with pytest.raises(ExtractRejected) as caught:
        take_in(content, "x.xlsx", visits, today=TODAY)
    assert caught.value.rule == "missing_column"


def test_parquet_that_repeats_one_long_text_is_refused_before_it_is_spread_out(visits):
    long = pl.DataFrame(
        {"Ref": ["a"] * 40, "Seen": ["05/01/2024"] * 40, "Note": ["x" * 90_000] * 40}
    )
    content = parquet_of(long)
    assert len(content) < 50_000
    with pytest.raises(ExtractRejected) as caught:
        take_in(content, "x.parquet", visits, limits=SMALL, today=TODAY)
    assert caught.value.rule == "expands_too_far"


@pytest.mark.parametrize(
    ("what", "content"),
    [
        ("a mark in front", b"\xef\xbb\xbf" + csv_of(*ROWS)),
        ("Windows lines", csv_of(*ROWS, line="\r\n")),
        ("old Mac lines", csv_of(*ROWS, line="\r")),
        ("no last line end", csv_of(*ROWS).rstrip()),
        ("blank lines at the end", csv_of(*ROWS) + b"\r\n\r\n\r\n"),
        ("semicolons", csv_of(*ROWS, separator=";")),
        ("tabs", csv_of(*ROWS, separator="\t")),
        ("another order and other capitals", csv_of(*[[f" {c.upper()} " for c in row[::-1]] for row in ROWS])),
        ("quoted cells", csv_of(*[[f'"{cell}"' for cell in row] for row in ROWS])),
        ("a workbook of text", xlsx_of(ROWS)),
        ("a workbook of dates and numbers", xlsx_of([ROWS[0], ["a", datetime(2024, 1, 5), 1], ["b", datetime(2024, 1, 6), 2.0]])),
        ("a workbook with notes", xlsx_of([["Read me first"]], ROWS)),
        ("Parquet of text", parquet_of(PARQUET)),
        ("Parquet of dates and numbers", parquet_of(PARQUET.with_columns(pl.col("Seen").str.to_date("%d/%m/%Y"), pl.col("Days").cast(pl.Int32)))),
        ("Parquet of times and floats", parquet_of(PARQUET.with_columns(pl.col("Seen").str.to_datetime("%d/%m/%Y"), pl.col("Days").cast(pl.Float64)))),
        ("Parquet of categories", parquet_of(PARQUET.with_columns(pl.col("Ref").cast(pl.Categorical)))),
    ],
)  # fmt: skip
def test_one_extract_reads_the_same_in_every_form(visits, what, content):
    intake = take_in(content, "any.name", visits, today=TODAY)
    assert intake.report.findings == (), what
    assert [each.lower() for each in intake.identifiers["agency_id"]] == ["a", "b"]
    assert intake.identifiers["seen_on"].to_list() == [date(2024, 1, 5), date(2024, 1, 6)]
    assert intake.records["days"].to_list() == [1, 2]


def test_a_row_cut_short_is_returned_and_the_others_come_in(visits):
    content = b'Ref,Seen,Home,Note\na,05/01/2024,"1, High St",\nb,06/01/2024\n\nc,07/01/2024,"2, High St",\n'
    report = take_in(content, "x.csv", visits, today=TODAY).report
    assert [(finding.row, finding.rule) for finding in report.findings if finding.row] == [
        (2, "short_row")
    ]
    assert report.rows_accepted == 2


def test_a_spreadsheet_error_is_returned_and_not_read_as_empty(visits):
    content = xlsx_of(
        [ROWS[0], ["a", datetime(2024, 1, 5), "#DIV/0!"], ["b", datetime(2024, 1, 6), 2]]
    )
    report = take_in(content, "x.xlsx", visits, today=TODAY).report
    assert [(f.row, f.column, f.rule) for f in report.findings] == [(1, "Days", "cell_error")]


def test_a_wrong_encoding_is_placed_by_line(visits):
    content = "Ref,Seen,Given\na,05/01/2024,Sean\nb,05/01/2024,Séan\n".encode("latin-1")
    with pytest.raises(ExtractRejected, match="line 3"):
        take_in(content, "x.csv", visits)


def test_a_broken_row_is_placed_by_number(visits):
    rows = [
        *ROWS,
        *[["c", "07/01/2024", "3"]] * 5,
        ["d", "07/01/2024", "3", "4"],
        ["e", "08/01/2024", "5"],
    ]
    with pytest.raises(ExtractRejected, match="data row 8"):
        take_in(csv_of(*rows), "x.csv", visits)


def test_cells_with_separators_quotes_and_lines_stay_one_cell(visits):
    content = b'Ref,Seen,Home\na,05/01/2024,"Flat 1, ""The Elms""\n2 High St"\n'
    intake = take_in(content, "x.csv", visits, today=TODAY)
    assert intake.identifiers["address"].to_list() == ['Flat 1, "The Elms"\n2 High St']


def test_a_report_is_plain_json(visits):
    report = take_in(csv_of(*ROWS, ["c", "32/01/2024", "3"]), "x.csv", visits, today=TODAY).report
    told = json.loads(json.dumps(report.to_dict()))
    assert told["rows_refused"] == 1
    assert told["findings"][0]["rule"] == "wrong_date"


def test_progress_only_grows_and_ends_at_one(visits):
    shares: list[float] = []
    take_in(csv_of(*ROWS), "x.csv", visits, today=TODAY, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_intake_shows_no_person_when_printed(visits):
    intake = take_in(csv_of(["Ref", "Seen", "Family"], ["a", "05/01/2024", SECRET]), "x", visits)
    assert SECRET not in f"{intake!r} {intake}"
