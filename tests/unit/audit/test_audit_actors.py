"""Names apart from the log, each under a salt of its own."""

import hmac
import json
import time

import pytest

from audit import LogBroken
from audit.actors import STALE_SECONDS, Actors


@pytest.fixture
def actors(tmp_path):
    return Actors(tmp_path)


def rows(tmp_path):
    return [json.loads(line) for line in (tmp_path / "actors.jsonl").read_text().splitlines()]


def test_a_commitment_is_an_hmac_of_the_name_under_its_own_salt(actors, tmp_path):
    first, second = actors.commitment("jane"), actors.commitment("john")
    for row, commitment in zip(rows(tmp_path), (first, second), strict=True):
        salt = bytes.fromhex(row["salt"])
        assert len(salt) == 32
        assert hmac.new(salt, row["actor"].encode(), "sha256").hexdigest() == commitment
    assert rows(tmp_path)[0]["salt"] != rows(tmp_path)[1]["salt"]


def test_the_same_name_has_the_same_commitment_in_every_process(actors, tmp_path):
    assert actors.commitment("jane") == actors.commitment("jane")
    assert Actors(tmp_path).commitment("jane") == actors.commitment("jane")
    assert len(rows(tmp_path)) == 1


def test_a_name_first_seen_by_two_at_once_gets_one_salt(tmp_path):
    first, second = Actors(tmp_path), Actors(tmp_path)
    first.commitment("other")
    second.commitment("other")
    assert first.commitment("jane") == second.commitment("jane")


def test_forgetting_removes_the_name_and_the_salt_and_nothing_else(actors, tmp_path):
    jane, john = actors.commitment("jane"), actors.commitment("john")
    assert actors.forget("jane")
    assert not actors.forget("jane")
    assert (actors.name_of(jane), actors.name_of(john)) == (None, "john")
    assert "jane" not in (tmp_path / "actors.jsonl").read_text()
    assert (tmp_path / "actors.jsonl").stat().st_mode & 0o777 == 0o600


def test_another_process_learns_of_it_within_a_second(actors, tmp_path, monkeypatch):
    other = Actors(tmp_path)
    jane = other.commitment("jane")
    actors.forget("jane")
    assert other.name_of(jane) is None
    now = time.monotonic()
    monkeypatch.setattr("audit.actors.time.monotonic", lambda: now + STALE_SECONDS + 1)
    assert other.commitment("jane") != jane


def test_a_torn_last_line_is_dropped_before_the_next(actors, tmp_path):
    actors.commitment("jane")
    with (tmp_path / "actors.jsonl").open("ab") as file:
        file.write(b'{"actor":"jo')
    fresh = Actors(tmp_path)
    fresh.commitment("john")
    assert [row["actor"] for row in rows(tmp_path)] == ["jane", "john"]


@pytest.mark.parametrize("line", ["garbage", "[]", "{}", "1"])
def test_a_damaged_table_is_an_error_with_a_name(actors, tmp_path, line):
    (tmp_path / "actors.jsonl").write_text(line + "\n")
    with pytest.raises(LogBroken, match="actors"):
        actors.commitment("jane")
