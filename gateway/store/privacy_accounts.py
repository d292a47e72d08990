"""Privacy accounts: what the tables of each vintage have spent of its budget, and how many were refused for it.

In: a step from what was spent to what is spent. Out: the same, durable before anything is drawn: neither a failure nor a
restart gives anything back. What a loss is, and how much there is of it, is not decided here.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.access import Access, Right, require
from gateway.store.engine import Database
from gateway.store.errors import WrongState
from gateway.store.tables import Row


class PrivacyAccountRow(Row):
    """What the tables of one vintage have spent, in billionths of one kind of loss."""

    __tablename__ = "privacy_accounts"
    __table_args__ = (
        CheckConstraint("loss IN ('epsilon', 'rho')", name="loss_known"),
        CheckConstraint("spent >= 0", name="spent_positive"),
        CheckConstraint("tables >= 0", name="tables_positive"),
        CheckConstraint("refusals >= 0", name="refusals_positive"),
    )

    vintage_id: Mapped[str] = mapped_column(ForeignKey("vintages.id"), primary_key=True)
    loss: Mapped[str]
    spent: Mapped[int] = mapped_column(BigInteger)
    tables: Mapped[int]
    refusals: Mapped[int]


@dataclass(frozen=True, slots=True)
class Spent:
    """Billionths of `loss` that so many tables have spent; `refusals`: how many tables the budget did not cover."""

    loss: str
    billionths: int = 0
    tables: int = 0
    refusals: int = 0


class PrivacyAccounts:
    """One account for each vintage, opened by its first table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, access: Access, vintage: str, loss: str) -> Spent:
        """What is spent; nothing of `loss` before the first table."""
        require(access, Right.READ_RELEASES)
        with self._database.reading() as session:
            row = session.get(PrivacyAccountRow, vintage)
        return _spent(row, loss)

    def spend(self, access: Access, vintage: str, loss: str, step: Callable[[int], int]) -> Spent:
        """Spend for one table: `step` gets the billionths spent so far and gives those spent afterwards.

        One at a time for all programs on the store. What `step` raises leaves nothing spent. Raises WrongState where
        the account counts another loss, or `step` would give something back.
        """
        require(access, Right.WRITE_RELEASE)
        with self._database.writing() as session:
            row = _locked(session, vintage, loss)
            if row.loss != loss:
                raise WrongState("the account of this vintage counts another kind of loss")
            after = step(row.spent)
            if after <= row.spent:
                raise WrongState("a table costs something, and nothing is ever given back")
            row.spent, row.tables = after, row.tables + 1
            return _spent(row, loss)

    def refused(self, access: Access, vintage: str, loss: str) -> Spent:
        """Count a table that the budget did not cover."""
        require(access, Right.WRITE_RELEASE)
        with self._database.writing() as session:
            row = _locked(session, vintage, loss)
            row.refusals += 1
            return _spent(row, loss)


def _locked(session: Session, vintage: str, loss: str) -> PrivacyAccountRow:
    row = session.get(PrivacyAccountRow, vintage, with_for_update=True)
    if row is None:
        row = PrivacyAccountRow(vintage_id=vintage, loss=loss, spent=0, tables=0, refusals=0)
        session.add(row)
    return row


def _spent(row: PrivacyAccountRow | None, loss: str) -> Spent:
    if row is None:
        return Spent(loss)
    return Spent(row.loss, row.spent, row.tables, row.refusals)
