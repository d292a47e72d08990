"""What becomes of a single cell."""

from __future__ import annotations

import pytest

from agencies.intake.rules import NOTES, ROW_RULES

title = "A wrong cell is named by row, column and rule; the value is never repeated"

# header | cell | what happens: the rule, or = and the value that is kept
CELLS = """
Born       | 05/03/2011            | = 2011-03-05
Born       | 5/3/2011              | = 2011-03-05
Born       | 2011-03-05            | = 2011-03-05
Born       | 2011-03-05 00:00:00   | = 2011-03-05
Born       | 29/02/2020            | = 2020-02-29
Born       | 31/02/2011            | wrong_date
Born       | 29/02/2023            | wrong_date
Born       | 05/13/2011            | wrong_date
Born       | 05-03-2011            | wrong_date
Born       | 5 March 2011          | wrong_date
Born       | 05/03/2011 or later   | wrong_date
Born       | 05/03/11              | date_too_early
Born       | 05/03/1867            | date_too_early
Born       | 01/02/2026            | date_in_future
Born       | 01/01/1900            | dummy_date
Born       | 01/01/1901            | dummy_date
Born       | 11/11/1111            | dummy_date
Born       | 31/12/9999            | dummy_date
Born       | 06/01/2024            | born_after_record
Seen       | 31/01/2026            | = 2026-01-31
Seen       | 01/02/2026            | date_in_future
Seen       | 31/12/1999            | date_too_early
Seen       | 01/01/2000            | = 2000-01-01
Seen       |                       | required_missing
Ref        |                       | required_missing
Left       | 05/01/2024            | = 2024-01-05
Left       | 04/01/2024            | ends_before_start
Ref        | AB/12-3.4_5           | = AB/12-3.4_5
Ref        | seen twice, see file! | id_form
Ref        | =HYPERLINK("x")       | spreadsheet_formula
Ref        | +12                   | spreadsheet_formula
Ref        | -1+cmd(A0)            | spreadsheet_formula
Given      | Anne-Marie            | = Anne-Marie
Given      | Séan O'Néill          | = Séan O'Néill
Given      | J0hn                  | = J0hn
Given      | @name                 | spreadsheet_formula
Given      | jo@example.org        | name_form
Given      | 07700900123           | name_form
Given      | one two three four five six seven | name_form
Home       | 1 High Street, Melton | = 1 High Street, Melton
Birthplace | Melton                | = Melton
Postcode   | le1 1aa               | = LE1 1AA
Postcode   | LE11AA                | = LE11AA
Postcode   | LE1                   | postcode_form
Postcode   | 1LE 1AA               | postcode_form
Postcode   | ZZ99 3VZ              | no_fixed_postcode
Uprn       | 000100012345          | = 100012345
Uprn       | 1234567890123         | uprn_form
Uprn       | 0                     | uprn_form
Nhs        | 943 476 5919          | = 9434765919
Nhs        | 943-476-5919          | = 9434765919
Nhs        | 9434765918            | nhs_number_check
Nhs        | 943476591             | nhs_number_form
Nhs        | 9999999999            | dummy_number
Nino       | ab 12 34 56 c         | = AB123456C
Nino       | AB123456              | = AB123456
Nino       | BG123456A             | nino_form
Nino       | AB123456E             | nino_form
Nino       | DA123456A             | nino_form
Upn        | B801200005001         | = B801200005001
Upn        | A801200005001         | upn_check
Upn        | X80120000A001         | upn_form
Sex        | f                     | = F
Sex        | Unknown               | = null
Sex        | X                     | unknown_code
Reason     | A                     | = accident
Reason     | a                     | = accident
Reason     | D                     | unknown_code
Reason     | accident              | unknown_code
Days       | 12                    | = 12
Days       | 12.0                  | = 12
Days       | 12.5                  | not_whole_number
Days       | twelve                | not_whole_number
Days       | -1                    | number_too_small
Days       | 367                   | number_too_large
Dose       | 0.25                  | = 0.25
Dose       | 1,250.5               | = 1250.5
Dose       | 12,5                  | not_a_number
Dose       | nan                   | not_a_number
Dose       | inf                   | not_a_number
Dose       | 0x10                  | not_a_number
Fee        | £12.34                | = 1234
Fee        | 0.29                  | = 29
Fee        | 1,000.00              | = 100000
Fee        | 1000.01               | number_too_large
Fee        | -0.01                 | number_too_small
Fee        | (12.00)               | not_a_number
Urgent     | Y                     | = True
Urgent     | no                    | = False
Urgent     | maybe                 | not_yes_no
"""

KEPT_AS = {
    "Fee": "fee_pence",
    "Birthplace": "other_birth_place",
    "Seen": "seen",
    "Ref": "agency_id",
}


def _lines():
    return [[part.strip() for part in line.split("|")] for line in CELLS.strip().splitlines()]


def _kept(intake, visits, header):
    name = next(n for n, c in visits.columns.items() if c.header == header)
    role = visits.columns[name].identifies
    frame = intake.identifiers if role else intake.records
    value = frame[role or visits.record_column(name)][0]
    return "null" if value is None else str(value)


@pytest.mark.parametrize(("header", "cell", "outcome"), _lines())
def test_a_cell_is_kept_or_its_rule_is_named(send, visits, header, cell, outcome):
    intake = send({"Nhs": "", header: cell})
    findings = intake.report.findings
    if outcome.startswith("="):
        assert findings == ()
        assert _kept(intake, visits, header) == outcome[1:].strip()
        return
    assert [(f.row, f.column, f.rule) for f in findings] == [(1, header, outcome)]
    assert intake.report.rows_accepted == (1 if outcome in NOTES else 0)
    if outcome in NOTES:
        assert _kept(intake, visits, header) == "null"


@pytest.mark.parametrize(
    ("header", "cell", "outcome"),
    [
        ("Ref", "x" * 40, None),
        ("Ref", "x" * 41, "too_long"),
        ("Given", "x" * 61, "too_long"),
        ("Home", "x" * 201, "too_long"),
        ("Home", "1 High Street\nMelton", None),
        ("Birthplace", "x" * 81, "too_long"),
        ("Note", "x" * 4000, None),
        ("Note", "x" * 4001, "too_long"),
        ("Note", 'first line\nsecond, with a "quote"', None),
        ("Given", "Jo\nAnn", "control_character"),
        ("Given", "Jo\x00", "control_character"),
        ("Home", "1 High\x00Street", "control_character"),
        ("Note", "calm\x00", "control_character"),
    ],
)
def test_long_or_unprintable_text_is_refused(send, header, cell, outcome):
    rules = [finding.rule for finding in send({header: cell}).report.findings]
    assert rules == ([outcome] if outcome else [])


def test_good_rows_come_in_while_bad_ones_are_returned(send):
    intake = send({"Days": "1"}, {"Days": "many"}, {"Days": "3"})
    assert intake.rows_read == 3
    assert intake.records["row"].to_list() == [1, 3]
    assert intake.identifiers["agency_id"].to_list() == ["r1", "r3"]
    report = intake.report
    assert (report.rows_read, report.rows_accepted, report.rows_refused) == (3, 2, 1)
    assert report.counts == {"not_whole_number": 1}


def test_all_faults_of_a_row_are_told_at_once(send):
    report = send({"Days": "many", "Seen": "31/02/2024", "Nino": "1"}).report
    assert sorted(finding.rule for finding in report.findings) == [
        "nino_form",
        "not_whole_number",
        "wrong_date",
    ]
    assert report.rows_refused == 1


def test_a_row_sent_twice_comes_in_once(send):
    twice = {"Ref": "a", "Days": "1"}
    report = send(twice, {"Ref": "a", "Days": "2"}, twice, twice).report
    found = [(finding.row, finding.column, finding.rule) for finding in report.findings]
    assert found == [(3, None, "duplicate_row"), (4, None, "duplicate_row")]
    assert report.rows_accepted == 2


def test_empty_rows_are_passed_over_and_the_others_keep_their_number(send):
    intake = send({}, {"Ref": "", "Seen": ""}, {})
    assert intake.rows_read == 2
    assert intake.records["row"].to_list() == [1, 3]
    assert intake.report.counts == {"empty_row": 1}


def test_findings_are_capped_and_counts_are_not(send):
    from agencies.intake import Limits

    rows = [{"Days": "many"}] * 30 + [{"Dose": "much"}]
    report = send(*rows, limits=Limits(findings=10)).report
    assert len(report.findings) <= 10
    assert report.counts["not_whole_number"] == 30
    assert {finding.rule for finding in report.findings} >= {"not_whole_number", "not_a_number"}


def test_every_rule_says_what_to_do():
    for rule, (message, fix) in {**ROW_RULES, **NOTES}.items():
        assert len(message) > 10, rule
        assert len(fix) > 8, rule


def test_every_rule_of_a_row_stands_in_a_test():
    tested = {line.split("|")[2].strip() for line in CELLS.strip().splitlines()}
    here = {"too_long", "control_character", "duplicate_row", "empty_row"}
    elsewhere = {"short_row", "cell_error", "free_text_identifier"}  # the next two files
    assert (set(ROW_RULES) | set(NOTES)) - tested == here | elsewhere
