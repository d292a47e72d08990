"""An agency that tokenises at its own site: keys delivered, an extract prepared without any server, a bundle sent and stored."""

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
from running_gateway import Running, today

from gateway.cli import run as run_words

title = "Names stay at the agency, and everything else is as before"

pytestmark = pytest.mark.xdist_group("gateway")

PASSPHRASE = "GATEWAY_PACKAGE_PASSPHRASE"
BUNDLE = "application/vnd.families-data-gateway.bundle"
POLICE = ("--agency", "police", "--dataset", "contacts")
Ended = subprocess.CompletedProcess[str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: Any, capsys: Any) -> Callable[..., Ended]:
    """Runs `gateway` with these words in an empty folder."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("GATEWAY_")]:
        monkeypatch.delenv(name)

    def running(*words: str, **environment: str) -> Ended:
        with monkeypatch.context() as here:
            for name, value in environment.items():
                here.setenv(name, value)
            code = run_words(words)
        said = capsys.readouterr()
        return subprocess.CompletedProcess(words, code, said.out, said.err)

    return running


def somebody(gateway: Running, role: str, agency: str) -> dict[str, str]:
    """The environment of somebody at a terminal."""
    if role == "administrator":
        credential = gateway.administrator
    else:
        credential = gateway.new_credential(role, agency)
    return {"GATEWAY_URL": gateway.url, "GATEWAY_CREDENTIAL": credential}


@pytest.fixture
def passphrase(gateway: Running, run: Callable[..., Ended]) -> str:
    """The passphrase of a fresh key package for the police contacts, which stands in `police.fdk`."""
    words = ("keys", "package", *POLICE, "--out", "police.fdk", "--json")
    made = run(*words, **somebody(gateway, "administrator", "gateway"))
    assert made.returncode == 0, made.stderr
    return str(json.loads(made.stdout)["passphrase"])


def test_an_extract_is_prepared_without_a_server_and_the_bundle_is_sent(
    gateway: Running, run: Callable[..., Ended], passphrase: str, tmp_path: Path
) -> None:
    (tmp_path / "contacts.csv").write_bytes(planted.police(OCCURRED_DATE="31/02/2023"))
    nowhere = {"GATEWAY_URL": "http://127.0.0.1:9", PASSPHRASE: passphrase}
    made = run("prepare", "contacts.csv", "--package", "police.fdk", **nowhere)
    assert made.returncode == 0, made.stderr
    # The bad row is returned as `gateway check` returns it.
    for word in ("2 rows read, 1 accepted, 1 returned", "wrong_date", "row 2", "what to do"):
        assert word in made.stdout
    bundle = tmp_path / "contacts.fdg"
    assert bundle.stat().st_mode & 0o077 == 0
    before = gateway.last_index()
    words = ("send", "contacts.fdg", "--attested-on", today(), "--json")
    sent = run(*words, **somebody(gateway, "data_officer", "police"))
    assert sent.returncode == 0, sent.stderr
    report = json.loads(sent.stdout)
    assert (report["status"], report["rows_accepted"], report["rows_refused"]) == ("stored", 1, 1)
    assert report["findings"][0]["rule"] == "wrong_date"
    [*_, outcome] = [
        each["detail"] for each in gateway.entries(before) if each["action"] == "submit"
    ]
    assert (outcome["format"], outcome["outcome"]) == ("bundle", "done")
    everything = made.stdout + made.stderr + sent.stdout + sent.stderr + str(gateway.entries())
    assert passphrase not in everything
    for particular in planted.PARTICULARS:
        assert particular.lower().encode() not in bundle.read_bytes().lower()
        assert particular.lower() not in everything.lower()
    assert planted.places_of(gateway.home) == []


def test_a_bundle_sent_again_or_as_rows_is_known(
    gateway: Running, run: Callable[..., Ended], passphrase: str, tmp_path: Path
) -> None:
    (tmp_path / "x.csv").write_bytes(planted.police(ROLE="REP"))
    ready = run("prepare", "x.csv", "-k", "police.fdk", **{PASSPHRASE: passphrase})
    assert ready.returncode == 0
    officer = somebody(gateway, "data_officer", "police")
    sent = run("send", "x.fdg", "--attested-on", today(), "--json", **officer)
    assert sent.returncode == 0, sent.stderr
    for again in (("x.fdg",), ("x.csv", *POLICE)):
        ended = run("send", *again, "--attested-on", today(), "--json", **officer)
        assert ended.returncode == 1
        assert json.loads(ended.stdout)["status"] == 409
        assert json.loads(sent.stdout)["submission"] in json.loads(ended.stdout)["detail"]


def test_a_bundle_that_was_changed_on_its_way_is_a_problem_document(
    gateway: Running, run: Callable[..., Ended], passphrase: str, tmp_path: Path
) -> None:
    (tmp_path / "x.csv").write_bytes(planted.police(ROLE="SUS", SEX="M"))
    assert run("prepare", "x.csv", "-k", "police.fdk", **{PASSPHRASE: passphrase}).returncode == 0
    bundle = bytearray((tmp_path / "x.fdg").read_bytes())
    bundle[-1] ^= 1
    with gateway.officer("data_officer", "police") as officer:
        problem = officer.problem_of_file(bytes(bundle), "police", "contacts", ".fdg")
        unsaid = officer.problem_of_file(bytes(bundle), "police", "contacts", ".csv")
    assert (problem["status"], problem["rule"]) == (422, "tampered")
    assert problem["type"] == "/problems/BundleRefused"
    assert problem["fix"]
    # Sent as if it were an extract, it is no extract.
    assert unsaid["rule"] == "unknown_file_type"


def test_keys_are_made_by_an_administrator_only_and_for_an_agreed_dataset_only(
    gateway: Running, run: Callable[..., Ended], tmp_path: Path
) -> None:
    words = ("keys", "package", "--out", "k.fdk", "--json")
    for role, agency in (("data_officer", "police"), ("linkage_officer", "council")):
        ended = run(*words, *POLICE, **somebody(gateway, role, agency))
        assert ended.returncode == 1
        assert json.loads(ended.stdout)["status"] == 403
    administrator = somebody(gateway, "administrator", "gateway")
    unknown = run(*words, "--agency", "police", "--dataset", "custody", **administrator)
    assert json.loads(unknown.stdout)["status"] == 404
    long = run(*words, *POLICE, "--days", "5000", **administrator)
    assert json.loads(long.stdout)["status"] == 422
    assert not (tmp_path / "k.fdk").exists()


def test_a_package_is_listed_without_its_keys_and_revoked(
    gateway: Running, run: Callable[..., Ended], tmp_path: Path
) -> None:
    administrator = somebody(gateway, "administrator", "gateway")
    words = ("keys", "package", *POLICE, "--out", "k.fdk", "--json")
    made = json.loads(run(*words, **administrator).stdout)
    assert (tmp_path / "k.fdk").stat().st_mode & 0o077 == 0
    revoked = run("keys", "revoke", made["id"], "--json", **administrator)
    assert revoked.returncode == 0
    listed = json.loads(run("keys", "list", "--json", **administrator).stdout)
    [ours] = [each for each in listed if each["id"] == made["id"]]
    assert ours["revoked_at"]
    assert not {"file", "passphrase", "level_keys"} & ours.keys()
    (tmp_path / "x.csv").write_bytes(planted.police(ROLE="VIC", SEX="M"))
    ready = run("prepare", "x.csv", "-k", "k.fdk", **{PASSPHRASE: made["passphrase"]})
    assert ready.returncode == 0
    officer = somebody(gateway, "data_officer", "police")
    ended = run("send", "x.fdg", "--attested-on", today(), "--json", **officer)
    assert json.loads(ended.stdout)["rule"] == "package_revoked"


@pytest.mark.parametrize(
    ("what", "code", "says"),
    [
        ("a wrong passphrase", 1, "does not open"),
        ("no passphrase", 2, PASSPHRASE),
        ("a package open to others", 1, "chmod 600"),
        ("a bundle there already", 2, "exists already"),
        ("an extract with no good row", 1, "None of the 2 rows"),
        ("an extract that is none", 1, "not CSV, XLSX or Parquet"),
        ("a package that is none", 1, "not a key package"),
    ],
)
def test_what_cannot_be_prepared_is_said_and_leaves_no_bundle(
    run: Callable[..., Ended], passphrase: str, tmp_path: Path, what: str, code: int, says: str
) -> None:
    extract, given = tmp_path / "x.csv", {PASSPHRASE: passphrase}
    extract.write_bytes(planted.police())
    match what:
        case "a wrong passphrase":
            given = {PASSPHRASE: "k7mqp-2xvdh-9w3cf-hj4nr-btz6y-mm3qa"}
        case "no passphrase":
            given = {}
        case "a package open to others":
            (tmp_path / "police.fdk").chmod(0o644)
        case "a bundle there already":
            (tmp_path / "x.fdg").write_bytes(b"kept")
        case "an extract with no good row":
            bad = planted.police(OCCURRED_DATE="31/02/2023").replace(b"04/04/2023", b"30/02/2023")
            extract.write_bytes(bad)
        case "an extract that is none":
            extract.write_bytes(b"%PDF-1.7 " + planted.police())
        case "a package that is none":
            (tmp_path / "police.fdk").write_bytes(planted.police())
    ended = run("prepare", "x.csv", "--package", "police.fdk", **given)
    assert ended.returncode == code, ended.stderr
    said = " ".join((ended.stdout + ended.stderr).split())
    assert says in said
    assert not [each for each in (*planted.PARTICULARS, passphrase) if each.lower() in said.lower()]
    assert not (tmp_path / "x.fdg").exists() or (tmp_path / "x.fdg").read_bytes() == b"kept"
    assert {path.name for path in tmp_path.iterdir()} <= {"x.csv", "police.fdk", "x.fdg"}


def test_a_package_that_could_not_be_written_is_not_made(
    gateway: Running, run: Callable[..., Ended], tmp_path: Path
) -> None:
    administrator = somebody(gateway, "administrator", "gateway")
    before = len(json.loads(run("keys", "list", "--json", **administrator).stdout))
    (tmp_path / "there.fdk").touch()
    for place in ("there.fdk", "nowhere/k.fdk"):
        ended = run("keys", "package", *POLICE, "--out", place, **administrator)
        assert ended.returncode == 2
        assert place.partition("/")[0] in ended.stderr
    assert len(json.loads(run("keys", "list", "--json", **administrator).stdout)) == before


def test_send_of_rows_still_asks_whose_they_are(
    gateway: Running, run: Callable[..., Ended], tmp_path: Path
) -> None:
    (tmp_path / "x.csv").write_bytes(planted.police())
    ended = run("send", "x.csv", **somebody(gateway, "data_officer", "police"))
    assert ended.returncode == 2
    assert "--agency" in ended.stderr


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    heavy = ("polars", "cryptography", "pyarrow", "pydantic_core._pydantic", "splink", "duckdb")
    asked = f"import sys, gateway.cli.run; print([n for n in {heavy!r} if n in sys.modules])"
    ended = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=60
    )
    assert ended.stdout.strip() == "[]"
