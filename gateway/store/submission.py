"""A submission as plain data: what intake hands over, and what the database gives back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.store.tables import SubmissionRow


@dataclass(frozen=True, slots=True)
class NewSubmission:
    """What intake found. `report` holds rows, columns, rules and counts; never a value.

    `fingerprint` is the keyed digest of the file (hex); `replaces` the submission it takes over.
    """

    agency: str
    dataset: str
    fingerprint: str
    size_bytes: int
    rows_read: int
    rows_accepted: int
    rows_refused: int
    report: Mapping[str, Any]
    period: str | None = None
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """One extract as the database knows it. status: stored, refused, withdrawn or replaced.

    `access` is the id of the Access it came by; `ended_at` when it was withdrawn or replaced.
    """

    id: str
    agency: str
    dataset: str
    period: str | None
    status: str
    rows_read: int
    rows_accepted: int
    rows_refused: int
    size_bytes: int
    fingerprint: str
    report: Mapping[str, Any]
    access: str
    replaces: str | None
    received_at: datetime
    ended_at: datetime | None


def to_row(
    new: NewSubmission, *, submission: str, status: str, access: str, received_at: datetime
) -> SubmissionRow:
    """The row to insert."""
    return SubmissionRow(
        id=submission,
        agency=new.agency,
        dataset=new.dataset,
        period=new.period,
        status=status,
        rows_read=new.rows_read,
        rows_accepted=new.rows_accepted,
        rows_refused=new.rows_refused,
        size_bytes=new.size_bytes,
        fingerprint=new.fingerprint,
        report=dict(new.report),
        access_id=access,
        replaces_id=new.replaces,
        received_at=received_at,
    )


def from_row(row: SubmissionRow) -> Submission:
    """The row as plain data."""
    return Submission(
        id=row.id,
        agency=row.agency,
        dataset=row.dataset,
        period=row.period,
        status=row.status,
        rows_read=row.rows_read,
        rows_accepted=row.rows_accepted,
        rows_refused=row.rows_refused,
        size_bytes=row.size_bytes,
        fingerprint=row.fingerprint,
        report=row.report,
        access=row.access_id,
        replaces=row.replaces_id,
        received_at=row.received_at,
        ended_at=row.ended_at,
    )
