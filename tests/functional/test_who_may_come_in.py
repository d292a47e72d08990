"""Requests of nobody, of strangers and of the wrong officer: no door opens, and each is on record."""

from __future__ import annotations

import re

import pytest
from running_gateway import PROBLEM, Running, today

from gateway.cli.demo.questions import PERMITTED

title = "Whoever has no credential, a wrong one or the wrong role is told so, and is on record"

pytestmark = pytest.mark.xdist_group("doors")

SENT = {"agency": "police", "dataset": "contacts", "attested_on": today()}
ROUTES = (
    *(("GET", "/v1/datasets"), ("GET", "/v1/protocols"), ("GET", "/v1/submissions")),
    *(("POST", "/v1/submissions"), ("POST", "/v1/links"), ("POST", "/v1/questions")),
    *(("POST", "/v1/links/1/quality"), ("GET", "/v1/questions/catalogue")),
    *(("POST", "/v1/questions/estimate"), ("GET", "/v1/releases/1/review")),
    *(("GET", "/v1/releases/1/review.html"), ("POST", "/v1/ledger/attacks")),
    *(("GET", "/v1/links"), ("GET", "/v1/links/1/report")),
    *(("GET", "/v1/links/1/review"), ("POST", "/v1/links/1/review")),
    *(("GET", "/v1/releases"), ("GET", "/v1/releases/1"), ("GET", "/v1/releases/1.csv")),
    *(("GET", "/v1/jobs/job-0000000000000000"), ("GET", "/v1/audit/entries")),
    *(("GET", "/v1/audit/key"), ("GET", "/v1/audit/checkpoint"), ("GET", "/v1/audit/export")),
    *(("POST", "/v1/credentials"), ("GET", "/v1/credentials"), ("GET", "/v1/whoami")),
    *(("DELETE", "/v1/credentials/x"), ("GET", "/v1/datasets/police/contacts")),
    *(("GET", "/v1/datasets/police/contacts/template.csv"), ("GET", "/v1/submissions/x")),
    *(("DELETE", "/v1/submissions/x"), ("GET", "/v1/links/1/changes")),
    *(("GET", "/v1/oprf"), ("POST", "/v1/oprf")),
    *(("GET", "/v1/key-packages"), ("POST", "/v1/key-packages")),
    ("DELETE", "/v1/key-packages/x"),
)


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_without_a_credential_no_door_opens_and_no_body_is_looked_at(
    gateway: Running, method: str, path: str
):
    with gateway.with_credential(None) as nobody:
        problem = nobody.problem(method, path, params=SENT, content=b"{ this is no JSON")
    assert problem["status"] == 401
    assert problem["fix"]


def test_every_route_needs_a_credential_but_the_sign_of_life(gateway: Running):
    with gateway.with_credential(None) as nobody:
        paths = nobody.call("GET", "/openapi.json")["paths"]
    served = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    untried = {each for each in served if not any(is_of(path, *each) for path in ROUTES)}
    assert untried == {("GET", "/health")}


def is_of(route: tuple[str, str], method: str, template: str) -> bool:
    """Whether a request is served by the route with this template."""
    return route[0] == method and bool(re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), route[1]))


@pytest.mark.parametrize(
    "credential",
    ["nonsense", "cred-0000000000000000." + "A" * 43, "ünknown", "Zephyrine Quistgaard"],
)
def test_a_wrong_credential_is_refused_and_on_record(gateway: Running, credential: str):
    before = gateway.last_index()
    with gateway.with_credential(None) as stranger:
        header = {"Authorization": f"Bearer {credential}".encode()}
        answer = stranger.raw("GET", "/v1/submissions", headers=header)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == PROBLEM
    assert answer.headers["www-authenticate"] == "Bearer"
    assert credential not in answer.text
    assert gateway.refusals(before) == [("sign-in", None)]


def test_a_revoked_credential_is_refused_from_that_moment(gateway: Running):
    credential = gateway.new_credential("data_officer", "police")
    with gateway.with_credential(credential) as officer:
        officer.call("GET", "/v1/submissions")
    with gateway.with_credential(gateway.administrator) as administrator:
        administrator.call("DELETE", f"/v1/credentials/{credential.split('.')[0]}")
    with gateway.with_credential(credential) as officer:
        assert officer.problem("GET", "/v1/submissions")["status"] == 401


@pytest.mark.parametrize(
    ("role", "agency", "method", "path"),
    [
        ("evaluator", "council", "POST", "/v1/submissions"),
        ("evaluator", "council", "POST", "/v1/links"),
        ("data_officer", "council", "POST", "/v1/submissions"),
        ("data_officer", "police", "POST", "/v1/links"),
        ("data_officer", "police", "GET", "/v1/audit/entries"),
        ("linkage_officer", "council", "GET", "/v1/credentials"),
        ("ig_officer", "council", "POST", "/v1/credentials"),
    ],
)
def test_the_wrong_role_or_agency_is_told_the_clause_and_is_on_record(
    gateway: Running, role: str, agency: str, method: str, path: str
):
    officer = gateway.officer(role, agency)
    before = gateway.last_index()
    body = {"json": {"role": "evaluator", "agency": "council"}} if "cred" in path else {}
    with officer:
        problem = officer.problem(method, path, params=SENT, **body)
    assert problem["status"] == 403
    assert problem["clauses"]
    assert all(each["clause"] and each["text"] for each in problem["clauses"])
    assert len(gateway.refusals(before)) == 1


def test_an_evaluator_of_another_agency_may_not_ask(gateway: Running):
    credential = gateway.new_credential("evaluator", "police")
    with gateway.with_credential(credential) as evaluator:
        problem = evaluator.problem("POST", "/v1/questions", json=PERMITTED[0])
    assert "5.2" in {each["clause"] for each in problem["clauses"]}
