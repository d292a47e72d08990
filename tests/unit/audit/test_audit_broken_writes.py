"""Every write of a small history is broken in turn, in every way a disk can break it.

After each break the log is opened anew: no acknowledged entry may be missing, nothing may be
altered, and the verifier must agree.
"""

import errno
import os

import pytest

from audit import AuditError, AuditLog, EventType, LogBroken, LogFull
from audit.verify import verify

ORIGIN = "county.example/audit"
CALLS = ("write", "fsync", "replace", "ftruncate")


class Disk:
    """The real disk, but the call number `at` fails: not done, half done, or done and failed."""

    def __init__(self, monkeypatch, at, how, error):
        self.count, self.at, self.how, self.error = 0, at, how, error
        self.real = {name: getattr(os, name) for name in CALLS}
        for name in CALLS:
            monkeypatch.setattr(os, name, lambda *args, name=name: self.call(name, *args))

    def call(self, name, *args):
        self.count += 1
        if self.count - 1 != self.at:
            return self.real[name](*args)
        if self.how == "done and failed":
            self.real[name](*args)
        elif self.how == "half done" and name == "write":
            self.real[name](args[0], bytes(args[1])[: len(args[1]) // 2])
        raise OSError(self.error, "planted")


def history(directory, signer, an_event):
    """Open, write, sign, write, close; returns what was acknowledged, whatever else happens."""
    told = []
    try:
        log = AuditLog.open(directory, signer, ORIGIN, checkpoint_seconds=None, ballast_bytes=4096)
    except AuditError:
        return told
    kinds = [EventType.ACCESS_INTENT, EventType.ACCESS_OUTCOME, EventType.RELEASE_MADE]
    for number, kind in enumerate([*kinds, *kinds[:2]]):
        try:
            told.append(log.append(an_event(kind, subject=f"q-{number}")))
        except (LogBroken, LogFull):
            continue
    log.close()
    return told


def calls_of_a_whole_history(tmp_path, signer, an_event):
    with pytest.MonkeyPatch.context() as patch:
        disk = Disk(patch, at=-1, how="", error=0)
        assert len(history(tmp_path / "whole", signer, an_event)) == 5
        return disk.count


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC], ids=["EIO", "ENOSPC"])
@pytest.mark.parametrize("how", ["not done", "half done", "done and failed"])
def test_no_broken_write_loses_an_acknowledged_entry(tmp_path, signer, an_event, how, error):
    count = calls_of_a_whole_history(tmp_path, signer, an_event)
    assert count > 20
    for at in range(count):
        directory = tmp_path / f"log-{at}"
        with pytest.MonkeyPatch.context() as patch:
            Disk(patch, at, how, error)
            told = history(directory, signer, an_event)
        with AuditLog.open(
            directory, signer, ORIGIN, checkpoint_seconds=None, ballast_bytes=4096
        ) as log:
            stored = {entry.index: entry for entry in log.entries()}
            assert {entry.index: stored.get(entry.index) for entry in told} == {
                entry.index: entry for entry in told
            }
            last = log.append(an_event())
            assert last.index >= len(stored)
        assert verify(directory, log.public_key).size == last.index + 1


def test_after_a_failed_fsync_the_log_takes_nothing_until_it_is_opened_again(
    open_log, an_event, monkeypatch
):
    checked = open_log()
    checked.append(an_event())
    with monkeypatch.context() as patch:
        Disk(patch, at=1, how="not done", error=errno.EIO)
        with pytest.raises(LogBroken, match="EIO"):
            checked.log.append(an_event())
    with pytest.raises(LogBroken):
        checked.log.append(an_event())
    checked.log.close()
    assert open_log().append(an_event()).event.type is EventType.ACCESS_INTENT


def test_an_urgent_entry_whose_signature_failed_is_recorded_but_not_confirmed(
    open_log, an_event, monkeypatch
):
    checked = open_log()
    with monkeypatch.context() as patch:
        Disk(patch, at=4, how="not done", error=errno.EIO)
        with pytest.raises(LogBroken):
            checked.log.append(an_event(EventType.RELEASE_MADE))
    assert checked.check().entries == 1
    assert checked.check().size == 0


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_writer_that_ends_unforeseen_leaves_nobody_waiting(open_log, an_event, monkeypatch):
    checked = open_log()
    checked.append(an_event())

    def lost(fd):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lost)
        with pytest.raises(LogBroken, match="ended"):
            checked.log.append(an_event())
    with pytest.raises(LogBroken, match="ended"):
        checked.log.append(an_event())
    checked.log.close()
