"""Every rule of intake by name, with what it says to the data officer.

In: a rule and the declared column it was broken in. Out: message and fix. Only declared things are ever put
into a text (headers, codes, bounds), never anything read from the file.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from agencies.declaration import Column, Dataset
from agencies.intake.outcome import ExtractRejected, Finding

# rule -> (message, fix) of a refused file; {} is filled with declared names, places and limits only.
FILE_RULES: Final[dict[str, tuple[str, str]]] = {
    "unknown_file_type": (
        "The content is not CSV, XLSX or Parquet.",
        "Save the extract in one of these (an old .xls or a workbook with a password is none of them).",
    ),
    "empty_file": ("The file is empty.", "Export it again and look at it before you send it."),
    "header_only": ("The file has a header but no data row.", "Check the period of the export."),
    "file_too_large": (
        "The file is larger than {} bytes.",
        "Split it, for example by quarter, each part with the header.",
    ),
    "too_many_rows": (
        "The file has more than {} rows.",
        "Split it, for example by quarter, each part with the header.",
    ),
    "damaged_file": (
        "The file is cut short or damaged and cannot be read to its end.",
        "Export it again, and compare the sizes after the transfer.",
    ),
    "expands_too_far": (
        "The file is small but would unpack to far more than its size allows.",
        "Save the extract as CSV and send that.",
    ),
    "has_macros": ("The workbook holds macros.", "Save it as .xlsx without macros, or as CSV."),
    "several_sheets": (
        "More than one sheet of the workbook looks like the extract.",
        "Leave one sheet with data in the workbook.",
    ),
    "not_utf8": (
        "The text is not UTF-8; the first place is in line {}.",
        "In Excel choose 'CSV UTF-8' when saving; in a database tool set the encoding to UTF-8.",
    ),
    "no_header_row": (
        "The first row holds none of the declared headers.",
        "Put the column headers into the first row; the template shows them.",
    ),
    "second_header_row": (
        "The file has two header rows.",
        "Keep one row of headers, exactly as in the template, directly above the data.",
    ),
    "undeclared_column": (
        "Column {} is not declared for this dataset.",
        "Remove it: only what is declared may be sent. Headers must read as in the template.",
    ),
    "missing_column": (
        "The required column {} is missing.",
        "Add it, with its header exactly as in the template.",
    ),
    "duplicate_column": (
        "The header {} stands in more than one column.",
        "Keep the column that holds the data and remove the other.",
    ),
    "broken_quotes": (
        "Quotes or separators do not add up near data row {}.",
        'Cells with a comma, quote or line break need quotes around them, and a quote inside is "".',
    ),
    "unsupported_column": (
        "Column {} holds lists, structures or binary values.",
        "Write it as text, number, yes/no or date.",
    ),
}

# rule -> (message, fix) of a refused row.
ROW_RULES: Final[dict[str, tuple[str, str]]] = {
    "required_missing": ("A required cell is empty.", "Fill it, or leave the row out."),
    "wrong_date": (
        "This is not a day of the calendar.",
        "Write dates like {date_example}, or as 2024-02-29.",
    ),
    "date_in_future": ("The date lies in the future.", "Check day, month and year."),
    "date_too_early": (
        "The date lies before {not_before}.",
        "Check the year; write all four digits.",
    ),
    "ends_before_start": ("The end lies before the start.", "Check both dates."),
    "not_a_number": ("This is not a number.", "Write digits, with a point for decimals."),
    "not_whole_number": ("This is not a whole number.", "Write digits only."),
    "number_too_small": ("The number is below {minimum}.", "Check the number and its unit."),
    "number_too_large": ("The number is above {maximum}.", "Check the number and its unit."),
    "unknown_code": ("The code is not in the code list.", "Use one of: {codes}."),
    "not_yes_no": ("This is not yes or no.", "Use one of: {yes_no}."),
    "nhs_number_form": ("An NHS number has ten digits.", "Correct it, or leave the cell empty."),
    "nhs_number_check": (
        "The check digit of the NHS number is wrong.",
        "Look for a mistyped digit, or leave the cell empty.",
    ),
    "nino_form": (
        "A National Insurance number has two letters, six digits and a letter A to D.",
        "Correct it, or leave the cell empty.",
    ),
    "upn_form": (
        "A pupil number has a letter and twelve characters.",
        "Correct it, or leave the cell empty.",
    ),
    "upn_check": (
        "The check letter of the pupil number is wrong.",
        "Look for a mistyped digit, or leave the cell empty.",
    ),
    "uprn_form": ("A UPRN has one to twelve digits.", "Correct it, or leave the cell empty."),
    "postcode_form": (
        "This is not a full postcode.",
        "Write it in full, like LE1 1AA, or leave the cell empty.",
    ),
    "too_long": (
        "The text is longer than {longest} characters.",
        "Keep notes out of this column; shorten the text.",
    ),
    "id_form": (
        "A reference holds letters, digits and - . / _ only, without sentences.",
        "Keep notes out of this column.",
    ),
    "name_form": (
        "This does not look like a name.",
        "One name per cell, without titles, notes, numbers or e-mail addresses.",
    ),
    "control_character": (
        "The cell holds a character that cannot be printed.",
        "Remove line breaks and control characters from the cell.",
    ),
    "spreadsheet_formula": (
        "The cell begins like a spreadsheet formula.",
        "Paste values, not formulas; remove = + @ at the start.",
    ),
    "duplicate_row": (
        "The same row stands further up in the file.",
        "Send each record once.",
    ),
    "short_row": (
        "The row has fewer cells than the header.",
        "Look for a lost comma or line break, or a file cut short.",
    ),
    "cell_error": (
        "The cell holds a spreadsheet error.",
        "Correct the formula, or paste the value.",
    ),
    "free_text_identifier": (
        "The note names or points to a person (name, number, postcode, address, phone or e-mail).",
        "Take it out of the note, or leave the note empty; notes are dropped anyway.",
    ),
}

# rule -> (message, fix) of a note: the row is accepted, without this cell.
NOTES: Final[dict[str, tuple[str, str]]] = {
    "dummy_date": (
        "The date of birth is a made-up date and is taken as unknown.",
        "Leave the cell empty when the date is not known.",
    ),
    "dummy_number": (
        "The number repeats one digit and is taken as unknown.",
        "Leave the cell empty when the number is not known.",
    ),
    "born_after_record": (
        "The date of birth lies after the day of the record and is taken as unknown.",
        "Check the date of birth.",
    ),
    "no_fixed_postcode": (
        "ZZ99 stands for no fixed address and is taken as unknown.",
        "Nothing to do.",
    ),
    "empty_row": ("Rows without any filled cell were passed over.", "Nothing to do."),
}

_A_DAY: Final = date(2024, 2, 29)


def rejected(rule: str, *places: object) -> ExtractRejected:
    """The refusal of a whole file. `places` are declared names, positions or limits, never read values."""
    message, fix = FILE_RULES[rule]
    return ExtractRejected(rule, message.format(*places), fix)


def finding(row: int | None, rule: str, column: Column | None, dataset: Dataset) -> Finding:
    """The finding for one row, in the words of the declared column."""
    refuses = rule in ROW_RULES
    message, fix = ROW_RULES[rule] if refuses else NOTES[rule]
    words = _words(column, dataset)
    header = column.header if column else None
    return Finding(row, header, rule, message.format(**words), fix.format(**words), refuses)


def _words(column: Column | None, dataset: Dataset) -> dict[str, object]:
    words: dict[str, object] = {"date_example": _A_DAY.strftime(dataset.date_format)}
    if column is not None:
        words |= {
            "not_before": column.not_before or EARLIEST,
            "minimum": column.minimum,
            "maximum": column.maximum,
            "longest": column.longest,
            "codes": ", ".join(column.codes),
            "yes_no": ", ".join(column.codes) or "Y, N",
        }
    return words


# A date before this is a slip of the pen in every dataset.
EARLIEST: Final = date(1900, 1, 1)
