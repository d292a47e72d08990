"""Requests that cannot be served: a problem document that repeats nothing of what was sent, and an entry in the log."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import planted
import pytest
from running_gateway import PROBLEM, Running, today

from gateway.cli.demo.questions import PERMITTED
from gateway.client import GatewayRefused

title = "A bad request gets a clear answer, repeats nothing, and is on record"

pytestmark = pytest.mark.xdist_group("gateway")

SENT = {"agency": "police", "dataset": "contacts", "attested_on": today()}
JUNK = "Zephyrine Quistgaard"


def test_nothing_can_be_linked_while_nothing_is_stored(gateway: Running):
    before = gateway.last_index()
    with gateway.officer("linkage_officer") as officer:
        job = officer.call("POST", "/v1/links")["job"]
        problem = ended(officer, job)["problem"]
    assert problem["status"] == 409
    assert problem["fix"]
    assert gateway.refusals(before) == [("link", "NothingToLink")]


def test_nothing_can_be_asked_before_anything_is_linked(gateway: Running):
    before = gateway.last_index()
    with gateway.officer("evaluator") as officer:
        problem = officer.problem("POST", "/v1/questions", json=PERMITTED[0])
    assert problem["status"] == 404
    assert "linked" in problem["detail"]
    assert gateway.refusals(before) == [("query", "NotFound")]


def ended(officer: Any, job: str) -> dict[str, Any]:
    """The job once it has ended."""
    while True:
        told: dict[str, Any] = officer.call("GET", f"/v1/jobs/{job}")
        if told["state"] not in ("waiting", "running"):
            return told


@pytest.mark.parametrize(
    ("agency", "dataset"), [("police", "custody"), ("fire", "contacts"), (JUNK, "../../etc")]
)
def test_a_dataset_that_is_not_declared_is_unknown(gateway: Running, agency: str, dataset: str):
    before = gateway.last_index()
    with gateway.officer("data_officer", "police") as officer:
        query = {**SENT, "agency": agency, "dataset": dataset}
        problem = officer.problem("POST", "/v1/submissions", params=query, content=b"x")
    assert problem["status"] == 404
    assert problem["fix"]
    assert JUNK not in str(problem)
    assert "etc" not in str(problem)
    assert gateway.refusals(before) == [("submit", "UnknownDataset")]


def asked(**changes: Any) -> dict[str, Any]:
    """A sound question with changes."""
    return {**PERMITTED[0], **changes}


QUESTIONS: dict[str, tuple[Any, str]] = {
    "no JSON": (b"{ by: district", "not_json"),
    "a key twice": (b'{"purpose": "a", "purpose": "b"}', "not_json"),
    "bytes that are no text": (b"\xff\xfe\x00\x01", "not_json"),
    "a list": (b"[]", "not_a_mapping"),
    "nothing": (b"", "not_json"),
    "so deep that no parser follows": (b"[" * 60_000, "not_json"),
    "an unknown dimension": (asked(by={"street": "house"}), "unknown_dimension"),
    "an unknown level": (asked(by={"district": "house"}), "unknown_level"),
    "an unknown cohort": (asked(cohort=JUNK), "unknown_cohort"),
    "an unknown measure": (asked(measures=[JUNK]), "unknown_measure"),
    "an unknown key": (asked(sql="select 1"), "unknown_key"),
    "a key that is missing": ({"purpose": "sf-evaluation"}, "missing_key"),
    "a purpose that is no name": (asked(purpose=JUNK), "wrong_form"),
    "a month that is none": (
        asked(period={"from": "2024-13", "to": "2026-03"}),
        "not_a_month",
    ),
    "a number for a word": (asked(unit=7), "wrong_form"),
}


@pytest.mark.parametrize("what", QUESTIONS)
def test_a_malformed_question_is_told_place_and_rule_and_is_on_record(gateway: Running, what: str):
    body, rule = QUESTIONS[what]
    officer = gateway.officer("evaluator")
    before = gateway.last_index()
    sent = {"content": body} if isinstance(body, bytes) else {"json": body}
    with officer:
        problem = officer.problem("POST", "/v1/questions", **sent)
    assert problem["status"] == 422
    assert rule in {fault["rule"] for fault in problem["faults"]}
    assert all(fault["key"] and fault["message"] for fault in problem["faults"])
    assert JUNK not in str(problem)
    assert gateway.refusals(before) == [("ask", "QuestionRefused")]


def test_a_question_longer_than_any_question_is_not_read(gateway: Running):
    with gateway.officer("evaluator") as officer:
        problem = officer.problem("POST", "/v1/questions", content=b" " * 100_000)
    assert problem["status"] == 413


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b"null", b'{"role": 7}', f'{{"{JUNK}": "{JUNK}"}}'.encode(), b"\xff"],
)
def test_a_malformed_wish_for_a_credential_names_declared_fields_only(
    gateway: Running, body: bytes
):
    before = gateway.last_index()
    with gateway.with_credential(gateway.administrator) as administrator:
        problem = administrator.problem("POST", "/v1/credentials", content=body)
    assert problem["status"] == 422
    assert {fault["at"] for fault in problem["faults"]} <= {"body", "role", "agency"}
    assert JUNK not in str(problem)
    assert gateway.refusals(before) == [("make", "NotWellFormed")]


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/releases/{JUNK}",
        f"/v1/jobs/{JUNK}",
        f"/v1/submissions/{JUNK}",
        f"/v1/datasets/{JUNK}/{JUNK}",
        f"/v1/datasets/police/contacts/template.{JUNK}",
        f"/{JUNK}",
        f"/v1/submissions?after={JUNK}",
        f"/v1/releases?after={JUNK}",
        f"/v1/audit/entries?limit={JUNK}",
        "/v1/submissions/%00%ff",
        "/v1/submissions/..%2f..%2fkeys",
    ],
)
@pytest.mark.parametrize("role", ["data_officer", "ig_officer"])
def test_what_somebody_typed_into_an_address_is_repeated_nowhere(
    gateway: Running, role: str, path: str
):
    with gateway.officer(role, "police") as officer:
        answer = officer.raw("GET", path)
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == PROBLEM
    for part in (planted.FORENAME, planted.SURNAME, "%2f", "\x00"):
        assert part not in answer.text
    assert planted.places_of(gateway.home) == []


@pytest.mark.parametrize("attested_on", ["31/02/2026", JUNK, "2026-02-30"])
def test_a_day_that_is_none_is_told_by_its_name(gateway: Running, attested_on: str):
    before = gateway.last_index()
    with gateway.officer("data_officer", "police") as officer:
        query = {**SENT, "attested_on": attested_on}
        problem = officer.problem("POST", "/v1/submissions", params=query, content=b"x")
    assert problem["faults"][0]["at"] == "query.attested_on"
    assert attested_on not in str(problem)
    assert gateway.refusals(before) == [("submit", "RequestValidationError")]


def test_an_attestation_of_tomorrow_attests_nothing(gateway: Running):
    with gateway.officer("data_officer", "police") as officer:
        query = {**SENT, "attested_on": "2099-01-01"}
        problem = officer.problem("POST", "/v1/submissions", params=query, content=b"x")
    assert problem["status"] in (403, 422)


def test_a_sample_too_small_to_hide_anybody_is_not_measured(gateway: Running):
    with gateway.officer("linkage_officer") as officer:
        sample = {"submission": ["a"], "row": [1], "person": [1]}
        problem = officer.problem("POST", "/v1/links/1/quality", json=sample)
        uneven = officer.problem("POST", "/v1/links/1/quality", json={**sample, "row": []})
    assert problem["status"] in (404, 422)
    assert uneven["status"] == 422


@pytest.mark.parametrize(
    ("role", "method", "path"),
    [
        ("evaluator", "GET", "/v1/releases/{}"),
        ("evaluator", "GET", "/v1/releases/{}.csv"),
        ("evaluator", "GET", "/v1/releases?after={}"),
        ("ig_officer", "GET", "/v1/audit/entries?after={}"),
        ("linkage_officer", "POST", "/v1/links/{}/quality"),
        ("linkage_officer", "GET", "/v1/links/{}/report"),
        ("linkage_officer", "GET", "/v1/links/{}/review"),
        ("linkage_officer", "GET", "/v1/links?after={}"),
    ],
)
@pytest.mark.parametrize("number", [10**30, -(10**30)])
def test_a_number_that_no_database_holds_is_not_well_formed(
    gateway: Running, role: str, method: str, path: str, number: int
):
    with gateway.officer(role) as officer:
        problem = officer.problem(method, path.format(number))
    assert problem["status"] == 422
    assert str(number) not in str(problem)


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"role": "king"}, "role"),
        ({"agency": "nowhere"}, "agency"),
        ({"training": {"five_safes": "2099-01-01"}}, "training"),
        ({"training": {JUNK: JUNK}}, "training"),
    ],
)
def test_a_credential_that_would_open_nothing_is_not_made(
    gateway: Running, changes: dict[str, Any], at: str
):
    wanted = {"role": "evaluator", "agency": "council", **changes}
    with gateway.with_credential(gateway.administrator) as administrator:
        problem = administrator.problem("POST", "/v1/credentials", json=wanted)
    assert problem["status"] == 422
    assert problem["faults"][0]["at"] == at
    assert JUNK not in str(problem)


def test_ten_times_the_same_file_at_once_is_stored_once(gateway: Running):
    content = planted.police(ROLE="VIC")
    credential = gateway.new_credential("data_officer", "police")
    with ThreadPoolExecutor(10) as threads:
        ends = list(threads.map(lambda _: end_of_sending(gateway, credential, content), range(10)))
    assert sorted(ends) == [200, *[409] * 9]


def end_of_sending(gateway: Running, credential: str, content: bytes) -> int:
    """200 when the file was stored, else the status of the problem."""
    with gateway.with_credential(credential) as officer:
        try:
            officer.send_bytes(content, ".csv", "police", "contacts", attested_on=today())
        except GatewayRefused as refused:
            return refused.status
    return 200


def test_a_method_that_an_address_has_not_is_a_problem_document_too(gateway: Running):
    with gateway.officer("evaluator") as officer:
        assert officer.problem("PUT", "/v1/questions")["status"] == 405


def test_the_server_said_nothing_on_its_terminal_but_where_it_serves(gateway: Running):
    said = gateway.log_file.read_text().replace("\n", "")
    assert said.startswith("serving http://")
    assert said.endswith(str(gateway.home))
    assert said.count(" ") == len(["serving", "URL", "from", "HOME"]) - 1
