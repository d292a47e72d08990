"""Bytes changed behind the gateway's back: found and named, in the log and in the records, never a wrong figure."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from running_gateway import Running

from audit.errors import VerificationFailed
from audit.verify import verify
from gateway.cli.demo.questions import PERMITTED
from gateway.client import JobFailed

title = "A changed byte is found"

pytestmark = pytest.mark.xdist_group("county")

ENTRIES, CHECKPOINT = "entries.jsonl", "checkpoint"
SAMPLED = 200
LAKE_SAMPLED = 6


@pytest.fixture(scope="module")
def public_key(journey: Any) -> str:
    """The key that the log's checkpoints are verified with."""
    with journey.server.officer("ig_officer") as officer:
        key: str = officer.call("GET", "/v1/audit/key")["public_key"]
    return key


@contextmanager
def flipped(file: Path, offset: int, mask: int = 1) -> Iterator[None]:
    """One byte of a file changed for the length of the block."""
    sound = file.read_bytes()
    changed = bytearray(sound)
    changed[offset] ^= mask
    file.write_bytes(changed)
    try:
        yield
    finally:
        file.write_bytes(sound)


def offsets(file: Path, number: int) -> list[int]:
    """The first and the last byte, and others in between, always the same."""
    size = file.stat().st_size
    return sorted({0, size - 1, *random.Random(size).sample(range(size), min(number, size))})


@pytest.mark.parametrize("name", [ENTRIES, CHECKPOINT])
def test_every_sampled_byte_of_the_stored_log_counts(ended_home: Path, public_key: str, name: str):
    audit = ended_home / "audit"
    assert verify(audit, public_key).size > 50
    chance = random.Random(5)
    unnoticed = []
    for offset in offsets(audit / name, SAMPLED):
        with flipped(audit / name, offset, chance.randrange(1, 256)):
            try:
                verify(audit, public_key)
            except VerificationFailed as named:
                # An error of the family's own: which fault, and of which entry.
                if type(named) is VerificationFailed:
                    unnoticed.append(offset)
            else:
                unnoticed.append(offset)
    assert unnoticed == []


def test_the_command_says_which_fault_and_ends_with_one(
    ended_home: Path, public_key: str, tmp_path: Path
):
    (tmp_path / "key").write_text(public_key)
    entries = ended_home / "audit" / ENTRIES
    assert verified_by_command(ended_home, tmp_path).returncode == 0
    with flipped(entries, entries.stat().st_size // 2):
        ended = verified_by_command(ended_home, tmp_path)
    assert ended.returncode == 1
    assert "The log does not verify" in ended.stderr
    assert "entry" in ended.stderr
    assert ended.stdout == ""


def verified_by_command(home: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """`gateway audit verify` on the log's own folder."""
    words = [sys.executable, "-m", "gateway", "audit", "verify", str(home / "audit")]
    return subprocess.run(
        [*words, "--key", "key"], cwd=folder, capture_output=True, text=True, check=False
    )


def test_a_server_does_not_start_on_a_log_that_was_changed(ended_home: Path):
    entries = ended_home / "audit" / ENTRIES
    with flipped(entries, 300):
        words = [sys.executable, "-m", "gateway", "serve", "--home", str(ended_home), "--port", "1"]
        ended = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "No log, no service" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.fixture(scope="module")
def tampered(
    ended_home: Path, journey: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """A server on the ended_home home."""
    server = Running(ended_home, journey.server.administrator)
    server._credentials.update(journey.server._credentials)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def test_a_changed_vintage_gives_no_figure(tampered: Running, journey: Any):
    """First in this module of those that ask: the tables are in memory once they were read."""
    with journey.server.officer("evaluator") as evaluator:
        sound = evaluator.ask(PERMITTED[0]).table
    with tampered.officer("evaluator") as evaluator:
        for file in sorted((tampered.home / "lake" / "vintages").rglob("*.parquet")):
            for offset in offsets(file, LAKE_SAMPLED):
                with flipped(file, offset):
                    problem = evaluator.problem("POST", "/v1/questions", json=PERMITTED[0])
                require_damage_named(problem, file)
        # Nothing of it was kept: the right bytes give the right figures.
        assert evaluator.ask(PERMITTED[0]).table == sound


def require_damage_named(problem: dict[str, Any], file: Path) -> None:
    """A problem that names the damaged file by its owner, and says what to do."""
    assert problem["status"] == 500
    assert problem["type"].endswith("RecordsDamaged")
    assert file.parent.name in problem["detail"]
    assert problem["fix"]


@pytest.mark.parametrize("name", ["tokens", "records", "links"])
def test_changed_records_stop_a_linkage_run(tampered: Running, name: str):
    files = sorted((tampered.home / "lake").rglob(f"{name}.parquet"))
    # The last of the files that are read, so that all before it were sound.
    middle = files[-1].stat().st_size // 2
    for offset in [middle] if name == "records" else offsets(files[-1], LAKE_SAMPLED):
        with flipped(files[-1], offset):
            require_damage_named(link_fails(tampered), files[-1])


def link_fails(server: Running) -> dict[str, Any]:
    """The problem of a linkage run that must fail."""
    with server.officer("linkage_officer") as officer, pytest.raises(JobFailed) as failed:
        officer.link()
    return dict(failed.value.problem)


def test_records_exchanged_between_two_submissions_are_found(tampered: Running):
    first, second = sorted((tampered.home / "lake").rglob("tokens.parquet"))[:2]
    one, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    second.write_bytes(one)
    try:
        problem = link_fails(tampered)
    finally:
        first.write_bytes(one)
        second.write_bytes(other)
    assert problem["type"].endswith("RecordsDamaged")


def test_records_that_are_gone_are_missed(tampered: Running):
    file = sorted((tampered.home / "lake").rglob("tokens.parquet"))[0]
    hidden = file.rename(file.with_suffix(".away"))
    try:
        require_damage_named(link_fails(tampered), file)
    finally:
        hidden.rename(file)


def test_with_the_right_bytes_back_the_same_run_succeeds_on_the_same_figures(
    tampered: Running, journey: Any
):
    with tampered.officer("linkage_officer") as officer:
        again = officer.link()
    assert again["counts"] == journey.run["counts"]
    with tampered.officer("evaluator") as evaluator, journey.server.officer("evaluator") as other:
        assert evaluator.ask(PERMITTED[0]).table["cells"] == other.ask(PERMITTED[0]).table["cells"]


def test_a_damaged_file_is_on_record(tampered: Running):
    errors = [each["detail"].get("error") for each in tampered.entries()]
    assert errors.count("RecordsDamaged") > 10
