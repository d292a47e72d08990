"""A linkage officer looks at the report of a run, reviews pairs as patterns, and learns the revised estimate."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from typing import Any

import pytest

title = "A run is told and reviewed without telling of anybody"

pytestmark = pytest.mark.xdist_group("county")

GRADES = {"exact", "near", "phonetic", "different", "missing", "withheld"}


@pytest.fixture
def officer(journey: Any) -> Any:
    with journey.server.officer("linkage_officer") as officer:
        yield officer


@pytest.fixture
def address(journey: Any) -> str:
    return f"/v1/links/{journey.run['run']}"


def test_the_runs_are_listed_latest_first(officer, journey):
    runs = officer.call("GET", "/v1/links")["items"]
    assert [each["run"] for each in runs] == sorted((each["run"] for each in runs), reverse=True)
    [made] = [each for each in runs if each["run"] == journey.run["run"]]
    assert made["status"] == "done"


def test_the_report_comes_as_json_and_as_a_page(officer, address):
    document = officer.call("GET", f"{address}/report")
    assert document["schema"] == "linkage-report/1"
    assert set(document["groups"]) == {"age_band", "sex", "district", "district_and_age_band"}
    page = officer.raw("GET", f"{address}/report", headers={"Accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text.lower()
    assert page.text.count("<svg") >= 5


def test_the_review_shows_patterns_and_nothing_that_can_be_joined(officer, address):
    told = officer.call("GET", f"{address}/review")
    assert 20 <= len(told["sample"]) <= 150
    for pair in told["sample"]:
        assert pair.keys() == {"number", "band", "agencies", "fields", "verdict"}
        assert set(pair["fields"].values()) <= GRADES
    said = json.dumps(told)
    assert "sub-" not in said
    assert not re.search(r"[0-9a-f]{16}|\d{9}", said)


def test_asking_again_shows_the_same_pairs(officer, address):
    first, again = (officer.call("GET", f"{address}/review")["sample"] for _ in range(2))
    assert [each["fields"] for each in first] == [each["fields"] for each in again]


def test_verdicts_narrow_the_estimate_and_stand_in_the_report(officer, address):
    before = officer.call("GET", f"{address}/review")
    verdicts = {
        str(pair["number"]): "match" if pair["band"][0] >= 0.5 else "not"
        for pair in before["sample"]
    }
    after = officer.call("POST", f"{address}/review", json={"verdicts": verdicts})["estimate"]
    assert after["judged"] == len(before["sample"])
    width = after["precision"]["high"] - after["precision"]["low"]
    assert width < 0.5
    assert officer.call("GET", f"{address}/report")["review"] == after
    doubt = {"verdicts": {"1": "unsure"}}
    again = officer.call("POST", f"{address}/review", json=doubt)["estimate"]
    assert (again["judged"], again["unsure"]) == (after["judged"], 1)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"verdicts": {"100000": "match"}}, 422),
        ({"verdicts": {"1": "maybe"}}, 422),
        ({"verdicts": {}}, 422),
        ({"verdicts": {"1": "match"}, "name": "x"}, 422),
    ],
)
def test_verdicts_that_do_not_fit_are_refused_and_nothing_is_kept(officer, address, body, status):
    before = officer.call("GET", f"{address}/review")
    assert officer.problem("POST", f"{address}/review", json=body)["status"] == status
    assert officer.call("GET", f"{address}/review") == before


def test_a_run_that_is_not_there_has_no_report_and_no_review(officer):
    for path in ("report", "review"):
        assert officer.problem("GET", f"/v1/links/99999/{path}")["status"] == 404


@pytest.mark.parametrize(
    ("role", "agency"),
    [("evaluator", "council"), ("data_officer", "police"), ("ig_officer", "council")],
)
def test_nobody_but_a_linkage_officer_sees_any_of_it(journey, address, role, agency):
    with journey.server.officer(role, agency) as other:
        for method, path in (
            ("GET", "/v1/links"),
            ("GET", f"{address}/report"),
            ("GET", f"{address}/review"),
        ):
            assert other.problem(method, path)["status"] == 403
        refused = other.problem("POST", f"{address}/review", json={"verdicts": {"1": "match"}})
        assert refused["status"] == 403


def test_every_look_and_every_verdict_is_in_the_log(journey, officer, address):
    after = journey.server.last_index()
    officer.call("GET", f"{address}/report")
    officer.call("GET", f"{address}/review")
    officer.call("POST", f"{address}/review", json={"verdicts": {"2": "match"}})
    entries = [
        each for each in journey.server.entries(after) if each["action"] == "measure_quality"
    ]
    assert [each["type"] for each in entries] == ["access.intent", "access.outcome"] * 3
    assert {each["subject"] for each in entries} == {str(journey.run["run"])}
    kinds = [each["detail"].get("kind") for each in entries if each["type"] == "access.outcome"]
    assert kinds == ["report", "review-sample", "review-verdicts"]


def test_the_commands_write_a_form_take_it_back_and_write_the_page(journey, tmp_path):
    server = journey.server
    server.officer("linkage_officer").close()
    credential = tmp_path / "credential"
    credential.write_text(server._credentials["linkage_officer", "council"])

    def gateway(*words: str) -> str:
        command = [sys.executable, "-m", "gateway", *words]
        place = ["--url", server.url, "--credential-file", str(credential)]
        done = subprocess.run(
            [*command, *place], capture_output=True, text=True, cwd=tmp_path, check=True
        )
        return done.stdout

    gateway("review", "--form", "form.csv")
    form = (tmp_path / "form.csv").read_text(encoding="utf-8").splitlines()
    assert form[0].startswith("number,agencies,probability,")
    told = json.loads(gateway("review", "--verdicts", "form.csv", "--json"))
    assert told["estimate"]["judged"] >= 1
    gateway("report", "--out", "report.html")
    HTMLParser().feed((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert "Links between agencies" in gateway("report")
