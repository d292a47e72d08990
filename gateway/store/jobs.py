"""Jobs: where long work stands, for whoever asked for it.

In: a kind and an actor. Out: `Job`. Takes no Access, because a job row holds the gateway's own
state and ids only; what the work itself reads, it reads through an Access of its own. A job is
shown to the actor who made it and to nobody else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from gateway.store.engine import Database
from gateway.store.errors import NotFound, WrongState
from gateway.store.ids import new_id
from gateway.store.instants import Clock
from gateway.store.presence import Presence
from gateway.store.tables import JobRow

ENDED = {"done", "failed", "interrupted"}
INTERRUPTED = {
    "type": "about:blank",
    "title": "The work was interrupted",
    "status": 500,
    "detail": "The program stopped before the work was done. Nothing half done was kept; start it again.",
}


@dataclass(frozen=True, slots=True)
class Job:
    """Long work. state: waiting, running, done, failed, interrupted; `progress` is 0 to 1.

    `error` is problem+json (RFC 9457); `result` holds ids, never figures or rows.
    """

    id: str
    kind: str
    state: str
    progress: float
    step: str
    actor: str
    agency: str
    error: Mapping[str, Any] | None
    result: Mapping[str, Any] | None
    created_at: datetime
    updated_at: datetime


class Jobs:
    """Made, updated, ended; those of a program that is gone are marked by `interrupted`."""

    def __init__(self, database: Database, presence: Presence, clock: Clock) -> None:
        self._database = database
        self._presence = presence
        self._clock = clock

    def make(self, kind: str, *, actor: str, agency: str) -> Job:
        """A job that waits."""
        now = self._clock()
        row = JobRow(
            id=new_id("job"),
            kind=kind,
            state="waiting",
            progress=0.0,
            step="",
            actor=actor,
            agency=agency,
            owner=self._presence.owner,
            created_at=now,
            updated_at=now,
        )
        with self._database.writing() as session:
            session.add(row)
        return _from_row(row)

    def update(self, job: str, *, progress: float | None = None, step: str | None = None) -> Job:
        """Say how far it is; the first call makes it running. Raises NotFound or WrongState."""
        told = {"progress": progress, "step": step}
        return self._change(
            job, {"state": "running"} | {k: v for k, v in told.items() if v is not None}
        )

    def finish(self, job: str, result: Mapping[str, Any]) -> Job:
        """It is done."""
        return self._change(job, {"state": "done", "progress": 1.0, "result": dict(result)})

    def fail(self, job: str, problem: Mapping[str, Any]) -> Job:
        """It failed, for a reason that may be shown."""
        return self._change(job, {"state": "failed", "error": dict(problem)})

    def get(self, job: str, *, actor: str) -> Job:
        """The actor's own job. Raises NotFound, for another's as well."""
        with self._database.reading() as session:
            row = session.get(JobRow, job)
        if row is None or row.actor != actor:
            raise NotFound("there is no such job")
        return _from_row(row)

    def list(self, *, actor: str, limit: int = 50) -> tuple[Job, ...]:
        """The actor's own jobs, newest first."""
        query = select(JobRow).where(JobRow.actor == actor)
        newest = query.order_by(JobRow.created_at.desc(), JobRow.id).limit(limit)
        with self._database.reading() as session:
            return tuple(_from_row(row) for row in session.scalars(newest))

    def interrupted(self) -> tuple[Job, ...]:
        """Mark the jobs whose program is gone, and return them; called at the start."""
        with self._database.writing() as session:
            pending = session.scalars(select(JobRow).where(JobRow.state.not_in(ENDED)))
            left = [row for row in pending if not self._presence.is_alive(row.owner)]
            for row in left:
                row.state, row.error, row.updated_at = "interrupted", INTERRUPTED, self._clock()
            return tuple(_from_row(row) for row in left)

    def _change(self, job: str, values: Mapping[str, Any]) -> Job:
        with self._database.writing() as session:
            row = session.get(JobRow, job)
            if row is None:
                raise NotFound("there is no such job")
            if row.state in ENDED:
                raise WrongState(f"job {job} is {row.state} already")
            for name, value in values.items():
                setattr(row, name, value)
            row.updated_at = self._clock()
            # Whoever works on it is the one whose end would interrupt it.
            row.owner = self._presence.owner
            return _from_row(row)


def _from_row(row: JobRow) -> Job:
    return Job(
        id=row.id,
        kind=row.kind,
        state=row.state,
        progress=row.progress,
        step=row.step,
        actor=row.actor,
        agency=row.agency,
        error=row.error,
        result=row.result,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
