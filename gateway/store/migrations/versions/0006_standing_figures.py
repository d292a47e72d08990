"""Standing figures: what a question was answered from each vintage, and the vintage each figure was made on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TEXT = sa.String(200)
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "standing_figures",
        sa.Column("question", TEXT, nullable=False),
        sa.Column("vintage_id", TEXT, nullable=False),
        sa.Column("protected_table", JSON, nullable=False),
        sa.Column("made_on", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["vintage_id"], ["vintages.id"], name="fk_standing_figures_vintage_id_vintages"
        ),
        sa.PrimaryKeyConstraint("question", "vintage_id", name="pk_standing_figures"),
    )
