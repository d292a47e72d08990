"""The database: one class for each table, with every rule that can stand in the database in it.

Rows hold ids, counts, states, times, wrapped keys and JSON documents without personal values.
Works on SQLite and PostgreSQL. Instants are UTC; `..._on` is a date, `..._at` an instant.
"""

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    TypeDecorator,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SUBMISSION_STATES = ("stored", "refused", "withdrawn", "replaced")
RUN_STATES = ("running", "done", "failed")
JOB_STATES = ("waiting", "running", "done", "failed", "interrupted")

# An absent document is SQL's NULL, not JSON's null, so that constraints can see it.
Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class Instant(TypeDecorator[datetime]):
    """An instant in UTC. A datetime without a zone is refused, because it names no instant."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        # SQLite keeps no zone; what was written is UTC.
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


class Row(DeclarativeBase):
    """Names of constraints are fixed, so that migrations can name them on every database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Instant,
        dict[str, Any]: Json,
        list[Any]: Json,
        bytes: LargeBinary,
        str: String(200),
    }


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


class StoreMark(Row):
    """One row: which lake folder and which keystore belong to this database."""

    __tablename__ = "store_marks"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lake_id: Mapped[str]
    key_check: Mapped[bytes]
    created_at: Mapped[datetime]


class CredentialRow(Row):
    """Who may sign in: role and agency; of the secret only a salted, keyed hash.

    `person` is an opaque staff id, the same in every credential of one person.
    """

    __tablename__ = "credentials"

    id: Mapped[str] = mapped_column(primary_key=True)
    secret_salt: Mapped[bytes]
    secret_hash: Mapped[bytes]
    person: Mapped[str] = mapped_column(index=True)
    role: Mapped[str]
    agency: Mapped[str]
    training: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SubmissionRow(Row):
    """One extract that an agency sent, accepted or not."""

    __tablename__ = "submissions"
    __table_args__ = (
        _one_of("status", SUBMISSION_STATES),
        CheckConstraint("rows_accepted >= 0 AND rows_refused >= 0", name="rows_positive"),
        CheckConstraint("rows_read >= rows_accepted + rows_refused", name="rows_add_up"),
        CheckConstraint("size_bytes >= 0", name="size_positive"),
        # The same file twice would count every person's contacts twice.
        Index(
            "uq_submissions_stored_fingerprint",
            "agency",
            "dataset",
            "fingerprint",
            unique=True,
            sqlite_where=text("status = 'stored'"),
            postgresql_where=text("status = 'stored'"),
        ),
        Index(None, "received_at", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    agency: Mapped[str]
    dataset: Mapped[str]
    period: Mapped[str | None]
    status: Mapped[str]
    rows_read: Mapped[int]
    rows_accepted: Mapped[int]
    rows_refused: Mapped[int]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    fingerprint: Mapped[str]
    report: Mapped[dict[str, Any]]
    access_id: Mapped[str]
    replaces_id: Mapped[str | None] = mapped_column(ForeignKey("submissions.id"))
    received_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class RunRow(Row):
    """One linkage run, numbered."""

    __tablename__ = "linkage_runs"
    __table_args__ = (_one_of("status", RUN_STATES), {"sqlite_autoincrement": True})

    number: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]
    parameters: Mapped[dict[str, Any]]
    quality: Mapped[dict[str, Any] | None]
    failure: Mapped[str | None]
    owner: Mapped[str]
    access_id: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class RunInputRow(Row):
    """Which submissions a run read."""

    __tablename__ = "linkage_run_inputs"

    run: Mapped[int] = mapped_column(ForeignKey("linkage_runs.number"), primary_key=True)
    submission_id: Mapped[str] = mapped_column(ForeignKey("submissions.id"), primary_key=True)


class VintageRow(Row):
    """One frozen state of the linked data, which questions are asked of."""

    __tablename__ = "vintages"
    __table_args__ = (Index(None, "frozen_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    run: Mapped[int] = mapped_column(ForeignKey("linkage_runs.number"))
    access_id: Mapped[str]
    frozen_at: Mapped[datetime]
    shredded_at: Mapped[datetime | None]


class LakeFileRow(Row):
    """One encrypted file of the lake: its digest, and the wrapped key that alone opens it."""

    __tablename__ = "lake_files"
    __table_args__ = (
        CheckConstraint(
            "(CASE WHEN submission_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN run IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN vintage_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_owner",
        ),
        # Shredding deletes the key and leaves the row, as the certificate that it was done.
        CheckConstraint(
            "(wrapped_key IS NULL) = (shredded_at IS NOT NULL)", name="key_or_shredded"
        ),
        CheckConstraint("size_bytes > 0 AND row_count >= 0", name="sizes_positive"),
    )

    path: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    submission_id: Mapped[str | None] = mapped_column(ForeignKey("submissions.id"), index=True)
    run: Mapped[int | None] = mapped_column(ForeignKey("linkage_runs.number"), index=True)
    vintage_id: Mapped[str | None] = mapped_column(ForeignKey("vintages.id"), index=True)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    row_count: Mapped[int]
    sha256: Mapped[str]
    wrapped_key: Mapped[bytes | None]
    shredded_at: Mapped[datetime | None]


class ReleaseRow(Row):
    """One protected table that has left, with its number and everything it rests on."""

    __tablename__ = "releases"
    __table_args__ = (
        CheckConstraint("audit_index >= 0", name="audit_index_positive"),
        {"sqlite_autoincrement": True},
    )

    number: Mapped[int] = mapped_column(primary_key=True)
    question: Mapped[dict[str, Any]]
    protected_table: Mapped[dict[str, Any]]
    clauses: Mapped[list[Any]]
    run: Mapped[int] = mapped_column(ForeignKey("linkage_runs.number"))
    vintage_id: Mapped[str] = mapped_column(ForeignKey("vintages.id"), index=True)
    protocol_digest: Mapped[str]
    purpose: Mapped[str]
    audit_index: Mapped[int]
    access_id: Mapped[str]
    released_at: Mapped[datetime]


class JobRow(Row):
    """Long work: where it stands, for whoever asked for it."""

    __tablename__ = "jobs"
    __table_args__ = (
        _one_of("state", JOB_STATES),
        CheckConstraint("progress >= 0 AND progress <= 1", name="progress_a_share"),
        CheckConstraint(
            "(error IS NOT NULL) = (state IN ('failed', 'interrupted'))", name="error_told"
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    progress: Mapped[float]
    step: Mapped[str]
    actor: Mapped[str]
    agency: Mapped[str]
    owner: Mapped[str]
    error: Mapped[dict[str, Any] | None]
    result: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
