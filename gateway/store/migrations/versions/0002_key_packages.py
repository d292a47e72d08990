"""Key packages: which were made for agencies that tokenise at their own site, and which are revoked."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXT = sa.String(200)
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "key_packages",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("agency", TEXT, nullable=False),
        sa.Column("dataset", TEXT, nullable=False),
        sa.Column("domain", TEXT, nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("declaration", TEXT, nullable=False),
        sa.Column("access_id", TEXT, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.CheckConstraint("epoch >= 0", name=op.f("ck_key_packages_epoch_positive")),
        sa.CheckConstraint("expires_at > made_at", name=op.f("ck_key_packages_expires_later")),
        sa.PrimaryKeyConstraint("id", name="pk_key_packages"),
    )
