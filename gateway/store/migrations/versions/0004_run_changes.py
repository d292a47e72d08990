"""Changes: what became of the persons of the run before, counted by kind."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "linkage_run_changes",
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(200), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('kept', 'changed', 'new', 'gone', 'split', 'merge', 'regrouped')",
            name=op.f("ck_linkage_run_changes_kind_known"),
        ),
        sa.CheckConstraint("changes >= 0", name=op.f("ck_linkage_run_changes_changes_positive")),
        sa.ForeignKeyConstraint(
            ["run"], ["linkage_runs.number"], name="fk_linkage_run_changes_run_linkage_runs"
        ),
        sa.PrimaryKeyConstraint("run", "kind", name="pk_linkage_run_changes"),
    )
