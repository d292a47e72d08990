"""Copies for others, as a folder and as one file, and the command that checks them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from audit import LogBroken
from audit.__main__ import main
from audit.errors import ExportRefused, ExportUnreadable, KeyUnreadable
from audit.export import export
from audit.verify import verify

PROJECT = Path(__file__).resolve().parents[3]


@pytest.fixture
def filled(open_log, an_event, quick):
    checked = open_log()
    for number in range(20):
        checked.log.append(an_event(subject=f"q-{number}", actor="jane"))
    return checked


@pytest.mark.parametrize("one_file", [False, True])
def test_an_export_holds_every_entry_under_a_fresh_signature(filled, tmp_path, one_file):
    target, shares = tmp_path / "export", []
    exported = export(filled.log, target, one_file=one_file, progress=shares.append)
    verified = verify(target, filled.log.public_key, progress=shares.append)
    assert (verified.size, verified.entries) == (20, 20) == (exported.size, 20)
    assert verified.root_hash == exported.root_hash
    assert target.is_dir() is not one_file
    assert shares[-1] == 1.0
    assert all(0 <= share <= 1 for share in shares)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["export", "log"]


def test_an_export_holds_no_name(filled, tmp_path):
    export(filled.log, tmp_path / "export")
    assert sorted(p.name for p in (tmp_path / "export").iterdir()) == [
        "checkpoint",
        "entries.jsonl",
    ]
    assert b"jane" not in (tmp_path / "export" / "entries.jsonl").read_bytes()


def test_entries_after_the_export_do_not_touch_it(filled, tmp_path, an_event):
    export(filled.log, tmp_path / "export")
    filled.append(an_event())
    assert verify(tmp_path / "export", filled.log.public_key).entries == 20


def test_a_target_that_exists_or_has_no_folder_is_refused(filled, tmp_path):
    (tmp_path / "there").touch()
    for target in (tmp_path / "there", tmp_path / "gone" / "export"):
        with pytest.raises(ExportRefused):
            export(filled.log, target)


def test_a_log_altered_on_the_disk_is_not_exported(filled, tmp_path):
    path = filled.directory / "entries.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"q-7", b"q-8"))
    for one_file in (False, True):
        with pytest.raises(LogBroken, match="entry 7"):
            export(filled.log, tmp_path / "export", one_file=one_file)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["log"]
    path.write_bytes(whole)


def test_what_is_no_export_is_unreadable(filled, tmp_path):
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "gone", tmp_path / "folder"):
        with pytest.raises(ExportUnreadable):
            verify(path, filled.log.public_key)


@pytest.mark.parametrize("key", ["", "text", b"short", b"\xff" * 40])
def test_what_is_no_key_is_unreadable(filled, key):
    with pytest.raises(KeyUnreadable):
        verify(filled.directory, key)


def test_a_key_may_be_text_its_bytes_or_the_raw_key(filled):
    text, raw = filled.log.public_key, filled.log.verifier_key.raw
    assert verify(filled.directory, text) == verify(filled.directory, text.encode())
    assert verify(filled.directory, raw) == verify(filled.directory, text)


@pytest.fixture
def key_file(filled, tmp_path):
    path = tmp_path / "log.key"
    path.write_text(filled.log.public_key + "\n")
    return path


def test_the_command_says_verified_and_exits_0(filled, tmp_path, key_file, capsys):
    export(filled.log, tmp_path / "export", one_file=True)
    assert main(["verify", str(tmp_path / "export"), "--key", str(key_file)]) == 0
    assert capsys.readouterr().out.startswith("VERIFIED: 20 entries of county.example/audit")


def test_the_command_says_what_is_wrong_and_exits_1(filled, tmp_path, key_file, capsys):
    export(filled.log, tmp_path / "export", one_file=True)
    data = (tmp_path / "export").read_bytes()
    (tmp_path / "export").write_bytes(data.replace(b"q-7", b"q-8"))
    assert main(["verify", str(tmp_path / "export"), "--key", str(key_file), "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert (answer["verified"], answer["error"], answer["entry"]) == (False, "EntryAltered", 7)


def test_the_command_needs_a_readable_key(filled, tmp_path, capsys):
    assert main(["verify", str(filled.directory), "--key", str(tmp_path / "gone")]) == 1
    assert "key" in capsys.readouterr().out


def test_the_command_used_wrongly_exits_2(capsys):
    for arguments in ([], ["verify"], ["prove", "x"]):
        with pytest.raises(SystemExit) as end:
            main(arguments)
        assert end.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_the_command_runs_by_itself(filled, key_file):
    filled.checkpoint()
    arguments = ["-m", "audit", "verify", str(filled.directory), "--key", str(key_file), "--json"]
    answer = subprocess.run(
        [sys.executable, *arguments], cwd=PROJECT, capture_output=True, check=True
    )
    assert json.loads(answer.stdout)["size"] == 20
