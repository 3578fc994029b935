"""The bank's tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from batua_db.migrations.grants import grant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

APPEND_ONLY = ("session_event", "payment", "delivery", "idempotency", "witness")


def upgrade() -> None:
    """Make the schema, its tables, and what the application may do with them."""
    op.execute("CREATE SCHEMA bank")
    op.create_table(
        "bank",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("ifsc_prefix", sa.Text(), nullable=False),
        sa.Column("platform_account", sa.Uuid(), nullable=False),
        sa.Column("cash_account", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_bank")),
        sa.UniqueConstraint("cash_account", name=op.f("uq_bank_cash_account")),
        sa.UniqueConstraint("platform_account", name=op.f("uq_bank_platform_account")),
        schema="bank",
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("data", JSONB(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column(
            "attempt_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=True,
        ),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        schema="bank",
    )
    op.create_index(
        "ix_event_due",
        "event",
        ["attempt_at"],
        unique=False,
        schema="bank",
        postgresql_where=sa.text("attempt_at IS NOT NULL"),
    )
    op.create_table(
        "guess",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_guess")),
        schema="bank",
    )
    op.create_table(
        "idempotency",
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("client", "key", name=op.f("pk_idempotency")),
        schema="bank",
    )
    op.create_table(
        "witness",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("book", "number", name=op.f("pk_witness")),
        schema="bank",
    )
    op.create_table(
        "customer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("mpin_hash", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["bank_code"], ["bank.bank.code"], name=op.f("fk_customer_bank_code_bank")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        sa.UniqueConstraint("number", name=op.f("uq_customer_number")),
        schema="bank",
    )
    op.create_table(
        "delivery",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["bank.event.id"], name=op.f("fk_delivery_event_id_event")
        ),
        sa.PrimaryKeyConstraint("event_id", "attempt", name=op.f("pk_delivery")),
        schema="bank",
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("ifsc", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["bank_code"], ["bank.bank.code"], name=op.f("fk_account_bank_code_bank")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["bank.customer.id"], name=op.f("fk_account_customer_id_customer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("number", name=op.f("uq_account_number")),
        schema="bank",
    )
    op.create_index(
        op.f("ix_account_customer_id"), "account", ["customer_id"], unique=False, schema="bank"
    )
    op.create_table(
        "payment_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("return_url", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decision_key", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "status IN ('open', 'succeeded', 'declined', 'expired')",
            name=op.f("ck_payment_session_status_known"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payment_session_asks_for_something")),
        sa.ForeignKeyConstraint(
            ["bank_code"], ["bank.bank.code"], name=op.f("fk_payment_session_bank_code_bank")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["bank.customer.id"],
            name=op.f("fk_payment_session_decided_by_customer"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_session")),
        sa.UniqueConstraint(
            "client", "reference", name=op.f("uq_payment_session_client_reference")
        ),
        sa.UniqueConstraint("token_hash", name=op.f("uq_payment_session_token_hash")),
        schema="bank",
    )
    op.create_index(
        "ix_payment_session_open",
        "payment_session",
        ["expires_at"],
        unique=False,
        schema="bank",
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_table(
        "session",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["bank.customer.id"], name=op.f("fk_session_owner_id_customer")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_session")),
        schema="bank",
    )
    op.create_index(
        op.f("ix_session_owner_id"), "session", ["owner_id"], unique=False, schema="bank"
    )
    op.create_table(
        "payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "captured_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payment_pays_something")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["bank.account.id"], name=op.f("fk_payment_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["bank_code"], ["bank.bank.code"], name=op.f("fk_payment_bank_code_bank")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["bank.payment_session.id"],
            name=op.f("fk_payment_session_id_payment_session"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("client", "reference", name=op.f("uq_payment_client_reference")),
        sa.UniqueConstraint("session_id", name=op.f("uq_payment_session_id")),
        sa.UniqueConstraint("transfer_id", name=op.f("uq_payment_transfer_id")),
        schema="bank",
    )
    op.create_table(
        "session_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["bank.customer.id"],
            name=op.f("fk_session_event_customer_id_customer"),
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["bank.payment_session.id"],
            name=op.f("fk_session_event_session_id_payment_session"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_event")),
        schema="bank",
    )
    op.create_index(
        op.f("ix_session_event_session_id_created_at"),
        "session_event",
        ["session_id", "created_at"],
        unique=False,
        schema="bank",
    )
    grant("bank", append_only=APPEND_ONLY)


def downgrade() -> None:
    """Drop the schema with all that is in it."""
    op.execute("DROP SCHEMA bank CASCADE")
