"""Which notes point to a person."""

from __future__ import annotations

import logging
import socket

import pytest

from agencies.intake import ExtractRejected, take_in

title = "A note that names or points to a person does not come in, and no note is kept"

# The extract of every test: two persons who are in it, and a third whose name is an everyday word.
PEOPLE = [
    {
        "Ref": "88123",
        "Given": "Jasmine",
        "Family": "Whitcombe",
        "Home": "7 Elm Rise",
        "Nhs": "9434765919",
    },
    {"Ref": "88124", "Given": "Declan", "Family": "O'Rourke"},
    {"Ref": "88125", "Given": "Grace", "Family": "Young"},
]

REFUSED = """
the own forename                 | spoke to jasmine at the door
the own surname in capitals      | WHITCOMBE was calm
the own name in two words        | declan o rourke came in
the own name with another mark   | o'rourke’s brother came in
the own reference                | see also 88123
the own address                  | seen outside 7, elm rise
another person of the extract    | left with Declan in the evening
another person in capitals       | LEFT WITH DECLAN
two everyday words that are names | left with Grace Young
an NHS number                    | nhs 943 476 5919 on the form
an NHS number without spaces     | form 9434765919
an NHS number with hyphens       | form 943-476-5919
a NINO                           | gave AB123456C
a NINO with spaces               | gave ab 12 34 56 c
a postcode                       | lives near LE13 1XB now
a postcode in small letters      | lives near le131xb now
a mobile number                  | call 07700 900123 tonight
a landline                       | call (0116) 496 0123 tonight
an international number          | call +44 116 496 0123
an e-mail address                | wrote from someone@example.org
an e-mail of no known domain     | wrote from someone@somewhere.example
a NINO that is not handed out    | gave QQ123456C as the number
a title and a name               | spoke to Mrs Abernathy at the door
a street address                 | seen at 14 Station Road
a date of birth                  | DOB 12/03/2009
a date of birth in words         | born on 3rd March 2009
"""

PASSED = """
plain words                      | calm, no further action, referred to school
a date                           | visited on 12/03/2024
a time and an amount             | at 14.30, 20 pounds taken
an everyday word                 | will return, grace period granted
an everyday word with a capital  | Young male seen near the shop
a name inside a word             | the declanator was removed
a number of cases                | 3 visits, 12 calls, unit 4
an at sign                       | met @ school
"""


def _lines(table):
    return [[part.strip() for part in line.split("|")] for line in table.strip().splitlines()]


def _outcome(send, note):
    """Refused rows of the three persons, each with the note."""
    report = send(*[person | {"Note": note} for person in PEOPLE]).report
    return {finding.row for finding in report.findings if finding.rule == "free_text_identifier"}


@pytest.mark.parametrize(("what", "note"), _lines(REFUSED))
def test_a_note_that_points_to_a_person_is_refused(send, what, note):
    assert _outcome(send, note), what


@pytest.mark.parametrize(("what", "note"), _lines(PASSED))
def test_a_note_that_points_to_nobody_passes(send, what, note):
    assert _outcome(send, note) == set(), what


def test_the_own_value_of_a_row_is_nobody_elses_fault(send):
    assert _outcome(send, "spoke to jasmine at the door") == {1}
    assert _outcome(send, "see also 88124") == {2}


def test_a_person_of_the_extract_is_found_in_every_note(send):
    assert _outcome(send, "left with Declan") == {1, 2, 3}


def test_the_finding_does_not_repeat_the_note(send):
    report = send(PEOPLE[0] | {"Note": "spoke to Jasmine, 07700 900123"}).report
    (found,) = report.findings
    assert (found.row, found.column, found.rule) == (1, "Note", "free_text_identifier")
    for value in ("Jasmine", "jasmine", "07700", "900123"):
        assert value not in str(found)


def test_a_clean_note_is_dropped_as_well(send):
    intake = send({"Note": "calm, no further action"})
    assert intake.report.rows_accepted == 1
    for frame in (intake.identifiers, intake.records):
        assert not any("calm" in str(cell) for row in frame.rows() for cell in row)


def test_free_text_in_an_undeclared_column_is_refused_with_the_file(visits):
    content = b"Ref,Seen,Remarks\na,05/01/2024,calm and friendly\n"
    with pytest.raises(ExtractRejected) as caught:
        take_in(content, "x.csv", visits)
    assert caught.value.rule == "undeclared_column"


def test_screening_neither_logs_nor_calls_out(send, caplog, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("intake must not open a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    caplog.set_level(logging.DEBUG)
    assert _outcome(send, "Jasmine, 07700 900123, LE13 1XB, someone@example.org") == {1, 2, 3}
    for value in ("Jasmine", "Whitcombe", "07700", "LE13", "someone"):
        assert value.lower() not in caplog.text.lower()
