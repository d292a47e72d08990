"""Real processes: killed while they append, and appending to one log side by side."""

import random
import subprocess
import sys
import time
from pathlib import Path

from audit import AuditLog
from audit.verify import verify

PROJECT = Path(__file__).resolve().parents[3]
ORIGIN = "county.example/audit"
# Eight threads append; an entry is printed only after append returned, in one write each.
APPEND = """
import os, sys, threading
from pathlib import Path
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from audit import AuditLog, Event, EventType

directory, name, events = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
signer = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
log = AuditLog.open(directory, signer, "county.example/audit", checkpoint_seconds=0.02)

def work(thread):
    for number in range(events):
        kind = EventType.RELEASE_MADE if number % 10 == 9 else EventType.ACCESS_INTENT
        subject = f"{name}-{thread}-{number}"
        entry = log.append(Event(kind, "staff-7", "evaluator", "council", "query", subject=subject))
        os.write(1, f"{entry.index} {subject}\\n".encode())

threads = [threading.Thread(target=work, args=(thread,)) for thread in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
log.close()
"""


def start(directory, name, events):
    return subprocess.Popen(
        [sys.executable, "-c", APPEND, str(directory), name, str(events)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def told(output):
    """index -> subject of every acknowledged entry; the last line may be torn by the kill."""
    lines = output.decode().split("\n")[:-1]
    return {int(index): subject for index, subject in (line.split(" ") for line in lines)}


def test_a_process_killed_while_appending_loses_no_acknowledged_entry(tmp_path, signer):
    directory, acknowledged, dice = tmp_path / "log", {}, random.Random(20261122)
    for life in range(4):
        process = start(directory, f"life{life}", 100_000)
        first = process.stdout.readline()
        time.sleep(dice.uniform(0.05, 0.3))
        process.kill()
        output, errors = process.communicate()
        assert process.returncode == -9, errors.decode()
        acknowledged |= told(first + output)
        with AuditLog.open(directory, signer, ORIGIN) as log:
            stored = {entry.index: entry.event.subject for entry in log.entries()}
            assert acknowledged.items() <= stored.items()
            assert verify(directory, log.public_key).entries >= len(stored)
    assert len(acknowledged) > 100


def test_two_processes_appending_at_once_make_one_unforked_log(tmp_path, signer):
    directory = tmp_path / "log"
    processes = [start(directory, name, 60) for name in ("left", "right")]
    outputs = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    acknowledged = [told(output) for output, _ in outputs]
    assert acknowledged[0].keys().isdisjoint(acknowledged[1])
    with AuditLog.open(directory, signer, ORIGIN) as log:
        stored = {entry.index: entry.event.subject for entry in log.entries()}
        assert stored == acknowledged[0] | acknowledged[1]
        assert len(stored) == 2 * 8 * 60
        assert verify(directory, log.public_key).size == len(stored)
        assert {entry.event.actor for entry in log.entries()} == {log.actors.commitment("staff-7")}


def test_a_log_in_use_can_be_verified(tmp_path, signer):
    directory = tmp_path / "log"
    with AuditLog.open(directory, signer, ORIGIN) as log:
        key = log.public_key
    process = start(directory, "busy", 100_000)
    sizes = []
    try:
        process.stdout.readline()
        for _ in range(10):
            sizes.append(verify(directory, key).entries)
    finally:
        process.kill()
        process.communicate()
    assert sizes == sorted(sizes)
    assert sizes[-1] > 0
