"""Linkage runs, numbered: what went in, how, how good, and which record became which person.

In: submission ids, parameters, and at the end a frame of links and one of changes. Out: `Run`, or
these again. Scores and pairs are never stored: a run leaves record, person and family, what became of
the persons of the run before, and estimates.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from gateway.access import Access, Right, require
from gateway.keys import Sealed
from gateway.store import run_changes
from gateway.store.carried import places_of
from gateway.store.errors import NotFound, UnsealedContent, WrongState
from gateway.store.lake import Lake, Part
from gateway.store.presence import Presence
from gateway.store.tables import LakeFileRow, RunInputRow, RunRow

LINK_COLUMNS = {"record", "person", "family"}
# What the next incremental run asks: whether the person is a part of one that was over the cap, and which core of it
# a record is of.
ALSO = {"flagged", "core"}


@dataclass(frozen=True, slots=True)
class Run:
    """One linkage run. status: running, done or failed; `failure` is an error's class name."""

    number: int
    status: str
    inputs: tuple[str, ...]
    parameters: Mapping[str, Any]
    quality: Mapping[str, Any] | None
    failure: str | None
    access: str
    started_at: datetime
    ended_at: datetime | None


class Runs:
    """Begin, then finish or fail; a run that its program left is failed by `interrupted`."""

    def __init__(self, lake: Lake, presence: Presence) -> None:
        self._lake = lake
        self._database = lake.database
        self._presence = presence

    def begin(self, access: Access, inputs: Iterable[str], parameters: Mapping[str, Any]) -> Run:
        """Take the next number. `inputs` are submission ids."""
        require(access, Right.WRITE_RUN)
        with self._database.writing() as session:
            row = RunRow(
                status="running",
                parameters=dict(parameters),
                owner=self._presence.owner,
                access_id=access.id,
                started_at=self._lake.clock(),
            )
            session.add(row)
            session.flush()
            used = sorted(set(inputs))
            session.add_all(RunInputRow(run=row.number, submission_id=name) for name in used)
            return _from_row(row, tuple(used))

    def finish(
        self,
        access: Access,
        number: int,
        links: pl.DataFrame,
        *,
        quality: Mapping[str, Any],
        parameters: Mapping[str, Any] | None = None,
        changes: pl.DataFrame | None = None,
    ) -> Run:
        """Store `record: str, person, family` and close the run, both or neither.

        `links` may tell `flagged: bool` and `core: int` as well; `changes` are those that linkage returns. `parameters` replaces those given at the beginning (a seed or a version found since).
        Raises NotFound, WrongState, UnsealedContent or StoreFull.
        """
        require(access, Right.WRITE_RUN)
        if set(links.columns) - ALSO != LINK_COLUMNS:
            raise UnsealedContent("links hold record, person and family, and nothing else")
        parts = [Part("links", Sealed.LINKS, links)]
        if changes is not None:
            parts.append(run_changes.part_of(changes))
        with self._lake.adding(_place(number), parts, run=number) as session:
            row = _running(session, number)
            row.status, row.quality, row.ended_at = "done", dict(quality), self._lake.clock()
            if parameters is not None:
                row.parameters = dict(parameters)
            if changes is not None:
                session.add_all(run_changes.rows_of(number, changes))
            return _from_row(row, _inputs(session, number))

    def fail(self, access: Access, number: int, error: str) -> Run:
        """Close the run as failed; `error` is a class name."""
        require(access, Right.WRITE_RUN)
        with self._database.writing() as session:
            row = _running(session, number)
            row.status, row.failure, row.ended_at = "failed", error, self._lake.clock()
            return _from_row(row, _inputs(session, number))

    def get(self, access: Access, number: int) -> Run:
        """One run. Raises NotFound."""
        require(access, Right.READ_RUNS)
        with self._database.reading() as session:
            return _from_row(_find(session, number), _inputs(session, number))

    def list(self, access: Access, *, after: int | None = None, limit: int = 50) -> tuple[Run, ...]:
        """Latest first; those before the run `after`."""
        require(access, Right.READ_RUNS)
        query = _latest_first() if after is None else _latest_first().where(RunRow.number < after)
        with self._database.reading() as session:
            rows = session.scalars(query.limit(limit)).all()
            return tuple(_from_row(row, _inputs(session, row.number)) for row in rows)

    def latest(self, access: Access) -> Run | None:
        """The latest run that was finished, if there is one."""
        require(access, Right.READ_RUNS)
        query = _latest_first().where(RunRow.status == "done").limit(1)
        with self._database.reading() as session:
            row = session.scalar(query)
            return None if row is None else _from_row(row, _inputs(session, row.number))

    def read_links(self, access: Access, number: int) -> pl.DataFrame:
        """`record, person, family` of a finished run, and `flagged` and `core` if they were told.

        Raises NotFound, RecordsDamaged or RecordsShredded.
        """
        require(access, Right.READ_LINKS)
        self._require_done(number)
        return pl.DataFrame(self._lake.read(_place(number), "links"))

    def count_changes(self, access: Access, number: int) -> dict[str, int]:
        """What became of the persons of the run before, by kind; empty if it was not recorded."""
        require(access, Right.READ_RUNS)
        self._require_done(number)
        with self._database.reading() as session:
            return run_changes.counted(session, number)

    def list_changes(
        self,
        access: Access,
        number: int,
        *,
        kinds: Collection[str] = run_changes.TOLD,
        after: int = 0,
        limit: int = run_changes.MAX_LISTED,
    ) -> tuple[dict[str, Any], ...]:
        """A page of those whose ids are told, behind the position `after`.

        Raises NotFound, RecordsDamaged or RecordsShredded.
        """
        require(access, Right.READ_LINKS)
        if not self.count_changes(access, number):
            raise NotFound(f"run {number} did not record what changed")
        found = pl.DataFrame(self._lake.read(_place(number), run_changes.FILE))
        return run_changes.page_of(found, kinds, after, limit)

    def _require_done(self, number: int) -> None:
        with self._database.reading() as session:
            if _find(session, number).status != "done":
                raise NotFound(f"run {number} left no links")

    def shred(self, access: Access, number: int) -> None:
        """Delete the key of a run's links and of what it handed on; its row and its estimates stay."""
        require(access, Right.WRITE_RUN)
        with self._database.writing() as session:
            _find(session, number)
            self._lake.shred(session, LakeFileRow.run == number)
        for place in (_place(number), *places_of(number)):
            self._lake.clear(place)

    def interrupted(self) -> tuple[int, ...]:
        """Fail the runs whose program is gone; called at the start, before anybody asks."""
        with self._database.writing() as session:
            running = session.scalars(select(RunRow).where(RunRow.status == "running"))
            left = [row for row in running if not self._presence.is_alive(row.owner)]
            for row in left:
                row.status, row.failure = "failed", "Interrupted"
                row.ended_at = self._lake.clock()
            return tuple(row.number for row in left)


def _latest_first() -> Select[RunRow]:
    return select(RunRow).order_by(RunRow.number.desc())


def _find(session: Session, number: int) -> RunRow:
    row = session.get(RunRow, number)
    if row is None:
        raise NotFound(f"there is no linkage run {number}")
    return row


def _running(session: Session, number: int) -> RunRow:
    row = _find(session, number)
    if row.status != "running":
        raise WrongState(f"run {number} is {row.status} already")
    return row


def _inputs(session: Session, number: int) -> tuple[str, ...]:
    query = select(RunInputRow.submission_id).where(RunInputRow.run == number)
    return tuple(session.scalars(query.order_by(RunInputRow.submission_id)))


def _from_row(row: RunRow, inputs: tuple[str, ...]) -> Run:
    return Run(
        number=row.number,
        status=row.status,
        inputs=inputs,
        parameters=row.parameters,
        quality=row.quality,
        failure=row.failure,
        access=row.access_id,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def _place(number: int) -> str:
    return f"runs/{number}"
