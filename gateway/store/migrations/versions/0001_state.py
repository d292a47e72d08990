"""The first tables: credentials, submissions, linkage runs, vintages, lake files, releases, jobs."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Written out here and not taken from the models: a migration says what was, whatever comes later.
TEXT = sa.String(200)
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def _required(name: str, kind: Any, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, **options)


def upgrade() -> None:
    """Make every table."""
    _make_store_marks()
    _make_credentials()
    _make_submissions()
    _make_linkage_runs()
    _make_linkage_run_inputs()
    _make_vintages()
    _make_lake_files()
    _make_releases()
    _make_jobs()


def _make_store_marks() -> None:
    op.create_table(
        "store_marks",
        _required("id", sa.Integer(), autoincrement=False),
        _required("lake_id", TEXT),
        _required("key_check", sa.LargeBinary()),
        _required("created_at", INSTANT),
        sa.CheckConstraint("id = 1", name=op.f("ck_store_marks_only_one")),
        sa.PrimaryKeyConstraint("id", name="pk_store_marks"),
    )


def _make_credentials() -> None:
    op.create_table(
        "credentials",
        _required("id", TEXT),
        _required("secret_salt", sa.LargeBinary()),
        _required("secret_hash", sa.LargeBinary()),
        _required("person", TEXT),
        _required("role", TEXT),
        _required("agency", TEXT),
        _required("training", JSON),
        _required("created_at", INSTANT),
        _required("expires_at", INSTANT),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_credentials"),
    )
    op.create_index("ix_credentials_person", "credentials", ["person"])


def _make_submissions() -> None:
    op.create_table(
        "submissions",
        _required("id", TEXT),
        _required("agency", TEXT),
        _required("dataset", TEXT),
        sa.Column("period", TEXT, nullable=True),
        _required("status", TEXT),
        _required("rows_read", sa.Integer()),
        _required("rows_accepted", sa.Integer()),
        _required("rows_refused", sa.Integer()),
        _required("size_bytes", sa.BigInteger()),
        _required("fingerprint", TEXT),
        _required("report", JSON),
        _required("access_id", TEXT),
        sa.Column("replaces_id", TEXT, nullable=True),
        _required("received_at", INSTANT),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "status IN ('stored', 'refused', 'withdrawn', 'replaced')",
            name=op.f("ck_submissions_status_known"),
        ),
        sa.CheckConstraint(
            "rows_accepted >= 0 AND rows_refused >= 0", name=op.f("ck_submissions_rows_positive")
        ),
        sa.CheckConstraint(
            "rows_read >= rows_accepted + rows_refused", name=op.f("ck_submissions_rows_add_up")
        ),
        sa.CheckConstraint("size_bytes >= 0", name=op.f("ck_submissions_size_positive")),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["submissions.id"], name="fk_submissions_replaces_id_submissions"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_submissions"),
    )
    _index_submissions()


def _index_submissions() -> None:
    op.create_index("ix_submissions_received_at_id", "submissions", ["received_at", "id"])
    op.create_index(
        "uq_submissions_stored_fingerprint",
        "submissions",
        ["agency", "dataset", "fingerprint"],
        unique=True,
        sqlite_where=sa.text("status = 'stored'"),
        postgresql_where=sa.text("status = 'stored'"),
    )


def _make_linkage_runs() -> None:
    op.create_table(
        "linkage_runs",
        _required("number", sa.Integer()),
        _required("status", TEXT),
        _required("parameters", JSON),
        sa.Column("quality", JSON, nullable=True),
        sa.Column("failure", TEXT, nullable=True),
        _required("owner", TEXT),
        _required("access_id", TEXT),
        _required("started_at", INSTANT),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "status IN ('running', 'done', 'failed')", name=op.f("ck_linkage_runs_status_known")
        ),
        sa.PrimaryKeyConstraint("number", name="pk_linkage_runs"),
        sqlite_autoincrement=True,
    )


def _make_linkage_run_inputs() -> None:
    op.create_table(
        "linkage_run_inputs",
        _required("run", sa.Integer()),
        _required("submission_id", TEXT),
        sa.ForeignKeyConstraint(
            ["run"], ["linkage_runs.number"], name="fk_linkage_run_inputs_run_linkage_runs"
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name="fk_linkage_run_inputs_submission_id_submissions",
        ),
        sa.PrimaryKeyConstraint("run", "submission_id", name="pk_linkage_run_inputs"),
    )


def _make_vintages() -> None:
    op.create_table(
        "vintages",
        _required("id", TEXT),
        _required("run", sa.Integer()),
        _required("access_id", TEXT),
        _required("frozen_at", INSTANT),
        sa.Column("shredded_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["run"], ["linkage_runs.number"], name="fk_vintages_run_linkage_runs"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_vintages"),
    )
    op.create_index("ix_vintages_frozen_at", "vintages", ["frozen_at"])


def _make_lake_files() -> None:
    op.create_table(
        "lake_files",
        _required("path", TEXT),
        _required("kind", TEXT),
        sa.Column("submission_id", TEXT, nullable=True),
        sa.Column("run", sa.Integer(), nullable=True),
        sa.Column("vintage_id", TEXT, nullable=True),
        _required("size_bytes", sa.BigInteger()),
        _required("row_count", sa.Integer()),
        _required("sha256", TEXT),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("shredded_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "(CASE WHEN submission_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN run IS NULL THEN 0 ELSE 1 END) + (CASE WHEN vintage_id IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_lake_files_one_owner"),
        ),
        sa.CheckConstraint(
            "(wrapped_key IS NULL) = (shredded_at IS NOT NULL)",
            name=op.f("ck_lake_files_key_or_shredded"),
        ),
        sa.CheckConstraint(
            "size_bytes > 0 AND row_count >= 0", name=op.f("ck_lake_files_sizes_positive")
        ),
        sa.ForeignKeyConstraint(
            ["run"], ["linkage_runs.number"], name="fk_lake_files_run_linkage_runs"
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name="fk_lake_files_submission_id_submissions"
        ),
        sa.ForeignKeyConstraint(
            ["vintage_id"], ["vintages.id"], name="fk_lake_files_vintage_id_vintages"
        ),
        sa.PrimaryKeyConstraint("path", name="pk_lake_files"),
    )
    op.create_index("ix_lake_files_run", "lake_files", ["run"])
    op.create_index("ix_lake_files_submission_id", "lake_files", ["submission_id"])
    op.create_index("ix_lake_files_vintage_id", "lake_files", ["vintage_id"])


def _make_releases() -> None:
    op.create_table(
        "releases",
        _required("number", sa.Integer()),
        _required("question", JSON),
        _required("protected_table", JSON),
        _required("clauses", JSON),
        _required("run", sa.Integer()),
        _required("vintage_id", TEXT),
        _required("protocol_digest", TEXT),
        _required("purpose", TEXT),
        _required("audit_index", sa.Integer()),
        _required("access_id", TEXT),
        _required("released_at", INSTANT),
        sa.CheckConstraint("audit_index >= 0", name=op.f("ck_releases_audit_index_positive")),
        sa.ForeignKeyConstraint(
            ["run"], ["linkage_runs.number"], name="fk_releases_run_linkage_runs"
        ),
        sa.ForeignKeyConstraint(
            ["vintage_id"], ["vintages.id"], name="fk_releases_vintage_id_vintages"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_releases"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_releases_vintage_id", "releases", ["vintage_id"])


def _make_jobs() -> None:
    op.create_table(
        "jobs",
        _required("id", TEXT),
        _required("kind", TEXT),
        _required("state", TEXT),
        _required("progress", sa.Double()),
        _required("step", TEXT),
        _required("actor", TEXT),
        _required("agency", TEXT),
        _required("owner", TEXT),
        sa.Column("error", JSON, nullable=True),
        sa.Column("result", JSON, nullable=True),
        _required("created_at", INSTANT),
        _required("updated_at", INSTANT),
        sa.CheckConstraint(
            "(error IS NOT NULL) = (state IN ('failed', 'interrupted'))",
            name=op.f("ck_jobs_error_told"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed', 'interrupted')",
            name=op.f("ck_jobs_state_known"),
        ),
        sa.CheckConstraint(
            "progress >= 0 AND progress <= 1", name=op.f("ck_jobs_progress_a_share")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_state", "jobs", ["state"])
