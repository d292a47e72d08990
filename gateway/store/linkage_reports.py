"""What a linkage run says of itself: figures, a review sample, and the verdicts that officers gave on it.

In: JSON documents without an id of anybody, and verdicts by sample number. Out: the same. The sample of a run is kept
once and never drawn again, so that asking again shows nothing more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.access import Access, Right, require
from gateway.store.engine import Database
from gateway.store.errors import NotFound
from gateway.store.instants import Clock
from gateway.store.tables import Row


class LinkageReportRow(Row):
    """What one run says of itself; counts are to ten, patterns are those of ten persons or more."""

    __tablename__ = "linkage_reports"

    run: Mapped[int] = mapped_column(ForeignKey("linkage_runs.number"), primary_key=True)
    figures: Mapped[dict[str, Any]]
    sample: Mapped[dict[str, Any]]
    access_id: Mapped[str]
    made_at: Mapped[datetime]


class LinkageVerdictRow(Row):
    """An officer's verdict on one number of a run's sample; the access says whose it is."""

    __tablename__ = "linkage_verdicts"
    __table_args__ = (
        CheckConstraint("verdict IN ('match', 'not', 'unsure')", name="verdict_known"),
        CheckConstraint("number >= 1", name="number_positive"),
    )

    run: Mapped[int] = mapped_column(ForeignKey("linkage_reports.run"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    verdict: Mapped[str]
    access_id: Mapped[str]
    judged_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class LinkageReport:
    """`figures` and `sample` as they were kept."""

    run: int
    figures: Mapping[str, Any]
    sample: Mapping[str, Any]


class LinkageReports:
    """Kept once, read often, judged again and again."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def keep(
        self, access: Access, run: int, figures: Mapping[str, Any], sample: Mapping[str, Any]
    ) -> None:
        """Keep what a run says of itself."""
        require(access, Right.WRITE_RUN)
        row = LinkageReportRow(
            run=run,
            figures=dict(figures),
            sample=dict(sample),
            access_id=access.id,
            made_at=self._clock(),
        )
        with self._database.writing() as session:
            session.add(row)

    def get(self, access: Access, run: int) -> LinkageReport:
        """What a run said of itself. Raises NotFound, also for a run from before there were reports."""
        require(access, Right.REVIEW_LINKS)
        with self._database.reading() as session:
            row = _find(session, run)
            return LinkageReport(row.run, row.figures, row.sample)

    def verdicts(self, access: Access, run: int) -> dict[int, str]:
        """Sample number -> verdict."""
        require(access, Right.REVIEW_LINKS)
        query = select(LinkageVerdictRow).where(LinkageVerdictRow.run == run)
        with self._database.reading() as session:
            return {row.number: row.verdict for row in session.scalars(query)}

    def judge(self, access: Access, run: int, verdicts: Mapping[int, str]) -> None:
        """Keep verdicts, all or none; a later verdict on a number takes the place of an earlier one."""
        require(access, Right.REVIEW_LINKS)
        with self._database.writing() as session:
            _find(session, run)
            for number, verdict in verdicts.items():
                row = LinkageVerdictRow(
                    run=run,
                    number=number,
                    verdict=verdict,
                    access_id=access.id,
                    judged_at=self._clock(),
                )
                session.merge(row)


def _find(session: Session, run: int) -> LinkageReportRow:
    row = session.get(LinkageReportRow, run)
    if row is None:
        raise NotFound(f"there is no report of linkage run {run}")
    return row
