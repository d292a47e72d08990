"""What a vintage was used for: many tables, or one published table and nothing else; and the one answer of a question.

In: a vintage, and for the one table or the one answer its digest. Out: the vintage or release that holds it, or VintageTaken.
Written before, or together with, a release; never taken back.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.access import Access, Right, require
from gateway.store.engine import Database
from gateway.store.errors import VintageTaken
from gateway.store.instants import Clock
from gateway.store.tables import Row


class VintageUseRow(Row):
    """The first release of a vintage decided what the vintage is for."""

    __tablename__ = "vintage_uses"
    __table_args__ = (
        CheckConstraint("used_for IN ('many', 'once')", name="used_for_known"),
        CheckConstraint("(used_for = 'once') = (answer IS NOT NULL)", name="answer_of_once"),
    )

    vintage_id: Mapped[str] = mapped_column(ForeignKey("vintages.id"), primary_key=True)
    used_for: Mapped[str]
    answer: Mapped[str | None] = mapped_column(unique=True)
    access_id: Mapped[str]
    used_at: Mapped[datetime]


class SoleAnswerRow(Row):
    """The one release of a question that must never be drawn twice; `answer` is the digest of question and terms."""

    __tablename__ = "sole_answers"

    vintage_id: Mapped[str] = mapped_column(ForeignKey("vintages.id"), primary_key=True)
    answer: Mapped[str] = mapped_column(primary_key=True)
    release: Mapped[int] = mapped_column(ForeignKey("releases.number"), unique=True)


class VintageUses:
    """One use for each vintage; one published table in all vintages together."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def for_many(self, access: Access, vintage: str) -> None:
        """Use the vintage for tables that are protected against one another. Raises VintageTaken."""
        require(access, Right.WRITE_RELEASE)
        with self._database.reading() as session:
            row = session.get(VintageUseRow, vintage)
        if row is None:
            with self._database.writing() as session:
                row = session.get(VintageUseRow, vintage)
                if row is None:
                    session.add(self._row(access, vintage, None))
                    return
        if row.used_for != "many":
            raise VintageTaken("one table of this data was published, so that no other leaves")

    def once(self, access: Access, vintage: str, answer: str) -> str:
        """Use the vintage for this one table; the vintage of it, which is an earlier one if it was published then.

        Raises VintageTaken where another table was published, or any other was released of this vintage.
        """
        require(access, Right.WRITE_RELEASE)
        with self._database.writing() as session:
            found = _published(session)
            if found is None:
                if session.get(VintageUseRow, vintage) is not None:
                    raise VintageTaken("other tables of this data were released before")
                session.add(self._row(access, vintage, answer))
                return vintage
        return _of(found, answer)

    def published(self, access: Access, answer: str) -> str | None:
        """The vintage of this one table; None while none is published. Raises VintageTaken for another table."""
        require(access, Right.READ_RELEASES)
        with self._database.reading() as session:
            found = _published(session)
        return None if found is None else _of(found, answer)

    def _row(self, access: Access, vintage: str, answer: str | None) -> VintageUseRow:
        return VintageUseRow(
            vintage_id=vintage,
            used_for="many" if answer is None else "once",
            answer=answer,
            access_id=access.id,
            used_at=self._clock(),
        )


def _published(session: Session) -> VintageUseRow | None:
    return session.scalars(select(VintageUseRow).where(VintageUseRow.used_for == "once")).first()


def _of(found: VintageUseRow, answer: str) -> str:
    if found.answer != answer:
        raise VintageTaken("another table was published, and there is one only")
    return found.vintage_id
