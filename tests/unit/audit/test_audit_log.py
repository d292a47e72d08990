"""Appending and reading, with the whole log verified after each operation."""

import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import rfc8785

from audit import AuditError, AuditLog, ClockWentBack, EventType, LogBroken, LogClosed
from audit.verify import verify


def test_entries_are_numbered_from_zero_and_read_back_as_they_were(open_log, an_event, clock):
    checked = open_log(clock=clock)
    told = []
    for number in range(5):
        clock.move(1)
        told.append(checked.append(an_event(subject=f"question-{number}")))
    assert [entry.index for entry in told] == list(range(5))
    assert list(checked.log.entries()) == told
    assert checked.log.size == 5
    assert told[0].at.isoformat() == "2026-11-22T09:00:01+00:00"


def test_entries_are_read_after_an_index_up_to_a_limit_and_by_type(open_log, an_event, quick):
    log = open_log().log
    kinds = [EventType.ACCESS_INTENT, EventType.ACCESS_OUTCOME, EventType.RELEASE_MADE]
    for number in range(600):
        log.append(an_event(kinds[number % 3]))
    assert [e.index for e in log.entries(after=9, limit=3)] == [10, 11, 12]
    assert [e.index for e in log.entries(after=510, limit=2)] == [511, 512]
    assert [e.index for e in log.entries(after=597)] == [598, 599]
    assert [e.index for e in log.entries(after=599)] == []
    assert [e.index for e in log.entries(5, 2, {EventType.RELEASE_MADE})] == [8, 11]
    assert sum(1 for _ in log.entries(types={EventType.ACCESS_INTENT})) == 200
    assert list(log.entries(types=())) == []


def test_reading_is_streamed_and_not_disturbed_by_appends(open_log, an_event):
    log = open_log().log
    log.append(an_event())
    log.append(an_event())
    reading = log.entries()
    next(reading)
    log.append(an_event())
    assert [e.index for e in reading] == [1]


def test_the_actor_in_the_log_is_a_commitment_and_the_name_stands_apart(open_log, an_event):
    checked = open_log()
    entry = checked.append(an_event(actor="Jane.Example@county.example"))
    stored = (checked.directory / "entries.jsonl").read_text()
    assert "Jane" not in stored
    assert entry.event.actor in stored
    assert checked.log.actors.name_of(entry.event.actor) == "Jane.Example@county.example"


def test_a_forgotten_name_leaves_every_proof_intact(open_log, an_event):
    checked = open_log()
    entry = checked.append(an_event(actor="jane"))
    proof = checked.log.prove(entry.index)
    assert checked.log.actors.forget("jane")
    assert checked.log.actors.name_of(entry.event.actor) is None
    assert checked.check().entries == 1
    assert checked.log.prove(entry.index).split("\n")[:3] == proof.split("\n")[:3]
    assert checked.append(an_event(actor="jane")).event.actor != entry.event.actor


def test_lines_are_canonical_json(open_log, an_event):
    checked = open_log()
    checked.append(an_event(purpose="sf-evaluation", detail={"cells": "10-99", "epoch": 2}))
    (raw,) = (checked.directory / "entries.jsonl").read_bytes().splitlines()
    assert rfc8785.dumps(json.loads(raw)) == raw


def test_many_threads_append_and_every_entry_is_there_once(open_log, an_event):
    checked = open_log()

    def write(writer):
        return [checked.log.append(an_event(subject=f"w{writer}-{n}")) for n in range(25)]

    with ThreadPoolExecutor(16) as pool:
        told = [entry for entries in pool.map(write, range(16)) for entry in entries]
    assert sorted(entry.index for entry in told) == list(range(400))
    assert {e.index: e for e in checked.log.entries()} == {e.index: e for e in told}
    assert checked.check().entries == 400


def test_threads_share_an_fsync(open_log, an_event, monkeypatch):
    log = open_log().log
    count = 0
    real = os.fsync

    def fsync(fd):
        nonlocal count
        count += 1
        return real(fd)

    log.append(an_event())
    monkeypatch.setattr(os, "fsync", fsync)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: [log.append(an_event()) for _ in range(20)], range(16)))
    assert count < 320 / 2


def test_a_small_step_back_of_the_clock_reuses_the_last_time(open_log, an_event, clock):
    checked = open_log(clock=clock)
    first = checked.append(an_event())
    clock.move(-2)
    assert checked.append(an_event()).at == first.at


def test_a_large_step_back_of_the_clock_is_an_error_and_nothing_is_recorded(
    open_log, an_event, clock
):
    checked = open_log(clock=clock)
    checked.append(an_event())
    clock.move(-3)
    with pytest.raises(ClockWentBack):
        checked.append(an_event())
    assert checked.check().entries == 1
    clock.move(5)
    assert checked.append(an_event()).index == 1


def test_an_intent_without_outcome_is_unmatched_and_stays_so_after_a_restart(open_log, an_event):
    checked = open_log()
    for access in ("access-1", "access-2", "access-3"):
        checked.append(an_event(access=access))
    checked.append(an_event(EventType.ACCESS_OUTCOME, access="access-2"))
    checked.append(an_event(EventType.ACCESS_REFUSED, access="access-4"))
    waiting = [entry.event.access for entry in checked.log.unmatched_intents()]
    assert waiting == ["access-1", "access-3"]
    checked.close()
    again = open_log()
    assert [e.event.access for e in again.log.unmatched_intents()] == waiting
    again.append(an_event(EventType.ACCESS_OUTCOME, access="access-1"))
    again.append(an_event(EventType.ACCESS_OUTCOME, access="access-3"))
    assert again.log.unmatched_intents() == ()


def test_an_urgent_event_is_under_a_signed_head_when_append_returns(open_log, an_event):
    checked = open_log()
    checked.append(an_event())
    assert checked.check().size == 0
    checked.append(an_event(EventType.RELEASE_MADE))
    assert checked.check().size == 2


def test_the_timer_signs_the_head_by_itself(open_log, an_event):
    checked = open_log(checkpoint_seconds=0.05)
    checked.append(an_event())
    for _ in range(100):
        if checked.check().size == 1:
            return
        threading.Event().wait(0.02)
    pytest.fail("no checkpoint was signed")


def test_the_timer_does_not_sign_the_same_head_again(open_log, an_event):
    checked = open_log(checkpoint_seconds=0.01)
    checked.append(an_event())
    checked.checkpoint()
    note = (checked.directory / "checkpoint").read_bytes()
    threading.Event().wait(0.1)
    assert (checked.directory / "checkpoint").read_bytes() == note


def test_closing_signs_the_head(open_log, an_event):
    checked = open_log()
    checked.append(an_event())
    checked.close()
    assert checked.check().size == 1


def test_a_closed_log_takes_nothing(open_log, an_event):
    checked = open_log()
    checked.close()
    checked.log.close()
    with pytest.raises(LogClosed):
        checked.log.append(an_event())


def test_two_logs_opened_on_one_directory_continue_each_other(open_log, an_event):
    first, second = open_log(), open_log()
    for number in range(6):
        entry = (first, second)[number % 2].append(an_event(subject=f"q-{number}"))
        assert entry.index == number
    first.checkpoint()
    assert first.log.size == second.log.size == 6
    assert list(first.log.entries()) == list(second.log.entries())


def test_a_log_that_must_exist_is_not_made_anew(tmp_path, signer):
    with pytest.raises(LogBroken):
        AuditLog.open(tmp_path / "gone", signer, "a.example", must_exist=True)
    assert not (tmp_path / "gone").exists()


def test_a_child_process_does_not_write_through_its_parents_log(open_log, an_event):
    checked = open_log()
    child = os.fork()
    if child == 0:
        try:
            checked.log.append(an_event())
        except LogClosed:
            os._exit(7)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert checked.append(an_event()).index == 0


def test_files_are_readable_by_their_owner_only(open_log, an_event):
    checked = open_log()
    checked.append(an_event())
    modes = {path.name: path.stat().st_mode & 0o077 for path in checked.directory.iterdir()}
    assert modes == dict.fromkeys(["entries.jsonl", "checkpoint", "actors.jsonl", "ballast"], 0)


def test_an_impossible_origin_is_refused(tmp_path, signer):
    for origin in ("", "two words", "a+b"):
        with pytest.raises(AuditError, match="origin"):
            AuditLog.open(tmp_path / "log", signer, origin)


def test_a_log_reopened_is_the_same_log(open_log, an_event):
    checked = open_log()
    told = [checked.append(an_event(subject=f"q-{n}")) for n in range(3)]
    checked.close()
    again = open_log()
    assert list(again.log.entries()) == told
    assert again.append(an_event()).index == 3
    assert verify(again.directory, again.log.public_key).entries == 4
