"""What can happen, as a closed list, and one thing that happened.

In: ids, clauses and details of the allow-list. Out: a frozen Event and its canonical bytes. It
never holds an identifier, a token, a cell value or free text; a staff id leaves it only as the
commitment that `audit.actors` makes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any

import rfc8785

from audit.detail import require_detail, require_id
from audit.errors import EventRefused

SYSTEM = "system"  # the actor and role of what the software does by itself
MAX_ACTOR = 200
MAX_CLAUSES = 64


class EventType(Enum):
    """Every kind of event. The values are stored for ever: a rename is a migration."""

    # An agency's extract at the door.
    EXTRACT_RECEIVED = "extract.received"
    EXTRACT_ACCEPTED = "extract.accepted"
    EXTRACT_REFUSED = "extract.refused"
    # What was kept of it.
    SUBMISSION_STORED = "submission.stored"
    SUBMISSION_FAILED = "submission.failed"
    SUBMISSION_REPLACED = "submission.replaced"
    SUBMISSION_WITHDRAWN = "submission.withdrawn"
    # Linkage, and the data made from it.
    LINKAGE_STARTED = "linkage.started"
    LINKAGE_RUN = "linkage.run"
    LINKAGE_FAILED = "linkage.failed"
    LINKAGE_REVIEWED = "linkage.reviewed"
    VINTAGE_BUILT = "vintage.built"
    DATASET_BUILT = "dataset.built"
    # Access: intent before anything is read, outcome after; a refusal stands alone.
    ACCESS_INTENT = "access.intent"
    ACCESS_OUTCOME = "access.outcome"
    ACCESS_REFUSED = "access.refused"
    # Figures that leave.
    RELEASE_MADE = "release.made"
    RELEASE_REVIEWED = "release.reviewed"
    RELEASE_REFUSED = "release.refused"
    RELEASE_WITHDRAWN = "release.withdrawn"
    # The protocol in force.
    PROTOCOL_LOADED = "protocol.loaded"
    PROTOCOL_CHANGED = "protocol.changed"
    PROTOCOL_SIGNED = "protocol.signed"
    PROTOCOL_SUSPENDED = "protocol.suspended"
    PROTOCOL_WITHDRAWN = "protocol.withdrawn"
    # People and what they may sign in with.
    CREDENTIAL_MADE = "credential.made"
    CREDENTIAL_REVOKED = "credential.revoked"
    ROLE_CHANGED = "role.changed"
    SIGN_IN_ACCEPTED = "sign-in.accepted"
    SIGN_IN_REFUSED = "sign-in.refused"
    ACTOR_FORGOTTEN = "actor.forgotten"
    # The log itself, as something that is read.
    AUDIT_READ = "audit.read"
    AUDIT_EXPORTED = "audit.exported"
    AUDIT_VERIFIED = "audit.verified"
    ALERT_RAISED = "alert.raised"
    ALERT_CLOSED = "alert.closed"
    # Keys.
    KEY_MADE = "key.made"
    KEY_USED = "key.used"
    KEY_ROTATED = "key.rotated"
    KEY_REVOKED = "key.revoked"
    KEY_DESTROYED = "key.destroyed"
    # The service and its jobs.
    SERVICE_STARTED = "service.started"
    SERVICE_STOPPED = "service.stopped"
    JOB_STARTED = "job.started"
    JOB_FINISHED = "job.finished"
    JOB_INTERRUPTED = "job.interrupted"
    BACKUP_MADE = "backup.made"
    BACKUP_RESTORED = "backup.restored"
    # What the log says of itself.
    LOG_RECOVERED = "log.recovered"
    LOG_FULL = "log.full"
    LOG_SPACE_RETURNED = "log.space-returned"


# The checkpoint interval is the time in which a forger could act unseen: none after these.
CHECKPOINT_AT_ONCE = frozenset(
    {
        EventType.RELEASE_MADE,
        EventType.RELEASE_WITHDRAWN,
        EventType.PROTOCOL_LOADED,
        EventType.PROTOCOL_CHANGED,
        EventType.PROTOCOL_SIGNED,
        EventType.PROTOCOL_SUSPENDED,
        EventType.PROTOCOL_WITHDRAWN,
        EventType.CREDENTIAL_MADE,
        EventType.CREDENTIAL_REVOKED,
        EventType.ROLE_CHANGED,
        EventType.KEY_MADE,
        EventType.KEY_USED,
        EventType.KEY_ROTATED,
        EventType.KEY_REVOKED,
        EventType.KEY_DESTROYED,
    }
)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. Raises EventRefused for anything the log must not hold.

    `actor` is a staff id (in an entry read back: its commitment); `subject` the id of what it was
    about; `access` ties an outcome to its intent.
    """

    type: EventType
    actor: str
    role: str
    agency: str
    action: str
    subject: str | None = None
    access: str | None = None
    purpose: str | None = None
    clauses: tuple[str, ...] = ()
    detail: Mapping[str, str | int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "clauses", tuple(self.clauses))
        object.__setattr__(self, "detail", MappingProxyType(dict(self.detail)))
        if not isinstance(self.type, EventType):
            raise EventRefused("type must be an EventType")
        if not isinstance(self.actor, str) or not 0 < len(self.actor) <= MAX_ACTOR:
            raise EventRefused(f"actor must be a staff id of 1 to {MAX_ACTOR} characters")
        if not self.actor.isprintable():
            raise EventRefused("actor must hold printable characters only")
        self._require_ids()
        for key, value in self.detail.items():
            require_detail(key, value)

    def _require_ids(self) -> None:
        for name in ("role", "agency", "action"):
            require_id(name, getattr(self, name))
        for name in ("subject", "access", "purpose"):
            if getattr(self, name) is not None:
                require_id(name, getattr(self, name))
        if len(self.clauses) > MAX_CLAUSES:
            raise EventRefused(f"clauses must be {MAX_CLAUSES} at most")
        for clause in self.clauses:
            require_id("clauses", clause)

    def under(self, commitment: str) -> "Event":
        """The same event with the actor's commitment in place of the staff id."""
        # Not dataclasses.replace, which would check everything a second time at every append.
        other = object.__new__(Event)
        for name in self.__slots__:
            object.__setattr__(other, name, getattr(self, name))
        object.__setattr__(other, "actor", commitment)
        return other

    def canonical(self) -> bytes:
        """RFC 8785 JSON of the event; absent fields are left out, so that one event has one form.

        Only ever of an event that is `under` a commitment.
        """
        fields: dict[str, Any] = {
            "action": self.action,
            "actor": self.actor,
            "agency": self.agency,
            "role": self.role,
            "type": self.type.value,
        }
        for name in ("subject", "access", "purpose"):
            if (value := getattr(self, name)) is not None:
                fields[name] = value
        if self.clauses:
            fields["clauses"] = list(self.clauses)
        if self.detail:
            fields["detail"] = dict(self.detail)
        return rfc8785.dumps(fields)

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> "Event":
        """The event of a stored entry. Raises EventRefused when it is none of ours."""
        try:
            kind = EventType(fields["type"])
            return cls(**{**fields, "type": kind, "clauses": tuple(fields.get("clauses", ()))})
        except (KeyError, TypeError, ValueError) as error:
            if isinstance(error, EventRefused):
                raise
            raise EventRefused("the stored fields are not those of an event") from error
