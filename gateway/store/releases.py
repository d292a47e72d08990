"""Releases: protected tables that have left, each with its number and all it rests on.

In: a protected table as JSON. Out: the same, by number. Never changed and never taken back here:
what has left has left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.access import Access, Right, require
from gateway.store.engine import Database
from gateway.store.errors import NotFound
from gateway.store.instants import Clock
from gateway.store.tables import ReleaseRow
from gateway.store.vintage_uses import SoleAnswerRow

MAX_LISTED = 200
MAX_RELATED = 1000
BESIDE = ("coarser", "audit")


@dataclass(frozen=True, slots=True)
class NewRelease:
    """What is released and why it may be. `audit_index` is the entry that recorded it.

    `coarser`: a question that loses fewer cells, for the asker. `audit`: how near the ledger came to withholding more, as
    plain numbers by name; it can tell of a small group, so only an IG officer's review shows it.
    `sole`: digest of what may be answered once of this vintage; whoever asks again gets the first answer.
    """

    question: Mapping[str, Any]
    table: Mapping[str, Any]
    clauses: Sequence[str]
    purpose: str
    run: int
    vintage: str
    protocol_digest: str
    audit_index: int
    coarser: Mapping[str, Any] | None = None
    audit: Mapping[str, Any] | None = None
    sole: str | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """A release as stored; `table` is the protected table, never the exact one. `audit` is for IG officers alone."""

    number: int
    question: Mapping[str, Any]
    table: Mapping[str, Any]
    clauses: tuple[str, ...]
    purpose: str
    run: int
    vintage: str
    protocol_digest: str
    audit_index: int
    access: str
    released_at: datetime
    coarser: Mapping[str, Any] | None = None
    audit: Mapping[str, Any] | None = None


class Releases:
    """Added to, listed, read."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def add(self, access: Access, new: NewRelease) -> Release:
        """Give the release its number. Where it is `sole` and there is one, that one comes back and this one is dropped."""
        require(access, Right.WRITE_RELEASE)
        row = ReleaseRow(
            question=dict(new.question),
            protected_table={**new.table, **_beside(new)},
            clauses=list(new.clauses),
            purpose=new.purpose,
            run=new.run,
            vintage_id=new.vintage,
            protocol_digest=new.protocol_digest,
            audit_index=new.audit_index,
            access_id=access.id,
            released_at=self._clock(),
        )
        with self._database.writing() as session:
            if new.sole is not None:
                first = _sole(session, new.vintage, new.sole)
                if first is not None:
                    return _from_row(first)
                session.add(row)
                session.flush()
                session.add(
                    SoleAnswerRow(vintage_id=new.vintage, answer=new.sole, release=row.number)
                )
            else:
                session.add(row)
        return _from_row(row)

    def sole(self, access: Access, vintage: str, answer: str) -> Release | None:
        """The one release of what may be answered once; None before it."""
        require(access, Right.READ_RELEASES)
        with self._database.reading() as session:
            row = _sole(session, vintage, answer)
            return None if row is None else _from_row(row)

    def get(self, access: Access, number: int) -> Release:
        """One release. Raises NotFound."""
        require(access, Right.READ_RELEASES)
        with self._database.reading() as session:
            row = session.get(ReleaseRow, number)
        if row is None:
            raise NotFound(f"there is no release {number}")
        return _from_row(row)

    def list(
        self, access: Access, *, after: int | None = None, limit: int = 50
    ) -> tuple[Release, ...]:
        """Latest first, those before the release `after`, at most `limit` (200 at most)."""
        require(access, Right.READ_RELEASES)
        query = select(ReleaseRow).order_by(ReleaseRow.number.desc())
        if after is not None:
            query = query.where(ReleaseRow.number < after)
        with self._database.reading() as session:
            rows = session.scalars(query.limit(min(limit, MAX_LISTED)))
            return tuple(_from_row(row) for row in rows)

    def since(self, access: Access, vintage: str, after: int) -> tuple[Release, ...]:
        """Every release of one vintage with a higher number, earliest first."""
        require(access, Right.READ_RELEASES)
        query = select(ReleaseRow).where(ReleaseRow.vintage_id == vintage)
        query = query.where(ReleaseRow.number > after).order_by(ReleaseRow.number)
        with self._database.reading() as session:
            return tuple(_from_row(row) for row in session.scalars(query))

    def of_vintage(self, access: Access, vintage: str) -> tuple[Release, ...]:
        """The releases of one vintage, latest first, at most 1,000."""
        require(access, Right.READ_RELEASES)
        query = select(ReleaseRow).where(ReleaseRow.vintage_id == vintage)
        with self._database.reading() as session:
            rows = session.scalars(query.order_by(ReleaseRow.number.desc()).limit(MAX_RELATED))
            return tuple(_from_row(row) for row in rows)


def _beside(new: NewRelease) -> dict[str, Any]:
    """What is kept in the table's document and is no part of the table."""
    return {name: getattr(new, name) for name in BESIDE if getattr(new, name) is not None}


def _sole(session: Session, vintage: str, answer: str) -> ReleaseRow | None:
    found = session.get(SoleAnswerRow, (vintage, answer))
    return None if found is None else session.get_one(ReleaseRow, found.release)


def _from_row(row: ReleaseRow) -> Release:
    document = row.protected_table
    return Release(
        number=row.number,
        question=row.question,
        table={name: part for name, part in document.items() if name not in BESIDE},
        clauses=tuple(row.clauses),
        purpose=row.purpose,
        run=row.run,
        vintage=row.vintage_id,
        protocol_digest=row.protocol_digest,
        audit_index=row.audit_index,
        access=row.access_id,
        released_at=row.released_at,
        **{name: document.get(name) for name in BESIDE},
    )
