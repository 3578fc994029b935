"""The wallet's tables of every other money flow: limits, payouts, merchants, bills, the desk."""

from datetime import date

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from batua_db.migrations.grants import grant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

APPEND_ONLY = (
    *("inbox", "witness"),
    *("act", "bank_entry", "biller_answer", "limit_rule", "refund", "step"),
)

PPI = "RBI Master Directions on Prepaid Payment Instruments, 27 August 2021, paragraph"
BEGAN = date(2021, 8, 27)
OURS = "Batua's own rule against stolen phones"
# Tier, limit, paise, where it comes from.
LIMITS = (
    ("small", "load_month", 10_000_00, f"{PPI} 9.1"),
    ("small", "load_year", 1_20_000_00, f"{PPI} 9.1"),
    ("small", "balance", 10_000_00, f"{PPI} 9.1"),
    ("full", "balance", 2_00_000_00, f"{PPI} 9.2"),
    ("full", "send_month", 10_000_00, f"{PPI} 9.2"),
    ("full", "send_payee_month", 2_00_000_00, f"{PPI} 9.2"),
    ("full", "new_device_day", 25_000_00, OURS),
)


def upgrade() -> None:
    """Make the tables, and write the first limits."""
    op.create_table(
        "biller",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_biller")),
        sa.UniqueConstraint("account_id", name=op.f("uq_biller_account_id")),
        schema="wallet",
    )
    op.create_table(
        "biller_answer",
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("biller_code", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("confirmation", sa.Text(), nullable=False),
        sa.Column("refusal", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_biller_answer")),
        schema="wallet",
    )
    op.create_table(
        "halt",
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("what", name=op.f("pk_halt")),
        schema="wallet",
    )
    op.create_table(
        "limit_rule",
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("most", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("tier IN ('small', 'full')", name=op.f("ck_limit_rule_tier_known")),
        sa.CheckConstraint(
            "what IN ('load_month', 'load_year', 'balance', 'send_month',"
            " 'send_payee_month', 'new_device_day')",
            name=op.f("ck_limit_rule_what_known"),
        ),
        sa.CheckConstraint("most > 0", name=op.f("ck_limit_rule_allows_something")),
        sa.PrimaryKeyConstraint("tier", "what", "valid_from", name=op.f("pk_limit_rule")),
        schema="wallet",
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "role IN ('operator', 'supervisor', 'auditor')", name=op.f("ck_staff_role_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("username", name=op.f("uq_staff_username")),
        schema="wallet",
    )
    op.create_table(
        "step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step")),
        schema="wallet",
    )
    op.create_index(
        op.f("ix_step_subject_created_at"),
        "step",
        ["subject", "created_at"],
        unique=False,
        schema="wallet",
    )
    op.create_table(
        "act",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_act_has_reason")),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["wallet.staff.id"], name=op.f("fk_act_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act")),
        schema="wallet",
    )
    op.create_index(op.f("ix_act_created_at"), "act", ["created_at"], unique=False, schema="wallet")
    op.create_index(
        op.f("ix_act_subject_created_at"),
        "act",
        ["subject", "created_at"],
        unique=False,
        schema="wallet",
    )
    op.create_table(
        "bank_entry",
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "seen_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["bank_code"], ["wallet.bank.code"], name=op.f("fk_bank_entry_bank_code_bank")
        ),
        sa.PrimaryKeyConstraint("bank_code", "entry_id", name=op.f("pk_bank_entry")),
        schema="wallet",
    )
    op.create_index(
        op.f("ix_bank_entry_reference"), "bank_entry", ["reference"], unique=False, schema="wallet"
    )
    op.create_table(
        "bank_statement",
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column(
            "read_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["bank_code"], ["wallet.bank.code"], name=op.f("fk_bank_statement_bank_code_bank")
        ),
        sa.PrimaryKeyConstraint("bank_code", name=op.f("pk_bank_statement")),
        schema="wallet",
    )
    op.create_table(
        "bill_payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("biller_code", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("bill_no", sa.Text(), nullable=True),
        sa.Column("bill_name", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("confirmation", sa.Text(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=True),
        sa.Column("refund_id", sa.Uuid(), nullable=True),
        sa.Column("check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checks", sa.Integer(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "state IN ('prepared', 'paid', 'confirmed', 'refunded')",
            name=op.f("ck_bill_payment_state_known"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_bill_payment_pays_something")),
        sa.ForeignKeyConstraint(
            ["biller_code"], ["wallet.biller.code"], name=op.f("fk_bill_payment_biller_code_biller")
        ),
        sa.ForeignKeyConstraint(
            ["payer_id"], ["wallet.user.id"], name=op.f("fk_bill_payment_payer_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bill_payment")),
        sa.UniqueConstraint("refund_id", name=op.f("uq_bill_payment_refund_id")),
        sa.UniqueConstraint("transfer_id", name=op.f("uq_bill_payment_transfer_id")),
        schema="wallet",
    )
    op.create_index(
        "ix_bill_payment_due",
        "bill_payment",
        ["check_at"],
        unique=False,
        schema="wallet",
        postgresql_where=sa.text("check_at IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_bill_payment_payer_id_created_at"),
        "bill_payment",
        ["payer_id", "created_at"],
        unique=False,
        schema="wallet",
    )
    op.create_table(
        "correction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reverses", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("transfer_id", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "state <> 'made' OR decided_by <> proposed_by", name=op.f("ck_correction_four_eyes")
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'made', 'refused')", name=op.f("ck_correction_state_known")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_correction_corrects_something")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["wallet.staff.id"], name=op.f("fk_correction_decided_by_staff")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["wallet.staff.id"], name=op.f("fk_correction_proposed_by_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
        sa.UniqueConstraint("transfer_id", name=op.f("uq_correction_transfer_id")),
        schema="wallet",
    )
    op.create_index(
        "ix_correction_open",
        "correction",
        ["created_at"],
        unique=False,
        schema="wallet",
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_table(
        "device",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["wallet.user.id"], name=op.f("fk_device_user_id_user")
        ),
        sa.PrimaryKeyConstraint("user_id", "token_hash", name=op.f("pk_device")),
        schema="wallet",
    )
    op.create_table(
        "kyc_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("pan_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("pan_hash", sa.LargeBinary(), nullable=False),
        sa.Column("birth_date_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'approved', 'refused')", name=op.f("ck_kyc_request_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["wallet.staff.id"], name=op.f("fk_kyc_request_decided_by_staff")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["wallet.user.id"], name=op.f("fk_kyc_request_user_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kyc_request")),
        schema="wallet",
    )
    op.create_index(
        "ix_kyc_request_queue",
        "kyc_request",
        ["created_at"],
        unique=False,
        schema="wallet",
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        op.f("ix_kyc_request_user_id_created_at"),
        "kyc_request",
        ["user_id", "created_at"],
        unique=False,
        schema="wallet",
    )
    op.create_index(
        "uq_kyc_request_pan",
        "kyc_request",
        ["pan_hash"],
        unique=True,
        schema="wallet",
        postgresql_where=sa.text("state = 'approved'"),
    )
    op.create_index(
        "uq_kyc_request_waiting",
        "kyc_request",
        ["user_id"],
        unique=True,
        schema="wallet",
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "linked_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("ifsc", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("number_hash", sa.LargeBinary(), nullable=False),
        sa.Column("last_digits", sa.Text(), nullable=False),
        sa.Column("usable_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["bank_code"], ["wallet.bank.code"], name=op.f("fk_linked_account_bank_code_bank")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["wallet.user.id"], name=op.f("fk_linked_account_user_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_linked_account")),
        schema="wallet",
    )
    op.create_index(
        "uq_linked_account_number",
        "linked_account",
        ["user_id", "number_hash"],
        unique=True,
        schema="wallet",
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "kind IN ('money_in', 'money_out', 'topup', 'payout', 'merchant', 'kyc', 'security')",
            name=op.f("ck_notice_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["wallet.user.id"], name=op.f("fk_notice_user_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        schema="wallet",
    )
    op.create_index(
        "ix_notice_unread",
        "notice",
        ["user_id"],
        unique=False,
        schema="wallet",
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_index(
        op.f("ix_notice_user_id_created_at"),
        "notice",
        ["user_id", "created_at"],
        unique=False,
        schema="wallet",
    )
    op.create_table(
        "notice_setting",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["wallet.user.id"], name=op.f("fk_notice_setting_user_id_user")
        ),
        sa.PrimaryKeyConstraint("user_id", "kind", name=op.f("pk_notice_setting")),
        schema="wallet",
    )
    op.create_table(
        "payee",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("payee_id", sa.Uuid(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["payee_id"], ["wallet.user.id"], name=op.f("fk_payee_payee_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["wallet.user.id"], name=op.f("fk_payee_user_id_user")
        ),
        sa.PrimaryKeyConstraint("user_id", "payee_id", name=op.f("pk_payee")),
        schema="wallet",
    )
    op.create_table(
        "staff_session",
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
            ["owner_id"], ["wallet.staff.id"], name=op.f("fk_staff_session_owner_id_staff")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_session")),
        schema="wallet",
    )
    op.create_index(
        op.f("ix_staff_session_owner_id"),
        "staff_session",
        ["owner_id"],
        unique=False,
        schema="wallet",
    )
    op.create_table(
        "usage",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("used >= 0", name=op.f("ck_usage_used_sound")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["wallet.user.id"], name=op.f("fk_usage_user_id_user")
        ),
        sa.PrimaryKeyConstraint("user_id", "what", "since", name=op.f("pk_usage")),
        schema="wallet",
    )
    op.create_table(
        "merchant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("business_name", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("fee_bps", sa.Integer(), nullable=False),
        sa.Column("settle_to", sa.Uuid(), nullable=True),
        sa.Column("settle_nightly", sa.Boolean(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'approved', 'refused')", name=op.f("ck_merchant_state_known")
        ),
        sa.CheckConstraint("fee_bps BETWEEN 0 AND 300", name=op.f("ck_merchant_fee_sound")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["wallet.staff.id"], name=op.f("fk_merchant_decided_by_staff")
        ),
        sa.ForeignKeyConstraint(
            ["settle_to"],
            ["wallet.linked_account.id"],
            name=op.f("fk_merchant_settle_to_linked_account"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["wallet.user.id"], name=op.f("fk_merchant_user_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merchant")),
        sa.UniqueConstraint("account_id", name=op.f("uq_merchant_account_id")),
        sa.UniqueConstraint("user_id", name=op.f("uq_merchant_user_id")),
        schema="wallet",
    )
    op.create_index(
        "ix_merchant_queue",
        "merchant",
        ["created_at"],
        unique=False,
        schema="wallet",
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("order_no", sa.Text(), nullable=True),
        sa.Column("transfer_id", sa.Uuid(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(transfer_id IS NULL) = (paid_at IS NULL)", name=op.f("ck_payment_paid_sound")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payment_pays_something")),
        sa.CheckConstraint("refunded BETWEEN 0 AND amount", name=op.f("ck_payment_refunded_sound")),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["wallet.merchant.id"], name=op.f("fk_payment_merchant_id_merchant")
        ),
        sa.ForeignKeyConstraint(
            ["payer_id"], ["wallet.user.id"], name=op.f("fk_payment_payer_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("transfer_id", name=op.f("uq_payment_transfer_id")),
        schema="wallet",
    )
    op.create_index(
        op.f("ix_payment_payer_id_created_at"),
        "payment",
        ["payer_id", "created_at"],
        unique=False,
        schema="wallet",
    )
    op.create_index(
        "ix_payment_takings",
        "payment",
        ["merchant_id", "paid_at"],
        unique=False,
        schema="wallet",
        postgresql_where=sa.text("paid_at IS NOT NULL"),
    )
    op.create_index(
        "uq_payment_order",
        "payment",
        ["merchant_id", "order_no"],
        unique=True,
        schema="wallet",
        postgresql_where=sa.text("transfer_id IS NOT NULL"),
    )
    op.create_table(
        "payout",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=True),
        sa.Column("linked_account_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("bank_code", sa.Text(), nullable=True),
        sa.Column("bank_payout_id", sa.Text(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=True),
        sa.Column("outcome_id", sa.Uuid(), nullable=True),
        sa.Column("check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checks", sa.Integer(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "state IN ('prepared', 'in_flight', 'paid', 'returned')",
            name=op.f("ck_payout_state_known"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payout_pays_something")),
        sa.CheckConstraint("fee >= 0", name=op.f("ck_payout_fee_sound")),
        sa.ForeignKeyConstraint(
            ["bank_code"], ["wallet.bank.code"], name=op.f("fk_payout_bank_code_bank")
        ),
        sa.ForeignKeyConstraint(
            ["linked_account_id"],
            ["wallet.linked_account.id"],
            name=op.f("fk_payout_linked_account_id_linked_account"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["wallet.merchant.id"], name=op.f("fk_payout_merchant_id_merchant")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["wallet.user.id"], name=op.f("fk_payout_user_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout")),
        sa.UniqueConstraint("bank_payout_id", name=op.f("uq_payout_bank_payout_id")),
        schema="wallet",
    )
    op.create_index(
        "ix_payout_due",
        "payout",
        ["check_at"],
        unique=False,
        schema="wallet",
        postgresql_where=sa.text("check_at IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_payout_merchant_id_created_at"),
        "payout",
        ["merchant_id", "created_at"],
        unique=False,
        schema="wallet",
    )
    op.create_index(
        op.f("ix_payout_user_id_created_at"),
        "payout",
        ["user_id", "created_at"],
        unique=False,
        schema="wallet",
    )
    op.create_table(
        "refund",
        sa.Column("id", sa.Uuid(), nullable=False),
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
            ["payment_id"], ["wallet.payment.id"], name=op.f("fk_refund_payment_id_payment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("transfer_id", name=op.f("uq_refund_transfer_id")),
        schema="wallet",
    )
    op.create_index(
        op.f("ix_refund_payment_id_created_at"),
        "refund",
        ["payment_id", "created_at"],
        unique=False,
        schema="wallet",
    )
    op.add_column("topup", sa.Column("bank_refund_id", sa.Text(), nullable=True), schema="wallet")
    op.add_column("topup", sa.Column("refund_id", sa.Uuid(), nullable=True), schema="wallet")
    op.create_index(
        "ix_topup_open",
        "topup",
        ["user_id"],
        unique=False,
        schema="wallet",
        postgresql_where=sa.text("state IN ('pending', 'captured')"),
    )
    op.create_unique_constraint(
        op.f("uq_topup_bank_refund_id"), "topup", ["bank_refund_id"], schema="wallet"
    )
    op.execute(
        "INSERT INTO wallet.step (id, subject, what, note, created_at)"
        " SELECT id, topup_id, what, note, created_at FROM wallet.topup_event"
    )
    op.drop_table("topup_event", schema="wallet")
    grant("wallet", append_only=APPEND_ONLY)
    _allow()


def downgrade() -> None:
    """Drop what was made."""
    op.drop_constraint(op.f("uq_topup_bank_refund_id"), "topup", schema="wallet", type_="unique")
    op.drop_index(
        "ix_topup_open",
        table_name="topup",
        schema="wallet",
        postgresql_where=sa.text("state IN ('pending', 'captured')"),
    )
    op.drop_column("topup", "refund_id", schema="wallet")
    op.drop_column("topup", "bank_refund_id", schema="wallet")
    op.drop_index(op.f("ix_refund_payment_id_created_at"), table_name="refund", schema="wallet")
    op.drop_table("refund", schema="wallet")
    op.drop_index(op.f("ix_payout_user_id_created_at"), table_name="payout", schema="wallet")
    op.drop_index(op.f("ix_payout_merchant_id_created_at"), table_name="payout", schema="wallet")
    op.drop_index(
        "ix_payout_due",
        table_name="payout",
        schema="wallet",
        postgresql_where=sa.text("check_at IS NOT NULL"),
    )
    op.drop_table("payout", schema="wallet")
    op.drop_index(
        "uq_payment_order",
        table_name="payment",
        schema="wallet",
        postgresql_where=sa.text("transfer_id IS NOT NULL"),
    )
    op.drop_index(
        "ix_payment_takings",
        table_name="payment",
        schema="wallet",
        postgresql_where=sa.text("paid_at IS NOT NULL"),
    )
    op.drop_index(op.f("ix_payment_payer_id_created_at"), table_name="payment", schema="wallet")
    op.drop_table("payment", schema="wallet")
    op.drop_index(
        "ix_merchant_queue",
        table_name="merchant",
        schema="wallet",
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.drop_table("merchant", schema="wallet")
    op.drop_table("usage", schema="wallet")
    op.drop_index(op.f("ix_staff_session_owner_id"), table_name="staff_session", schema="wallet")
    op.drop_table("staff_session", schema="wallet")
    op.drop_table("payee", schema="wallet")
    op.drop_table("notice_setting", schema="wallet")
    op.drop_index(op.f("ix_notice_user_id_created_at"), table_name="notice", schema="wallet")
    op.drop_index(
        "ix_notice_unread",
        table_name="notice",
        schema="wallet",
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.drop_table("notice", schema="wallet")
    op.drop_index(
        "uq_linked_account_number",
        table_name="linked_account",
        schema="wallet",
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.drop_table("linked_account", schema="wallet")
    op.drop_index(
        "uq_kyc_request_waiting",
        table_name="kyc_request",
        schema="wallet",
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.drop_index(
        "uq_kyc_request_pan",
        table_name="kyc_request",
        schema="wallet",
        postgresql_where=sa.text("state = 'approved'"),
    )
    op.drop_index(
        op.f("ix_kyc_request_user_id_created_at"), table_name="kyc_request", schema="wallet"
    )
    op.drop_index(
        "ix_kyc_request_queue",
        table_name="kyc_request",
        schema="wallet",
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.drop_table("kyc_request", schema="wallet")
    op.drop_table("device", schema="wallet")
    op.drop_index(
        "ix_correction_open",
        table_name="correction",
        schema="wallet",
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.drop_table("correction", schema="wallet")
    op.drop_index(
        op.f("ix_bill_payment_payer_id_created_at"), table_name="bill_payment", schema="wallet"
    )
    op.drop_index(
        "ix_bill_payment_due",
        table_name="bill_payment",
        schema="wallet",
        postgresql_where=sa.text("check_at IS NOT NULL"),
    )
    op.drop_table("bill_payment", schema="wallet")
    op.drop_table("bank_statement", schema="wallet")
    op.drop_index(op.f("ix_bank_entry_reference"), table_name="bank_entry", schema="wallet")
    op.drop_table("bank_entry", schema="wallet")
    op.drop_index(op.f("ix_act_subject_created_at"), table_name="act", schema="wallet")
    op.drop_index(op.f("ix_act_created_at"), table_name="act", schema="wallet")
    op.drop_table("act", schema="wallet")
    op.create_table(
        "topup_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("topup_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["topup_id"], ["wallet.topup.id"], name=op.f("fk_topup_event_topup_id_topup")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topup_event")),
        schema="wallet",
    )
    op.execute(
        "INSERT INTO wallet.topup_event (id, topup_id, what, note, created_at)"
        " SELECT s.id, s.subject, s.what, s.note, s.created_at"
        " FROM wallet.step s JOIN wallet.topup t ON t.id = s.subject"
    )
    op.drop_index(op.f("ix_step_subject_created_at"), table_name="step", schema="wallet")
    op.drop_table("step", schema="wallet")
    op.drop_table("staff", schema="wallet")
    op.drop_table("limit_rule", schema="wallet")
    op.drop_table("halt", schema="wallet")
    op.drop_table("biller_answer", schema="wallet")
    op.drop_table("biller", schema="wallet")


def _allow() -> None:
    """Write the first limits; later ones are rows beside these."""
    names = ("tier", "what", "most", "source")
    rows = [dict(zip(names, limit, strict=True)) | {"valid_from": BEGAN} for limit in LIMITS]
    table = sa.table(
        "limit_rule", *(sa.column(name) for name in (*names, "valid_from")), schema="wallet"
    )
    op.bulk_insert(table, rows)
