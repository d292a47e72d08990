"""What can go wrong in the store, each by its own name; messages name ids and kinds, never values."""


class StoreError(Exception):
    """The store cannot do what was asked; the subclass says why."""


class RecordsDamaged(StoreError):
    """A lake file is missing, changed, exchanged, or its key does not open it."""

    def __init__(self, kind: str, owner: str, why: str) -> None:
        super().__init__(f"the {kind} file of {owner} cannot be trusted: {why}")
        self.kind = kind
        self.owner = owner


class RecordsShredded(StoreError):
    """The key of these files was deleted; what they held is gone for good."""


class StoreFull(StoreError):
    """The disk is full; nothing of what was being written is kept."""


class WrongKeys(StoreError):
    """This keystore is not the one that the store was made with."""


class LakeMismatch(StoreError):
    """The lake folder and the database do not belong together."""


class StoreTooNew(StoreError):
    """The database was written by a newer version of this program."""


class UnsealedContent(StoreError):
    """A frame carries a column that may not stand in it, so that nothing of it is stored."""


class NotFound(StoreError):
    """There is no such row, or it belongs to another agency: both answer the same."""


class DuplicateSubmission(StoreError):
    """The very same file is stored already for this agency and dataset."""

    def __init__(self, submission: str) -> None:
        super().__init__(f"this file is stored already as submission {submission}")
        self.submission = submission


class WrongState(StoreError):
    """The row is no longer in a state in which this can be done to it."""


class CredentialRefused(StoreError):
    """The credential is unknown, wrong, revoked or expired; which of them is not told."""


class AllowanceSpent(StoreError):
    """The agency has had as many numbers answered today as it may."""


class VintageTaken(StoreError):
    """What was released of this vintage leaves no room for a table by this method."""
