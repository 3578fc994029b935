"""The bank's tables of payouts, refunds, and addresses that are gone."""

import sqlalchemy as sa
from alembic import op

from batua_db.migrations.grants import grant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

APPEND_ONLY = ("session_event", "payment", "delivery", "idempotency", "witness", "refund")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "endpoint",
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("client", name=op.f("pk_endpoint")),
        schema="bank",
    )
    op.create_table(
        "payout",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("account_number", sa.Text(), nullable=False),
        sa.Column("ifsc", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("transfer_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(status = 'succeeded') = (transfer_id IS NOT NULL)",
            name=op.f("ck_payout_paid_by_transfer"),
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'succeeded', 'failed')", name=op.f("ck_payout_status_known")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payout_pays_something")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["bank.account.id"], name=op.f("fk_payout_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["bank_code"], ["bank.bank.code"], name=op.f("fk_payout_bank_code_bank")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout")),
        sa.UniqueConstraint("client", "reference", name=op.f("uq_payout_client_reference")),
        sa.UniqueConstraint("transfer_id", name=op.f("uq_payout_transfer_id")),
        schema="bank",
    )
    op.create_index(
        "ix_payout_waiting",
        "payout",
        ["created_at"],
        unique=False,
        schema="bank",
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_table(
        "refund",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_refund_refunds_something")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["bank.payment.id"], name=op.f("fk_refund_payment_id_payment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("transfer_id", name=op.f("uq_refund_transfer_id")),
        schema="bank",
    )
    op.create_index(
        op.f("ix_refund_payment_id_created_at"),
        "refund",
        ["payment_id", "created_at"],
        unique=False,
        schema="bank",
    )
    grant("bank", append_only=APPEND_ONLY)


def downgrade() -> None:
    """Drop them."""
    op.drop_index(op.f("ix_refund_payment_id_created_at"), table_name="refund", schema="bank")
    op.drop_table("refund", schema="bank")
    op.drop_index(
        "ix_payout_waiting",
        table_name="payout",
        schema="bank",
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.drop_table("payout", schema="bank")
    op.drop_table("endpoint", schema="bank")
