"""Durable audit events per second at 32 writers, beside the disk's own floor in the same run.

In: numbers of writers and events. Out: figures as a dict (events per second, ratio to the floor).
The floor writes the same bytes with bare write and fsync, in groups as large as 32 waiting
writers can fill; it hashes and checks nothing. Nothing is kept.

Run as `python -m benchmarks.audit`: as a script its own name would hide the package.
"""

import argparse
import json
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit import AuditLog, Event, EventType, band
from audit.layout import ENTRIES
from audit.verify import verify

WRITERS = 32
EVENTS = 20_000


def _event(writer: int, number: int) -> Event:
    return Event(
        EventType.ACCESS_INTENT,
        actor=f"staff-{writer}",
        role="evaluator",
        agency="council",
        action="query",
        subject=f"question-{number}",
        access=f"access-{writer}-{number}",
        purpose="sf-evaluation",
        clauses=("4.1", "4.2", "7.3"),
        detail={"cohort": "complex-needs", "cells": band(28), "protocol_digest": "ab" * 32},
    )


def _append(log: AuditLog, writer: int, events: int) -> list[float]:
    waits = []
    for number in range(events):
        began = time.perf_counter()
        log.append(_event(writer, number))
        waits.append(time.perf_counter() - began)
    return waits


def _floor(directory: Path, data: bytes, writes: int) -> float:
    """Seconds to write the bytes in that many equal parts, each followed by fsync."""
    fd = os.open(directory / "floor", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    step = -(-len(data) // writes)
    began = time.perf_counter()
    for start in range(0, len(data), step):
        os.write(fd, data[start : start + step])
        os.fsync(fd)
    seconds = time.perf_counter() - began
    os.close(fd)
    return seconds


def measure(writers: int = WRITERS, events: int = EVENTS) -> dict[str, float]:
    """Append `events` durable events from `writers` threads, verify them, and time the floor."""
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        log = AuditLog.open(directory / "log", Ed25519PrivateKey.generate(), "bench.example/audit")
        began = time.perf_counter()
        with ThreadPoolExecutor(writers) as pool:
            each = events // writers
            jobs = [pool.submit(_append, log, writer, each) for writer in range(writers)]
            waits = sorted(wait for job in jobs for wait in job.result())
        seconds = time.perf_counter() - began
        log.close()
        began = time.perf_counter()
        verified = verify(directory / "log", log.public_key)
        verify_seconds = time.perf_counter() - began
        data = (directory / "log" / ENTRIES).read_bytes()
        floor = _floor(directory, data, -(-len(waits) // writers))
    return {
        "writers": writers,
        "events": verified.size,
        "events_per_second": len(waits) / seconds,
        "floor_events_per_second": len(waits) / floor,
        "ratio_to_floor": floor / seconds,
        "wait_p50_ms": 1000 * waits[len(waits) // 2],
        "wait_p99_ms": 1000 * waits[len(waits) * 99 // 100],
        "verified_per_second": verified.size / verify_seconds,
        "bytes_per_event": len(data) / verified.size,
    }


def main() -> None:
    """Print the figures; --json for machines."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--writers", type=int, default=WRITERS)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    figures = measure(chosen.writers, chosen.events)
    if chosen.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:28} {value:12,.2f}")


if __name__ == "__main__":
    main()
