"""What a person is told around a figure: how rough it is, what it will cost to ask, what to ask instead, and the officer's review."""

from __future__ import annotations

import json
import subprocess
import sys
from html.parser import HTMLParser
from typing import Any

import pytest

from gateway.cli.demo.questions import PERMITTED, REFUSED

title = "Figures come with what they are worth, and never with why another is missing"

pytestmark = pytest.mark.xdist_group("county")

FINE: dict[str, Any] = {
    "purpose": "sf-evaluation",
    "cohort": "complex-needs",
    "unit": "family",
    "measures": ["families", "cost"],
    "by": {"district": "district", "issues": "banded"},
    "period": {"from": "2024-04", "to": "2026-03"},
}
SENTENCE = "Withheld so that no family can be recognised."
BANDS = {"none", "few", "about a quarter", "about half", "most"}


@pytest.fixture
def evaluator(journey: Any) -> Any:
    with journey.server.officer("evaluator") as officer:
        yield officer


@pytest.fixture
def officer(journey: Any) -> Any:
    with journey.server.officer("ig_officer") as officer:
        yield officer


def lost(table: dict[str, Any]) -> float:
    return sum(table["withheld"].values()) / len(table["cells"])


def test_every_figure_has_a_quality_and_no_withheld_one_has(evaluator):
    answer = evaluator.ask(PERMITTED[0])
    cells = answer.table["cells"]
    assert all((cell["quality"] is None) == (cell["mark"] == "[c]") for cell in cells)
    assert {cell["quality"] for cell in cells} <= {"high", "medium", "low", None}
    assert set(answer.table["qualities"]) == {cell["quality"] for cell in cells} - {None}
    head, *_ = evaluator.call("GET", f"/v1/releases/{answer.number}.csv").decode().split("\n")
    assert head == "district,measure,value,mark,quality"


def test_all_withheld_cells_say_the_same(evaluator):
    table = evaluator.ask(FINE).table
    said = {
        json.dumps({name: part for name, part in cell.items() if name not in ("keys", "measure")})
        for cell in table["cells"]
        if cell["mark"] == "[c]"
    }
    assert said == {'{"value": null, "mark": "[c]", "quality": null}'}
    assert table["legend"]["[c]"] == SENTENCE


def test_an_answer_of_which_most_is_withheld_offers_a_coarser_question_that_loses_less(evaluator):
    answer = evaluator.ask(FINE)
    assert lost(answer.table) > 0.5
    offered = answer.release["coarser"]
    assert offered["by"] != FINE["by"]
    again = evaluator.ask(offered)
    assert lost(again.table) < lost(answer.table)
    read = evaluator.call("GET", f"/v1/releases/{answer.number}")
    assert read["coarser"] == offered


def test_an_estimate_tells_bands_and_releases_nothing(evaluator, journey):
    before = evaluator.ask(PERMITTED[0]).number
    told = evaluator.estimate(FINE)
    again = evaluator.estimate({**FINE, "measures": ["cost", "families"]})
    assert told == again
    assert told["withheld"].keys() == {"families", "cost"}
    assert set(told["withheld"].values()) <= BANDS
    assert told["cells"] > 0
    assert evaluator.call("GET", "/v1/releases")["items"][0]["number"] == before
    # Most of it is lost, and the estimate says so.
    assert {"about half", "most"} & set(told["withheld"].values())


def test_an_estimate_is_decided_and_logged_like_the_question(evaluator, journey):
    after = journey.server.last_index()
    refused = evaluator.problem("POST", "/v1/questions/estimate", json=REFUSED)
    asked = evaluator.problem("POST", "/v1/questions", json=REFUSED)
    evaluator.estimate(FINE)
    assert refused == asked
    assert refused["status"] == 403
    assert refused["clauses"]
    entries = [each for each in journey.server.entries(after) if each["action"] == "query"]
    assert [each["type"] for each in entries] == [
        *("access.refused", "access.refused", "access.intent", "access.outcome"),
    ]
    assert entries[-1]["detail"]["kind"] == "estimate"
    assert entries[-2]["detail"]["dimensions"] == "district:district,issues:banded"
    assert entries[-2]["purpose"] == FINE["purpose"]


@pytest.mark.parametrize("body", [b"{", b'{"cohort": "x"}', b"[]"])
def test_an_estimate_of_no_question_is_refused_as_the_question_is(evaluator, body):
    told = [
        evaluator.problem("POST", path, content=body)
        for path in ("/v1/questions/estimate", "/v1/questions")
    ]
    assert told[0] == told[1]
    assert told[0]["status"] == 422


def test_an_officer_reviews_a_release_with_its_relatives(evaluator, officer):
    first, second = evaluator.ask(PERMITTED[0]).number, evaluator.ask(FINE).number
    told = officer.call("GET", f"/v1/releases/{second}/review")
    assert told["schema"] == "release-review/1"
    assert told["release"]["number"] == second
    assert told["table"]["cells"] == officer.call("GET", f"/v1/releases/{second}")["table"]["cells"]
    assert [each["measure"] for each in told["measures"]] == ["cost", "families"]
    assert {each["measure"]: each["withheld"] for each in told["measures"]} == told["table"][
        "withheld"
    ]
    assert {"min_cell", "noise_sd"} <= {rule["rule"] for rule in told["method"]["rules"]}
    near = {each["number"]: each for each in told["relatives"]["nearest"]}
    assert second not in near
    relative = next(
        each for each in near.values() if each["question"]["by"] == {"district": "district"}
    )
    assert relative["number"] >= first
    assert "issues" in relative["differs"]
    assert relative["overlapping_cells"] == relative["cells"]


def test_the_review_is_a_page_that_runs_and_fetches_nothing(evaluator, officer):
    number = evaluator.ask(PERMITTED[0]).number
    page = officer.raw("GET", f"/v1/releases/{number}/review.html")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text.lower()
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert f"Release {number}: review" in page.text
    HTMLParser().feed(page.text)


def test_only_an_ig_officer_reviews_and_every_look_is_in_the_log(evaluator, officer, journey):
    number = evaluator.ask(PERMITTED[0]).number
    after = journey.server.last_index()
    for path in ("review", "review.html"):
        officer.raw("GET", f"/v1/releases/{number}/{path}").raise_for_status()
        for role, agency in (
            ("evaluator", "council"),
            ("data_officer", "police"),
            ("linkage_officer", "council"),
        ):
            with journey.server.officer(role, agency) as other:
                refused = other.problem("GET", f"/v1/releases/{number}/{path}")
            assert refused["status"] == 403
    entries = [e for e in journey.server.entries(after) if e["subject"] == str(number)]
    outcomes = [e["detail"]["kind"] for e in entries if e["type"] == "access.outcome"]
    assert outcomes == ["release-review"] * 2
    assert sum(e["type"] == "access.refused" for e in entries) == 6
    assert officer.problem("GET", "/v1/releases/999999/review")["status"] == 404


def test_audit_margins_are_in_the_review_and_nowhere_else(evaluator, officer):
    number = evaluator.ask(PERMITTED[0]).number
    assert "audit" in officer.call("GET", f"/v1/releases/{number}/review")
    for who in (evaluator, officer):
        assert "audit" not in who.call("GET", f"/v1/releases/{number}")
        assert all("audit" not in each for each in who.call("GET", "/v1/releases")["items"])


def test_the_commands_estimate_list_read_and_review(journey, tmp_path):
    server = journey.server
    for role in ("evaluator", "ig_officer"):
        server.officer(role).close()
        (tmp_path / role).write_text(server._credentials[role, "council"])
    (tmp_path / "question.yaml").write_text(json.dumps(FINE))

    def gateway(role: str, *words: str) -> str:
        place = ["--url", server.url, "--credential-file", str(tmp_path / role)]
        command = [sys.executable, "-m", "gateway", *words, *place]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=True)
        return done.stdout

    assert "Likely to be withheld" in gateway("evaluator", "ask", "question.yaml", "--estimate")
    shown = gateway("evaluator", "ask", "question.yaml")
    assert SENTENCE in shown
    assert "A coarser question" in shown
    (tmp_path / "whole.yaml").write_text(json.dumps(PERMITTED[0]))
    assert "[u] Expected error 5 % or more" in gateway("evaluator", "ask", "whole.yaml")
    latest = json.loads(gateway("evaluator", "releases", "--json"))["items"][0]["number"]
    number = str(latest)
    assert "Releases" in gateway("ig_officer", "releases")
    assert f"Release {number}" in gateway("evaluator", "release", number)
    assert "Nearest relatives" in gateway("ig_officer", "release", number, "--review")
    gateway("ig_officer", "release", number, "--out", "page.html", "--csv", "table.csv")
    assert (tmp_path / "page.html").read_text().startswith("<!DOCTYPE html>")
    assert (tmp_path / "table.csv").read_text().startswith("district,measure,value,mark")
