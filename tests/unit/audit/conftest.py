"""A log in a temporary directory that is verified as a whole after every operation."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit import AuditLog, Entry, Event, EventType
from audit.verify import Verified, verify

ORIGIN = "county.example/audit"


class Clock:
    """A clock that moves only when told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class CheckedLog:
    """An AuditLog that is checked after each operation: every byte, and every entry told of."""

    def __init__(self, directory: Path, signer: Ed25519PrivateKey, **options: Any) -> None:
        options = {"checkpoint_seconds": None, "ballast_bytes": 4096, **options}
        self.directory = directory
        self.log = AuditLog.open(directory, signer, ORIGIN, **options)
        self.told: list[Entry] = []
        self.check()

    def append(self, event: Event) -> Entry:
        entry = self.log.append(event)
        self.told.append(entry)
        self.check()
        return entry

    def checkpoint(self) -> str:
        note = self.log.checkpoint()
        assert self.check().entries == int(note.split("\n")[1])
        return note

    def close(self) -> None:
        self.log.close()
        self.check()

    def check(self) -> Verified:
        verified = verify(self.directory, self.log.public_key)
        stored = {line_hash(raw) for raw in (self.directory / "entries.jsonl").open("rb")}
        assert {entry.leaf_hash.hex() for entry in self.told} <= stored
        return verified


def line_hash(raw: bytes) -> str:
    """The leaf hash that a stored line carries."""
    return raw.split(b'"leaf":"')[1][:64].decode()


@pytest.fixture(scope="session")
def signer() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def an_event() -> Callable[..., Event]:
    def make(type: EventType = EventType.ACCESS_INTENT, **fields: Any) -> Event:
        given = {"actor": "staff-7", "role": "evaluator", "agency": "council", "action": "query"}
        return Event(type, **{**given, **fields})

    return make


@pytest.fixture
def open_log(tmp_path: Path, signer: Ed25519PrivateKey) -> Iterator[Callable[..., CheckedLog]]:
    opened: list[CheckedLog] = []

    def make(**options: Any) -> CheckedLog:
        opened.append(CheckedLog(tmp_path / "log", signer, **options))
        return opened[-1]

    yield make
    for checked in opened:
        checked.log.close()


@contextmanager
def nothing_need_last() -> Iterator[None]:
    """For filling a log whose contents matter and whose durability does not: no fsync."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda fd: None)
        yield


@pytest.fixture
def quick() -> Iterator[None]:
    """A test about contents only."""
    with nothing_need_last():
        yield


@pytest.fixture(scope="module")
def filled(
    tmp_path_factory: pytest.TempPathFactory, signer: Ed25519PrivateKey
) -> Iterator[AuditLog]:
    """A log of 700 entries, so that proofs cross the blocks kept in memory; nobody adds to it."""
    directory = tmp_path_factory.mktemp("filled") / "log"
    with (
        nothing_need_last(),
        AuditLog.open(directory, signer, ORIGIN, checkpoint_seconds=None) as log,
    ):
        for number in range(700):
            event = Event(EventType.ACCESS_INTENT, "staff-7", "evaluator", "council", "query")
            log.append(replace(event, subject=f"q-{number}"))
        yield log
