"""A disk that fills up: the log says so in the space it put by, refuses, and goes on with space."""

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from audit import EventType, LogFull
from audit.ballast import Ballast

PROJECT = Path(__file__).resolve().parents[3]
# A real file system of 3 MiB, in a name space of its own.
SMALL_DISK = 'mount -t tmpfs -o size=3m none "$1" && exec "$2" -c "$3" "$1"'
FILL_AND_FREE = """
import json, sys
from pathlib import Path
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from audit import AuditLog, Event, EventType, LogFull
from audit.verify import verify

disk = Path(sys.argv[1])
event = Event(EventType.ACCESS_INTENT, "staff-7", "evaluator", "council", "query")
log = AuditLog.open(disk / "log", Ed25519PrivateKey.generate(), "small.example", checkpoint_seconds=None)
filler = (disk / "filler").open("wb", buffering=0)
told = [log.append(event).index for _ in range(3)]
try:
    while True:
        filler.write(bytes(4096))
except OSError:
    pass
refused = 0
while refused < 5:
    try:
        told.append(log.append(event).index)
    except LogFull:
        refused += 1
seen = {"full": [e.event.type.value for e in log.entries()][-1], "ballast": (disk / "log/ballast").exists()}
seen["verified_full"] = verify(disk / "log", log.public_key).entries == log.size
filler.close()
(disk / "filler").unlink()
told.append(log.append(event).index)
kinds = [entry.event.type.value for entry in log.entries()]
log.close()
with AuditLog.open(disk / "log", log._writer._identity.signer, "small.example") as again:
    seen["reopened"] = again.size
seen |= {"last": kinds[-3:], "told": told, "size": len(kinds), "restored": (disk / "log/ballast").exists()}
print(json.dumps(seen))
"""


def can_mount_a_small_disk() -> bool:
    unshare = shutil.which("unshare")
    if unshare is None:
        return False
    probe = [unshare, "-rm", "sh", "-c", "mount -t tmpfs -o size=1m none /mnt"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not can_mount_a_small_disk(), reason="needs a name space with mount rights")
def test_a_real_disk_that_is_full_then_not(tmp_path):
    answer = subprocess.run(
        ["unshare", "-rm", "sh", "-c", SMALL_DISK, "sh", str(tmp_path), sys.executable]
        + [FILL_AND_FREE],
        cwd=PROJECT,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert answer.returncode == 0, answer.stderr.decode()
    seen = json.loads(answer.stdout)
    assert seen["full"] == "log.full"
    assert not seen["ballast"]
    assert seen["verified_full"]
    assert seen["last"] == ["log.full", "log.space-returned", "access.intent"]
    # Every entry but the two notices was acknowledged, and only those.
    assert len(seen["told"]) == seen["size"] - 2
    assert seen["restored"]
    assert seen["reopened"] == seen["size"]


class FullDisk:
    """`os.write` and `statvfs` of a disk on which only so many more bytes fit."""

    def __init__(self, monkeypatch, room):
        self.room, self.real = room, os.write
        monkeypatch.setattr(os, "write", self.write)
        monkeypatch.setattr(os, "statvfs", self.statvfs)

    def write(self, fd, data):
        if self.room <= 0:
            raise OSError(errno.ENOSPC, "planted")
        done = self.real(fd, bytes(data)[: self.room])
        self.room -= done
        return done

    def statvfs(self, path):
        return os.statvfs_result((4096, 1, *[self.room] * 3, 0, 0, 0, 0, 255))


def test_the_refused_entry_leaves_no_trace_and_the_notice_stands(open_log, an_event, monkeypatch):
    checked = open_log()
    checked.append(an_event())
    disk = FullDisk(monkeypatch, room=100)
    release = Ballast.release

    def releasing(ballast):
        release(ballast)
        disk.room += 4096

    monkeypatch.setattr(Ballast, "release", releasing)
    with pytest.raises(LogFull):
        checked.log.append(an_event(subject="refused-one"))
    assert checked.check().size == 2
    assert b"refused-one" not in (checked.directory / "entries.jsonl").read_bytes()
    assert list(checked.log.entries())[-1].event.type is EventType.LOG_FULL
    # The room that the ballast left is not for ordinary entries.
    with pytest.raises(LogFull):
        checked.log.append(an_event())
    assert checked.check().entries == 2
    disk.room = 100_000
    assert checked.append(an_event()).index == 3
    kinds = [entry.event.type for entry in checked.log.entries()]
    assert kinds[2] is EventType.LOG_SPACE_RETURNED
    assert (checked.directory / "ballast").stat().st_size == 4096


def test_a_full_log_stays_full_for_another_process_and_after_a_restart(
    open_log, an_event, monkeypatch
):
    checked = open_log()
    checked.append(an_event())
    (checked.directory / "ballast").unlink()
    disk = FullDisk(monkeypatch, room=5000)
    other = open_log()
    for log in (checked.log, other.log):
        with pytest.raises(LogFull):
            log.append(an_event())
        assert log.size == 1
        assert len(list(log.entries())) == 1
    disk.room = 100_000
    assert other.append(an_event()).index == 2


def test_a_new_log_needs_room_for_its_ballast(open_log, monkeypatch):
    FullDisk(monkeypatch, room=5000)
    with pytest.raises(LogFull):
        open_log()


def test_a_full_disk_at_the_first_entry_of_a_new_actor_is_full_too(open_log, an_event, monkeypatch):
    checked = open_log()
    FullDisk(monkeypatch, room=0)
    with pytest.raises(LogFull):
        checked.log.append(an_event(actor="never-seen"))
    monkeypatch.undo()
    assert checked.append(an_event(actor="never-seen")).index == 0
