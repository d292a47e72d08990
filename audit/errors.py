"""The few errors of the audit log, in one place.

In: nothing. Out: named exceptions; each message names what is wrong and, where there is one, the
index of the entry. Never a value from an event.
"""


class AuditError(Exception):
    """Something about the audit log; the members of the family say what."""


class EventRefused(AuditError, ValueError):
    """An event holds a key or a value that the log does not take; names the field and the rule."""


class LogBroken(AuditError):
    """The log is not what it should be, or its state is unknown: nothing may be written to it."""


class LogFull(AuditError):
    """There is no room for another entry; nothing was written, and appends resume with space."""


class LogClosed(AuditError):
    """The log was closed here, or was opened by another process."""


class ClockWentBack(AuditError):
    """The clock is behind the last entry by more than the slack; nothing was written."""


class ExportRefused(AuditError):
    """The target of an export exists already, or cannot be written."""


class VerificationFailed(AuditError):
    """The evidence does not hold. `index` is that of the entry, or None for a fault of the whole."""

    def __init__(self, what: str, index: int | None = None) -> None:
        super().__init__(what if index is None else f"entry {index}: {what}")
        self.what = what
        self.index = index


class ExportUnreadable(VerificationFailed):
    """A file of the export is missing or cannot be read."""


class KeyUnreadable(VerificationFailed):
    """The public key is not a verifier key in the form origin+keyid+base64, nor 32 raw bytes."""


class CheckpointUnreadable(VerificationFailed):
    """The checkpoint is not a signed note of the C2SP tlog-checkpoint form."""


class SignatureWrong(VerificationFailed):
    """The checkpoint is not signed by this key, for this origin."""


class EntryUnreadable(VerificationFailed):
    """A line is not an entry in canonical JSON."""


class EntryTorn(VerificationFailed):
    """The last line has no end."""


class EntryAltered(VerificationFailed):
    """A line does not hash to the leaf hash it carries."""


class EntryMisplaced(VerificationFailed):
    """An entry does not carry the next index."""


class ChainBroken(VerificationFailed):
    """An entry does not name the leaf hash of the one before it."""


class TimeWentBack(VerificationFailed):
    """An entry is older than the one before it."""


class ActorAltered(VerificationFailed):
    """A line of the table of actors does not commit to the staff id it holds, or has no end."""


class EntriesMissing(VerificationFailed):
    """There are fewer entries than the checkpoint signs for."""


class RootMismatch(VerificationFailed):
    """The entries do not hash to the root that the checkpoint signs."""


class ProofWrong(VerificationFailed):
    """A proof of inclusion or consistency is unreadable or does not lead to the signed root."""
