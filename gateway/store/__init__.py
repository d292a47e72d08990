"""State and records: SQLAlchemy tables and the encrypted Parquet lake, both behind `Access`."""

from gateway.store.credentials import Credential, NewCredential
from gateway.store.errors import (
    CredentialRefused,
    DuplicateSubmission,
    LakeMismatch,
    NotFound,
    RecordsDamaged,
    RecordsShredded,
    StoreError,
    StoreFull,
    StoreTooNew,
    UnsealedContent,
    WrongKeys,
    WrongState,
)
from gateway.store.jobs import Job
from gateway.store.lake import Swept
from gateway.store.releases import NewRelease, Release
from gateway.store.runs import Run
from gateway.store.store import Store
from gateway.store.submission import NewSubmission, Submission
from gateway.store.vintages import Vintage

__all__ = [
    "Credential",
    "CredentialRefused",
    "DuplicateSubmission",
    "Job",
    "LakeMismatch",
    "NewCredential",
    "NewRelease",
    "NewSubmission",
    "NotFound",
    "RecordsDamaged",
    "RecordsShredded",
    "Release",
    "Run",
    "Store",
    "StoreError",
    "StoreFull",
    "StoreTooNew",
    "Submission",
    "Swept",
    "UnsealedContent",
    "Vintage",
    "WrongKeys",
    "WrongState",
]
