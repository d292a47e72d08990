"""The commands as somebody uses them: exit codes 0, 1 and 2, JSON on standard output alone, and words that help."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import planted
import pytest
from running_gateway import today

from gateway.cli import run as run_words
from gateway.cli.demo.questions import PERMITTED, REFUSED

title = "The command line says what is wrong and what to do"

pytestmark = pytest.mark.xdist_group("county")

COMMANDS = (
    *("demo", "init", "serve", "credentials", "check", "template", "send", "submissions", "link"),
    *("ask", "audit", "protocol", "prepare", "keys"),
)
POLICE = ("--agency", "police", "--dataset", "contacts")


Ended = subprocess.CompletedProcess[str]


@pytest.fixture
def process(tmp_path: Path) -> Callable[..., Ended]:
    """Runs `gateway` with these words in an empty folder, as a process of its own."""

    def running(*words: str) -> Ended:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("GATEWAY_")}
        return subprocess.run(
            [sys.executable, "-m", "gateway", *words],
            cwd=tmp_path,
            env=kept,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return running


@pytest.fixture
def run(tmp_path: Path, monkeypatch: Any, capsys: Any) -> Callable[..., Ended]:
    """The same in this process, which spares its start; what `process` shows holds here too."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("GATEWAY_")]:
        monkeypatch.delenv(name)

    def running(*words: str, **environment: str) -> Ended:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        code = run_words(words)
        said = capsys.readouterr()
        return subprocess.CompletedProcess(words, code, said.out, said.err)

    return running


def as_officer(journey: Any, role: str, agency: str = "council") -> dict[str, str]:
    """The environment of an officer of the running gateway."""
    journey.server.officer(role, agency).close()
    credential = journey.server._credentials[role, agency]
    return {"GATEWAY_URL": journey.server.url, "GATEWAY_CREDENTIAL": credential}


def test_help_lists_every_command(process: Any) -> None:
    ended = process("--help")
    assert ended.returncode == 0
    assert [command for command in COMMANDS if f" {command} " not in ended.stdout] == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("nonsense",), "No such command"),
        (("check",), "Missing argument"),
        (("check", "nowhere.csv", *POLICE), "does not exist"),
        (("template", *POLICE, "t.doc"), ".xlsx or .csv"),
        (("submissions",), "GATEWAY_CREDENTIAL"),
        (("audit", "verify", "nowhere", "--key", "x"), "does not exist"),
    ],
)
def test_wrong_usage_ends_with_two_and_says_how_to_use_it(run: Any, words: Any, says: str) -> None:
    ended = run(*words)
    assert ended.returncode == 2
    assert says in ended.stderr
    assert "--help" in ended.stderr
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr


def test_serving_where_no_gateway_was_made_says_what_to_do(process: Any, tmp_path: Path) -> None:
    ended = process("serve", "--home", "nowhere")
    assert ended.returncode == 1
    assert "gateway init" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_init_makes_a_gateway_once_and_touches_it_never_again(process: Any, tmp_path: Path) -> None:
    first = process("init", "--home", "mine", "--json")
    assert first.returncode == 0
    assert json.loads(first.stdout)["credential"].startswith("cred-")
    assert (tmp_path / "mine").stat().st_mode & 0o077 == 0
    kept = {file: content for file, content in planted.files_below(tmp_path)}
    again = process("init", "--home", "mine", "--json")
    assert again.returncode == 1
    assert "already" in json.loads(again.stdout)["title"]
    assert {file: content for file, content in planted.files_below(tmp_path)} == kept


def test_check_shows_row_column_rule_and_fix_and_no_value(run: Any, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(planted.police(OCCURRED_DATE="31/02/2023", SEX="?"))
    ended = run("check", "x.csv", *POLICE)
    assert ended.returncode == 1
    shown = ended.stdout + ended.stderr
    for word in ("wrong_date", "OCCURRED_DATE", "unknown_code", "SEX", "row 2", "what to do"):
        assert word in shown
    assert not [value for value in (*planted.PARTICULARS, "31/02/2023") if value in shown]


def test_check_as_json_is_the_report_and_nothing_else(process: Any, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(planted.police(OCCURRED_DATE="31/02/2023"))
    ended = process("check", "x.csv", *POLICE, "--json")
    assert ended.returncode == 1
    [finding] = json.loads(ended.stdout)["findings"]
    assert (finding["row"], finding["column"], finding["rule"]) == (
        *(2, "OCCURRED_DATE"),
        "wrong_date",
    )


def test_check_of_a_sound_file_ends_with_nought(run: Any, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(planted.police())
    ended = run("check", "x.csv", *POLICE)
    assert ended.returncode == 0
    assert "1 row read, 1 accepted, 0 returned" in ended.stdout


def test_a_refused_file_is_a_problem_in_words_and_in_json(run: Any, tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(b"%PDF-1.7 " + planted.police())
    ended = run("check", "x.pdf", *POLICE, "--json")
    assert ended.returncode == 1
    problem = json.loads(ended.stdout)
    assert problem["rule"] == "unknown_file_type"
    assert problem["fix"] in ended.stderr.replace("\n", " ")


def test_a_template_is_a_file_that_check_knows_as_empty(run: Any, tmp_path: Path) -> None:
    assert run("template", *POLICE, "t.xlsx").returncode == 0
    ended = run("check", "t.xlsx", *POLICE, "--json")
    assert json.loads(ended.stdout)["rule"] == "header_only"


def test_a_port_that_is_taken_is_said(process: Any, journey: Any) -> None:
    """Even on the home of the very server that holds it, whose log must not notice."""
    before = journey.server.last_index()
    home, port = str(journey.server.home), str(journey.server.port)
    ended = process("serve", "--home", home, "--port", port)
    assert ended.returncode == 1
    assert "in use" in ended.stderr
    assert "Traceback" not in ended.stderr
    started = [e for e in journey.server.entries(before) if e["type"] == "service.started"]
    assert started == []


def test_send_of_a_file_sent_before_ends_with_one(
    run: Any, journey: Any, extracts: Any, tmp_path: Path
) -> None:
    (tmp_path / "x.csv").write_bytes(extracts["police", "contacts"].content)
    words = ("send", "x.csv", *POLICE, "--attested-on", today(), "--json")
    ended = run(*words, **as_officer(journey, "data_officer", "police"))
    assert ended.returncode == 1
    assert json.loads(ended.stdout)["status"] == 409
    assert "sent before" in ended.stderr


def test_submissions_lists_the_own_ones(run: Any, journey: Any) -> None:
    ended = run("submissions", **as_officer(journey, "data_officer", "dwp"))
    assert ended.returncode == 0
    assert journey.sent["dwp", "spells"]["submission"] in ended.stdout
    assert journey.sent["health", "ecds"]["submission"] not in ended.stdout


def test_ask_prints_the_release_as_json_and_writes_its_csv(
    run: Any, journey: Any, tmp_path: Path
) -> None:
    (tmp_path / "question.yaml").write_text(json.dumps(PERMITTED[0]))
    words = ("ask", "question.yaml", "--csv", "out.csv", "--json")
    ended = run(*words, **as_officer(journey, "evaluator"))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert json.loads(ended.stdout)["number"] > 0
    assert (tmp_path / "out.csv").read_text().startswith("district,")


def test_a_refused_question_shows_every_clause_and_the_nearest_question(
    run: Any, journey: Any, tmp_path: Path
) -> None:
    (tmp_path / "question.json").write_text(json.dumps(REFUSED))
    ended = run("ask", "question.json", **as_officer(journey, "evaluator"))
    assert ended.returncode == 1
    for clause in ("clause 4.80", "clause 6.3", "clause 6.4", "nearest question"):
        assert clause in ended.stderr
    assert ended.stdout == ""


def test_the_log_is_exported_and_then_verified_with_the_key_that_was_told(
    run: Any, journey: Any, tmp_path: Path
) -> None:
    exported = run("audit", "export", "log", "--json", **as_officer(journey, "ig_officer"))
    assert exported.returncode == 0
    key = json.loads(exported.stdout)["public_key"]
    ended = run("audit", "verify", "log", "--key", key, "--json")
    assert ended.returncode == 0
    assert json.loads(ended.stdout)["verified"] is True


def test_a_credential_that_is_not_accepted_ends_with_one(run: Any, journey: Any) -> None:
    wrong = {**as_officer(journey, "evaluator"), "GATEWAY_CREDENTIAL": "cred-nonsense"}
    ended = run("submissions", "--json", **wrong)
    assert ended.returncode == 1
    assert json.loads(ended.stdout)["status"] == 401


def test_no_gateway_at_the_address_is_said(run: Any) -> None:
    there = {"GATEWAY_URL": "http://127.0.0.1:9", "GATEWAY_CREDENTIAL": "x"}
    ended = run("submissions", "--json", **there)
    assert ended.returncode == 1
    assert "--url" in json.loads(ended.stdout)["fix"]


def test_the_shipped_protocol_passes_its_own_tests(run: Any) -> None:
    ended = run("protocol", "explain", "--json")
    assert ended.returncode == 0
    assert json.loads(ended.stdout)["passages"]
