"""Files that cannot be taken in: a rule and a way out for the officer, an entry in the log, and nothing else anywhere."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

import planted
import pytest
from running_gateway import Running, today

title = "A bad extract leaves a clear answer and no trace of anybody"

pytestmark = pytest.mark.xdist_group("gateway")

CUT = 700
ZIP = b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + planted.SURNAME.encode() * 30
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + planted.police()
LATIN = planted.police(SURNAME="Quistgård").decode().encode("latin-1")
UNDECLARED = planted.csv_of(
    (*planted.POLICE, planted.SURNAME), (*planted.PERSON, *planted.CONTACT, "x")
)

REFUSED_WHOLE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    # what it is: the rule, the content, the suffix it is sent under
    "a PDF": ("unknown_file_type", lambda: PDF, ".csv"),
    "a ZIP that is no workbook": ("damaged_file", lambda: ZIP, ".xlsx"),
    "an empty file": ("empty_file", lambda: b"", ".csv"),
    "a header only": ("header_only", lambda: planted.csv_of(planted.POLICE), ".csv"),
    "a workbook cut short": ("damaged_file", lambda: planted.workbook()[:-CUT], ".xlsx"),
    "a zip bomb": ("expands_too_far", planted.zip_bomb, ".xlsx"),
    "two header rows": (
        "second_header_row",
        lambda: planted.csv_of(planted.POLICE) + planted.police(),
        ".csv",
    ),
    "text that is not UTF-8": ("not_utf8", lambda: LATIN, ".csv"),
    "a column that is not declared": ("undeclared_column", lambda: UNDECLARED, ".csv"),
    "no header row": (
        "no_header_row",
        lambda: planted.police().split(b"\r\n", 1)[1] * 2,
        ".csv",
    ),
    "no row that can be accepted": (
        "no_row_accepted",
        lambda: planted.police(OCCURRED_DATE="31/02/2023").replace(b"04/04/2023", b"31/02/2023"),
        ".csv",
    ),
}


@pytest.mark.parametrize("what", REFUSED_WHOLE)
def test_a_file_that_is_refused_whole_names_the_rule_and_leaves_nothing(
    gateway: Running, what: str
):
    rule, content, suffix = REFUSED_WHOLE[what]
    before, stored = gateway.last_index(), files_in_the_lake(gateway)
    with gateway.officer("data_officer", "police") as officer:
        problem = officer.problem_of_file(content(), "police", "contacts", suffix)
        newest = officer.call("GET", "/v1/submissions")["items"][0]
        kept = officer.call("GET", f"/v1/submissions/{newest['submission']}")["report"]
    assert (problem["status"], problem["rule"]) == (422, rule)
    assert problem["detail"]
    assert problem["fix"]
    # The submission's own record says the same, for whoever looks later.
    assert (newest["status"], newest["rows_accepted"]) == ("refused", 0)
    assert kept == {"rule": rule, "message": problem["detail"], "fix": problem["fix"]}
    outcome = outcome_of(gateway, before, "submit")
    assert outcome["error"] == "ExtractRejected"
    assert outcome["reason"] == rule
    assert outcome["submission"] == newest["submission"]
    assert files_in_the_lake(gateway) == stored
    require_no_trace(gateway, str(problem))


def outcome_of(gateway: Running, after: int, action: str) -> dict[str, Any]:
    """What the log says of how the one access for this action ended."""
    entries = [each for each in gateway.entries(after) if each["action"] == action]
    kinds = [each["type"] for each in entries]
    assert kinds == ["access.intent", "access.outcome"]
    intent, outcome = entries
    assert intent["access"] == outcome["access"]
    detail: dict[str, Any] = outcome["detail"]
    assert detail["outcome"] == "failed"
    return detail


def files_in_the_lake(gateway: Running) -> set[str]:
    """Every file of records, finished or half finished."""
    lake = gateway.home / "lake"
    found = {str(path.relative_to(lake)) for path in lake.rglob("*") if path.is_file()}
    return {path for path in found if not path.startswith("present/")}


def require_no_trace(gateway: Running, *texts: str) -> None:
    """Her particulars are in no file of the home and in none of these texts."""
    assert planted.places_of(gateway.home) == []
    assert [p for p in planted.PARTICULARS for text in texts if p.lower() in text.lower()] == []


ROW_CASES = {
    "31 February": ("police", "contacts", "wrong_date", "OCCURRED_DATE"),
    "a check digit that is wrong": ("health", "ecds", "nhs_number_check", "NhsNumber"),
}


@pytest.mark.parametrize("what", ROW_CASES)
def test_a_bad_row_is_returned_by_row_column_rule_and_fix_and_the_good_one_is_kept(
    gateway: Running, what: str
):
    agency, dataset, rule, column = ROW_CASES[what]
    contents = {
        "police": planted.police(OCCURRED_DATE="31/02/2023"),
        "health": planted.health(planted.NHS_NUMBER),
    }
    with gateway.officer("data_officer", agency) as officer:
        report = officer.send_bytes(contents[agency], ".csv", agency, dataset, attested_on=today())
    assert (report["rows_accepted"], report["rows_refused"]) == (1, 1)
    [finding] = report["findings"]
    assert (finding["row"], finding["column"], finding["rule"]) == (2, column, rule)
    assert finding["message"]
    assert finding["fix"]
    assert "31/02" not in str(report)
    require_no_trace(gateway, str(report))


def test_the_same_file_sent_twice_is_told_which_submission_it_is(gateway: Running):
    content = planted.police(ROLE="WIT")
    with gateway.officer("data_officer", "police") as officer:
        first = officer.send_bytes(content, ".csv", "police", "contacts", attested_on=today())
        before, stored = gateway.last_index(), files_in_the_lake(gateway)
        problem = officer.problem_of_file(content, "police", "contacts")
        again = officer.call("GET", f"/v1/submissions/{first['submission']}")
    assert problem["status"] == 409
    assert first["submission"] in problem["detail"]
    assert problem["fix"]
    assert again["status"] == "stored"
    assert outcome_of(gateway, before, "submit")["error"] == "DuplicateSubmission"
    assert files_in_the_lake(gateway) == stored


def test_a_file_that_is_too_large_is_refused_before_it_is_read(gateway: Running):
    before = gateway.last_index()
    query = {"agency": "police", "dataset": "contacts", "attested_on": today()}
    with gateway.officer("data_officer", "police") as officer:
        problem = officer.problem(
            "POST", "/v1/submissions", params=query, content=planted.police() * 20_000
        )
    assert problem["status"] == 413
    assert problem["fix"]
    assert outcome_of(gateway, before, "submit")["error"] == "UploadTooLarge"
    require_no_trace(gateway, str(problem))


def test_a_file_of_unsaid_length_is_refused_once_it_is_too_large(gateway: Running):
    before = gateway.last_index()
    query = {"agency": "police", "dataset": "contacts", "attested_on": today()}
    chunks = (planted.police() * 500 for _ in range(100))
    with gateway.officer("data_officer", "police") as officer:
        problem = officer.problem("POST", "/v1/submissions", params=query, content=chunks)
    assert problem["status"] == 413
    assert outcome_of(gateway, before, "submit")["error"] == "UploadTooLarge"


def test_an_upload_that_breaks_off_leaves_its_trace_in_the_log_and_nothing_else(gateway: Running):
    before, stored = gateway.last_index(), files_in_the_lake(gateway)
    credential = gateway.new_credential("data_officer", "police")
    before = gateway.last_index()
    half = planted.police() * 20
    head = (
        f"POST /v1/submissions?agency=police&dataset=contacts&attested_on={today()} HTTP/1.1\r\n"
        f"Host: localhost\r\nAuthorization: Bearer {credential}\r\n"
        f"Content-Type: text/csv\r\nContent-Length: {2 * len(half)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", gateway.port)) as connection:
        connection.sendall(head.encode() + half)
        wait_for(lambda: is_on_record(gateway, before, "access.intent"))
    wait_for(lambda: is_on_record(gateway, before, "access.outcome"))
    assert outcome_of(gateway, before, "submit")["error"] == "UploadBrokenOff"
    assert files_in_the_lake(gateway) == stored
    require_no_trace(gateway)


def is_on_record(gateway: Running, after: int, kind: str) -> bool:
    """Whether the log holds an entry of this kind about a submission."""
    return any(e["action"] == "submit" and e["type"] == kind for e in gateway.entries(after))


def wait_for(condition: Callable[[], bool]) -> None:
    """Until it holds, for ten seconds at most."""
    ends = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.05)


def test_the_search_for_traces_would_find_one(gateway: Running):
    place = gateway.home / "lake" / "note.txt"
    place.write_text(f"seen: {planted.SURNAME.upper()}")
    try:
        assert planted.places_of(gateway.home) == ["Quistgaard in lake/note.txt"]
    finally:
        place.unlink()
