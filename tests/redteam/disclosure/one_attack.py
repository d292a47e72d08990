"""One attack from its beginning to its scores. In: its name. Out: `Judged`. Run in a process of its own by the matrix."""

from __future__ import annotations

import _thread
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import parent_process
from pathlib import Path

from tests.redteam.disclosure.attacks import ATTACKS, Scores
from tests.redteam.disclosure.effort import FULL, QUICK
from tests.redteam.disclosure.running import BrokenGateway
from tests.redteam.disclosure.stage import Stage


@dataclass(frozen=True)
class Judged:
    """What one attack attains, which share of its questions was answered, and why it could not be judged."""

    name: str
    scores: Scores
    served: float | None
    seconds: float
    broke: str


def run_one(name: str, *, quick: bool) -> Judged:
    """The attack of that name against every method, in a gateway of its own."""
    warnings.simplefilter("ignore")
    attack = next(each for each in ATTACKS if each.name == name)
    began = time.perf_counter()
    scores: Scores = {}
    broke = ""
    with interrupted_with_the_matrix(), tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder))
        try:
            scores = attack.scores(stage, QUICK if quick else FULL)
        except BrokenGateway as broken:
            broke = str(broken)
        finally:
            stage.close()
    return Judged(name, scores, stage.served(), time.perf_counter() - began, broke)


@contextmanager
def interrupted_with_the_matrix() -> Iterator[None]:
    """An attack of half an hour must not go on, unseen, when the matrix that began it was killed."""
    matrix, is_over = parent_process(), threading.Event()

    def watch() -> None:
        while not is_over.wait(1.0):
            if matrix is not None and not matrix.is_alive():
                _thread.interrupt_main()
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        is_over.set()
        watcher.join()
