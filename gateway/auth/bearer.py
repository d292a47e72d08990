"""A bearer credential becomes an actor. In: the Authorization header; out: an `Actor` bound to a role and an agency.

A refused credential is an entry of the log too. Never says which part of it was wrong.
"""

from __future__ import annotations

from datetime import date

from audit import AuditLog, Event, EventType
from gateway.store import Store
from gateway.store.credentials import Credential
from gateway.store.errors import CredentialRefused
from policies import Actor

SCHEME = "bearer "
STRANGER = "unknown"


class NotAuthenticated(Exception):
    """No credential, or one that is not accepted."""


def authenticate(store: Store, log: AuditLog, header: str | None, today: date) -> Actor:
    """The actor that the header's credential belongs to. Raises NotAuthenticated."""
    if not header or not header.lower().startswith(SCHEME):
        raise NotAuthenticated("send your credential in the header Authorization: Bearer ...")
    try:
        credential = store.credentials.find(header[len(SCHEME) :].strip())
    except CredentialRefused:
        log.append(Event(EventType.SIGN_IN_REFUSED, STRANGER, STRANGER, STRANGER, action="sign-in"))
        raise NotAuthenticated("this credential is not accepted") from None
    return actor_of(credential, today)


def actor_of(credential: Credential, today: date) -> Actor:
    """Who holds the credential, with the age in days of each training."""
    return Actor(
        id=credential.person,
        role=credential.role,
        agency=credential.agency,
        training={course: (today - day).days for course, day in credential.training.items()},
        holds=credential.holds,
    )
