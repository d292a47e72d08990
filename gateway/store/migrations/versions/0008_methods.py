"""Methods: what a vintage is used for, the one answer of a question, and the privacy account of a vintage."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None

TEXT = sa.String(200)
INSTANT = sa.DateTime(timezone=True)
VINTAGE = ["vintage_id"], ["vintages.id"]


def upgrade() -> None:
    """Make the tables. A vintage of which something was released was used for many tables."""
    _make_vintage_uses()
    _make_sole_answers()
    _make_privacy_accounts()
    op.execute(
        "INSERT INTO vintage_uses (vintage_id, used_for, access_id, used_at) "
        "SELECT vintage_id, 'many', min(access_id), min(released_at) FROM releases GROUP BY vintage_id"
    )


def _make_vintage_uses() -> None:
    op.create_table(
        "vintage_uses",
        sa.Column("vintage_id", TEXT, nullable=False),
        sa.Column("used_for", TEXT, nullable=False),
        sa.Column("answer", TEXT, nullable=True),
        sa.Column("access_id", TEXT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "used_for IN ('many', 'once')", name=op.f("ck_vintage_uses_used_for_known")
        ),
        sa.CheckConstraint(
            "(used_for = 'once') = (answer IS NOT NULL)",
            name=op.f("ck_vintage_uses_answer_of_once"),
        ),
        sa.ForeignKeyConstraint(*VINTAGE, name="fk_vintage_uses_vintage_id_vintages"),
        sa.PrimaryKeyConstraint("vintage_id", name="pk_vintage_uses"),
        sa.UniqueConstraint("answer", name="uq_vintage_uses_answer"),
    )


def _make_sole_answers() -> None:
    op.create_table(
        "sole_answers",
        sa.Column("vintage_id", TEXT, nullable=False),
        sa.Column("answer", TEXT, nullable=False),
        sa.Column("release", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(*VINTAGE, name="fk_sole_answers_vintage_id_vintages"),
        sa.ForeignKeyConstraint(
            ["release"], ["releases.number"], name="fk_sole_answers_release_releases"
        ),
        sa.PrimaryKeyConstraint("vintage_id", "answer", name="pk_sole_answers"),
        sa.UniqueConstraint("release", name="uq_sole_answers_release"),
    )


def _make_privacy_accounts() -> None:
    op.create_table(
        "privacy_accounts",
        sa.Column("vintage_id", TEXT, nullable=False),
        sa.Column("loss", TEXT, nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.Column("tables", sa.Integer(), nullable=False),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "loss IN ('epsilon', 'rho')", name=op.f("ck_privacy_accounts_loss_known")
        ),
        sa.CheckConstraint("spent >= 0", name=op.f("ck_privacy_accounts_spent_positive")),
        sa.CheckConstraint("tables >= 0", name=op.f("ck_privacy_accounts_tables_positive")),
        sa.CheckConstraint("refusals >= 0", name=op.f("ck_privacy_accounts_refusals_positive")),
        sa.ForeignKeyConstraint(*VINTAGE, name="fk_privacy_accounts_vintage_id_vintages"),
        sa.PrimaryKeyConstraint("vintage_id", name="pk_privacy_accounts"),
    )
