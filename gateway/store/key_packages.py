"""Key packages that were made: for whom, for which epoch, until when, and whether they still count.

In: what a package is about. Out: the same, by its id. The keys themselves are not here: they are in the package, which
the gateway does not keep, and derived again from the keystore when a bundle comes.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from gateway.access import Access, AccessMissing, Right, require
from gateway.store.engine import Database
from gateway.store.errors import NotFound
from gateway.store.ids import new_id
from gateway.store.instants import Clock
from gateway.store.tables import Row


class KeyPackageRow(Row):
    """One key package that was made for an agency, and for one of its datasets."""

    __tablename__ = "key_packages"
    __table_args__ = (
        CheckConstraint("epoch >= 0", name="epoch_positive"),
        CheckConstraint("expires_at > made_at", name="expires_later"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    agency: Mapped[str]
    dataset: Mapped[str]
    domain: Mapped[str]
    epoch: Mapped[int]
    declaration: Mapped[str]
    access_id: Mapped[str]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Delivered:
    """A key package as the database knows it; `declaration` is the digest of the dataset's declaration."""

    id: str
    agency: str
    dataset: str
    domain: str
    epoch: int
    declaration: str
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


class KeyPackages:
    """Made, looked up by whoever takes a bundle in, revoked."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def add(
        self,
        access: Access,
        *,
        agency: str,
        dataset: str,
        domain: str,
        epoch: int,
        declaration: str,
        expires_at: datetime,
    ) -> Delivered:
        """A new package's id, on record before the package itself is made."""
        require(access, Right.MANAGE_KEY_PACKAGES)
        row = KeyPackageRow(
            id=new_id("package"),
            agency=agency,
            dataset=dataset,
            domain=domain,
            epoch=epoch,
            declaration=declaration,
            access_id=access.id,
            made_at=self._clock(),
            expires_at=expires_at,
        )
        with self._database.writing() as session:
            session.add(row)
        return _from_row(row)

    def list(self, access: Access) -> tuple[Delivered, ...]:
        """All of them, oldest first."""
        require(access, Right.MANAGE_KEY_PACKAGES)
        query = select(KeyPackageRow).order_by(KeyPackageRow.made_at, KeyPackageRow.id)
        with self._database.reading() as session:
            return tuple(_from_row(row) for row in session.scalars(query))

    def revoke(self, access: Access, package: str) -> Delivered:
        """Take no bundle made with it from now on; revoking twice keeps the first instant."""
        require(access, Right.MANAGE_KEY_PACKAGES)
        with self._database.writing() as session:
            row = session.get(KeyPackageRow, package)
            if row is None:
                raise NotFound("there is no such key package")
            row.revoked_at = row.revoked_at or self._clock()
            return _from_row(row)

    def of_sender(self, access: Access, agency: str, package: str) -> Delivered:
        """The package of a bundle that this agency sends. Raises NotFound, for another agency's as well."""
        if require(access, Right.ADD_SUBMISSION).actor.agency != agency:
            raise AccessMissing("an agency's extracts are handled by its own officers only")
        with self._database.reading() as session:
            row = session.get(KeyPackageRow, package)
            if row is None or row.agency != agency:
                raise NotFound("there is no such key package")
            return _from_row(row)


def _from_row(row: KeyPackageRow) -> Delivered:
    return Delivered(
        id=row.id,
        agency=row.agency,
        dataset=row.dataset,
        domain=row.domain,
        epoch=row.epoch,
        declaration=row.declaration,
        made_at=row.made_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
