"""Runs long work on a few threads and writes down how far it is. In: work; out: a job's number, later its end.

What fails is told as a problem without a value. A job whose program died is marked at the next start.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

from opentelemetry import trace

from gateway.jobs.problems import problem_of
from gateway.store.jobs import Job, Jobs
from policies import Actor

Progress = Callable[[str, float], None]
Work = Callable[[Progress], Mapping[str, Any]]
TELL_EVERY_SECONDS = 0.3
tracer = trace.get_tracer("gateway.jobs")


class JobRunner:
    """A pool of threads over the table of jobs."""

    def __init__(self, jobs: Jobs, workers: int) -> None:
        self._jobs = jobs
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="job")

    def start(self, kind: str, actor: Actor, work: Work, door: ExitStack) -> str:
        """Begin `work`; `door` holds the Access it works under and is closed when it ends."""
        with door:
            job = self._jobs.make(kind, actor=actor.id, agency=actor.agency)
            kept = door.pop_all()
        self._pool.submit(self._run, job, kind, work, kept)
        return job.id

    def seen_by(self, actor: Actor, job: str) -> Job:
        """A job of this actor. Raises NotFound, for another's as well."""
        return self._jobs.get(job, actor=actor.id)

    def close(self) -> None:
        """Let running work end; what waits is not begun."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self, job: Job, kind: str, work: Work, door: ExitStack) -> None:
        with tracer.start_as_current_span("job", attributes={"gateway.job.kind": kind}):
            try:
                with door:
                    result = work(self._teller(job))
            except Exception as error:  # noqa: BLE001  # the end of a thread: what is not told here is lost
                self._jobs.fail(job.id, problem_of(error))
            else:
                self._jobs.finish(job.id, result)

    def _teller(self, job: Job) -> Progress:
        self._jobs.update(job.id, progress=0.0, step="started")
        last = time.monotonic()

        def tell(step: str, share: float) -> None:
            nonlocal last
            if time.monotonic() - last >= TELL_EVERY_SECONDS:
                last = time.monotonic()
                self._jobs.update(job.id, progress=min(max(share, 0.0), 1.0), step=step)

        return tell
