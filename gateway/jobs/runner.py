"""Runs long work on a few threads and writes down how far it is. In: work; out: a job's number, later its end.

What fails is told as a problem without a value. A job whose program died is marked at the next start.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import Any

from opentelemetry import trace

from gateway.jobs.problems import GatewayStopping, problem_of
from gateway.store.errors import StoreError
from gateway.store.jobs import Job, Jobs
from policies import Actor

Progress = Callable[[str, float], None]
Work = Callable[[Progress], Mapping[str, Any]]
TELL_EVERY_SECONDS = 0.3


class JobRunner:
    """A pool of threads over the table of jobs. `tracer` does nothing until the application sets its own."""

    def __init__(self, jobs: Jobs, workers: int) -> None:
        self._jobs = jobs
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="job")
        self._is_closing = False
        # Ends that could not be written down, on a full disk: kept here until they can be.
        self._unwritten: dict[str, Job] = {}
        self.tracer: trace.Tracer = trace.NoOpTracer()

    def start(self, kind: str, actor: Actor, work: Work, door: ExitStack) -> str:
        """Begin `work`; `door` holds the Access it works under and is closed when it ends."""
        with door:
            job = self._jobs.make(kind, actor=actor.id, agency=actor.agency)
            kept = door.pop_all()
        self._pool.submit(self._run, job, work, kept)
        return job.id

    def seen_by(self, actor: Actor, job: str) -> Job:
        """A job of this actor. Raises NotFound, for another's as well."""
        ended = self._unwritten.get(job)
        if ended is None or ended.actor != actor.id:
            return self._jobs.get(job, actor=actor.id)
        self._write(ended)
        return ended

    def close(self) -> None:
        """Let running work end; what waits is ended without being begun."""
        self._is_closing = True
        self._pool.shutdown(wait=True)

    def _run(self, job: Job, work: Work, door: ExitStack) -> None:
        with self.tracer.start_as_current_span("job", attributes={"gateway.job.kind": job.kind}):
            try:
                with door:
                    if self._is_closing:
                        raise GatewayStopping("the gateway was stopped before this began")
                    result = work(self._teller(job))
            except BaseException as error:  # noqa: BLE001  # the end of a thread, and a panic of a library is no Exception
                ended = dataclasses.replace(job, state="failed", error=problem_of(error))
            else:
                ended = dataclasses.replace(job, state="done", progress=1.0, result=dict(result))
        self._unwritten[job.id] = ended
        self._write(ended)

    def _write(self, ended: Job) -> None:
        """Write down how a job ended; where there is no room for it, it is tried again when somebody asks."""
        with suppress(StoreError):
            if ended.error is not None:
                self._jobs.fail(ended.id, ended.error)
            else:
                self._jobs.finish(ended.id, ended.result or {})
            self._unwritten.pop(ended.id, None)

    def _teller(self, job: Job) -> Progress:
        self._jobs.update(job.id, progress=0.0, step="started")
        last = time.monotonic()

        def tell(step: str, share: float) -> None:
            nonlocal last
            if time.monotonic() - last >= TELL_EVERY_SECONDS:
                last = time.monotonic()
                self._jobs.update(job.id, progress=min(max(share, 0.0), 1.0), step=step)

        return tell
