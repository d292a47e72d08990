"""What happened, kept so that it cannot be quietly changed."""

from audit.detail import band
from audit.entry import Entry
from audit.errors import (
    AuditError,
    ClockWentBack,
    EventRefused,
    LogBroken,
    LogClosed,
    LogFull,
    VerificationFailed,
)
from audit.event import CHECKPOINT_AT_ONCE, SYSTEM, Event, EventType
from audit.log import AuditLog

__all__ = [
    "CHECKPOINT_AT_ONCE",
    "SYSTEM",
    "AuditError",
    "AuditLog",
    "ClockWentBack",
    "Entry",
    "Event",
    "EventRefused",
    "EventType",
    "LogBroken",
    "LogClosed",
    "LogFull",
    "VerificationFailed",
    "band",
]
