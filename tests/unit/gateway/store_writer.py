"""A program that writes to a store and dies, for test_store_killed.py and test_store_disk.py: real processes, real kills.

`die FOLDER`: one child for each durable step, killed just before it. `disk FOLDER`: write on a disk
with less and less room. Each prints one JSON line for each attempt.
"""

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from audit import AuditLog
from gateway.access import Door
from gateway.keys import FileKeystore
from gateway.store import Store, StoreFull
from policies import Rulebook
from tests.unit.gateway.conftest import (
    NOW,
    PROTOCOL,
    make_request,
    new_submission,
    record_frame,
    token_frame,
)

STEPS = [(os, "fsync"), (os, "rename"), (os, "unlink"), (shutil, "rmtree")]
MOST_STEPS = 60
KILLED = 99


class Countdown:
    """Kills this process just before its n-th durable step."""

    def __init__(self, left: int) -> None:
        self.left = left

    def step(self, *_: Any) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self) -> None:
        for module, name in STEPS:
            setattr(module, name, self._counted(getattr(module, name)))
        event.listen(Engine, "commit", self.step)

    def _counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **options: Any) -> Any:
            self.step()
            return call(*args, **options)

        return counted


def opened(folder: Path, rulebook: Rulebook) -> tuple[Store, Door]:
    keys = FileKeystore.open(folder / "keystore.json", key_file=folder / "key")
    log = AuditLog.open(
        folder / "log", keys.audit_signer(), "test", checkpoint_seconds=None, ballast_bytes=4096
    )
    door = Door(rulebook, log, lambda: NOW)
    return Store.open(f"sqlite:///{folder}/disk/store.db", folder / "disk" / "lake", keys), door


def replace_one(folder: Path, rulebook: Rulebook, countdown: Countdown) -> None:
    """Store one submission; from then on count; replace it by another."""
    store, door = opened(folder, rulebook)
    with door.open(make_request("submit")) as access:
        first = store.submissions.add(access, new_submission(), token_frame(), record_frame())
    with door.open(make_request("submit")) as access:
        countdown.watch()
        second = new_submission(fingerprint="cd" * 32, replaces=first.id)
        store.submissions.add(access, second, token_frame(seed=2), record_frame())


def die(folder: Path) -> None:
    rulebook = Rulebook.load(PROTOCOL)
    for steps in range(1, MOST_STEPS):
        attempt = folder / f"{steps}"
        (attempt / "disk").mkdir(parents=True)
        FileKeystore.create(attempt / "keystore.json", key_file=attempt / "key")
        # Forked before any thread of Polars, Arrow or the log exists.
        child = os.fork()
        if child == 0:
            replace_one(attempt, rulebook, Countdown(steps))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        was_killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        print(json.dumps({"attempt": attempt.name, "killed": was_killed, "status": status}))
        if not was_killed:
            return


def disk(folder: Path) -> None:
    """The disk is a small file system of its own at `folder/disk`; the log stands elsewhere."""
    FileKeystore.create(folder / "keystore.json", key_file=folder / "key")
    store, door = opened(folder, Rulebook.load(PROTOCOL))
    filler = folder / "disk" / "filler"
    for attempt, left in enumerate(range(40_000, 160_000, 6_000)):
        status = os.statvfs(folder / "disk")
        filler.write_bytes(b"\1" * max(status.f_bavail * status.f_frsize - left, 0))
        try:
            with door.open(make_request("submit")) as access:
                new = new_submission(fingerprint=f"{attempt:064x}")
                stored = store.submissions.add(
                    access, new, token_frame(6000, attempt), record_frame(6000)
                )
                outcome = stored.id
        except StoreFull as fault:
            outcome = "database full" if "database" in str(fault) else "lake full"
        filler.unlink()
        places = sorted(path.name for path in (folder / "disk" / "lake" / "submissions").iterdir())
        drafts = len(list((folder / "disk" / "lake" / "incoming").iterdir()))
        with door.open(make_request("link")) as access:
            listed = sorted(each.id for each in store.submissions.stored(access))
            rows = [len(store.submissions.read_tokens(access, each)) for each in listed]
        told = {"left": left, "outcome": outcome, "listed": listed, "rows": rows}
        print(json.dumps(told | {"places": places, "drafts": drafts}))


if __name__ == "__main__":
    {"die": die, "disk": disk}[sys.argv[1]](Path(sys.argv[2]))
