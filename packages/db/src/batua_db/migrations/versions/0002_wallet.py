"""The wallet's tables."""

import sqlalchemy as sa
from alembic import op

from batua_db.migrations.grants import grant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("topup_event", "inbox", "lookup", "witness")


def upgrade() -> None:
    """Make the schema, its tables, and what the application may do with them."""
    op.execute("CREATE SCHEMA wallet")
    op.create_table(
        "bank",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("ifsc_prefix", sa.Text(), nullable=False),
        sa.Column("float_account", sa.Uuid(), nullable=False),
        sa.Column(
            "seen_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_bank")),
        sa.UniqueConstraint("float_account", name=op.f("uq_bank_float_account")),
        schema="wallet",
    )
    op.create_table(
        "code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code")),
        schema="wallet",
    )
    op.create_index(
        op.f("ix_code_purpose_subject"),
        "code",
        ["purpose", "subject"],
        unique=False,
        schema="wallet",
    )
    op.create_table(
        "guess",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_guess")),
        schema="wallet",
    )
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        schema="wallet",
    )
    op.create_index(
        op.f("ix_message_to_created_at"),
        "message",
        ["to", "created_at"],
        unique=False,
        schema="wallet",
    )
    op.create_table(
        "user",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("pin_hash", sa.Text(), nullable=True),
        sa.Column("pin_set_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("tier IN ('small', 'full')", name=op.f("ck_user_tier_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("account_id", name=op.f("uq_user_account_id")),
        sa.UniqueConstraint("phone", name=op.f("uq_user_phone")),
        schema="wallet",
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
        schema="wallet",
    )
    op.create_table(
        "lookup",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["wallet.user.id"], name=op.f("fk_lookup_user_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lookup")),
        schema="wallet",
    )
    op.create_index(
        op.f("ix_lookup_user_id_created_at"),
        "lookup",
        ["user_id", "created_at"],
        unique=False,
        schema="wallet",
    )
    op.create_table(
        "registration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["wallet.user.id"], name=op.f("fk_registration_user_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        schema="wallet",
    )
    op.create_index(
        op.f("ix_registration_phone"), "registration", ["phone"], unique=False, schema="wallet"
    )
    op.create_table(
        "send_order",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=False),
        sa.Column("payee_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_send_order_sends_something")),
        sa.CheckConstraint("sender_id <> payee_id", name=op.f("ck_send_order_sends_somewhere")),
        sa.ForeignKeyConstraint(
            ["payee_id"], ["wallet.user.id"], name=op.f("fk_send_order_payee_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["sender_id"], ["wallet.user.id"], name=op.f("fk_send_order_sender_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_send_order")),
        schema="wallet",
    )
    op.create_index(
        op.f("ix_send_order_sender_id_created_at"),
        "send_order",
        ["sender_id", "created_at"],
        unique=False,
        schema="wallet",
    )
    op.create_index(
        op.f("ix_send_order_sender_id_payee_id"),
        "send_order",
        ["sender_id", "payee_id"],
        unique=False,
        schema="wallet",
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
            ["owner_id"], ["wallet.user.id"], name=op.f("fk_session_owner_id_user")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_session")),
        schema="wallet",
    )
    op.create_index(
        op.f("ix_session_owner_id"), "session", ["owner_id"], unique=False, schema="wallet"
    )
    op.create_table(
        "topup",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=True),
        sa.Column("session_url", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("payment_id", sa.Text(), nullable=True),
        sa.Column("captured", sa.BigInteger(), nullable=True),
        sa.Column("transfer_id", sa.Uuid(), nullable=True),
        sa.Column("check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checks", sa.Integer(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'captured', 'credited', 'declined', 'expired', 'failed',"
            " 'refunded')",
            name=op.f("ck_topup_state_known"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_topup_adds_something")),
        sa.ForeignKeyConstraint(
            ["bank_code"], ["wallet.bank.code"], name=op.f("fk_topup_bank_code_bank")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["wallet.user.id"], name=op.f("fk_topup_user_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topup")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_topup_payment_id")),
        sa.UniqueConstraint("user_id", "key", name=op.f("uq_topup_user_id_key")),
        schema="wallet",
    )
    op.create_index(
        "ix_topup_due",
        "topup",
        ["check_at"],
        unique=False,
        schema="wallet",
        postgresql_where=sa.text("check_at IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_topup_user_id_created_at"),
        "topup",
        ["user_id", "created_at"],
        unique=False,
        schema="wallet",
    )
    op.create_table(
        "inbox",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("topup_id", sa.Uuid(), nullable=True),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["topup_id"], ["wallet.topup.id"], name=op.f("fk_inbox_topup_id_topup")
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_inbox")),
        schema="wallet",
    )
    op.create_table(
        "topup_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("topup_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["topup_id"], ["wallet.topup.id"], name=op.f("fk_topup_event_topup_id_topup")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topup_event")),
        schema="wallet",
    )
    op.create_index(
        op.f("ix_topup_event_topup_id_created_at"),
        "topup_event",
        ["topup_id", "created_at"],
        unique=False,
        schema="wallet",
    )
    grant("wallet", append_only=APPEND_ONLY)


def downgrade() -> None:
    """Drop the schema with all that is in it."""
    op.execute("DROP SCHEMA wallet CASCADE")
