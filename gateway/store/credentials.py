"""Credentials: who may sign in, in which role, for which agency.

In: a role, an agency, training. Out: a secret, shown once; later, the credential that a presented
secret belongs to. The secret has 256 random bits, so that a keyed hash is enough; stored is only
HMAC-SHA256(key, salt || secret), and the key is not in the database.
"""

import hmac
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.access import Access, Right, require
from gateway.keys import Keys
from gateway.store.engine import Database
from gateway.store.errors import CredentialRefused, NotFound
from gateway.store.ids import new_id
from gateway.store.instants import Clock
from gateway.store.tables import CredentialRow

SECRET_BYTES = 32
SALT_BYTES = 16
VALID_FOR = timedelta(days=365)
PRESENTED = re.compile(r"cred-[0-9a-f]{16}\.[A-Za-z0-9_-]{43}", re.ASCII)
REFUSAL = "this credential is not accepted"


@dataclass(frozen=True, slots=True)
class Credential:
    """Who may sign in. `training` maps a course to the day it was completed.

    `person` is the same in all credentials of one person; `holds` are the person's other roles.
    """

    id: str
    person: str
    role: str
    agency: str
    holds: tuple[str, ...]
    training: Mapping[str, date]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewCredential:
    """A credential and its secret, which is shown this once: `<id>.<secret>`."""

    credential: Credential
    presented: str = field(repr=False)


class Credentials:
    """Made, found, revoked."""

    def __init__(self, database: Database, keys: Keys, clock: Clock) -> None:
        self._database = database
        self._key = keys.credential_key()
        self._clock = clock

    def make(
        self,
        access: Access,
        *,
        role: str,
        agency: str,
        person: str | None = None,
        training: Mapping[str, date] | None = None,
        valid_for: timedelta = VALID_FOR,
    ) -> NewCredential:
        """A new credential with a random secret; `person` when the same person has one already."""
        require(access, Right.MANAGE_CREDENTIALS)
        secret, salt = secrets.token_urlsafe(SECRET_BYTES), os.urandom(SALT_BYTES)
        now = self._clock()
        row = CredentialRow(
            id=new_id("cred"),
            person=person or new_id("staff"),
            secret_salt=salt,
            secret_hash=self._hash(salt, secret),
            role=role,
            agency=agency,
            training={course: day.isoformat() for course, day in (training or {}).items()},
            created_at=now,
            expires_at=now + valid_for,
        )
        with self._database.writing() as session:
            session.add(row)
            session.flush()
            made = _from_row(row, _other_roles(session, row))
        return NewCredential(made, f"{made.id}.{secret}")

    def find(self, presented: str) -> Credential:
        """The credential that `<id>.<secret>` belongs to. Raises CredentialRefused.

        Takes no Access: an Access is given to an actor, and this is how the gateway learns who the
        actor is. It tells nothing to somebody who does not hold the secret.
        """
        if not PRESENTED.fullmatch(presented):
            raise CredentialRefused(REFUSAL)
        identity, _, secret = presented.partition(".")
        with self._database.reading() as session:
            row = session.get(CredentialRow, identity)
            holds = _other_roles(session, row) if row else ()
        # An unknown id is hashed too, so that it takes as long as a wrong secret.
        salt, kept = (row.secret_salt, row.secret_hash) if row else (bytes(SALT_BYTES), b"")
        is_right = hmac.compare_digest(self._hash(salt, secret), kept)
        if row is None or not is_right or row.revoked_at or row.expires_at <= self._clock():
            raise CredentialRefused(REFUSAL)
        return _from_row(row, holds)

    def revoke(self, access: Access, credential: str) -> Credential:
        """Accept it no more, from now on; revoking twice keeps the first instant."""
        require(access, Right.MANAGE_CREDENTIALS)
        with self._database.writing() as session:
            row = session.get(CredentialRow, credential)
            if row is None:
                raise NotFound("there is no such credential")
            row.revoked_at = row.revoked_at or self._clock()
            return _from_row(row, _other_roles(session, row))

    def list(self, access: Access) -> tuple[Credential, ...]:
        """All of them, oldest first; never a secret."""
        require(access, Right.MANAGE_CREDENTIALS)
        query = select(CredentialRow).order_by(CredentialRow.created_at, CredentialRow.id)
        with self._database.reading() as session:
            rows = session.scalars(query).all()
            return tuple(_from_row(row, _other_roles(session, row)) for row in rows)

    def _hash(self, salt: bytes, secret: str) -> bytes:
        return hmac.digest(self._key, salt + secret.encode(), "sha256")


def _other_roles(session: Session, row: CredentialRow) -> tuple[str, ...]:
    """The person's other roles, for rules on who may hold which two; a revoked one counts no more."""
    others = select(CredentialRow.role).where(
        CredentialRow.person == row.person,
        CredentialRow.role != row.role,
        CredentialRow.revoked_at.is_(None),
    )
    return tuple(sorted(set(session.scalars(others))))


def _from_row(row: CredentialRow, holds: tuple[str, ...]) -> Credential:
    return Credential(
        id=row.id,
        person=row.person,
        role=row.role,
        agency=row.agency,
        holds=holds,
        training={course: date.fromisoformat(day) for course, day in row.training.items()},
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
