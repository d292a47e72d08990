"""Allowances: what an agency may have answered in one day, and what it has had of it.

In: a count and the most there may be. Out: what is left, or AllowanceSpent. Counted before anything is answered, and in
the database: neither a failure nor a restart gives anything back.
"""

from datetime import date

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gateway.access import Access, Right, require
from gateway.store.engine import Database
from gateway.store.errors import AllowanceSpent
from gateway.store.instants import Clock
from gateway.store.tables import Row


class AllowanceRow(Row):
    """What one agency has had on one day."""

    __tablename__ = "allowances"
    __table_args__ = (CheckConstraint("taken >= 0", name="taken_positive"),)

    agency: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    taken: Mapped[int]


class Allowances:
    """One count for each agency and day (UTC)."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def take(self, access: Access, count: int, most: int) -> int:
        """Take `count` from today's allowance of the actor's agency; all of it or nothing. What is left.

        Raises AllowanceSpent.
        """
        agency = require(access, Right.ADD_SUBMISSION).actor.agency
        today = self._clock().date()
        with self._database.writing() as session:
            row = session.get(AllowanceRow, (agency, today), with_for_update=True)
            if row is None:
                row = AllowanceRow(agency=agency, day=today, taken=0)
                session.add(row)
            if row.taken + count > most:
                raise AllowanceSpent(
                    f"{most:,} numbers a day are answered for one agency, and {row.taken:,} were today"
                )
            row.taken += count
            return most - row.taken
