"""What a question was answered from each vintage, and of which vintage each figure is: some stand from an earlier one.

In: a question's digest (without its purpose), the protected table and the vintage each cell was made on. Out: the last of
these. Kept once for a question and a vintage. Which cells stand is told to nobody: it says where few families changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from gateway.access import Access, Right, require
from gateway.store.engine import Database
from gateway.store.tables import Row, VintageRow


class StandingFiguresRow(Row):
    """A protected table as it was released, and for each of its cells the vintage that the figure was made on."""

    __tablename__ = "standing_figures"

    question: Mapped[str] = mapped_column(primary_key=True)
    vintage_id: Mapped[str] = mapped_column(ForeignKey("vintages.id"), primary_key=True)
    protected_table: Mapped[dict[str, Any]]
    made_on: Mapped[list[Any]]


@dataclass(frozen=True, slots=True)
class StandingFigures:
    """`table`: as released from `vintage`; `made_on`: the vintage of each of its cells, in their order."""

    vintage: str
    table: Mapping[str, Any]
    made_on: tuple[str, ...]


class Standing:
    """Kept once, looked at when the same question is asked again, of the same vintage or of another one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, access: Access, question: str, vintage: str) -> Mapping[str, Any] | None:
        """The table that was answered from this vintage; None where it was never asked of it."""
        require(access, Right.READ_RELEASES)
        with self._database.reading() as session:
            row = session.get(StandingFiguresRow, (question, vintage))
            return None if row is None else row.protected_table

    def last(self, access: Access, question: str, but: str) -> StandingFigures | None:
        """What was answered from the latest vintage but this one; None where it was never asked before."""
        require(access, Right.READ_RELEASES)
        query = (
            select(StandingFiguresRow)
            .join(VintageRow, VintageRow.id == StandingFiguresRow.vintage_id)
            .where(StandingFiguresRow.question == question, VintageRow.id != but)
            .order_by(VintageRow.run.desc(), VintageRow.frozen_at.desc(), VintageRow.id.desc())
        )
        with self._database.reading() as session:
            row = session.scalar(query.limit(1))
        if row is None:
            return None
        return StandingFigures(row.vintage_id, row.protected_table, tuple(row.made_on))

    def keep(
        self,
        access: Access,
        question: str,
        vintage: str,
        table: Mapping[str, Any],
        made_on: Sequence[str],
    ) -> None:
        """Keep it unless there is one: the first answer from a vintage is the one that stands."""
        require(access, Right.WRITE_RELEASE)
        with self._database.writing() as session:
            if session.get(StandingFiguresRow, (question, vintage)) is None:
                session.add(
                    StandingFiguresRow(
                        question=question,
                        vintage_id=vintage,
                        protected_table=dict(table),
                        made_on=list(made_on),
                    )
                )
