"""Submissions: an extract's tokens and service records, stored apart, and what became of them.

In: frames that hold no identifier. Out: rows about submissions, or the frames again. A data
officer sees the own agency's only; another agency's answer is the same as that of none at all.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

import polars as pl
from sqlalchemy import ColumnElement, Select, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gateway.access import Access, AccessMissing, Right, may, require
from gateway.keys import Sealed
from gateway.store.contents import by_row, require_records, require_tokens
from gateway.store.errors import DuplicateSubmission, NotFound, WrongState
from gateway.store.ids import new_id
from gateway.store.lake import Lake, Part
from gateway.store.submission import NewSubmission, Submission, from_row, to_row
from gateway.store.tables import LakeFileRow, SubmissionRow

MAX_LISTED = 200

Frame: TypeAlias = pl.DataFrame | Callable[[], pl.DataFrame]


class Submissions:
    """Every function takes the Access first and checks it before anything else."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._database = lake.database

    def add(
        self,
        access: Access,
        new: NewSubmission,
        tokens: Frame,
        records: Frame,
    ) -> Submission:
        """Store both frames or nothing; with `replaces`, the old one is shredded in the same step.

        `tokens` may tell equal tokens once, with `row` and `seen_on` as lists. The two are sealed
        side by side; either may be a function, which is called just before.

        Raises UnsealedContent, DuplicateSubmission, StoreFull, NotFound or WrongState.
        """
        _require_own(access, Right.ADD_SUBMISSION, new.agency)
        parts = (
            Part("tokens", Sealed.TOKENS, partial(_checked, tokens, require_tokens)),
            Part("records", Sealed.RECORDS, partial(_checked, records, require_records)),
        )
        try:
            row = self._store(access, new, parts)
        except IntegrityError:
            # The unique index found the same file; which one, a fresh look tells.
            twin = self.duplicate_of(access, new.agency, new.dataset, new.fingerprint)
            if twin is None:
                raise
            raise DuplicateSubmission(twin.id) from None
        if new.replaces is not None:
            self._lake.clear(_place(new.replaces))
        return from_row(row)

    def add_refused(self, access: Access, new: NewSubmission) -> Submission:
        """Keep the report of an extract that was refused whole; nothing of its content is stored."""
        _require_own(access, Right.ADD_SUBMISSION, new.agency)
        with self._database.writing() as session:
            row = self._row(access, new, new_id("sub"), "refused")
            session.add(row)
        return from_row(row)

    def list(
        self, access: Access, *, after: str | None = None, limit: int = 50, **wanted: str
    ) -> tuple[Submission, ...]:
        """Newest first, those after the submission `after`, at most `limit` (200 at most).

        `wanted`: agency, dataset or status.
        """
        query = select(SubmissionRow).where(*_visible(access)).filter_by(**wanted)
        position = tuple_(SubmissionRow.received_at, SubmissionRow.id)
        newest = query.order_by(SubmissionRow.received_at.desc(), SubmissionRow.id.desc())
        with self._database.reading() as session:
            if after is not None:
                last = _find(session, access, after)
                newest = newest.where(position < tuple_(last.received_at, last.id))
            rows = session.scalars(newest.limit(min(limit, MAX_LISTED)))
            return tuple(from_row(row) for row in rows)

    def get(self, access: Access, submission: str) -> Submission:
        """One submission. Raises NotFound, for another agency's as well."""
        with self._database.reading() as session:
            return from_row(_find(session, access, submission))

    def stored(self, access: Access) -> tuple[Submission, ...]:
        """All that linkage may read, oldest first."""
        require(access, Right.READ_SUBMISSIONS)
        query = select(SubmissionRow).where(SubmissionRow.status == "stored")
        oldest = query.order_by(SubmissionRow.received_at, SubmissionRow.id)
        with self._database.reading() as session:
            return tuple(from_row(row) for row in session.scalars(oldest))

    def duplicate_of(
        self, access: Access, agency: str, dataset: str, fingerprint: str
    ) -> Submission | None:
        """The stored submission of this very file, if there is one."""
        _require_own(access, Right.ADD_SUBMISSION, agency)
        with self._database.reading() as session:
            row = session.scalar(_same_file(agency, dataset, fingerprint))
            return None if row is None else from_row(row)

    def withdraw(self, access: Access, submission: str) -> Submission:
        """Shred the files; the row stays as the record of it. Raises NotFound or WrongState."""
        require(access, Right.WITHDRAW_SUBMISSION)
        with self._database.writing() as session:
            row = _find(session, access, submission)
            self._end(session, row, "withdrawn")
        # The keys are gone now; if we crash here, the next sweep takes the unreadable files.
        self._lake.clear(_place(submission))
        return from_row(row)

    def read_tokens(self, access: Access, submission: str) -> pl.DataFrame:
        """The token frame, row by row. Raises RecordsDamaged, RecordsShredded or NotFound."""
        return by_row(self._read(require(access, Right.READ_TOKENS), submission, "tokens"))

    def read_records(self, access: Access, submission: str) -> pl.DataFrame:
        """The service records. Raises RecordsDamaged, RecordsShredded or NotFound."""
        return self._read(require(access, Right.READ_RECORDS), submission, "records")

    def _store(self, access: Access, new: NewSubmission, parts: Sequence[Part]) -> SubmissionRow:
        submission = new_id("sub")
        with self._lake.adding(_place(submission), parts, submission_id=submission) as session:
            if new.replaces is not None:
                self._take_over(session, access, new)
            row = self._row(access, new, submission, "stored")
            session.add(row)
        return row

    def _take_over(self, session: Session, access: Access, new: NewSubmission) -> None:
        old = _find(session, access, new.replaces or "")
        if old.dataset != new.dataset:
            raise WrongState(f"submission {old.id} is of another dataset")
        self._end(session, old, "replaced")

    def _end(self, session: Session, row: SubmissionRow, status: str) -> None:
        if row.status != "stored":
            raise WrongState(f"submission {row.id} is {row.status} already")
        row.status, row.ended_at = status, self._lake.clock()
        # Before the new row: the index must not see two of the same file in between.
        session.flush()
        self._lake.shred(session, LakeFileRow.submission_id == row.id)

    def _read(self, access: Access, submission: str, file: str) -> pl.DataFrame:
        with self._database.reading() as session:
            row = _find(session, access, submission)
        if row.status == "refused":
            raise NotFound(f"submission {submission} was refused: it has no files")
        return pl.DataFrame(self._lake.read(_place(submission), file))

    def _row(
        self, access: Access, new: NewSubmission, submission: str, status: str
    ) -> SubmissionRow:
        now = self._lake.clock()
        return to_row(new, submission=submission, status=status, access=access.id, received_at=now)


def _checked(given: Frame, require_sound: Callable[[pl.DataFrame], None]) -> pl.DataFrame:
    frame = given() if callable(given) else given
    require_sound(frame)
    return frame


def _require_own(access: Access, right: Right, agency: str) -> None:
    if require(access, right).actor.agency != agency:
        raise AccessMissing("an agency's extracts are handled by its own officers only")


def _visible(access: Access) -> list[ColumnElement[bool]]:
    """No condition for linkage; for everybody else the own agency, whatever the role."""
    if may(access, Right.READ_SUBMISSIONS):
        return []
    own = require(access, Right.READ_OWN_SUBMISSIONS).actor.agency
    return [SubmissionRow.agency == own]


def _find(session: Session, access: Access, submission: str) -> SubmissionRow:
    query = select(SubmissionRow).where(SubmissionRow.id == submission, *_visible(access))
    row = session.scalar(query)
    if row is None:
        raise NotFound("there is no such submission")
    return row


def _same_file(agency: str, dataset: str, fingerprint: str) -> Select[SubmissionRow]:
    return select(SubmissionRow).where(
        SubmissionRow.agency == agency,
        SubmissionRow.dataset == dataset,
        SubmissionRow.fingerprint == fingerprint,
        SubmissionRow.status == "stored",
    )


def _place(submission: str) -> str:
    return f"submissions/{submission}"
