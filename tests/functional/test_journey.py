"""The whole way through a real server: extracts in, linked, refused, asked, released, proved."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from audit.proof import check_inclusion
from gateway.cli.demo.questions import PERMITTED, REFUSED
from gateway.client import GatewayRefused

title = "From six agencies' extracts to a released table"

pytestmark = pytest.mark.xdist_group("county")

AGENCIES = {"police", "council", "schools", "housing", "health", "dwp"}


def test_six_agencies_send_and_each_gets_a_report_of_rows_kept_and_returned(journey, extracts):
    assert {agency for agency, _ in journey.sent} == AGENCIES
    assert journey.sent.keys() == extracts.keys()
    for report in journey.sent.values():
        assert report["status"] == "stored"
        assert report["rows_read"] == report["rows_accepted"] + report["rows_refused"]
        assert report["rows_accepted"] > 0.9 * report["rows_read"]
    # The county's files have faults on purpose; a report without any would have looked at nothing.
    assert sum(report["rows_refused"] for report in journey.sent.values()) > 20


def test_every_finding_names_row_rule_and_fix(journey):
    findings = [each for report in journey.sent.values() for each in report["findings"]]
    assert len(findings) > 20
    assert all(
        each["row"] and each["rule"] and each["message"] and each["fix"] for each in findings
    )


def test_a_spoiled_row_is_returned_for_the_rule_that_it_breaks(journey, county):
    faults = county.truth_rows.drop_nulls("fault").rows_by_key(["agency", "dataset"], named=True)
    told = 0
    for place, rows in faults.items():
        found = {(each["row"], each["rule"]) for each in journey.sent[place]["findings"]}
        missed = [row for row in rows if (row["row"], row["fault"]) not in found]
        assert not missed, (place, missed[:3])
        told += len(rows)
    assert told > 20


def test_records_become_persons_and_persons_families(journey, county):
    counts = journey.run["counts"]
    assert counts["records"] == sum(each["rows_accepted"] for each in journey.sent.values())
    known = county.truth_rows["person"].n_unique()
    assert 0.9 * known < counts["persons"] < 1.1 * known
    families = county.truth_rows["family"].n_unique()
    assert 0.75 * families < counts["families"] < 1.25 * families


def test_a_refused_question_names_every_failing_clause_and_what_would_pass(journey):
    with journey.server.officer("evaluator") as evaluator:
        refused = evaluator.problem("POST", "/v1/questions", json=REFUSED)
    assert refused["status"] == 403
    # Four breakdowns, too many cells, further back than agreed: all three, not the first of them.
    assert {each["clause"] for each in refused["clauses"]} >= {"4.80", "6.3", "6.4"}
    assert all(each["text"] and each["fix"] for each in refused["clauses"])
    assert refused["nearest"]["measures"]


def test_the_nearest_question_that_a_refusal_offers_is_then_permitted(journey):
    with journey.server.officer("evaluator") as evaluator:
        nearest = evaluator.problem("POST", "/v1/questions", json=REFUSED)["nearest"]
        evaluator.ask(nearest)


@pytest.mark.parametrize("question", PERMITTED, ids=lambda question: "+".join(question["by"]))
def test_a_permitted_question_is_released(journey, question):
    with journey.server.officer("evaluator") as evaluator:
        answer = evaluator.ask(question)
    release = answer.release
    assert release["number"] > 0
    assert release["run"] == journey.run["run"]
    assert release["vintage"] == journey.run["vintage"]
    cells = answer.table["cells"]
    shown = [cell for cell in cells if cell["value"] is not None]
    assert shown
    assert all(cell["mark"] for cell in cells if cell["value"] is None)
    frame = answer.to_pandas()
    assert len(frame) == len(cells)
    assert set(frame.columns) == {*question["by"], "measure", "value", "mark", "quality"}


def test_no_released_count_is_small_and_every_count_is_rounded(journey):
    with journey.server.officer("evaluator") as evaluator:
        tables = [evaluator.ask(question).table for question in PERMITTED]
    counts = [
        cell["value"]
        for table in tables
        for cell in table["cells"]
        if cell["measure"] == "families" and cell["value"] is not None
    ]
    assert counts
    assert min(counts) >= 10
    assert all(count % 5 == 0 for count in counts)


def test_the_same_question_gets_the_same_figures_however_it_is_written(journey):
    question = PERMITTED[0]
    reordered = {
        **dict(reversed(question.items())),
        "measures": list(reversed(question["measures"])),
        "cohort": "complex-needs@1",
    }
    with journey.server.officer("evaluator") as evaluator:
        first, again, otherwise = (
            evaluator.ask(each).table for each in (question, question, reordered)
        )
    assert first == again == otherwise


def test_a_release_carries_a_proof_that_holds_with_the_public_key_alone(journey):
    with journey.server.officer("evaluator") as evaluator:
        release = evaluator.ask(PERMITTED[0]).release
        key = evaluator.call("GET", "/v1/audit/key")["public_key"]
    proved = check_inclusion(release["proof"], key)
    assert proved.index == release["audit_index"]
    assert proved.entry is not None
    assert b'"release.made"' in proved.entry
    assert release["vintage"].encode() in proved.entry


def test_releases_are_listed_newest_first_and_read_again_as_they_were(journey):
    with journey.server.officer("evaluator") as evaluator:
        given = evaluator.ask(PERMITTED[0]).release
        listed = evaluator.call("GET", "/v1/releases")["items"]
        assert listed[0]["number"] == given["number"]
        assert [each["number"] for each in listed] == sorted(
            (each["number"] for each in listed), reverse=True
        )
        older = evaluator.call("GET", "/v1/releases", params={"after": given["number"]})["items"]
        assert all(each["number"] < given["number"] for each in older)
        again = evaluator.call("GET", f"/v1/releases/{given['number']}")
    assert again["table"] == given["table"]
    assert again["question"] == given["question"]


def test_a_release_as_csv_holds_the_same_figures_and_marks(journey):
    with journey.server.officer("evaluator") as evaluator:
        answer = evaluator.ask(PERMITTED[0])
        text = evaluator.call("GET", f"/v1/releases/{answer.number}.csv").decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert figures_of(rows) == {
        (cell["keys"]["district"], cell["measure"]): cell["value"] for cell in answer.table["cells"]
    }


def figures_of(rows: list[dict[str, Any]]) -> dict[tuple[str, str], float | None]:
    """District and measure -> figure, of a long CSV."""
    return {
        (row["district"], row["measure"]): float(row["value"]) if row["value"] else None
        for row in rows
    }


def test_a_job_is_seen_by_nobody_but_its_owner(journey, extracts):
    server = journey.server
    with server.officer("data_officer", "police") as officer:
        job = officer.start_sending(extracts["police", "contacts"].content, "police", "contacts")
        assert officer.call("GET", f"/v1/jobs/{job}")["job"] == job
    colleague = server.with_credential(server.new_credential("data_officer", "police"))
    for other in (colleague, server.officer("ig_officer"), server.officer("data_officer", "dwp")):
        with other:
            hidden = other.problem("GET", f"/v1/jobs/{job}")
            absent = other.problem("GET", "/v1/jobs/job-0000000000000000")
        assert hidden["status"] == 404
        assert hidden == absent


def test_another_agencys_submission_is_answered_like_one_that_does_not_exist(journey):
    theirs = journey.sent["health", "ecds"]["submission"]
    with journey.server.officer("data_officer", "police") as officer:
        own = [each["submission"] for each in submissions_of(officer)]
        assert theirs not in own
        assert journey.sent["police", "contacts"]["submission"] in own
        hidden = officer.problem("GET", f"/v1/submissions/{theirs}")
        absent = officer.problem("GET", "/v1/submissions/sub-0000000000000000")
        taken = officer.problem("DELETE", f"/v1/submissions/{theirs}")
    assert hidden["status"] == 404
    assert hidden == absent == taken


def submissions_of(officer: Any) -> list[dict[str, Any]]:
    """The submissions that an officer is shown."""
    listed: list[dict[str, Any]] = officer.call("GET", "/v1/submissions")["items"]
    return listed


def test_the_exported_log_verifies_offline_by_a_program_that_has_the_public_key_alone(
    journey, tmp_path
):
    with journey.server.officer("ig_officer") as officer:
        (tmp_path / "log").write_bytes(officer.call("GET", "/v1/audit/export"))
        (tmp_path / "key").write_text(officer.call("GET", "/v1/audit/key")["public_key"])
    assert "VERIFIED" in verified(tmp_path, "log").stdout


def verified(folder: Path, export: str) -> subprocess.CompletedProcess[str]:
    """The verifier by itself, in a folder that holds nothing of the gateway."""
    words = [sys.executable, "-m", "audit", "verify", export, "--key", "key"]
    environment = {"PATH": os.environ["PATH"]}
    return subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, check=True
    )


def test_only_the_ig_officer_reads_and_exports_the_log(journey):
    for role, agency in (("evaluator", "council"), ("data_officer", "police")):
        with (
            journey.server.officer(role, agency) as other,
            pytest.raises(GatewayRefused) as refused,
        ):
            other.call("GET", "/v1/audit/export")
        assert refused.value.status == 403
