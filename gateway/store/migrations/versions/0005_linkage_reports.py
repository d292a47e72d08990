"""Reports of linkage runs: figures to ten, a review sample of patterns, and the verdicts on it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TEXT = sa.String(200)
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "linkage_reports",
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("figures", JSON, nullable=False),
        sa.Column("sample", JSON, nullable=False),
        sa.Column("access_id", TEXT, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["run"], ["linkage_runs.number"], name="fk_linkage_reports_run_linkage_runs"
        ),
        sa.PrimaryKeyConstraint("run", name="pk_linkage_reports"),
    )
    op.create_table(
        "linkage_verdicts",
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("verdict", TEXT, nullable=False),
        sa.Column("access_id", TEXT, nullable=False),
        sa.Column("judged_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "verdict IN ('match', 'not', 'unsure')", name=op.f("ck_linkage_verdicts_verdict_known")
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_linkage_verdicts_number_positive")),
        sa.ForeignKeyConstraint(
            ["run"], ["linkage_reports.run"], name="fk_linkage_verdicts_run_linkage_reports"
        ),
        sa.PrimaryKeyConstraint("run", "number", name="pk_linkage_verdicts"),
    )
