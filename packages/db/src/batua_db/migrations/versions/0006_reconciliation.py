"""What the wallet's continuous reconciliation remembers: how far it is, and what is open."""

import sqlalchemy as sa
from alembic import op

from batua_db.migrations.grants import APP

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SINCE_THE_BEGINNING = (
    sa.Column("booked", sa.BigInteger(), server_default="0", nullable=False),
    sa.Column("complete", sa.Boolean(), server_default="false", nullable=False),
    sa.Column("fault", sa.Text(), server_default="", nullable=False),
)


def upgrade() -> None:
    """Make the table of differences; whatever was read of statements is read again."""
    op.execute("UPDATE wallet.bank_statement SET cursor = NULL, balance = 0")
    for column in SINCE_THE_BEGINNING:
        op.add_column("bank_statement", column, schema="wallet")
    op.create_table(
        "difference",
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("moved", sa.BigInteger(), nullable=True),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("booked", sa.BigInteger(), nullable=True),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("alarmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("way IN ('in', 'out')", name=op.f("ck_difference_way_known")),
        sa.ForeignKeyConstraint(
            ["bank_code"], ["wallet.bank.code"], name=op.f("fk_difference_bank_code_bank")
        ),
        sa.PrimaryKeyConstraint("bank_code", "reference", "way", name=op.f("pk_difference")),
        schema="wallet",
    )
    op.create_index(
        "ix_inbox_orphan",
        "inbox",
        ["received_at"],
        unique=False,
        schema="wallet",
        postgresql_where=sa.text("outcome = 'orphan'"),
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON wallet.difference TO {APP}")
    op.execute(f"GRANT EXECUTE ON FUNCTION ledger.digest TO {APP}")  # to verify a few seals


def downgrade() -> None:
    """Forget it."""
    op.execute(f"REVOKE EXECUTE ON FUNCTION ledger.digest FROM {APP}")
    op.drop_index(
        "ix_inbox_orphan",
        table_name="inbox",
        schema="wallet",
        postgresql_where=sa.text("outcome = 'orphan'"),
    )
    op.drop_table("difference", schema="wallet")
    for column in reversed(SINCE_THE_BEGINNING):
        op.drop_column("bank_statement", column.name, schema="wallet")
